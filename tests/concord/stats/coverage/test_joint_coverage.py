"""Simulated coverage of the intervals of concord.stats.joint. Slow: ``pytest -m slow -s`` prints the table."""

from __future__ import annotations

import numpy as np
import pytest

from concord.stats import joint
from tests.concord.stats.coverage.harness import Case, Interval, check, interval

pytestmark = pytest.mark.slow


def powered(rng: np.random.Generator, n: int) -> Interval:
    truth = rng.gamma(3, size=n * 21)
    machine = truth + rng.normal(0.5, 1.0, size=len(truth))
    return interval(joint.prediction_powered_mean(truth[:n], machine[:n], machine[n:]), 3.0)


def rogan_gladen(rng: np.random.Generator, n: int) -> Interval:
    p = rng.uniform(0.1, 0.9)
    apparent = p * 0.85 + (1 - p) * 0.1
    found = joint.rogan_gladen(
        int(rng.binomial(10 * n, apparent)),
        10 * n,
        sensitivity=(int(rng.binomial(n, 0.85)), n),
        specificity=(int(rng.binomial(n, 0.9)), n),
    )
    return interval(found, p)


CASES = [
    Case("prediction_powered_mean", powered, (20, 80, 500), "skewed labels, few of them", 0.915),
    Case("rogan_gladen", rogan_gladen, (25, 80, 400), ceiling=0.985, known="errs on the wide side"),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_intervals_hold_what_they_say(case: Case) -> None:
    check(case)
