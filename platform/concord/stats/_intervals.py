"""Intervals from resamples."""

from __future__ import annotations

import math

import numpy as np
from scipy import special

from concord.stats._arrays import FloatArray, IntArray
from concord.stats._normal import t_quantile, z_quantile

TOO_FEW_RESAMPLES = "fewer than two resamples to go by: no interval."


def too_little(n: int, n_resamples: int, unit: str = "unit") -> str | None:
    """Return why resampling ``n`` units so often gives no interval, or None where it may."""
    if n < 2:
        return f"one {unit}: no interval."
    return TOO_FEW_RESAMPLES if n_resamples < 2 else None


def widened_z(confidence: float, n: float | None) -> float:
    """Return the normal quantile, widened for n (effective) units by ``sqrt(n / (n - 1))`` and Student's t (Hesterberg 2015).

    A bootstrap over n units is too narrow by these factors, doi:10.1080/00031305.2015.1089789.
    """
    if n is None or n < 2:
        return z_quantile(confidence)
    return float(np.sqrt(n / (n - 1))) * t_quantile(confidence, n - 1)


def percentile_interval(
    resamples: FloatArray, confidence: float, *, n: float | None = None
) -> tuple[float, float]:
    """Return equal-tailed percentiles of the finite resamples, widened for ``n`` units; nan where there are fewer than two."""
    finite = resamples[np.isfinite(resamples)]
    if len(finite) < 2:
        return float("nan"), float("nan")
    tail = float(special.ndtr(-widened_z(confidence, n)))
    low, high = np.quantile(finite, [tail, 1 - tail])
    return float(low), float(high)


def acceleration(without_one: FloatArray, multiplicity: IntArray | None = None) -> float:
    """Return Efron's acceleration from leave-one-out values, each occurring ``multiplicity`` times."""
    weight = np.ones(len(without_one)) if multiplicity is None else multiplicity.astype(np.float64)
    known = np.isfinite(without_one)
    if not known.all():
        without_one, weight = without_one[known], weight[known]
    if weight.sum() < 2:
        return 0.0
    deviation = float((weight * without_one).sum() / weight.sum()) - without_one
    # The result has no scale, and cubes might leave float64.
    deviation /= max(float(deviation.max()), -float(deviation.min())) or 1.0
    squares = weight * deviation * deviation
    square = float(squares.sum())
    if square <= 0:
        return 0.0
    third = float(squares @ deviation)
    return third / (6 * math.sqrt(square) ** 3)


def bca_interval(
    value: float, resamples: FloatArray, confidence: float, *, skew: float, n: float | None = None
) -> tuple[float, float]:
    """Return Efron's (1987) bias-corrected and accelerated interval; ``skew`` is the acceleration, ``n`` widens the tails."""
    finite = resamples[np.isfinite(resamples)]
    if len(finite) < 2:
        return float("nan"), float("nan")
    size = max(abs(value), float(np.abs(finite).max()))
    tolerance = min(
        1e-12 * size, 1e-9 * float(np.ptp(finite))
    )  # rounding makes no resample differ from the value
    below = (finite < value - tolerance).mean() + (np.abs(finite - value) <= tolerance).mean() / 2
    bias = special.ndtri(np.clip(below, 0.5 / len(finite), 1 - 0.5 / len(finite)))
    z = widened_z(confidence, n)
    ends = np.array([-z, z])
    shifted = bias + (bias + ends) / np.maximum(1 - skew * (bias + ends), 1e-3)
    low, high = np.quantile(finite, special.ndtr(shifted))
    return float(low), float(high)
