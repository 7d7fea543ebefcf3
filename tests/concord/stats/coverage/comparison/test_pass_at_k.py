"""Coverage of the chance to solve with one of k tries, and with all."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from concord.stats import comparison
from tests.concord.stats.coverage.comparison.samples import groups
from tests.concord.stats.coverage.harness import Case, Draw, Interval, check, interval, truth_of

pytestmark = pytest.mark.slow
Rng = np.random.Generator


def passes(function: Any, k: int, clustered: bool) -> Draw:
    """Examples from easy to hopeless: chances of a pass are U-shaped, ten tries each."""

    def chances(rng: Rng, n: int) -> tuple[np.ndarray, np.ndarray]:
        group = groups(rng, n, most=5) if clustered else np.arange(n)
        topic = rng.uniform(0.2, 1.2, size=n)[group] if clustered else 0.7
        return group, rng.beta(topic, 0.7) if clustered else rng.beta(0.7, 0.7, size=n)

    def draw(rng: Rng, n: int) -> Interval:
        def truth() -> float:
            p = chances(np.random.default_rng(1), 1_000_000)[1]
            return float((1 - (1 - p) ** k if function is comparison.pass_at_k else p**k).mean())

        group, p = chances(rng, n)
        found = function(10, rng.binomial(10, p), k, clusters=group if clustered else None)
        return interval(found, truth_of(f"{function.__name__} {k} {clustered}", truth))

    return draw


def solved(k: int, method: str) -> Draw:
    """Nearly all examples are always solved, the rest three times of ten; ten tries each."""

    def draw(rng: Rng, n: int) -> Interval:
        p = np.where(rng.random(n) < 0.95, 1.0, 0.3)
        found = comparison.pass_at_k(10, rng.binomial(10, p), k, method=method)
        return interval(found, 0.95 + 0.05 * (1 - 0.7**k))

    return draw


ALIKE = "few differ: taken for no more answers than examples, a little too wide"

SKEWED_FEW = "few differ, and by little: a little too narrow with few examples"

CASES = [
    Case("pass_at_k", passes(comparison.pass_at_k, 3, False), (15, 60, 300)),
    Case("pass_at_k, clustered", passes(comparison.pass_at_k, 3, True), (12, 40, 150)),
    Case("pass_at_k, nearly all solved, k = 1", solved(1, "wilson"), (15, 60, 300), ceiling=0.98),
    Case("pass_at_k, nearly all solved, k = 5", solved(5, "wilson"), (15, 60, 300), ALIKE, ceiling=0.99),
    Case(
        "pass_at_k, skewed, nearly all solved, k = 5",
        solved(5, "skewed"),
        (60, 164, 500),
        SKEWED_FEW,
        0.9,
        0.985,
    ),
    Case("pass_hat_k", passes(comparison.pass_hat_k, 3, False), (15, 60, 300)),
    Case("pass_hat_k, clustered", passes(comparison.pass_hat_k, 3, True), (12, 40, 150)),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_intervals_hold_what_they_say(case: Case) -> None:
    check(case)
