"""Coverage of ranks, margins, rearrangements and the probability to be better."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from concord.stats import comparison
from tests.concord.stats.coverage.comparison.samples import DISCRETE, groups, noisy, not_rejected
from tests.concord.stats.coverage.harness import Case, Draw, Interval, check, interval

pytestmark = pytest.mark.slow
Rng = np.random.Generator


def wilcoxon(method: str) -> Draw:
    return lambda rng, n: interval(comparison.wilcoxon(rng.standard_t(4, size=n), method=method), 0.0)


def wilcoxon_tied(rng: Rng, n: int) -> Interval:
    a, b = (np.round(rng.normal(size=n) * 1.5) for _ in range(2))
    return interval(comparison.wilcoxon(a, b), 0.0)


def wilcoxon_with_zeros(rng: Rng, n: int) -> Interval:
    """Every second difference is zero; the rest lie around 1."""
    gap = np.where(rng.random(n) < 0.5, 0.0, 1 + rng.standard_t(4, size=n))
    return interval(comparison.wilcoxon(gap), 1.0)


def margin_interval(function: Any, clustered: bool) -> Draw:
    """The interval of a margin test at alpha .025 is one of .95."""

    def draw(rng: Rng, n: int) -> Interval:
        group = groups(rng, n) if clustered else np.arange(n)
        a, b = noisy(rng, group) + 0.3, noisy(rng, group)
        found = function(a, b, margin=1.0, clusters=group if clustered else None, alpha=0.025)
        return interval(found, 0.3)

    return draw


def falsely_shown(function: Any, true: float) -> Draw:
    """At the margin itself the claim is false, and shown with a chance of at most alpha."""

    def draw(rng: Rng, n: int) -> Interval:
        b = rng.normal(size=n)
        found = function(b + rng.normal(true, 1, size=n), b, margin=1.0, alpha=0.05)
        return not_rejected(0.0 if found.shown else 1.0)

    return draw


def permutation(kind: str) -> Draw:
    def draw(rng: Rng, n: int) -> Interval:
        group = groups(rng, n, most=5) if kind == "clustered" else np.arange(n)
        a, b = noisy(rng, group), noisy(rng, group)
        options: dict[str, Any] = {"clusters": group} if kind == "clustered" else {}
        found = comparison.permutation_test(
            a, b, paired=kind != "unpaired", n_resamples=399, rng=rng, **options
        )
        return not_rejected(found.p_value)

    return draw


def better(kind: str) -> Draw:
    def draw(rng: Rng, n: int) -> Interval:
        if kind == "shares":
            p, q = rng.uniform(0.1, 0.9, size=2)
            a, b = (rng.random(n) < p).astype(float), (rng.random(2 * n) < q).astype(float)
            return interval(comparison.probability_better(a, b, paired=False), float(p - q))
        if kind == "means":
            a, b = rng.normal(1, 1, size=n), rng.normal(0, 3, size=2 * n)
            return interval(comparison.probability_better(a, b, paired=False), 1.0)
        if kind == "answers":
            chance = rng.dirichlet([2.0, 2.0, 4.0, 4.0])  # only a, only b, both, neither
            cell = rng.choice(4, size=n, p=chance)
            found = comparison.probability_better(np.isin(cell, (0, 2)), np.isin(cell, (1, 2)))
            return interval(found, float(chance[0] - chance[1]))
        group = groups(rng, n)
        a, b = noisy(rng, group) + 1, noisy(rng, group)
        return interval(comparison.probability_better(a, b, clusters=group), 1.0)

    return draw


margins = (comparison.equivalence, comparison.non_inferiority)

CASES = [
    Case("wilcoxon (Hodges-Lehmann)", wilcoxon("exact"), (10, 40, 200), DISCRETE, ceiling=0.98),
    Case("wilcoxon, normal", wilcoxon("normal"), (10, 40, 200), DISCRETE, ceiling=0.98),
    Case(
        "wilcoxon, tied",
        wilcoxon_tied,
        (10, 40, 200),
        "ties: too wide, as its ends can fall on few values only",
        ceiling=1.0,
    ),
    Case("wilcoxon, half of them zero", wilcoxon_with_zeros, (24, 80, 400), DISCRETE, ceiling=0.98),
    Case("equivalence", margin_interval(comparison.equivalence, False), (10, 40, 200)),
    Case("equivalence, clustered", margin_interval(comparison.equivalence, True), (8, 25, 100)),
    Case("equivalence, not falsely shown", falsely_shown(margins[0], 1.0), (10, 40, 200), ceiling=1.0),
    Case("non_inferiority", margin_interval(comparison.non_inferiority, False), (10, 40, 200)),
    Case("non_inferiority, not falsely shown", falsely_shown(margins[1], -1.0), (10, 40, 200)),
    Case("permutation_test, paired, not rejected", permutation("paired"), (8, 30, 100)),
    Case("permutation_test, clustered, not rejected", permutation("clustered"), (8, 30, 100)),
    Case("permutation_test, unpaired, not rejected", permutation("unpaired"), (6, 20, 60)),
    Case("probability_better, shares", better("shares"), (15, 60, 300)),
    Case("probability_better, paired answers", better("answers"), (15, 60, 300)),
    Case("probability_better, means", better("means"), (8, 30, 200)),
    Case("probability_better, clustered pairs", better("pairs"), (8, 25, 150)),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_intervals_hold_what_they_say(case: Case) -> None:
    check(case)
