"""Who has ever scored against whom: finite strengths exist within the strongly connected parts of that graph, and only there."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from concord.stats._arrays import BoolArray, FloatArray, IntArray

Components = tuple[tuple[int, ...], ...]


def scored_against(
    left: IntArray, right: IntArray, outcome: FloatArray, weight: FloatArray, n: int
) -> BoolArray:
    """Return the (n, n) table of whether i ever won or tied against j."""
    table = np.zeros((n, n), dtype=bool)
    cast = weight > 0
    ahead, behind = np.flatnonzero(cast & (outcome > 0)), np.flatnonzero(cast & (outcome < 1))
    table[left[ahead], right[ahead]] = True
    table[right[behind], left[behind]] = True
    return table


def weak_components(table: BoolArray) -> Components:
    """Return the groups of systems that met each other, directly or through others, by their first members."""
    n_groups, label = csgraph.connected_components(_sparse(table), directed=False)
    return tuple(tuple(np.flatnonzero(label == group).tolist()) for group in range(n_groups))


def strong_components(table: BoolArray) -> Components:
    """Return the strongly connected systems, group by group: a component precedes those that it scored against.

    Nothing orders systems that never met, directly or through others: their groups come by their first members.
    """
    n_parts, label = csgraph.connected_components(_sparse(table), directed=True, connection="strong")
    if n_parts <= 1:
        return (tuple(range(len(table))),) if len(table) else ()
    between = np.zeros((n_parts, n_parts), dtype=bool)
    winners, losers = np.nonzero(table)
    between[label[winners], label[losers]] = True
    reach = between | np.eye(n_parts, dtype=bool)
    for _ in range(int(np.ceil(np.log2(n_parts))) + 1):
        steps = reach.astype(np.float32)
        reach = (steps @ steps) > 0
    group = csgraph.connected_components(_sparse(between), directed=False)[1]
    first = np.array([int(np.flatnonzero(label == part)[0]) for part in range(n_parts)])
    start = np.full(int(group.max()) + 1, len(table))
    np.minimum.at(start, group, first)
    order = np.lexsort((first, reach.sum(axis=0) - reach.sum(axis=1), start[group]))
    return tuple(tuple(np.flatnonzero(label == part).tolist()) for part in order)


def is_strong(table: BoolArray) -> bool:
    """Whether every system can be reached from every other: from the first, along wins and against them."""
    return len(table) < 2 or (_reaches_all(table) and _reaches_all(table.T))


def _reaches_all(table: BoolArray) -> bool:
    reached = table[0].copy()
    reached[0] = True
    fresh = reached
    while fresh.any():
        fresh = table[fresh].any(axis=0) & ~reached
        reached = reached | fresh
    return bool(reached.all())


def ties_fill_every_gap(left: IntArray, right: IntArray, outcome: FloatArray, n: int) -> bool:
    """Whether all ties lie within a gap that every win exceeds, for some placing of the systems on a line.

    A tie model then fits better the further all gaps and the tie parameter grow together, without end. Such a placing solves
    ``s_winner - s_loser >= 1`` and ``abs(s_i - s_j) <= 1`` for ties; there is none exactly where these
    differences, as edges of a graph, close a cycle of negative length (Bellman and Ford).
    """
    longest = np.full((n, n), np.inf)  # the upper limit of s_column - s_row
    winner, loser = np.where(outcome == 1, left, right), np.where(outcome == 1, right, left)
    tied = outcome == 0.5
    longest[winner[tied], loser[tied]] = longest[loser[tied], winner[tied]] = 1.0
    longest[winner[~tied], loser[~tied]] = -1.0
    if ((longest == -1) & (longest.T == -1)).any():
        return False  # a pair that won both ways closes such a cycle: the common case
    distance = np.zeros(n)
    for _ in range(n + 1):
        nearer = np.minimum(distance, (distance[:, None] + longest).min(axis=0, initial=np.inf))
        if (nearer == distance).all():
            return True
        distance = nearer
    return False


def _sparse(table: BoolArray) -> Any:
    return sparse.csr_array(table)
