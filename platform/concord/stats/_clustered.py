"""The variance of a (weighted) mean when observations come in clusters, with its degrees of freedom.

CR2 ("bias-reduced linearisation") of Bell and McCaffrey (2002) for an intercept-only model, in closed form, with
independent observations of equal variance as the working model: for these the variance is exactly unbiased. The
degrees of freedom are Satterthwaite's for that form; with equal weights and clusters of one they are n - 1. Weights
say how much an observation counts, not how many there were. Two ways: see ``crossed_variance`` and ``crossed_df``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from concord.stats._arrays import FloatArray, IntArray, as_floats, compact, tally

LARGER_STANDS = "the two-way variance fell below a one-way one, so the larger one-way variance stands."


@dataclass(frozen=True)
class Variance:
    """A variance with its degrees of freedom and the number of clusters behind it."""

    value: float
    df: float
    n_clusters: int


@dataclass(frozen=True)
class _Adjusted:
    """CR2's factors: cluster g adds ``(ones[g] * sum of residuals + weights[g] * weighted sum)**2``."""

    ones: FloatArray
    weights: FloatArray


def cluster_variance(values: FloatArray, weight: FloatArray, cluster: IntArray) -> Variance:
    """Return the CR2 variance of ``sum(weight * values) / sum(weight)``; nan where there are fewer than two clusters."""
    g = int(cluster.max()) + 1
    part = weight / weight.sum()
    share = tally(cluster, g, part)
    if g < 2 or share.max() >= 1 - 1e-12:
        return Variance(float("nan"), float("nan"), g)
    residual = values - float(part @ values)
    size, squares = tally(cluster, g), tally(cluster, g, part * part)
    factor = _adjusted(size, share, squares)
    term = factor.ones * tally(cluster, g, residual) + factor.weights * tally(cluster, g, part * residual)
    return Variance(float(term @ term), _satterthwaite(factor, size, share, squares), g)


def _independent(values: FloatArray, weight: FloatArray) -> Variance:
    """Return the variance with every observation a cluster of its own; with equal weights it is the ordinary one."""
    n = len(values)
    if n < 2 or weight.min() != weight.max():
        return cluster_variance(values, weight, np.arange(n))
    residual = values - values.mean()
    return Variance(float(residual @ residual) / (n - 1) / n, float(n - 1), n)


def _adjusted(size: FloatArray, share: FloatArray, squares: FloatArray) -> _Adjusted:
    """Return ``B**(-1/2) p`` of each cluster in terms of 1 and p, with ``B = I - 1 p' - p 1' + Q 1 1'``.

    p holds the cluster's shares of the total weight, Q is the sum of all squared shares. B differs from I only in the
    plane of 1 and p: a 2 x 2 inverse root in the basis of 1 and the part of p at right angles to it.
    """
    total = squares.sum()
    mean = share / size
    spread = np.sqrt(np.maximum(squares - share * mean, 0.0))
    flat = spread <= 1e-7 * np.sqrt(squares)  # equal weights: the second direction does not exist
    spread = np.where(flat, 0.0, spread)
    root = np.sqrt(size)
    b = -spread * root
    det = (1 - share) ** 2 + size * np.maximum(
        total - squares, 0.0
    )  # of the 2 x 2 part of B, without cancellation
    a = det + b * b
    scale = np.sqrt(a + 1 + 2 * np.sqrt(det)) * np.sqrt(det)
    along, across = mean * root, spread
    first = ((1 + np.sqrt(det)) * along - b * across) / scale
    second = ((a + np.sqrt(det)) * across - b * along) / scale
    ratio = np.divide(second, spread, out=np.zeros_like(second), where=~flat)
    return _Adjusted(first / root - ratio * mean, ratio)


def _satterthwaite(factor: _Adjusted, size: FloatArray, share: FloatArray, squares: FloatArray) -> float:
    """Return ``trace(B)**2 / trace(B @ B)`` of the quadratic form, using that B is diagonal plus rank two."""
    diagonal = factor.ones**2 * size + 2 * factor.ones * factor.weights * share + factor.weights**2 * squares
    own = factor.ones * share + factor.weights * squares
    whole = factor.ones * size + factor.weights * share
    root = np.stack([own, whole], axis=1)
    middle = np.array([[0.0, -1.0], [-1.0, squares.sum()]])
    low_rank = ((root @ middle) * root).sum(axis=1)
    trace = float((diagonal + low_rank).sum())
    inner = middle @ (root.T @ root)
    square = float((diagonal**2 + 2 * diagonal * low_rank).sum() + np.trace(inner @ inner))
    return max(trace**2 / square, 1.0) if square > 0 else float("nan")  # below 1 by rounding only


