"""Embedded PostgreSQL and Redis, demo data, `manage.py up`."""

from django.apps import AppConfig


class QuickstartConfig(AppConfig):
    name = "concord.quickstart"
    label = "quickstart"

    def ready(self) -> None:
        # Makes its job known to the workers.
        from concord.quickstart.demo import digits  # noqa: F401
