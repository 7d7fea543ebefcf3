"""The variance of a difference of two sides (samples, groups) whose clusters may lie on both.

CR2 (Bell & McCaffrey 2002; Pustejovsky & Tipton 2018) of the regression on the side: a cluster adds the square of what it does to
one side less what it does to the other. The degrees of freedom are Satterthwaite's, with values that are independent and on each
side vary as much as the side's own mean says; without clusters this is Welch's t, and for a pair in each cluster the paired t.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from concord.stats._arrays import FloatArray


@dataclass(frozen=True)
class JointVariance:
    """The variance of the difference and of both sides, and how far these go together.

    A side that lies in one cluster has nan, and so has then the difference; the other side keeps what is its own.
    """

    value: float
    df: float
    sides: tuple[float, float]
    side_dfs: tuple[float, float]
    correlation: float


def joint_variance(total: FloatArray, share: FloatArray) -> JointVariance:
    """Return the variance of the first side's estimate less the second's.

    ``total`` (2, clusters) is what each cluster adds to each side's error, ``share`` (2, clusters) how much of each side it is.
    """
    alone = share.max(axis=1, keepdims=True) >= 1 - 1e-12
    sign, left = np.array([[1.0], [-1.0]]), np.where(alone, math.nan, 1 - share)
    added = sign * total / np.sqrt(left)
    own = np.square(added).sum(axis=1)
    diagonal = own[:, None] * share / left
    mean = sign * np.sqrt(own)[:, None] * share / np.sqrt(left)
    length = math.sqrt(float(own[0])) * math.sqrt(float(own[1]))
    return JointVariance(
        value=float(np.square(added.sum(axis=0)).sum()),
        df=satterthwaite(diagonal, mean),
        sides=(float(own[0]), float(own[1])),
        side_dfs=(satterthwaite(diagonal[:1], mean[:1]), satterthwaite(diagonal[1:], mean[1:])),
        correlation=-float(added[0] @ added[1]) / length if length > 0 else 0.0,
    )


def independent_variance(one: tuple[float, float], two: tuple[float, float]) -> JointVariance:
    """Return the same of two sides that have nothing in common, each given by its variance and degrees of freedom (Welch)."""
    (a, df_a), (b, df_b) = one, two
    below = a * a / df_a + b * b / df_b
    df = (a + b) ** 2 / below if below > 0 else math.nan
    return JointVariance(a + b, df, (a, b), (df_a, df_b), 0.0)


def satterthwaite(diagonal: FloatArray, mean: FloatArray) -> float:
    """Return ``trace(B)**2 / trace(B @ B)`` of ``B = diag(sum of diagonal) - sum of mean mean'`` (sides, clusters)."""
    d, taken = diagonal.sum(axis=0), np.square(mean).sum(axis=0)
    trace = float(d.sum() - taken.sum())
    square = float((d * d).sum() - 2 * (d * taken).sum() + np.square(mean @ mean.T).sum())
    return max(trace**2 / square, 1.0) if square > 0 else math.nan