def mean_variance(
    values: FloatArray, weight: FloatArray, first: IntArray | None, second: IntArray | None
) -> tuple[Variance, tuple[str, ...]]:
    """Return the variance of a mean: independent, one-way or two-way clustered."""
    if first is None:
        first, second = second, None
    if first is None:
        return _independent(values, weight), ()
    first = compact(first)[0]
    one = cluster_variance(values, weight, first)
    if second is None:
        return one, ()
    second = compact(second)[0]
    two = cluster_variance(values, weight, second)
    n_clusters = min(one.n_clusters, two.n_clusters)
    if math.isnan(one.value) or math.isnan(two.value):
        return Variance(math.nan, math.nan, n_clusters), ()
    combined, largest = crossed_variance(values, weight, first, second), max(one.value, two.value)
    value = max(combined, largest)
    found = Variance(value, crossed_df(value, one, two), n_clusters)
    return found, () if combined >= largest else (LARGER_STANDS,)


def crossed_variance(values: FloatArray, weight: FloatArray, first: IntArray, second: IntArray) -> float:
    """Return the variance of a mean whose values share what is drawn two ways, and in each cell of both.

    The model is a value for each of the first way's clusters, one for each of the second's and one for each cell. The squared
    sums of residuals by each of the three have expectations that are linear in the three variances (Henderson 1953, his first
    method, with weights); of these the variance of the mean is made. With one value in every cell it is
    ``(MS_1 + MS_2 - MS_12) / n``, unbiased, unlike ``V_1 + V_2 - V_cells`` of Cameron, Gelbach & Miller, which takes off
    the variance between few clusters along with that of cells.
    """
    part = weight / weight.sum()
    moved = part * (values - float(part @ values))
    cell = cells_of(first, second)
    seen = np.array([np.square(tally(way, 0, moved)).sum() for way in (first, second, cell)])
    return float(_unbiased(part, first, second, cell) @ seen)


def cells_of(first: IntArray, second: IntArray) -> IntArray:
    """Return the codes of the cells of two ways."""
    return compact(first * np.int64(second.max() + 1) + second)[0]


def _unbiased(part: FloatArray, first: IntArray, second: IntArray, cell: IntArray) -> FloatArray:
    """Return (3,) what to multiply the squared sums of residuals by first, second and cell with, to get the mean's variance."""
    share = [tally(way, 0, part) for way in (first, second, cell)]
    of_cell = np.zeros((3, len(share[2])))  # the share of each cell's cluster, of either way, and its own
    for row, way in enumerate((first, second, cell)):
        of_cell[row, cell] = share[row][way]
    own = np.array([float(shares @ shares) for shares in share])
    overlap = np.full((3, 3), own[2])
    overlap[[0, 1], [0, 1]] = own[:2]
    expected = overlap - 2 * (of_cell * share[2]) @ of_cell.T + np.outer(own, own)
    return as_floats(np.linalg.lstsq(expected.T / own[2], own / own[2], rcond=1e-9)[0])


def crossed_df(value: float, one: Variance, two: Variance) -> float:
    """Return Satterthwaite's degrees of freedom of a two-way variance: each way's variance varies as its own clusters say.

    ``V**2 / (V_1**2 / df_1 + V_2**2 / df_2)``, at least the fewer of both, d. These are too many where a way of few clusters
    happens to show little: with three raters who differ an interval held .93, six at once .88. So of their reciprocal a part of
    ``1 / (2 d - 1)`` is that of d (a third with three clusters; .95 and .94), and of two clusters d = 1 stands alone.
    """
    fewer = min(one.df, two.df)
    if not fewer > 0:
        return float("nan")
    below = one.value**2 / one.df + two.value**2 / two.df
    if not below > 0:
        return fewer
    part = 1 / max(2 * fewer - 1, 1.0)
    return 1 / (part / fewer + (1 - part) / max(value**2 / below, fewer))
