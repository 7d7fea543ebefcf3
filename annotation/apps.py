"""The human side: studies, units, raters, assignments, ratings."""

from django.apps import AppConfig


class AnnotationConfig(AppConfig):
    name = "annotation"

    def ready(self) -> None:
        from annotation.services import importing, planning, snapshots  # noqa: F401  (they register a kind of record and a job)
