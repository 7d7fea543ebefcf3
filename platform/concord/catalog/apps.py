"""What is judged: systems, datasets, examples, outputs, criteria; imports and exports of it."""

from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "concord.catalog"
    label = "catalog"

    def ready(self) -> None:
        from concord.catalog.services.importing import batches, examples, outputs, systems  # noqa: F401  (register jobs and kinds)
