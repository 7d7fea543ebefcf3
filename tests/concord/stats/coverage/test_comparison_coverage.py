"""Simulated coverage of the intervals of concord.stats.comparison. Slow: ``pytest -m slow -s`` prints the table."""

from __future__ import annotations

import numpy as np
import pytest

from concord.stats import comparison
from tests.concord.stats.coverage.harness import Case, Draw, Interval, check, interval

pytestmark = pytest.mark.slow


def proportion(method: str) -> Draw:
    def draw(rng: np.random.Generator, n: int) -> Interval:
        p = rng.uniform(0.05, 0.95)
        return interval(comparison.proportion(int(rng.binomial(n, p)), n, method), p)

    return draw


def mean_plain(rng: np.random.Generator, n: int) -> Interval:
    return interval(comparison.mean(rng.gamma(4, size=n)), 4.0)


def mean_clustered(rng: np.random.Generator, n: int) -> Interval:
    size = rng.integers(1, 9, size=n)
    group = np.repeat(np.arange(n), size)
    return interval(
        comparison.mean(rng.normal(size=n)[group] + rng.normal(size=len(group)), clusters=group), 0.0
    )


def mean_two_way(rng: np.random.Generator, n: int) -> Interval:
    rater, example = (i.ravel() for i in np.indices((n, n)))
    y = rng.normal(size=n)[rater] + rng.normal(size=n)[example] + rng.normal(size=n * n)
    return interval(comparison.mean(y, clusters=rater, clusters2=example), 0.0)


def mcnemar(rng: np.random.Generator, n: int) -> Interval:
    level = rng.normal(size=n)
    a, b = (
        (level + rng.normal(size=n) > -0.6).astype(float),
        (level + rng.normal(size=n) > -0.2).astype(float),
    )
    from scipy import stats

    truth = stats.norm.sf(-0.6 / 2**0.5) - stats.norm.sf(-0.2 / 2**0.5)
    return interval(comparison.mcnemar(a, b), float(truth))


def wilcoxon(rng: np.random.Generator, n: int) -> Interval:
    return interval(comparison.wilcoxon(rng.standard_t(4, size=n)), 0.0)


def bootstrap(rng: np.random.Generator, n: int) -> Interval:
    return interval(comparison.bootstrap(rng.gamma(4, size=n), widened=True, n_resamples=600, rng=rng), 4.0)


DISCRETE = "discrete: exact intervals cover at least what they say, and jump"
CASES = [
    Case("proportion, Wilson", proportion("wilson"), (15, 60, 400)),
    Case("proportion, Jeffreys", proportion("jeffreys"), (15, 60, 400)),
    Case(
        "proportion, Clopper-Pearson", proportion("clopper-pearson"), (15, 60, 400), DISCRETE, ceiling=0.995
    ),
    Case("mean, t", mean_plain, (15, 60, 400), "skewed values with few observations", 0.92),
    Case("mean, clustered", mean_clustered, (8, 25, 150)),
    Case("mean, two-way clustered", mean_two_way, (8, 20, 60), "few clusters: wide", ceiling=0.98),
    Case("mcnemar (Agresti-Min)", mcnemar, (30, 100, 600)),
    Case("wilcoxon (Hodges-Lehmann)", wilcoxon, (10, 40, 200), DISCRETE, ceiling=0.98),
    Case("bootstrap (BCa, widened)", bootstrap, (15, 60, 300), "skewed values with few observations", 0.92),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_intervals_hold_what_they_say(case: Case) -> None:
    check(case)
