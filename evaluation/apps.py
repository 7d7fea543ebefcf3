"""The automatic side: benchmarks, runs, scorers, judges, timings."""

from django.apps import AppConfig


class EvaluationConfig(AppConfig):
    name = "evaluation"
