"""Coverage of means and their differences."""

from __future__ import annotations

import numpy as np
import pytest

from concord.stats import comparison
from tests.concord.stats.coverage.comparison.samples import WIDE, crossed, groups, noisy
from tests.concord.stats.coverage.few_raters import (
    gap_of_people,
)
from tests.concord.stats.coverage.harness import Case, Draw, Interval, check, interval

pytestmark = pytest.mark.slow
Rng = np.random.Generator


def mean_of_gamma(shape: float, method: str = "t") -> Draw:
    return lambda rng, n: interval(comparison.mean(rng.gamma(shape, size=n), method=method), shape)


def mean_of_normal(rng: Rng, n: int) -> Interval:
    return interval(comparison.mean(rng.normal(size=n), method="skewed"), 0.0)


def mean_of_lognormal(rng: Rng, n: int) -> Interval:
    return interval(comparison.mean(np.exp(rng.normal(size=n)), method="skewed"), float(np.exp(0.5)))


def mean_of_skewed_clusters(rng: Rng, n: int) -> Interval:
    group = groups(rng, n)
    y = rng.exponential(size=n)[group] + rng.exponential(size=len(group))
    return interval(comparison.mean(y, clusters=group, method="skewed"), 2.0)


def mean_weighted(rng: Rng, n: int) -> Interval:
    """Sampled with known chances, weighted by their inverse; the chance goes with the value."""
    chance = rng.choice([0.2, 0.5, 1.0], size=20 * n)
    y = rng.normal(size=20 * n) + 2 * chance
    taken = rng.choice(20 * n, size=n, p=chance / chance.sum())
    return interval(comparison.mean(y[taken], weights=1 / chance[taken]), 2 * 1.7 / 3)


def mean_clustered(rng: Rng, n: int) -> Interval:
    group = groups(rng, n)
    return interval(comparison.mean(noisy(rng, group), clusters=group), 0.0)


def mean_of_few_clusters(rng: Rng, n: int) -> Interval:
    group = np.repeat(np.arange(5), rng.permutation([n // 2, n // 2, n, n, 2 * n]))
    return interval(comparison.mean(noisy(rng, group), clusters=group), 0.0)


def mean_weighted_clusters(rng: Rng, n: int) -> Interval:
    group = groups(rng, n)
    weight = rng.uniform(0.3, 3, size=len(group))
    return interval(comparison.mean(noisy(rng, group), clusters=group, weights=weight), 0.0)


def mean_two_way(rng: Rng, n: int) -> Interval:
    y, rater, example = crossed(rng, n)
    return interval(comparison.mean(y, clusters=rater, clusters2=example), 0.0)


def paired(ways: int) -> Draw:
    def draw(rng: Rng, n: int) -> Interval:
        if ways == 0:
            level = rng.gamma(2, size=n)
            a, b = level + rng.gamma(4, size=n), level + rng.gamma(3, size=n)
            return interval(comparison.paired_difference(a, b), 1.0)
        if ways == 1:
            group = groups(rng, n)
            a, b = noisy(rng, group) + 0.5, noisy(rng, group)
            return interval(comparison.paired_difference(a, b, clusters=group), 0.5)
        y, rater, example = crossed(rng, n)
        b = rng.normal(size=len(y))
        found = comparison.paired_difference(y + b, b, clusters=rater, clusters2=example)
        return interval(found, 0.0)

    return draw


def two_means(kind: str) -> Draw:
    """Two systems of unequal spread and number of answers; rated by raters of their own, or by overlapping ones."""

    def draw(rng: Rng, n: int) -> Interval:
        if kind == "alone":
            return interval(
                comparison.difference(rng.normal(1, 1, size=n), rng.normal(0, 3, size=2 * n)), 1.0
            )
        one, two = groups(rng, n), groups(rng, n) + (n // 2 if kind == "shared" else n)
        severity = rng.normal(size=2 * n)
        a = 1 + severity[one] + rng.normal(size=len(one))
        b = severity[two] + 2 * rng.normal(size=len(two))
        return interval(comparison.difference(a, b, clusters_a=one, clusters_b=two), 1.0)

    return draw


def tailed_difference(rng: Rng, n: int) -> Interval:
    """Lognormal values, ten times as many on one side."""
    return interval(comparison.difference(rng.lognormal(size=n), rng.lognormal(size=10 * n)), 0.0)


SKEWED = (
    "skewed values: too narrow where they are few; a note of the result says so and names method='skewed'"
)

LOGNORMAL = "skewness 6: a little too narrow with few values"

TAILED = "long tails on sides of unlike size: too narrow; a note of the result says so"

CASES = [
    Case("mean, t", mean_of_gamma(4), (15, 60, 400), SKEWED, 0.92),
    Case("mean, t, strongly skewed", mean_of_gamma(1), (15, 60, 400), SKEWED, 0.87),
    Case("mean, skewed, of gamma values", mean_of_gamma(4, "skewed"), (15, 60, 400)),
    Case("mean, skewed, strongly skewed", mean_of_gamma(1, "skewed"), (15, 60, 400)),
    Case("mean, skewed, of lognormal values", mean_of_lognormal, (15, 60, 400), LOGNORMAL, 0.9),
    Case("mean, skewed, of normal values", mean_of_normal, (15, 60, 400)),
    Case("mean, skewed, clustered", mean_of_skewed_clusters, (8, 25, 150)),
    Case("mean, weights", mean_weighted, (15, 60, 400)),
    Case("mean, clustered", mean_clustered, (8, 25, 150)),
    Case("mean, 5 clusters", mean_of_few_clusters, (4, 20, 100)),
    Case("mean, clustered, weights", mean_weighted_clusters, (8, 25, 150)),
    Case(
        "mean, two-way clustered",
        mean_two_way,
        (8, 20, 60),
        "few clusters: errs on the wide side",
        ceiling=0.98,
    ),
    Case("paired_difference", paired(0), (15, 60, 400)),
    Case("paired_difference, clustered", paired(1), (8, 25, 150)),
    Case(
        "paired_difference, two-way",
        paired(2),
        (8, 20, 60),
        "few clusters: errs on the wide side",
        ceiling=0.98,
    ),
    Case("difference, means", two_means("alone"), (8, 30, 200)),
    Case("difference, means, clustered", two_means("clustered"), (8, 25, 100)),
    Case("difference, means, shared clusters", two_means("shared"), (8, 25, 100)),
    *(
        Case(f"mean, {r} raters{told}", gap_of_people(r, spread), (30, 60, 100), WIDE, ceiling=0.995)
        for r in (3, 5, 12)
        for spread, told in ((0.0, " who are alike"), (0.1, ""), (0.5, " who differ much"))
    ),
    Case("mean, each rater a tenth", gap_of_people(12, 0.3, 0.1), (60, 100, 200), WIDE, ceiling=0.985),
    Case("difference, means, long tails", tailed_difference, (10, 30, 200), TAILED, 0.84),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_intervals_hold_what_they_say(case: Case) -> None:
    check(case)
