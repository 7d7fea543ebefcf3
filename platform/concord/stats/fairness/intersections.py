"""Intersections of groups (gender by age by ...): small cells borrow strength from the whole."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from concord.stats._arrays import FloatArray, codes, compact, floats, fraction, largest, table, tally
from concord.stats._normal import z_quantile
from concord.stats._results import NAN, Record


@dataclass(frozen=True, kw_only=True)
class Intersections(Record):
    """Cells (C,): group codes (C, A), raw mean, pooled mean with interval, n, and how much of the raw mean was kept (0 to 1).

    ``overall`` is the mean towards which cells are drawn and ``spread`` the standard deviation between cells beyond noise.
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
    undefined: str | None = None


def intersections(
    values: ArrayLike,
    groups: ArrayLike,
    *,
    clusters: ArrayLike | None = None,
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
    Normal-normal empirical Bayes: ``w_c = s**2 / (s**2 + v / m_c)`` with the pooled variance v between clusters
    inside cells and s by DerSimonian and Laird (1986), doi:10.1016/0197-2456(86)90046-2. Intervals include the
    uncertainty of the overall mean (Morris 1983, doi:10.1080/01621459.1983.10477920), not that of s.

    Examples
    --------
    >>> result = intersections([1, 2, 8, 9, 1, 2], [[0, 0], [0, 0], [1, 0], [1, 0], [0, 1], [0, 1]])
    >>> result.raw.tolist(), bool((np.abs(result.value - result.overall) <= np.abs(result.raw - result.overall)).all())
    ([1.5, 1.5, 8.5], True)
    """
    fraction("confidence", confidence)
    y = floats("values", values)
    rows = table("groups", groups)
    flat = codes("groups", rows.ravel(), length=len(y) * rows.shape[1])
    rows = flat.reshape(len(y), rows.shape[1])
    group = np.arange(len(y)) if clusters is None else codes("clusters", clusters, length=len(y))
    known = ~np.isnan(y)
    y, rows, group = y[known], rows[known], group[known]
    scale = largest(y) or 1.0
    y = y / scale
    cells, cell = (
        np.unique(rows, axis=0, return_inverse=True) if len(y) else (rows, np.empty(0, dtype=np.int64))
    )
    cell = np.asarray(cell).ravel()
    c = len(cells)
    n = tally(cell, c)
    raw = tally(cell, c, y) / n if c else np.empty(0)
    if c:
        within, m = _noise(y, cell, group, raw, n)
    else:
        within, m = NAN, np.empty(0)
    if not within > 0:
        return _plain(cells, n, m, raw * scale, confidence)
    noise = within / m
    overall, spread = _dersimonian_laird(raw, noise)
    weight = spread / (spread + noise)
    value = overall + weight * (raw - overall)
    of_overall = 1 / (1 / (spread + noise)).sum()
    half = z_quantile(confidence) * np.sqrt(weight * noise + np.square(1 - weight) * of_overall)
    return Intersections(
        cells=cells,
        n=n.astype(np.int64),
        n_clusters=m.astype(np.int64),
        raw=raw * scale,
        value=value * scale,
        low=(value - half) * scale,
        high=(value + half) * scale,
        weight=weight,
        overall=overall * scale,
        spread=float(np.sqrt(spread)) * scale,
        confidence=confidence,
        method="partial pooling (empirical Bayes)",
    )


def _noise(
    y: FloatArray, cell: np.ndarray, group: np.ndarray, raw: FloatArray, n: FloatArray
) -> tuple[float, FloatArray]:
    """Return the pooled variance of cluster means inside cells (per cluster) and the number of clusters of each cell."""
    c = len(n)
    both, distinct = compact(cell.astype(np.int64) * (int(compact(group)[0].max()) + 1) + compact(group)[0])
    of_cell = np.zeros(len(distinct), dtype=np.int64)
    of_cell[both] = cell
    m = tally(of_cell, c)
    total = tally(both, len(distinct), y - raw[cell])
    scaled = total / (n / m)[of_cell]
    df = float((m - 1).sum())
    return (float(np.square(scaled).sum()) / df if df > 0 else NAN), m


def _dersimonian_laird(raw: FloatArray, noise: FloatArray) -> tuple[float, float]:
    """Return the pooled mean and the variance between cells."""
    w = 1 / noise
    fixed = float((w * raw).sum() / w.sum())
    q = float((w * np.square(raw - fixed)).sum())
    scale = float(w.sum() - np.square(w).sum() / w.sum())
    spread = max(0.0, (q - (len(raw) - 1)) / scale) if scale > 0 else 0.0
    w = 1 / (noise + spread)
    return float((w * raw).sum() / w.sum()), spread


def _plain(
    cells: np.ndarray, n: FloatArray, m: FloatArray, raw: FloatArray, confidence: float
) -> Intersections:
    nothing = np.full(len(n), np.nan)
    return Intersections(
        cells=cells,
        n=n.astype(np.int64),
        n_clusters=m.astype(np.int64),
        raw=raw,
        value=nothing,
        low=nothing,
        high=nothing,
        weight=nothing,
        overall=NAN,
        spread=NAN,
        confidence=confidence,
        method="none",
        undefined="no cell varies inside: noise cannot be told from difference"
        if len(n)
        else "there are no values",
    )
