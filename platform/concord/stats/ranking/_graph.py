"""Who has ever scored against whom: where that graph is not strongly connected, no finite strengths exist."""

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
    table[left[(outcome > 0) & (weight > 0)], right[(outcome > 0) & (weight > 0)]] = True
    table[right[(outcome < 1) & (weight > 0)], left[(outcome < 1) & (weight > 0)]] = True
    return table


def strong_components(table: BoolArray) -> Components:
    """Return the strongly connected groups of systems, best first: a group is above those that it scored against."""
    n_groups, label = csgraph.connected_components(_sparse(table), directed=True, connection="strong")
    if n_groups <= 1:
        return (tuple(range(len(table))),) if len(table) else ()
    between = np.zeros((n_groups, n_groups), dtype=bool)
    winners, losers = np.nonzero(table)
    between[label[winners], label[losers]] = True
    reach = between | np.eye(n_groups, dtype=bool)
    for _ in range(int(np.ceil(np.log2(n_groups))) + 1):
        reach = (reach.astype(np.int64) @ reach.astype(np.int64)) > 0
    order = np.argsort(reach.sum(axis=0) - reach.sum(axis=1), kind="stable")
    return tuple(tuple(int(i) for i in np.flatnonzero(label == group)) for group in order)


def is_strong(table: BoolArray) -> bool:
    """Whether every system can be reached from every other."""
    found, _ = csgraph.connected_components(_sparse(table), directed=True, connection="strong")
    return int(found) == 1


def _sparse(table: BoolArray) -> Any:
    return sparse.csr_array(table)
