"""Coverage of correlations between two judges."""

from __future__ import annotations

import numpy as np
import pytest

from concord.stats import agreement
from tests.concord.stats.coverage.harness import Case, Draw, Interval, check, interval, truth_of

pytestmark = pytest.mark.slow


def correlation(coefficient: str, *, graded: bool = False, examples: bool = False) -> Draw:
    """Normal numbers that correlate by .6, or grades of them; or eight outputs of each example, which share its quality."""

    def columns(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        each = 8 if examples else 1
        quality, error = rng.normal(0, 1, (2, n, 1)) * (1.0 if examples else 0.0)
        a = quality + rng.normal(0, 1, (n, each))
        b = a + 2 * error + rng.normal(0, 1, (n, each)) * (1.0 if examples else 4 / 3)
        both = np.stack([a, b]).reshape(2, -1)
        a, b = np.round(both) if graded else both
        return a, b, np.arange(n).repeat(each)

    def truth() -> float:
        a, b, _ = columns(np.random.default_rng(5), 50_000 if examples else 400_000)
        return float(agreement.correlation(a, b, coefficient=coefficient).value)

    def draw(rng: np.random.Generator, n: int) -> Interval:
        a, b, example = columns(rng, n)
        found = agreement.correlation(a, b, coefficient=coefficient, clusters=example if examples else None)
        return interval(found, truth_of(f"correlation {coefficient} {graded} {examples}", truth))

    return draw


CASES = [
    *(
        Case(f"correlation, {name}, {what}", correlation(name, **shape), sizes)
        for name in ("pearson", "spearman", "kendall")
        for what, shape, sizes in (
            ("normal", {}, (20, 60, 300)),
            ("graded", {"graded": True}, (20, 60, 300)),
            ("graded, eight outputs of each example", {"graded": True, "examples": True}, (20, 60, 300)),
        )
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_intervals_hold_what_they_say(case: Case) -> None:
    check(case)
