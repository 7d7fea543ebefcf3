"""Embedded PostgreSQL and Redis, demo data, `manage.py up`."""

from django.apps import AppConfig


class QuickstartConfig(AppConfig):
    name = "concord.quickstart"
    label = "quickstart"
