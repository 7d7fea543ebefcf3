"""Agreement within groups of raters and between them."""

from __future__ import annotations

import numpy as np
import pytest

from concord.stats.fairness import in_group_agreement


def test_in_group_agreement_finds_camps_and_keeps_its_level(rng: np.random.Generator) -> None:
    camp = np.repeat([0, 1], 8)
    unit, rater = (i.ravel() for i in np.indices((60, 16)))
    view = rng.integers(0, 3, size=(2, 60))
    value = np.where(rng.random(960) < 0.6, view[camp[rater], unit], rng.integers(0, 3, size=960))
    for level in ("nominal", "interval"):
        result = in_group_agreement(unit, rater, value, np.arange(16), camp, level=level, n_permutations=199)
        assert result.p_value <= 0.01
        assert result.overall_in_group > result.overall_cross_group
    rejections = 0
    for _ in range(60):
        random = rng.integers(0, 3, size=960)
        found = in_group_agreement(unit, rater, random, np.arange(16), camp, n_permutations=99, rng=rng)
        rejections += found.p_value <= 0.05
    assert rejections <= 9
    lone = in_group_agreement([1, 1], [0, 1], [1, 1], [0, 1], [0, 1])
    assert lone.undefined


def test_in_group_agreement_against_pairs_by_hand(rng: np.random.Generator) -> None:
    for _ in range(60):
        n, r = int(rng.integers(3, 15)), int(rng.integers(4, 9))
        table = rng.integers(0, 3, size=(n, r)).astype(float)
        table[rng.random((n, r)) < 0.3] = np.nan
        group = rng.integers(0, 2, size=r)
        unit, rater = (i.ravel() for i in np.indices((n, r)))
        found = in_group_agreement(unit, rater, table.ravel(), np.arange(r), group, n_permutations=1)
        if found.undefined:
            continue
        same: dict[bool, list[float]] = {True: [], False: []}
        for i in range(r):
            for j in range(i):
                both = ~np.isnan(table[:, i]) & ~np.isnan(table[:, j])
                same[bool(group[i] == group[j])] += list(table[both, i] == table[both, j])
        assert found.overall_in_group == pytest.approx(np.mean(same[True]))
        assert found.overall_cross_group == pytest.approx(np.mean(same[False]))


def test_shuffles_without_pairs_do_not_count_against_the_null() -> None:
    """Two of six raters form a group and only some pairs ever met: most shuffles give that group no pair."""
    unit = [0, 0, 1, 1, 2, 2, 3, 3]
    rater = [0, 1, 2, 3, 4, 5, 0, 2]
    value = [1, 1, 1, 2, 1, 2, 1, 2]
    found = in_group_agreement(unit, rater, value, range(6), [0, 0, 1, 1, 1, 1], n_permutations=2000)
    # Of the 15 pairs 4 met; the group's gap is seen only where it is one of them, and each then agrees or not.
    assert found.p_values[0] > 0.2


def test_in_group_differences_stand_over_the_errors_that_raters_make(rng: np.random.Generator) -> None:
    """The derivative of each difference by the weight of each rater, by small steps."""
    from concord.stats.fairness.in_group_agreement import _compared

    pairs = np.triu(rng.integers(1, 6, size=(9, 9)), 1)
    agree = np.triu(rng.random((9, 9)) * pairs, 1)
    agree, pairs = agree + agree.T, (pairs + pairs.T).astype(float)
    group = np.array([0, 0, 0, 1, 1, 1, 1, 2, 2])
    found = _compared(agree, pairs, group[None], 3)

    def difference(weight: np.ndarray, inside: np.ndarray, across: np.ndarray) -> float:
        both = np.outer(weight, weight)
        return float(
            (both * agree)[inside].sum() / (both * pairs)[inside].sum()
            - (both * agree)[across].sum() / (both * pairs)[across].sum()
        )

    same = group[:, None] == group
    for code in (0, 1, 2, None):
        mine = group == code
        inside = same if code is None else np.outer(mine, mine)
        across = ~same if code is None else np.outer(mine, ~mine) | np.outer(~mine, mine)
        step = 1e-6 * np.eye(9)
        moved = np.array(
            [(difference(1 + s, inside, across) - difference(1 - s, inside, across)) / 2e-6 for s in step]
        )
        k = mine.sum()
        sizes = np.full(9, 9 / 8) if code is None else np.where(mine, k / (k - 1), (9 - k) / (8 - k))
        value, place = difference(np.ones(9), inside, across), 3 if code is None else code
        assert found.inside[0, place] - found.across[0, place] == pytest.approx(value)
        assert found.over_error[0, place] == pytest.approx(
            value / np.sqrt((sizes * moved**2).sum()), rel=1e-5
        )


def test_a_group_that_rates_little_is_not_told_apart_for_that(rng: np.random.Generator) -> None:
    """Raters of one group rate 90 % of the units, those of the other 20 %: .39 was rejected at .05."""
    found = []
    for _ in range(120):
        ease, (unit, rater) = rng.normal(size=40), (i.ravel() for i in np.indices((40, 12)))
        kept = rng.random(480) < np.where(rater % 2, 0.9, 0.2)
        unit, rater = unit[kept], rater[kept]
        value = rng.normal(size=len(unit)) + ease[unit] + rng.normal(0, 0.4, size=12)[rater] > 0
        found.append(
            in_group_agreement(
                unit, rater, value.astype(int), range(12), np.arange(12) % 2, n_permutations=99, rng=rng
            ).p_values
        )
    assert (np.mean(np.array(found) <= 0.05, axis=0) < 0.14).all()


def test_groups_of_few_raters_stay_out_of_every_figure(rng: np.random.Generator) -> None:
    unit, rater = (i.ravel() for i in np.indices((40, 14)))
    value = rng.integers(0, 3, size=len(unit))
    group = np.array([0] * 6 + [1] * 6 + [2] * 2)
    found = in_group_agreement(unit, rater, value, np.arange(14), group, minimum=3, n_permutations=99)
    rest = in_group_agreement(unit, rater, value, np.arange(12), group[:12], n_permutations=99)
    assert found.suppressed.tolist() == [False, False, True]
    assert found.n_raters.tolist() == [6, 6, 0]
    assert np.isnan([found.in_group[2], found.cross_group[2], found.differences[2], found.p_values[2]]).all()
    assert (found.difference, found.p_value) == (rest.difference, rest.p_value)
    assert found.in_group[:2] == pytest.approx(rest.in_group)
