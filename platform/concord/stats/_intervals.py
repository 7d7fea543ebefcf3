"""Intervals from resamples."""

from __future__ import annotations

import numpy as np
from scipy import special

from concord.stats._arrays import FloatArray, IntArray


def percentile_interval(resamples: FloatArray, confidence: float) -> tuple[float, float]:
    """Return the equal-tailed percentiles of the finite resamples, nan where there are fewer than two."""
    finite = resamples[np.isfinite(resamples)]
    if len(finite) < 2:
        return float("nan"), float("nan")
    low, high = np.quantile(finite, [(1 - confidence) / 2, (1 + confidence) / 2])
    return float(low), float(high)


def acceleration(without_one: FloatArray, multiplicity: IntArray | None = None) -> float:
    """Return Efron's acceleration from leave-one-out values, each occurring ``multiplicity`` times."""
    known = np.isfinite(without_one)
    weight = np.ones(known.sum()) if multiplicity is None else multiplicity[known].astype(np.float64)
    if weight.sum() < 2:
        return 0.0
    centre = float((weight * without_one[known]).sum() / weight.sum())
    deviation = centre - without_one[known]
    square = float((weight * deviation**2).sum())
    if square <= 0:
        return 0.0
    return float((weight * deviation**3).sum() / (6 * square**1.5))


def bca_interval(
    value: float, resamples: FloatArray, confidence: float, *, skew: float
) -> tuple[float, float]:
    """Return Efron's (1987) bias-corrected and accelerated interval; ``skew`` is the acceleration."""
    finite = resamples[np.isfinite(resamples)]
    if len(finite) < 2:
        return float("nan"), float("nan")
    tolerance = 1e-12 * max(1.0, abs(value))
    below = (finite < value - tolerance).mean() + (np.abs(finite - value) <= tolerance).mean() / 2
    bias = special.ndtri(np.clip(below, 0.5 / len(finite), 1 - 0.5 / len(finite)))
    z = special.ndtri(np.array([(1 - confidence) / 2, (1 + confidence) / 2]))
    shifted = bias + (bias + z) / np.maximum(1 - skew * (bias + z), 1e-3)
    low, high = np.quantile(finite, special.ndtr(shifted))
    return float(low), float(high)
