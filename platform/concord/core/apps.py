"""Django without domain: errors, state moves, background jobs, audit, files, paging."""

import django_stubs_ext
from django.apps import AppConfig

# Lets classes of Django's that are generic for the type checker (ModelAdmin, forms) be written so at run time.
# Here, because the project's apps load in order and core is the first.
django_stubs_ext.monkeypatch()


class CoreConfig(AppConfig):
    name = "concord.core"
    label = "core"

    def ready(self) -> None:
        # Binds shared tasks to our broker in every process. Not in concord/__init__.py, because concord.stats must
        # stay importable without Celery.
        from concord.celery import app  # noqa: F401
