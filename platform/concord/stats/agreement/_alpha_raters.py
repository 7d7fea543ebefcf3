"""Alpha when raters are resampled as well as units (the pigeonhole bootstrap of Owen 2007, doi:10.1214/07-AOAS122).

A rater drawn twice would agree with himself, so only pairs of ratings by different raters count; inside a unit their
weights are scaled so that the unit keeps its number of ratings, which is Krippendorff's ``1 / (m - 1)`` when all weights are 1.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from concord.stats._arrays import FloatArray, InputError, IntArray
from concord.stats.agreement._alpha_build import Level, _distance_matrix
from concord.stats.agreement._alpha_terms import midranks
from concord.stats.agreement._ratings import ANONYMOUS, Ratings, category_codes

_LIMIT = 200


def two_way_alphas(
    data: Ratings, level: Level, categories: ArrayLike | None, n_resamples: int, rng: np.random.Generator
) -> FloatArray:
    """Return alpha of resamples of units and raters; nan where no pair of different raters was left."""
    category, names = category_codes(data.value, categories)
    if len(names) > _LIMIT:
        raise InputError(
            f"resampling raters is limited to {_LIMIT} distinct values, got {len(names)}: bin them first"
        )
    ordinal = isinstance(level, str) and level == "ordinal"
    distance = None if ordinal else _distance_matrix(names, level)
    if distance is None and not ordinal:
        distance = 1.0 - np.eye(len(names))
    rater = _named_raters(data)
    n_raters = int(rater.max()) + 1
    result = np.empty(n_resamples)
    for b in range(n_resamples):
        by_rater = np.bincount(rng.integers(n_raters, size=n_raters), minlength=n_raters)[rater].astype(
            np.float64
        )
        by_unit = np.bincount(rng.integers(data.n_units, size=data.n_units), minlength=data.n_units)
        result[b] = _weighted_alpha(
            data, category, by_rater, by_unit.astype(np.float64), distance, len(names)
        )
    return result


def _named_raters(data: Ratings) -> IntArray:
    """Give every anonymous rating a rater of its own."""
    anonymous = data.rater == ANONYMOUS
    rater = data.rater.copy()
    rater[anonymous] = len(data.rater_codes) + np.arange(int(anonymous.sum()))
    return rater


def _weighted_alpha(
    data: Ratings,
    category: IntArray,
    by_rater: FloatArray,
    by_unit: FloatArray,
    distance: FloatArray | None,
    n_categories: int,
) -> float:
    """Return alpha with rating weights, pairing different raters only."""
    k = n_categories
    kept = by_rater > 0
    unit, group, weight = data.unit[kept], category[kept], by_rater[kept]
    cell = np.bincount(unit * k + group, weights=weight, minlength=data.n_units * k).reshape(-1, k)
    own = np.bincount(unit * k + group, weights=weight**2, minlength=data.n_units * k).reshape(-1, k)
    m, pairs = cell.sum(axis=1), np.square(cell.sum(axis=1)) - own.sum(axis=1)
    scale = by_unit * np.divide(m, pairs, out=np.zeros_like(m), where=pairs > 0)
    coincidence = (cell * scale[:, None]).T @ cell
    coincidence[np.diag_indices(k)] -= (own * scale[:, None]).sum(axis=0)
    counts = coincidence.sum(axis=1)
    n = counts.sum()
    if distance is None:
        rank = midranks(counts[None, :])[0]
        distance = np.square(rank[:, None] - rank[None, :])
    expected = float(counts @ distance @ counts)
    if float(n) <= 1 or expected <= 0:
        return float("nan")
    return float(1.0 - (n - 1) * (coincidence * distance).sum() / expected)
