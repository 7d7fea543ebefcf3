"""The automatic side: benchmarks, runs, scorers, judges, timings."""

from django.apps import AppConfig


class EvaluationConfig(AppConfig):
    name = "evaluation"

    def ready(self) -> None:
        # Registers the job and the kinds of record that an import may hold, in every process; both are light.
        from evaluation.services import importing, work  # noqa: F401
