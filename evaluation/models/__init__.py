"""The tables of the automatic side."""

from evaluation.models.benchmark import Benchmark
from evaluation.models.consent import EndpointConsent
from evaluation.models.run import Failure, Run, Shard
from evaluation.models.score import Score, Scorer
from evaluation.models.secret import Secret
from evaluation.models.timing import Timing

__all__ = ["Benchmark", "EndpointConsent", "Failure", "Run", "Score", "Scorer", "Secret", "Shard", "Timing"]
