"""Intersections of groups (gender by age by ...): small cells borrow strength from the whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from concord.stats._arrays import (
    BoolArray,
    FloatArray,
    InputError,
    IntArray,
    codes,
    compact,
    count,
    floats,
    fraction,
    largest,
    left_out,
    table,
    tally,
)
from concord.stats._normal import t_quantile, z_quantile
from concord.stats._results import NAN, Record
from concord.stats.fairness._cell_noise import CellNoise, cell_noise
from concord.stats.fairness._partial_pooling import pooled_ends
from concord.stats.fairness._suppression import among_all

_FEW_CELLS = 5


@dataclass(frozen=True, kw_only=True)
class Intersections(Record):
    """Cells (C,): group codes (C, A), raw mean, pooled mean with interval, n, and how much of the raw mean was kept (0 to 1).

    ``overall`` is the mean towards which cells are drawn and ``spread`` the standard deviation between cells beyond noise.
    A ``suppressed`` cell has fewer clusters (values) than the minimum: its figures are nan, its numbers 0, and it took no part
    in the others.
    """

    cells: np.ndarray
    n: np.ndarray
    n_clusters: np.ndarray
    raw: FloatArray
    value: FloatArray
    low: FloatArray
    high: FloatArray
    weight: FloatArray
    overall: float
    spread: float
    confidence: float
    method: str
    suppressed: BoolArray
    undefined: str | None = None
    omitted: Mapping[str, int] = field(default_factory=dict)


def intersections(
    values: ArrayLike,
    groups: ArrayLike,
    *,
    clusters: ArrayLike | None = None,
    minimum: int = 1,
    confidence: float = 0.95,
) -> Intersections:
    """Return means of all intersections of several groupings, partially pooled.

    Parameters
    ----------
    values
        (n,) numbers; nan is dropped.
    groups
        (n, A) integer codes, one column for each attribute.
    clusters
        (n,) codes (of raters): a cell's noise is then judged between clusters.
    minimum
        Cells with fewer clusters (without: values) are suppressed. Give 10, as ``group_estimates`` does, where the figures leave
        your hands: from a pooled mean the raw one can be worked out.

    Returns
    -------
    Intersections
        Undefined without values or where no cell has two clusters, so that noise cannot be told from difference.

    Raises
    ------
    InputError
        Malformed input.

    Notes
    -----
    Normal-normal empirical Bayes: ``w_c = s**2 / (s**2 + v_c)`` with s by DerSimonian and Laird (1986) and
    ``v_c = b k_c + e / n_c``: b and e are the variances between and inside the clusters of cells, pooled over these, ``k_c`` sums
    the squared shares of a cell's clusters; what clusters in several cells move them all is taken off v_c, and added to the
    interval. An interval ends at quantiles of the cell's mean over all spreads that the
    cells leave likely (normal given s, uniform in s: Gelman 2006), widened by Student's t for v_c; with fewer than five cells it
    is as wide as without pooling. Intervals hold over the cells taken together: a single cell that lies far from all
    others is drawn in, and missed more often; where the cells do not differ at all, they hold more than they say.

    References
    ----------
    DerSimonian & Laird (1986), doi:10.1016/0197-2456(86)90046-2. Gelman (2006), "Prior distributions for variance parameters in
    hierarchical models", doi:10.1214/06-BA117A.

    Examples
    --------
    >>> result = intersections([1, 2, 8, 9, 1, 2], [[0, 0], [0, 0], [1, 0], [1, 0], [0, 1], [0, 1]])
    >>> result.raw.tolist(), bool((np.abs(result.value - result.overall) <= np.abs(result.raw - result.overall)).all())
    ([1.5, 1.5, 8.5], True)
    """
    confidence = fraction("confidence", confidence)
    minimum = count("minimum", minimum, at_least=1)
    y = floats("values", values)
    given = table("groups", groups)
    if len(given) != len(y):
        raise InputError(f"groups must have a row for each of {len(y)} values, got {len(given)}")
    rows = codes("groups", given.ravel()).reshape(given.shape)
    group = np.arange(len(y)) if clusters is None else codes("clusters", clusters, length=len(y))
    known = ~np.isnan(y)
    y, rows, group = y[known], rows[known], compact(group[known])[0]
    cells, cell = (
        np.unique(rows, axis=0, return_inverse=True) if len(y) else (rows, np.empty(0, dtype=np.int64))
    )
    cell = np.asarray(cell).ravel().astype(np.int64)
    suppressed = _clusters_in(cell, group, len(cells)) < minimum
    kept = ~suppressed[cell]
    if suppressed.any():
        y, group, cell = y[kept], group[kept], (np.cumsum(~suppressed) - 1)[cell[kept]]
    found = _pooled(y, cell, group, cells, suppressed, confidence)
    return replace(found, omitted=left_out(known))


def _pooled(
    y: FloatArray,
    cell: IntArray,
    group: IntArray,
    cells: np.ndarray,
    suppressed: BoolArray,
    confidence: float,
) -> Intersections:
    """Return the result; ``cell`` counts the cells that are not suppressed."""
    scale = largest(y) or 1.0
    y = y / scale
    c = int((~suppressed).sum())
    n = tally(cell, c)
    raw = tally(cell, c, y) / n if c else np.empty(0)
    m = _clusters_in(cell, group, c)
    noise = cell_noise(y, cell, group, c) if c else CellNoise(np.empty(0), 0.0, 0.0, 0.0)
    place = partial(among_all, shown=~suppressed)
    shared: dict[str, Any] = {
        "cells": cells,
        "n": np.nan_to_num(place(n)).astype(np.int64),
        "n_clusters": np.nan_to_num(place(m)).astype(np.int64),
        "raw": place(raw * scale),
        "confidence": confidence,
        "suppressed": suppressed,
    }
    if not noise.known:
        nothing = place(np.full(c, np.nan))
        gone = "there are no values" if not len(cells) else "every cell is suppressed"
        reason = "no cell varies inside: noise cannot be told from difference" if c else gone
        return Intersections(
            **shared,
            value=nothing,
            low=nothing,
            high=nothing,
            weight=nothing,
            overall=NAN,
            spread=NAN,
            method="none",
            undefined=reason,
        )
    overall, spread = _dersimonian_laird(raw, noise.own)
    weight = spread / (spread + noise.own)
    value = overall + weight * (raw - overall)
    low, high = _ends(raw, noise, value, confidence)
    return Intersections(
        **shared,
        value=place(value * scale),
        low=place(low * scale),
        high=place(high * scale),
        weight=place(weight),
        overall=overall * scale,
        spread=float(np.sqrt(spread)) * scale,
        method="partial pooling (empirical Bayes)",
    )


def _ends(
    raw: FloatArray, noise: CellNoise, value: FloatArray, confidence: float
) -> tuple[FloatArray, FloatArray]:
    """Return both ends of each pooled mean's interval, which never leaves the mean itself out."""
    t = t_quantile(confidence, noise.df)
    if len(raw) < _FEW_CELLS:  # so few cells do not tell how far they lie apart: as wide as without pooling
        half = t * np.sqrt(noise.own + noise.common)
        return value - half, value + half
    low, high = pooled_ends(raw, noise.own, confidence, t / z_quantile(confidence))
    common = t_quantile(confidence, noise.common_df) * np.sqrt(noise.common)
    below, above = np.maximum(value - low, 0.0), np.maximum(high - value, 0.0)
    return value - np.hypot(below, common), value + np.hypot(above, common)


def _clusters_in(cell: IntArray, group: IntArray, c: int) -> FloatArray:
    """Return the number of distinct clusters in each cell."""
    if not len(cell):
        return np.zeros(c)
    size = int(group.max()) + 1
    return tally(compact(cell * np.int64(size) + group)[1].astype(np.int64) // size, c)


def _dersimonian_laird(raw: FloatArray, noise: FloatArray) -> tuple[float, float]:
    """Return the pooled mean and the variance between cells."""
    w = 1 / noise
    fixed = float((w * raw).sum() / w.sum())
    q = float((w * np.square(raw - fixed)).sum())
    scale = float(w.sum() - np.square(w).sum() / w.sum())
    spread = max(0.0, (q - (len(raw) - 1)) / scale) if scale > 0 else 0.0
    w = 1 / (noise + spread)
    return float((w * raw).sum() / w.sum()), spread
