"""The tables of the automatic side."""

from evaluation.models.benchmark import Benchmark, BenchmarkPicture
from evaluation.models.consent import EndpointConsent
from evaluation.models.run import Failure, Run, Shard
from evaluation.models.score import Score, Scorer
from evaluation.models.secret import Secret
from evaluation.models.timing import Timing

__all__ = [
    "Benchmark",
    "BenchmarkPicture",
    "EndpointConsent",
    "Failure",
    "Run",
    "Score",
    "Scorer",
    "Secret",
    "Shard",
    "Timing",
]
