"""Simulated coverage of the intervals of concord.stats.tails. Slow: ``pytest -m slow -s`` prints the table."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special

from concord.stats import tails
from tests.concord.stats.coverage.harness import Case, Draw, Interval, check, interval

pytestmark = pytest.mark.slow


def percentile(q: float) -> Draw:
    def draw(rng: np.random.Generator, n: int) -> Interval:
        return interval(tails.percentile(rng.exponential(size=n), q), float(-np.log(1 - q)))

    return draw


def repeated(q: float, *, between: float = 0.5, within: float = 0.2) -> Draw:
    """Log-normal latencies of n prompts, each asked five times."""

    def draw(rng: np.random.Generator, n: int) -> Interval:
        prompt = np.repeat(np.arange(n), 5)
        values = np.exp(rng.normal(0, between, n)[prompt] + rng.normal(0, within, 5 * n))
        truth = float(np.exp(special.ndtri(q) * np.hypot(between, within)))
        return interval(tails.percentile(values, q, clusters=prompt, minimum=1), truth)

    return draw


def rounded(q: float) -> Draw:
    """Log-normal latencies rounded to whole milliseconds: many ties."""

    def draw(rng: np.random.Generator, n: int) -> Interval:
        truth = np.round(np.exp(3 + 0.4 * special.ndtri(q)))
        return interval(tails.percentile(np.round(rng.lognormal(3, 0.4, size=n)), q), float(truth))

    return draw


def bound(q: float, rule: str) -> Draw:
    def draw(rng: np.random.Generator, n: int) -> Interval:
        found = tails.upper_bound(rng.gamma(2, size=n), q, confidence=0.95, rule=rule)
        return 0.0, found.high, float(special.gammaincinv(2, q))

    return draw


def goodput(rng: np.random.Generator, n: int) -> Interval:
    """Arrivals at random over ten seconds, n a second, one in five too late."""
    late = rng.random(rng.poisson(10 * n)) < 0.2
    return interval(tails.goodput(np.where(late, 3.0, 1.0), limit=2.0, duration=10.0), 0.8 * n)


DISCRETE = "ranks and counts come in steps: holds at least what it says, and its coverage jumps"
REPEATS = "few clusters lie beyond the quantile: one more is imagined, alike throughout"
TIES = "ties: holds more than it says"
MLPERF = "one order statistic further out than need be: holds more than it says"
CASES = [
    Case("percentile, p50", percentile(0.5), (20, 100, 1000), DISCRETE, ceiling=0.98),
    Case("percentile, p90", percentile(0.9), (64, 300, 3000), DISCRETE, ceiling=0.98),
    Case("percentile, p95", percentile(0.95), (130, 600, 4000), DISCRETE, ceiling=0.98),
    Case("percentile, p99", percentile(0.99), (662, 2000, 8000), DISCRETE, ceiling=0.98),
    Case("percentile, p99.9", percentile(0.999), (6636, 12_000, 30_000), DISCRETE, ceiling=0.98),
    Case("percentile, p50, 5 repeats of n prompts", repeated(0.5), (20, 60, 300)),
    Case("percentile, p90, 5 repeats of n prompts", repeated(0.9), (60, 120, 300)),
    Case("percentile, p95, 5 repeats of n prompts", repeated(0.95), (60, 120, 300), REPEATS),
    Case(
        "percentile, p90, repeats hardly alike",
        repeated(0.9, between=0.2, within=0.5),
        (60, 120, 300),
        REPEATS,
        ceiling=0.998,
    ),
    Case("percentile, p90, rounded latencies", rounded(0.9), (64, 300, 3000), TIES, ceiling=1.0),
    Case("upper_bound, p90 (MLPerf)", bound(0.9, "mlperf"), (64, 300, 3000), MLPERF, ceiling=1.0),
    Case("upper_bound, p90 (exact)", bound(0.9, "exact"), (64, 300, 3000), DISCRETE, ceiling=0.985),
    Case("upper_bound, p99 (exact)", bound(0.99, "exact"), (459, 2000, 8000), DISCRETE, ceiling=0.99),
    Case("goodput (Garwood)", goodput, (2, 10, 100), DISCRETE, ceiling=0.98),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_intervals_hold_what_they_say(case: Case) -> None:
    check(case)
