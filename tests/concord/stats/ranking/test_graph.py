"""Who scored against whom: components in their order, and ties that only an endless stretch explains, by linear programming."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.optimize import linprog

from concord.stats.ranking._graph import (
    is_strong,
    scored_against,
    strong_components,
    ties_fill_every_gap,
    weak_components,
)

Rng = np.random.Generator


def scored(*pairs: tuple[int, int], n: int) -> np.ndarray:
    table = np.zeros((n, n), dtype=bool)
    for winner, loser in pairs:
        table[winner, loser] = True
    return table


def test_a_win_scores_one_way_a_tie_both_and_a_vote_without_weight_not_at_all() -> None:
    table = scored_against(
        np.array([0, 1, 2, 0]),
        np.array([1, 2, 3, 3]),
        np.array([1.0, 0.5, 0.0, 1.0]),
        np.array([1.0, 2.0, 1.0, 0.0]),
        4,
    )
    assert sorted(zip(*map(np.ndarray.tolist, np.nonzero(table)), strict=True)) == [
        (0, 1),
        (1, 2),
        (2, 1),
        (3, 2),
    ]


def test_the_stronger_component_comes_first() -> None:
    """3 beat 0, who beat both of a circle 1 and 2, who beat 4; 5 and 6 met nobody else."""
    table = scored((3, 0), (0, 1), (1, 2), (2, 1), (2, 4), (6, 5), n=7)
    assert strong_components(table) == ((3,), (0,), (1, 2), (4,), (6,), (5,))
    assert weak_components(table) == ((0, 1, 2, 3, 4), (5, 6))
    assert strong_components(table[:0, :0]) == ()
    assert strong_components(scored((0, 1), (1, 0), n=2)) == ((0, 1),)
    assert not is_strong(table)
    assert is_strong(scored((0, 1), (1, 2), (2, 0), n=3))
    assert not is_strong(scored((0, 1), (1, 2), n=3))
    assert not is_strong(scored((1, 0), (2, 1), n=3))
    assert is_strong(table[:1, :1])


def test_components_against_paths_tried_one_by_one(rng: Rng) -> None:
    for _ in range(60):
        n = int(rng.integers(1, 9))
        table = rng.random((n, n)) < rng.uniform(0, 0.5)
        np.fill_diagonal(table, False)
        reach = table | np.eye(n, dtype=bool)
        for through in range(n):
            reach |= reach[:, [through]] & reach[[through]]
        parts = strong_components(table)
        assert sorted(itertools.chain(*parts)) == list(range(n))
        for i, part in enumerate(parts):
            for a, b in itertools.product(part, part):
                assert reach[a, b]
            for later in parts[i + 1 :]:
                assert not reach[later[0], part[0]]  # nobody scored against an earlier component
        assert is_strong(table) == bool(reach.all())


@pytest.mark.parametrize("share", [0.3, 0.7])
def test_ties_within_every_gap_against_linear_programming(share: float, rng: Rng) -> None:
    """A placing with every winner at least 1 ahead of the loser, and ties at most 1 apart."""
    seen = set()
    for _ in range(40):
        n, m = int(rng.integers(2, 5)), int(rng.integers(1, 7))
        left = rng.integers(0, n, m)
        right = (left + rng.integers(1, n, m)) % n
        outcome = np.where(rng.random(m) < share, 0.5, rng.integers(0, 2, m))
        rows, limits = [], []
        for a, b, y in zip(left, right, outcome, strict=True):
            gap = np.eye(n)[a] - np.eye(n)[b]
            if y == 0.5:
                rows += [gap, -gap]
                limits += [1.0, 1.0]
            else:
                rows.append(-gap if y == 1 else gap)
                limits.append(-1.0)
        possible = linprog(np.zeros(n), rows, limits, bounds=[(None, None)] * n).status == 0
        assert ties_fill_every_gap(left, right, outcome, n) == possible
        seen.add(possible)
    assert seen == {True, False}
