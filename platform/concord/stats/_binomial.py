"""Intervals for a share."""

from __future__ import annotations

import math

import numpy as np
from scipy import special

from concord.stats._arrays import FloatArray
from concord.stats._normal import z_quantile


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


def wilson_with_design(
    value: float, share: FloatArray, weight: FloatArray, confidence: float
) -> tuple[float, float, float]:
    """Return ``(low, high, standard error)`` for a weighted mean of per-unit shares.

    Wilson's interval at the effective n that the variance between units implies, times the ratio of squared normal and t
    quantiles (Korn & Graubard 1998); where the units do not vary, n is the number of units.
    """
    n = len(share)
    if n < 2:
        low, high = wilson(min(max(value, 0.0), 1.0), n, confidence)
        return low, high, float("nan")
    scaled = weight / weight.sum()
    variance = n / (n - 1) * float(np.square(scaled * (share - value)).sum())
    if variance <= 0:
        low, high = wilson(min(max(value, 0.0), 1.0), n, confidence)
        return low, high, 0.0
    effective = value * (1 - value) / variance
    t = float(special.stdtrit(n - 1, (1 + confidence) / 2))
    effective *= (z_quantile(confidence) / t) ** 2
    low, high = wilson(min(max(value, 0.0), 1.0), max(effective, 1.0), confidence)
    return low, high, math.sqrt(variance)
