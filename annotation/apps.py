"""The human side: studies, units, raters, assignments, ratings."""

from django.apps import AppConfig


class AnnotationConfig(AppConfig):
    name = "annotation"

    def ready(self) -> None:
        # They register a kind of record, who finds studies, and jobs.
        from annotation.services import importing, joining, planning, snapshots  # noqa: F401
