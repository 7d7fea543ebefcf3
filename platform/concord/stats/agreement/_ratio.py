"""Ratio-level disagreement of many distinct magnitudes without comparing every pair.

For positive a and b, ``((a - b) / (a + b))**2 == tanh((log(a) - log(b)) / 2)**2``: a smooth function of two logarithms, which
Chebyshev polynomials give to rounding (Trefethen 2013, "Approximation theory and approximation practice", chapter 8). All
pairs then follow from the sums of a few dozen polynomials.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from concord.stats._arrays import FloatArray, InputError, as_floats, tally
from concord.stats.agreement._ratings import Ratings

_LARGE = 64  # ratings of a unit from which on its pairs follow from its sums as well
_DIGITS = 40.0  # natural logarithm of the accuracy: rounding, and something for the pole being double


def check(value: NDArray[Any]) -> None:
    """Refuse negative values: a ratio scale has a true zero."""
    if value.size and float(value.min()) < 0:
        raise InputError(f"ratio values must not be negative, got {float(value.min())}")


def kernel(span: float) -> FloatArray:
    """Return the Chebyshev coefficients (n, n) of the distance of two logarithms in an interval of length ``span``.

    The distance has its nearest poles at differences of ``pi * i``, which sets how fast the coefficients fall.
    """
    pole = 2 * np.pi / span
    n = int(np.ceil(_DIGITS / np.arcsinh(pole))) + 4
    at = span / 2 * np.cos(np.pi * (np.arange(n) + 0.5) / n)
    coefficients = as_floats(fft.dctn(np.square(np.tanh((at[:, None] - at) / 2)), type=2)) / (n * n)
    coefficients[0] /= 2
    coefficients[:, 0] /= 2
    return coefficients


def features(data: Ratings, value: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return per-unit features (inside, ratings, zeros, one column per polynomial) and the polynomials' kernel."""
    ends = bounds(value)
    if ends[1] / ends[0] > 1e60:
        raise InputError(f"ratio values span more than 60 orders of magnitude: {ends[0]:g} to {ends[1]:g}")
    coefficients = kernel(_span(ends))
    return features_within(data, value, ends, coefficients), coefficients


def bounds(value: FloatArray) -> tuple[float, float]:
    """Return the smallest and the largest of the positive values."""
    positive = value[value > 0]
    return float(positive.min()), float(positive.max())


def _span(ends: tuple[float, float]) -> float:
    return max(float(np.log(ends[1] / ends[0])), 1e-9)


def features_within(
    data: Ratings, value: FloatArray, ends: tuple[float, float], coefficients: FloatArray
) -> FloatArray:
    """Return the features of units whose values lie between these ends."""
    low, high = ends
    positive = value > 0
    x = np.clip(2 * np.log(np.where(positive, value, low) / low) / _span(ends) - 1, -1.0, 1.0)
    result = np.empty((data.n_units, 3 + len(coefficients)), order="F")
    m = tally(data.unit, data.n_units)
    result[:, 1] = m
    result[:, 2] = tally(data.unit, data.n_units, (~positive).astype(np.float64))
    wave, following = positive.astype(np.float64), np.where(positive, x, 0.0)
    for column in result.T[3:]:
        column[:] = tally(data.unit, data.n_units, wave)
        wave, following = following, 2 * x * following - wave
    result[:, 0] = _inside(data, value / high, m)
    large = m > _LARGE
    result[large, 0] = all_pairs(result[large], coefficients) / (m[large] - 1)
    return result


def all_pairs(features: FloatArray, coefficients: FloatArray) -> FloatArray:
    """Return the disagreement of all pairs of ratings that each row of features sums up."""
    n, zeros, waves = features[:, 1], features[:, 2], features[:, 3:]
    pairs = ((waves @ coefficients) * waves).sum(axis=1) + 2 * zeros * (n - zeros)
    return as_floats(np.maximum(pairs, 0.0))


def _inside(data: Ratings, share: FloatArray, m: FloatArray) -> FloatArray:
    """Return the disagreement of units that are not large, pairing the k-th with the later ratings of the unit for each k."""
    order = np.argsort(data.unit, kind="stable")
    order = order[m[data.unit[order]] <= _LARGE]
    unit, value = data.unit[order], share[order]
    total = np.zeros(data.n_units)
    for shift in range(1, int(m[unit].max(initial=1))):
        more = m[unit] > shift  # units with fewer ratings have no such pair
        unit, value = unit[more], value[more]
        same = unit[shift:] == unit[:-shift]
        a, b = value[shift:][same], value[:-shift][same]
        both = a + b
        squared = np.square(np.divide(a - b, both, out=np.zeros_like(a), where=both > 0))
        total += np.bincount(unit[shift:][same], weights=squared, minlength=data.n_units)
    return as_floats(2 * total / (m - 1))
