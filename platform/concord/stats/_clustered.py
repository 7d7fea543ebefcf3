"""The variance of a (weighted) mean when observations come in clusters, with its degrees of freedom.

CR2 ("bias-reduced linearisation") of Bell and McCaffrey (2002) for an intercept-only model, in closed form: a cluster's
residual total is divided by ``sqrt(1 - share of weight)``, which makes the variance exactly unbiased when observations are
independent. The degrees of freedom are Satterthwaite's for that form; with clusters of one they are n - 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from concord.stats._arrays import FloatArray, IntArray, compact


@dataclass(frozen=True)
class Variance:
    """A variance with its degrees of freedom and the number of clusters behind it."""

    value: float
    df: float
    n_clusters: int


def cluster_variance(values: FloatArray, weight: FloatArray, cluster: IntArray) -> Variance:
    """Return the CR2 variance of ``sum(weight * values) / sum(weight)``; nan where there are fewer than two clusters."""
    n_clusters = int(cluster.max()) + 1
    total = weight.sum()
    residual = weight * (values - (weight * values).sum() / total)
    residual_sum = np.bincount(cluster, weights=residual, minlength=n_clusters)
    share = np.bincount(cluster, weights=weight, minlength=n_clusters) / total
    squares = np.bincount(cluster, weights=weight**2, minlength=n_clusters) / total**2
    if n_clusters < 2 or share.max() >= 1 - 1e-12:
        return Variance(float("nan"), float("nan"), n_clusters)
    scale = 1 / np.sqrt(1 - share)
    variance = float(np.square(scale * residual_sum / total).sum())
    return Variance(variance, _satterthwaite(scale, share, squares), n_clusters)


def _satterthwaite(scale: FloatArray, share: FloatArray, squares: FloatArray) -> float:
    """Return ``trace(B)**2 / trace(B @ B)`` of the quadratic form, using that B is diagonal plus rank two."""
    diagonal = scale**2 * squares
    root = np.stack([scale * squares, scale * share], axis=1)
    middle = np.array([[0.0, -1.0], [-1.0, squares.sum()]])
    low_rank = ((root @ middle) * root).sum(axis=1)
    trace = float((diagonal + low_rank).sum())
    inner = middle @ (root.T @ root)
    square = float((diagonal**2 + 2 * diagonal * low_rank).sum() + np.trace(inner @ inner))
    return trace**2 / square if square > 0 else float("nan")


def mean_variance(
    values: FloatArray, weight: FloatArray, first: IntArray | None, second: IntArray | None
) -> tuple[Variance, tuple[str, ...]]:
    """Return the variance of a mean: independent, one-way or two-way clustered (Cameron, Gelbach & Miller 2011)."""
    if first is None:
        first, second = (np.arange(len(values)) if second is None else second), None
    first = compact(first)[0]
    one = cluster_variance(values, weight, first)
    if second is None:
        return one, ()
    second = compact(second)[0]
    two = cluster_variance(values, weight, second)
    both = compact(first * np.int64(second.max() + 1) + second)[0]
    cell = cluster_variance(values, weight, both)
    df = min(one.df, two.df)
    combined = one.value + two.value - cell.value
    largest = max(one.value, two.value)
    n_clusters = min(one.n_clusters, two.n_clusters)
    if combined >= largest or np.isnan(combined):
        return Variance(combined, df, n_clusters), ()
    note = "the two-way variance fell below a one-way one, so the larger one-way variance stands."
    return Variance(largest, df, n_clusters), (note,)
