"""Ranks, and who may be the best, read off one family of differences."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from concord.stats import InputError, comparison

LEFT, RIGHT = (np.array(side) for side in zip(*combinations(range(4), 2), strict=True))


def family(figures: list[float], error: float = 0.1, **options) -> comparison.Simultaneous:
    x = np.array(figures)
    return comparison.simultaneous(x[LEFT] - x[RIGHT], np.full(6, error), **options)


def test_ranks_worked_by_hand() -> None:
    """Two that cannot be told apart lead, one lies clearly behind them, one may be anywhere behind the first."""
    found = comparison.rank_ranges(family([3.0, 2.9, 1.0, 2.75]), LEFT, RIGHT, n_systems=4)
    assert found.better.tolist() == [
        [False, False, True, False],
        [False, False, True, False],
        [False, False, False, False],
        [False, False, True, False],
    ]
    assert found.best_rank.tolist() == [1, 1, 4, 1]
    assert found.worst_rank.tolist() == [3, 3, 4, 3]
    assert found.may_be_best.tolist() == [True, True, False, True]


def test_the_direction_and_the_sides_are_arguments() -> None:
    found = comparison.rank_ranges(family([3.0, 2.0, 1.0, 0.0]), LEFT, RIGHT, n_systems=4)
    assert (found.best_rank.tolist(), found.worst_rank.tolist()) == ([1, 2, 3, 4], [1, 2, 3, 4])
    lower = comparison.rank_ranges(
        family([3.0, 2.0, 1.0, 0.0]), LEFT, RIGHT, n_systems=4, higher_is_better=False
    )
    assert lower.best_rank.tolist() == [4, 3, 2, 1]
    turned = comparison.simultaneous([1.0, -2.0], [0.1, 0.1])
    one = comparison.rank_ranges(turned, [1, 0], [0, 2], n_systems=3)
    assert one.better[1, 0]
    assert one.better[2, 0]
    assert one.best_rank.tolist() == [3, 1, 1]


def test_pairs_that_are_unknown_leave_the_ranks_open() -> None:
    found = family([3.0, 2.0, 1.0, 0.0], error=0.0)
    open_ranks = comparison.rank_ranges(found, LEFT, RIGHT, n_systems=4)
    assert open_ranks.worst_rank.tolist() == [4, 4, 4, 4]
    assert open_ranks.may_be_best.all()
    none = comparison.rank_ranges(comparison.simultaneous([], []), [], [], n_systems=2)
    assert (none.best_rank.tolist(), none.worst_rank.tolist()) == ([1, 1], [2, 2])


@pytest.mark.parametrize(
    ("left", "right", "said"),
    [
        ([0], [0], "itself"),
        ([0], [2], "between 0 and 1"),
        ([-1], [1], "between 0 and 1"),
        ([0, 1], [1, 0], "1 entries"),
    ],
)
def test_what_is_refused(left: list[int], right: list[int], said: str) -> None:
    one = comparison.simultaneous([1.0], [0.1])
    with pytest.raises(InputError, match=said):
        comparison.rank_ranges(one, left, right, n_systems=2)
    with pytest.raises(InputError, match="simultaneous"):
        comparison.rank_ranges(1.0, left, right, n_systems=2)
