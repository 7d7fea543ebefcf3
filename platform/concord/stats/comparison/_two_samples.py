"""The variance of a difference of two means whose clusters may lie on both sides.

The regression of the values on the side, with CR2 (Bell & McCaffrey 2002; Pustejovsky & Tipton 2018): a cluster adds the square
of what it does to one mean less what it does to the other. The degrees of freedom are Satterthwaite's, with values that are
independent and on each side vary as much as the side's own mean says; without clusters this is Welch's t, and for a pair in each
cluster the paired t.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from concord.stats._arrays import FloatArray, IntArray, compact, tally


@dataclass(frozen=True)
class TwoSamples:
    """Values of both sides with their clusters, which share one list of codes."""

    values: tuple[FloatArray, FloatArray]
    clusters: tuple[IntArray, IntArray]
    n_clusters: int
    n_shared: int

    @classmethod
    def of(
        cls,
        values: tuple[FloatArray, FloatArray],
        clusters: tuple[IntArray | None, IntArray | None],
        shared: bool,
    ) -> TwoSamples:
        """Number the clusters of both sides; a value without a cluster is one of its own."""
        one, two = (
            np.arange(len(value)) if code is None else compact(code)[0]
            for value, code in zip(values, clusters, strict=True)
        )
        known = [code for code in clusters if code is not None]
        if shared and len(known) == 2:
            both = compact(np.concatenate(known))[0]
            one, two = both[: len(one)], both[len(one) :]
        else:
            two = two + len(np.unique(one))
        g = int(max(one.max(), two.max())) + 1
        on_both = int(((tally(one, g) > 0) & (tally(two, g) > 0)).sum())
        return cls(values, (one, two), g, on_both)


@dataclass(frozen=True)
class JointVariance:
    """The variance of the difference and of both means, and how far these go together; nan where a side lies in one cluster."""

    value: float
    df: float
    sides: tuple[float, float]
    side_dfs: tuple[float, float]
    correlation: float


def joint_variance(data: TwoSamples) -> JointVariance:
    """Return the variance of ``mean(a) - mean(b)``; the values should be of a size whose fourth power is a number."""
    size = np.stack([tally(code, data.n_clusters) for code in data.clusters])
    pairs = zip(data.values, data.clusters, strict=True)
    total = np.stack([tally(code, data.n_clusters, value - value.mean()) for value, code in pairs])
    n = size.sum(axis=1, keepdims=True)
    share = size / n
    if share.max() >= 1 - 1e-12:
        return JointVariance(math.nan, math.nan, (math.nan, math.nan), (math.nan, math.nan), 0.0)
    weight = np.array([[1.0], [-1.0]]) / (n * np.sqrt(1 - share))
    added = weight * total
    own = np.square(added).sum(axis=1)
    spread = own[:, None] * n  # of one value, were they independent
    diagonal = spread * size * np.square(weight)
    mean = np.sqrt(spread / n) * size * weight
    length = math.sqrt(float(own[0])) * math.sqrt(float(own[1]))
    return JointVariance(
        value=float(np.square(added.sum(axis=0)).sum()),
        df=_satterthwaite(diagonal, mean),
        sides=(float(own[0]), float(own[1])),
        side_dfs=(_satterthwaite(diagonal[:1], mean[:1]), _satterthwaite(diagonal[1:], mean[1:])),
        correlation=-float(added[0] @ added[1]) / length if length > 0 else 0.0,
    )


def _satterthwaite(diagonal: FloatArray, mean: FloatArray) -> float:
    """Return ``trace(B)**2 / trace(B @ B)`` of ``B = diag(sum of diagonal) - sum of mean mean'`` (sides, clusters)."""
    d, taken = diagonal.sum(axis=0), np.square(mean).sum(axis=0)
    trace = float(d.sum() - taken.sum())
    square = float((d * d).sum() - 2 * (d * taken).sum() + np.square(mean @ mean.T).sum())
    return max(trace**2 / square, 1.0) if square > 0 else math.nan
