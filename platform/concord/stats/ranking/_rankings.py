"""Rankings, validated once and held place by place: each is a row of choices of the next best among what was left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from concord.stats._arrays import BoolArray, FloatArray, InputError, IntArray, codes, compact, floats
from concord.stats._arrays import table as rows
from concord.stats.ranking._standings import Standings


@dataclass(frozen=True)
class Rankings:
    """Rankings of at least two systems with a weight, (n, m) codes padded with -1, best first."""

    table: IntArray
    weight: FloatArray
    cluster: IntArray | None
    n_systems: int
    omitted: Mapping[str, int]

    def among(self, members: IntArray) -> Rankings:
        """Return what the rankings say of ``members`` alone; those of fewer than two of them are left out."""
        inside = np.isin(self.table, members)
        if inside.all() or (inside == (self.table >= 0)).all():
            return self
        order = np.argsort(~inside, axis=1, kind="stable")
        table = np.where(np.take_along_axis(inside, order, 1), np.take_along_axis(self.table, order, 1), -1)
        kept = inside.sum(axis=1) >= 2
        cluster = None if self.cluster is None else compact(self.cluster[kept])[0]
        return replace(self, table=table[kept], weight=self.weight[kept], cluster=cluster)

    def per_system(self) -> IntArray:
        """Return the rankings that each system is in."""
        return np.bincount(self.table[self.table >= 0], minlength=self.n_systems).astype(np.int64)


@dataclass(frozen=True)
class Places:
    """Rankings with the longest first: ``at[k]`` are the systems at place k of those that go so far, numbered from 0."""

    at: tuple[IntArray, ...]
    weight: FloatArray  # (n,)
    ranking: IntArray  # (n,) which row of the table
    n_systems: int

    def only(self, kept: BoolArray) -> Places:
        """Return the rankings that are kept, (n,)."""
        at = tuple(system[kept[: len(system)]] for system in self.at)
        return Places(at, self.weight[kept], self.ranking[kept], self.n_systems)

    def choosing(self, k: int) -> int:
        """Return how many rankings choose at place k, where two or more systems are left."""
        return len(self.at[k + 1]) if k + 1 < len(self.at) else 0


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


def places_of(table: IntArray, weight: FloatArray, present: IntArray) -> Places:
    """Return rankings of these systems with these weights place by place."""
    length = (table >= 0).sum(axis=1)
    ranking = np.argsort(-length, kind="stable")
    reach = [int((length > k).sum()) for k in range(int(length.max(initial=0)))]
    at = tuple(np.searchsorted(present, table[ranking[:n], k]) for k, n in enumerate(reach))
    return Places(at, weight[ranking], ranking, len(present))


def standings_of(places: Places, present: IntArray) -> Standings:
    """Return the standings of these systems, by who was ever ranked above whom."""
    above = np.zeros((places.n_systems, places.n_systems), dtype=bool)
    for i, better in enumerate(places.at):
        for worse in places.at[i + 1 :]:
            above[better[: len(worse)], worse] = True
    return Standings.of(above, present)
