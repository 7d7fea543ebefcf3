"""Limits of the greatest difference of several rates: the range of normal estimates, and every pair by hand."""

from __future__ import annotations

import math
from itertools import permutations

import numpy as np
import pytest
from scipy import stats

from concord.stats._binomial import newcombe, wilson
from concord.stats.comparison import clustered_proportion
from concord.stats.fairness._rate_gaps import Answers, _level, gap_limits

Rng = np.random.Generator


def rates(*shares: tuple[int, int]) -> list[Answers]:
    return [Answers(np.repeat([1.0, 0.0], [k, n - k]), None) for k, n in shares]


@pytest.mark.parametrize("k", [2, 3, 5, 12])
@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.999])
def test_the_level_of_a_pair_is_that_of_the_range(k: int, confidence: float) -> None:
    q = stats.studentized_range.ppf(confidence, k, np.inf)
    assert _level(confidence, k) == pytest.approx(1 - 2 * stats.norm.sf(q / math.sqrt(2)), abs=1e-6)


def test_a_level_remains_a_level() -> None:
    assert _level(1 - 1e-15, 40) == 1 - 1e-12


def test_two_independent_rates_have_newcombes_limits() -> None:
    both = rates((56, 70), (48, 80))
    sides = [(k / n, *wilson(k / n, n, 0.95)) for k, n in ((56, 70), (48, 80))]
    assert gap_limits(both, 0.95) == pytest.approx(newcombe(*sides), abs=1e-6)
    assert gap_limits(both[::-1], 0.95) == pytest.approx(newcombe(*sides), abs=1e-6)
    assert np.isnan(gap_limits(both[:1], 0.95)).all()


def test_of_three_rates_the_lower_limit_is_that_of_the_range_and_the_upper_each_pairs_own() -> None:
    counts = ((30, 60), (25, 40), (52, 55))
    q = stats.studentized_range.ppf(0.95**0.5, 3, np.inf)
    level = 1 - 2 * stats.norm.sf(q / math.sqrt(2))
    wide, own = ([(k / n, *wilson(k / n, n, c)) for k, n in counts] for c in (level, 0.95))
    low = max(newcombe(a, b)[0] for a, b in permutations(wide, 2))
    high = max(newcombe(a, b)[1] for a, b in permutations(own, 2))
    assert gap_limits(rates(*counts), 0.95, families=2) == pytest.approx((low, high), abs=1e-6)


def test_limits_are_of_a_gap_which_is_never_below_none() -> None:
    low, high = gap_limits(rates((10, 20), (10, 20), (11, 20)), 0.95)
    assert low == 0.0
    assert 0 < high < 1
    assert gap_limits(rates((0, 1), (1, 1)), 0.95)[1] == 1.0


def test_rates_of_the_same_raters_by_hand(rng: Rng) -> None:
    """What clusters do to both rates goes off; no limit is nearer than Student's of the difference with CR2's error."""
    cluster = [rng.integers(0, 9, size=n) for n in (40, 70)]
    said = [
        (rng.random(len(c)) < p + 0.04 * (c % 3)).astype(float)
        for c, p in zip(cluster, (0.3, 0.6), strict=True)
    ]
    found = gap_limits([Answers(y, c) for y, c in zip(said, cluster, strict=True)], 0.9)
    added, own, share = np.zeros((2, 9)), np.zeros((2, 9)), np.zeros((2, 9))
    for side in (0, 1):
        for c in range(9):
            mine = cluster[side] == c
            share[side, c] = mine.mean()
            own[side, c] = (said[side][mine] - said[side].mean()).sum()
            added[side, c] = own[side, c] / len(mine) / math.sqrt(1 - share[side, c])
    error = math.sqrt(((added[0] - added[1]) ** 2).sum())
    df = [1 / (share[side] ** 2).sum() - 1 for side in (0, 1)]
    r = own[0] @ own[1] / math.sqrt((own[0] @ own[0]) * (own[1] @ own[1]))
    rate = [clustered_proportion(y, clusters=c, confidence=0.9) for y, c in zip(said, cluster, strict=True)]
    one, two = ((a.value, a.low, a.high) for a in rate)
    low, high = newcombe(two, one, r)
    gap, half = two[0] - one[0], stats.t.isf(0.05, min(df)) * error
    assert found == pytest.approx((max(min(low, gap - half), 0.0), max(high, gap + half)), abs=1e-6)


def test_rates_of_other_raters_are_independent(rng: Rng) -> None:
    sides = [(rng.random(60) < p).astype(float) for p in (0.2, 0.7)]
    codes = [rng.integers(0, 8, size=60), rng.integers(8, 16, size=60)]
    rate = [clustered_proportion(y, clusters=c) for y, c in zip(sides, codes, strict=True)]
    one, two = ((a.value, a.low, a.high) for a in rate)
    found = gap_limits([Answers(y, c) for y, c in zip(sides, codes, strict=True)], 0.95)
    assert found == pytest.approx(newcombe(two, one), abs=1e-6)
