"""The combined view: ratings and scores joined on (criterion, output)."""

from django.apps import AppConfig


class ScorecardsConfig(AppConfig):
    name = "concord.scorecards"
    label = "scorecards"

    def ready(self) -> None:
        # Registers the background job.
        from concord.scorecards import tasks  # noqa: F401
