"""How far the means of cells (intersections of groups) may lie from the truth, where their values come in clusters of any size.

Two components of variance, between the clusters of a cell and inside these, by the squares of an analysis of variance over all
cells: a cell with one large cluster is worth hardly more than that cluster. Where clusters lie in several cells, part of the
error is common to all: it moves the cells together and does not tell them apart. Clusters of one value a cell show their own
variance only by what they have in common in several cells.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from concord.stats._arrays import FloatArray, IntArray, as_floats, compact, tally

_NOTHING = 1e-33  # of values of a size of 1: below this a variance is rounding
_ALONE = 1e-9  # of all values, beside the one cluster of their cell: fewer do not tell how clusters vary
_OWN = 1e-3  # at least, of a cell's noise, where nearly all of it is common to the cells


@dataclass(frozen=True)
class CellNoise:
    """The variance of each cell's mean on its own (C,), of what all have in common, and the degrees of freedom of each."""

    own: FloatArray
    common: float
    df: float
    common_df: float

    @property
    def known(self) -> bool:
        """Whether noise can be told from difference."""
        return bool(self.df > 0 and len(self.own) and self.own.min() > _NOTHING)


@dataclass(frozen=True)
class _Units:
    """The clusters inside each cell: their cell, cluster and size, and the sum of squares about their own means."""

    cell: IntArray
    cluster: IntArray
    size: FloatArray
    mean: FloatArray
    inside: float

    @classmethod
    def of(cls, y: FloatArray, cell: IntArray, cluster: IntArray) -> _Units:
        g = int(cluster.max()) + 1
        place, distinct = compact(cell * np.int64(g) + cluster)
        size = tally(place, len(distinct))
        mean = tally(place, len(distinct), y) / size
        key = distinct.astype(np.int64)
        return cls(key // g, key % g, size, mean, float(np.square(y - mean[place]).sum()))


def cell_noise(y: FloatArray, cell: IntArray, cluster: IntArray, c: int) -> CellNoise:
    """Return the noise of the means of ``c`` cells, none of which is empty."""
    units = _Units.of(y, cell, cluster)
    n = tally(units.cell, c, units.size)
    share = units.size / n[units.cell]
    even = tally(units.cell, c, share * share)  # one over how many clusters of one size the cell is worth
    free = as_floats(n * (1 - even))
    if not free.sum() > _ALONE * n.sum():
        return CellNoise(np.full(c, np.nan), 0.0, 0.0, 0.0)
    between, inside = _components(units, n, float(free.sum()))
    together = np.square(tally(units.cluster, int(units.cluster.max()) + 1, share)).sum() - even.sum()
    common = max(float(together), 0.0) / max(c * (c - 1), 1)
    own = inside / n + between * np.maximum(even - common, _OWN * even)
    df = _freedom(units, n, free)
    return CellNoise(as_floats(own), between * common, df, max(min(df, float(cluster.max())), 1.0))


def _components(units: _Units, n: FloatArray, free: float) -> tuple[float, float]:
    """Return the variance between clusters and that inside them, from all cells together."""
    raw = tally(units.cell, len(n), units.size * units.mean) / n
    squares = float((units.size * np.square(units.mean - raw[units.cell])).sum())
    df_between, df_inside = len(units.size) - len(n), int(n.sum()) - len(units.size)
    if not df_inside:  # what a cluster gives to several cells is all that tells its own variance
        whole = squares / df_between
        between = min(max(_shared_variance(units, units.mean - raw[units.cell], n), 0.0), whole)
        return between, whole - between
    inside = units.inside / df_inside
    return max((squares - df_between * inside) / free, 0.0), inside


def _shared_variance(units: _Units, residual: FloatArray, n: FloatArray) -> float:
    """Return the variance between clusters of one value a cell, by the products of a cluster's residuals in two cells."""
    at = units.cluster, units.cell
    met: Any = sparse.coo_array((np.ones(len(residual)), at)).tocsr()
    both = (met.T @ met).tocoo()  # how many clusters two cells share
    one, two = both.coords
    shared, apart = both.data, one != two
    expected = shared * (1 - 1 / n[one] - 1 / n[two] + shared / (n[one] * n[two]))
    total = float(expected[apart].sum())
    products = float(np.square(tally(units.cluster, 0, residual)).sum() - np.square(residual).sum())
    return products / total if total > 1e-9 * len(residual) else 0.0


def _freedom(units: _Units, n: FloatArray, free: FloatArray) -> float:
    """Return Satterthwaite's degrees of freedom of the squares between clusters, whose means vary alike."""
    two, three = (tally(units.cell, len(n), units.size**power) for power in (2, 3))
    squares = float((two - 2 * three / n + np.square(two / n)).sum())
    return max(float(free.sum()) ** 2 / squares, 1.0)
