"""What is judged: systems, datasets, examples, outputs, criteria; imports and exports of it."""

from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "concord.catalog"
    label = "catalog"
