"""Quantiles and tail areas of the normal and t distributions, from scipy.special (scipy.stats is slow to import)."""

from __future__ import annotations

import math

from scipy import special


def z_quantile(confidence: float) -> float:
    """Return z such that a standard normal lies within ±z with probability ``confidence``."""
    return float(special.ndtri((1 + confidence) / 2))


def t_quantile(confidence: float, df: float) -> float:
    """Return t such that Student's t with ``df`` degrees of freedom lies within ±t with that probability."""
    if math.isinf(df):
        return z_quantile(confidence)
    return float(special.stdtrit(df, (1 + confidence) / 2))


def t_two_sided(statistic: float, df: float) -> float:
    """Return the two-sided p-value of a t statistic (normal where ``df`` is infinite)."""
    if math.isnan(statistic) or math.isnan(df):
        return float("nan")
    if math.isinf(df):
        return float(2 * special.ndtr(-abs(statistic)))
    return float(2 * special.stdtr(df, -abs(statistic)))
