"""Coverage of shares, alone and compared."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from concord.stats import comparison
from tests.concord.stats.coverage.comparison.samples import DISCRETE, WIDE, crossed, groups
from tests.concord.stats.coverage.few_raters import (
    pairs_of_people,
    people,
)
from tests.concord.stats.coverage.harness import Case, Draw, Interval, check, interval

pytestmark = pytest.mark.slow
Rng = np.random.Generator


def proportion(method: str) -> Draw:
    def draw(rng: Rng, n: int) -> Interval:
        p = rng.uniform(0.05, 0.95)
        return interval(comparison.proportion(int(rng.binomial(n, p)), n, method), p)

    return draw


def two_shares(method: str) -> Draw:
    def draw(rng: Rng, n: int) -> Interval:
        p, q = rng.uniform(0.05, 0.95, size=2)
        a, b = (rng.random(n) < p).astype(float), (rng.random(2 * n) < q).astype(float)
        return interval(comparison.difference(a, b, method=method), float(p - q))

    return draw


def two_clustered_shares(shared: bool) -> Draw:
    """Shares .8 and .7 of raters who differ in severity (probit, intraclass correlation 1/3)."""

    def draw(rng: Rng, n: int) -> Interval:
        one, two = groups(rng, n), groups(rng, n) + (n // 2 if shared else n)
        severity = rng.normal(size=2 * n)
        a = severity[one] + np.sqrt(2) * rng.normal(size=len(one)) < 0.8416212 * np.sqrt(3)
        b = severity[two] + np.sqrt(2) * rng.normal(size=len(two)) < 0.5244005 * np.sqrt(3)
        return interval(comparison.difference(a, b, clusters_a=one, clusters_b=two), 0.1)

    return draw


def shares(p: float, ways: int, weighted: bool = False) -> Draw:
    """Answers whose share p varies between clusters (beta, intraclass correlation 1/4) of unequal size."""

    def draw(rng: Rng, n: int) -> Interval:
        group = groups(rng, n) if ways else np.arange(n)
        each = rng.beta(3 * p, 3 * (1 - p), size=n)[group] if ways else np.full(n, p)
        options: dict[str, Any] = {"clusters": group} if ways else {}
        if weighted:
            options["weights"] = rng.uniform(0.3, 3, size=len(group))
        y = (rng.random(len(group)) < each).astype(float)
        return interval(comparison.clustered_proportion(y, **options), p)

    return draw


def shares_two_way(rng: Rng, n: int) -> Interval:
    y, rater, example = crossed(rng, n)
    return interval(
        comparison.clustered_proportion((y < 0.8).astype(float), clusters=rater, clusters2=example),
        0.677918,  # Phi(0.8 / sqrt(3))
    )


def mcnemar(method: str) -> Draw:
    def draw(rng: Rng, n: int) -> Interval:
        level = rng.normal(size=n)
        a, b = ((level + rng.normal(size=n) > -c).astype(float) for c in (0.6, 0.2))
        return interval(comparison.mcnemar(a, b, method), 0.1080842)  # Phi(.6 / sqrt 2) - Phi(.2 / sqrt 2)

    return draw


def growing_clusters(share: float) -> Draw:
    """n clusters of 3 to many answers, nearly all alike."""

    def draw(rng: Rng, n: int) -> Interval:
        group = np.repeat(np.arange(n), (3 * np.arange(1, n + 1) ** 1.2).astype(int))
        value = 0.8**0.5 * rng.normal(size=n)[group] + 0.2**0.5 * rng.normal(size=len(group))
        found = comparison.clustered_proportion((value < stats.norm.ppf(share)).astype(float), clusters=group)
        return interval(found, share)

    return draw


FEW = "three raters who differ tell little of others"

TWO = "two raters tell nothing of others: too wide to be of use"

UNEVEN = "answers fill whole clusters of very unlike size: too narrow where one is rare"

SELDOM = "an answer that few clusters hold counts for no more than these: a little too wide with few of them"

CASES = [
    Case("proportion, Wilson", proportion("wilson"), (15, 60, 400)),
    Case("proportion, Jeffreys", proportion("jeffreys"), (15, 60, 400)),
    Case(
        "proportion, Clopper-Pearson", proportion("clopper-pearson"), (15, 60, 400), DISCRETE, ceiling=0.995
    ),
    Case("difference, shares, score", two_shares("score"), (15, 60, 300)),
    Case("difference, shares, Newcombe", two_shares("newcombe"), (15, 60, 300)),
    Case("difference, shares, clustered", two_clustered_shares(False), (12, 40, 150)),
    Case("difference, shares, shared clusters", two_clustered_shares(True), (12, 40, 150)),
    Case("clustered_proportion, no clusters", shares(0.2, 0), (30, 100, 400)),
    Case("clustered_proportion, clustered", shares(0.2, 1), (12, 40, 150), SELDOM, ceiling=0.985),
    Case("clustered_proportion, weights", shares(0.2, 1, True), (12, 40, 150), SELDOM, ceiling=0.985),
    Case("clustered_proportion, two-way", shares_two_way, (8, 20, 50), SELDOM, ceiling=0.995),
    *(
        Case(
            f"clustered_proportion, {p:.0%}, {r} raters{', who differ' * (v > 0)}",
            people(p, r, v),
            (30, 60, 100),
            known,
            0.92,
            1.0,
        )
        for p in (0.5, 0.8, 0.95, 0.99)
        for r, v, known in ((3, 0.0, WIDE), (3, 0.3, FEW), (5, 0.3, FEW), (12, 0.3, ""))
    ),
    Case("clustered_proportion, 2 raters", people(0.8, 2, 0.3), (30, 60, 100), TWO, ceiling=1.0),
    Case(
        "clustered_proportion, each rater a tenth",
        people(0.8, 12, 0.3, 0.1),
        (60, 100, 200),
        WIDE,
        ceiling=0.99,
    ),
    *(
        Case(
            f"clustered_proportion, votes of {r} raters",
            pairs_of_people(r, 0.5),
            (30, 60, 100),
            FEW,
            0.92,
            0.98,
        )
        for r in (3, 5, 12)
    ),
    Case("mcnemar, exact", mcnemar("exact"), (30, 100, 600), DISCRETE, ceiling=0.99),
    Case("mcnemar, mid-p", mcnemar("mid-p"), (30, 100, 600)),
    Case("mcnemar, asymptotic", mcnemar("asymptotic"), (30, 100, 600)),
    Case("clustered_proportion, 50 %, uneven clusters alike", growing_clusters(0.5), (10, 30, 100)),
    Case(
        "clustered_proportion, 10 %, uneven clusters alike", growing_clusters(0.1), (10, 30, 100), UNEVEN, 0.8
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_intervals_hold_what_they_say(case: Case) -> None:
    check(case)
