"""Intervals for a share."""

from __future__ import annotations

import math

import numpy as np
from scipy import special

from concord.stats._arrays import FloatArray, as_floats
from concord.stats._normal import t_quantile, z_quantile


def wilson(share: float, n: float, confidence: float) -> tuple[float, float]:
    """Return Wilson's (1927) score interval for a share of ``n`` (which may be an effective, fractional n)."""
    z = z_quantile(confidence)
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    low = 0.0 if share <= 0 else max(0.0, centre - half)
    high = 1.0 if share >= 1 else min(1.0, centre + half)
    return low, high


def clopper_pearson(k: int, n: int, confidence: float) -> tuple[float, float]:
    """Return the exact interval of Clopper and Pearson (1934)."""
    tail = (1 - confidence) / 2
    low = 0.0 if k == 0 else float(special.betaincinv(k, n - k + 1, tail))
    high = 1.0 if k == n else float(special.betaincinv(k + 1, n - k, 1 - tail))
    return low, high


def jeffreys(k: int, n: int, confidence: float) -> tuple[float, float]:
    """Return the equal-tailed interval of the posterior under Jeffreys' prior, closed at 0 and n (Brown et al. 2001)."""
    tail = (1 - confidence) / 2
    low = 0.0 if k == 0 else float(special.betaincinv(k + 0.5, n - k + 0.5, tail))
    high = 1.0 if k == n else float(special.betaincinv(k + 0.5, n - k + 0.5, 1 - tail))
    return low, high


def effective_number(share: float, error: float, df: float, confidence: float) -> float:
    """Return how many independent answers a share is worth that has this standard error with so many degrees of freedom.

    ``p (1 - p) / error**2``, times the squared ratio of normal and t quantiles, so that Wilson's interval at this number allows
    for an error that is estimated itself (Korn & Graubard 1998, Survey Methodology 24, 193-201).
    """
    z, t = z_quantile(confidence), t_quantile(confidence, df)
    worth = min(math.sqrt(share * (1 - share)) / error, 1e100) ** 2
    return worth * (z / t) ** 2 if t > 0 else worth


def effective_number_of_clusters(
    share: float, error: float, df: float, clusters: int, confidence: float
) -> float:
    """Return `effective_number`, at least 1, beyond ``clusters`` only as far as half a cluster of the rarer answer leaves it.

    Where an answer is rare, there may be no cluster among these that it fills: the spread seen is then that of slips, and far
    too small. The half is what Jeffreys' prior adds to a count; it fades from four clusters' worth of the rarer answer to eight,
    as by then some that it fills are among them.
    """
    worth = effective_number(share, error, df, confidence)
    if worth > clusters:
        fade = min(max(2 - min(share, 1 - share) * clusters / 4, 0.0), 1.0)
        wider = math.hypot(error, math.sqrt(fade / 2) * max(share, 1 - share) / clusters)
        worth = max(effective_number(share, wider, df, confidence), clusters)
    return max(worth, 1.0)


def newcombe(
    a: tuple[float, float, float], b: tuple[float, float, float], correlation: float = 0.0
) -> tuple[float, float]:
    """Return limits of the difference of two shares, each given with its own limits (Newcombe 1998, method 10).

    ``correlation`` is that of shares which rise and fall together (Zou & Donner 2008, doi:10.1002/sim.3095).
    """
    low, high = newcombe_with_each(a, np.array([b]).T, np.array([correlation]))
    return float(low[0]), float(high[0])


def newcombe_with_each(
    a: tuple[float, float, float], others: FloatArray, correlation: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return ``newcombe`` limits of a share less each of others, (3, k) shares with their limits."""
    share, low, high = others
    gap = a[0] - share
    below = _joined(a[0] - a[1], high - share, correlation)
    above = _joined(a[2] - a[0], share - low, correlation)
    return np.maximum(gap - below, -1.0), np.minimum(gap + above, 1.0)


def _joined(x: float, y: FloatArray, correlation: FloatArray) -> FloatArray:
    return as_floats(np.sqrt(np.maximum(x * x + y * y - 2 * correlation * x * y, 0.0)))
