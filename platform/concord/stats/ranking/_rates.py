"""A share of wins with Wilson's interval at the effective number of votes that its (clustered) variance implies."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from concord.stats._arrays import FloatArray, IntArray, compact, tally
from concord.stats._binomial import effective_number, wilson
from concord.stats._clustered import cluster_variance

_NOTHING = 1e-30  # a variance below this is rounding


@dataclass(frozen=True)
class Rate:
    """A share with its interval and standard error."""

    value: float
    low: float
    high: float
    error: float


def rate(
    score: FloatArray,
    weight: FloatArray,
    cluster: IntArray | None,
    confidence: float,
    stratum: IntArray | None = None,
) -> Rate:
    """Return the weighted mean of scores in [0, 1]; where these do not vary, the interval is that of n like votes.

    With strata (opponents, whose shares of the weight are fixed) only what varies within them counts.
    """
    value = float(np.clip((weight * score).sum() / weight.sum(), 0.0, 1.0))
    residual = score - value if stratum is None else _within(score, weight, stratum, value)
    if cluster is None:
        variance, df = _variance(residual, weight, stratum)
        n = _effective(weight)
    else:
        member = compact(cluster)[0]
        found = cluster_variance(value + residual, weight, member)
        variance, df = found.value, found.df
        n = _effective(tally(member, found.n_clusters, weight))
    if not variance > _NOTHING or not df > 0:
        low, high = wilson(value, n, confidence)
        return Rate(value, low, high, 0.0 if variance <= _NOTHING else math.nan)
    error = math.sqrt(variance)
    low, high = wilson(value, max(effective_number(value, error, df, confidence), 1e-3), confidence)
    return Rate(value, low, high, error)


def _effective(weight: FloatArray) -> float:
    """Return Kish's number of equal weights that say as much."""
    scaled = weight / weight.max()
    return float(scaled.sum() ** 2 / np.square(scaled).sum())


def _within(score: FloatArray, weight: FloatArray, stratum: IntArray, value: float) -> FloatArray:
    """Return deviations from the stratum's mean, scaled up for its being estimated; from the whole's for a vote alone."""
    size = int(stratum.max()) + 1
    total = tally(stratum, size, weight)
    mean = tally(stratum, size, weight * score) / total
    kept = 1 - tally(stratum, size, np.square(weight / total[stratum]))  # 1 - 1/n where the weights are equal
    alone = kept < 1e-9
    scale = 1 / np.sqrt(np.where(alone, 1.0, kept))
    centre = np.where(alone, value, mean)
    deviation: FloatArray = (score - centre[stratum]) * scale[stratum]
    return deviation


def _variance(residual: FloatArray, weight: FloatArray, stratum: IntArray | None) -> tuple[float, float]:
    """Return variance and degrees of freedom of the weighted mean of independent votes."""
    n = len(residual)
    parts = np.square(weight / weight.sum() * residual)
    if stratum is None:
        return n / max(n - 1, 1) * float(parts.sum()), float(n - 1)
    size = int(stratum.max()) + 1
    by_stratum, times = tally(stratum, size, parts), tally(stratum, size)
    below = float((by_stratum**2 / np.maximum(times - 1, 1)).sum())
    total = float(by_stratum.sum())
    return total, total**2 / below if below > 0 else float(n - size)
