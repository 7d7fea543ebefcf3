"""Django without domain: errors, state moves, background jobs, audit, files, paging."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "concord.core"
    label = "core"

    def ready(self) -> None:
        # Binds shared tasks to our broker in every process. Not in concord/__init__.py, because concord.stats must
        # stay importable without Celery.
        from concord.celery import app  # noqa: F401
