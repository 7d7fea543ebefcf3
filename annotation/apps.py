"""The human side: studies, units, raters, assignments, ratings."""

from django.apps import AppConfig


class AnnotationConfig(AppConfig):
    name = "annotation"

    def ready(self) -> None:
        from annotation.services import importing  # noqa: F401  (registers the kind of record)
