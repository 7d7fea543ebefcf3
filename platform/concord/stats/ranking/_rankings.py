"""Rankings, validated once and taken apart into choices of the next best among what was left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse

from concord.stats._arrays import FloatArray, InputError, IntArray, codes, compact, floats
from concord.stats._arrays import table as rows
from concord.stats.ranking._graph import Components, strong_components


@dataclass(frozen=True)
class Rankings:
    """Rankings of at least two systems with a weight, (n, m) codes padded with -1, best first."""

    table: IntArray
    weight: FloatArray
    cluster: IntArray | None
    n_systems: int
    omitted: Mapping[str, int]

    def per_system(self) -> IntArray:
        """Return the rankings that each system is in."""
        return np.bincount(self.table[self.table >= 0], minlength=self.n_systems).astype(np.int64)


@dataclass(frozen=True)
class Stages:
    """Every choice of the next best: the chosen entry and the entries that were still to be had (a stage-by-entry table)."""

    chosen: IntArray  # (stages,) system
    offered: sparse.csr_array  # (stages, systems) 0/1
    ranking: IntArray  # (stages,) which ranking the stage belongs to
    weight: FloatArray  # (stages,)


def rankings_of(
    rankings: ArrayLike, n_systems: int, weights: ArrayLike | None, clusters: ArrayLike | None
) -> Rankings:
    """Validate rankings; those of fewer than two systems and those of weight 0 are dropped and counted."""
    table = _table(rankings, n_systems)
    n = len(table)
    weight = np.ones(n) if weights is None else floats("weights", weights, length=n, missing=False)
    if weight.size and weight.min() < 0:
        raise InputError(f"weights must not be negative, got {float(weight.min())}")
    cluster = None if clusters is None else codes("clusters", clusters, length=n)
    several = (table >= 0).sum(axis=1) >= 2
    usable = several & (weight > 0)
    omitted = {
        "rankings of fewer than two systems": int((~several).sum()),
        "rankings of weight 0": int((several & (weight == 0)).sum()),
    }
    return Rankings(
        table=table[usable],
        weight=weight[usable],
        cluster=None if cluster is None else compact(cluster[usable])[0],
        n_systems=n_systems,
        omitted={name: number for name, number in omitted.items() if number},
    )


def _table(rankings: ArrayLike, n_systems: int) -> IntArray:
    array = rows("rankings", rankings)
    if array.size == 0:
        return np.empty((len(array), 0), dtype=np.int64)
    table = codes("rankings", array.ravel()).reshape(array.shape)
    if table.max() >= n_systems or table.min() < -1:
        raise InputError(f"rankings must hold system codes below {n_systems} (or -1 for padding)")
    if ((table[:, 1:] >= 0) & (table[:, :-1] < 0)).any():
        raise InputError("padding (-1) must come last in a ranking")
    ordered = np.sort(table, axis=1)
    if ((ordered[:, 1:] == ordered[:, :-1]) & (ordered[:, 1:] >= 0)).any():
        raise InputError("a ranking names a system twice")
    return table


def stages_of(table: IntArray, weight: FloatArray, n_systems: int) -> Stages:
    """Return the choices that rankings with these weights are made of."""
    chosen, ranking, row, column = [], [], [], []
    first = 0
    for k in range(table.shape[1] - 1):
        active = np.flatnonzero(table[:, k + 1] >= 0)
        stage = first + np.arange(len(active))
        chosen.append(table[active, k])
        ranking.append(active)
        rest = table[active, k:]
        inside = rest >= 0
        row.append(np.broadcast_to(stage[:, None], rest.shape)[inside])
        column.append(rest[inside])
        first += len(active)
    if not first:
        empty = np.empty(0, dtype=np.int64)
        return Stages(empty, sparse.csr_array((0, n_systems)), empty, np.empty(0))
    rows, columns = np.concatenate(row), np.concatenate(column)
    offered = sparse.coo_array((np.ones(len(rows)), (rows, columns)), shape=(first, n_systems)).tocsr()
    of_ranking = np.concatenate(ranking)
    return Stages(np.concatenate(chosen), offered, of_ranking, weight[of_ranking])


def components_of(stages: Stages, present: IntArray) -> Components:
    """Return the groups of these systems that were all ranked above each other, best first."""
    n = stages.offered.shape[1]
    picks = sparse.coo_array(
        (np.ones(len(stages.chosen)), (stages.chosen, np.arange(len(stages.chosen)))),
        shape=(n, len(stages.chosen)),
    ).tocsr()
    above = np.asarray((picks @ stages.offered).todense()) > 0
    np.fill_diagonal(above, False)
    inner = strong_components(above[np.ix_(present, present)])
    return tuple(tuple(int(present[i]) for i in group) for group in inner)
