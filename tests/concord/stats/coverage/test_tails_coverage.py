"""Simulated coverage of the intervals of concord.stats.tails. Slow: ``pytest -m slow -s`` prints the table."""

from __future__ import annotations

import numpy as np
import pytest

from concord.stats import tails
from tests.concord.stats.coverage.harness import Case, Draw, Interval, check, interval

pytestmark = pytest.mark.slow


def percentile(q: float) -> Draw:
    def draw(rng: np.random.Generator, n: int) -> Interval:
        return interval(tails.percentile(rng.exponential(size=n), q), float(-np.log(1 - q)))

    return draw


DISCRETE = "discrete: exact intervals cover at least what they say, and jump"
CASES = [
    Case("percentile, p50", percentile(0.5), (20, 100, 1000), DISCRETE, ceiling=0.98),
    Case("percentile, p99", percentile(0.99), (662, 2000, 8000), DISCRETE, ceiling=0.98),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_intervals_hold_what_they_say(case: Case) -> None:
    check(case)
