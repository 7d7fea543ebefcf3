"""Simulated coverage of the intervals of concord.stats.fairness. Slow: ``pytest -m slow -s`` prints the table."""

from __future__ import annotations

import numpy as np
import pytest

from concord.stats import fairness
from tests.concord.stats.coverage.harness import Case, Interval, check, interval

pytestmark = pytest.mark.slow


def gap(rng: np.random.Generator, n: int) -> Interval:
    rater = np.repeat(np.arange(2 * n), 8)
    y = rng.normal(size=2 * n)[rater] + rng.normal(size=len(rater))
    return interval(
        fairness.gap(y, rater % 2, of=1, versus=0, raters=rater, minimum=2, n_resamples=600, rng=rng), 0.0
    )


CASES = [
    Case("gap (by rater)", gap, (12, 40, 150)),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_intervals_hold_what_they_say(case: Case) -> None:
    check(case)
