"""The human side: studies, units, raters, assignments, ratings."""

from django.apps import AppConfig


class AnnotationConfig(AppConfig):
    name = "annotation"

    def ready(self) -> None:
        # They register a kind of record, jobs, and what other apps ask about studies.
        from annotation.selectors.entry import enters, study_is_of
        from annotation.selectors.images import shows_image
        from annotation.services import importing, joining, planning, snapshots  # noqa: F401
        from concord.accounts.studies import Studies, register_studies
        from concord.core.selectors.visible import register_shown_images

        register_shown_images(shows_image)
        register_studies(Studies(has=study_is_of, lets_in=enters, give_place=joining.give_place))
