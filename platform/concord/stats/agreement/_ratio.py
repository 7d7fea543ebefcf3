"""Ratio-level disagreement of many distinct magnitudes without comparing every pair.

For positive a and b, ``((a - b) / (a + b))**2 == 1 - 4 * a * b / (a + b)**2``, and ``1 / s**2`` is the integral of
``t * exp(-t * s)`` over t. With ``t = exp(x)`` the trapezoidal rule converges faster than exponentially (Beylkin & Monzon
2010, "Approximation by exponential sums revisited"), and ``exp(-t * (a + b))`` factors: all pairs cost one pass per node.
"""

from __future__ import annotations

import numpy as np

from concord.stats._arrays import FloatArray, InputError, tally
from concord.stats.agreement._ratings import Ratings

_STEP = 0.2  # trapezoidal error about exp(-pi**2 / step), far below rounding


def check(value: FloatArray) -> None:
    """Refuse negative values: a ratio scale has a true zero."""
    if value.size and float(value.min()) < 0:
        raise InputError(f"ratio values must not be negative, got {float(value.min())}")


def nodes(smallest: float, largest: float) -> tuple[FloatArray, FloatArray]:
    """Return nodes t and weights with ``sum(weights * exp(-t * s)) == 1 / s**2`` for 2 * smallest <= s <= 2 * largest."""
    start = np.log(1e-9) - np.log(2 * largest)
    stop = np.log(45.0) - np.log(2 * smallest)
    x = np.arange(start, stop + _STEP, _STEP)
    return np.exp(x), _STEP * np.exp(2 * x)


def features(data: Ratings, value: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return per-unit features (inside, ratings, zeros, one column per node) and the node weights."""
    positive = value > 0
    low, high = float(value[positive].min()), float(value[positive].max())
    if high / low > 1e60:
        raise InputError(f"ratio values span more than 60 orders of magnitude: {low:g} to {high:g}")
    at, weight = nodes(low / high, 1.0)
    share = value / high
    m = np.bincount(data.unit, minlength=data.n_units).astype(np.float64)
    zeros = np.bincount(data.unit, weights=(~positive).astype(np.float64), minlength=data.n_units)
    columns = [inside(data, share, m), m, zeros]
    columns += [_node(data, share, t) for t in at]
    return np.stack(columns, axis=1), weight


def _node(data: Ratings, share: FloatArray, t: float) -> FloatArray:
    return tally(data.unit, data.n_units, share * np.exp(-t * share))


def inside(data: Ratings, share: FloatArray, m: FloatArray) -> FloatArray:
    """Return each unit's disagreement, pairing the k-th with the later ratings of the unit for each k."""
    order = np.argsort(data.unit, kind="stable")
    unit, value = data.unit[order], share[order]
    total = np.zeros(data.n_units)
    for shift in range(1, int(m.max())):
        same = unit[shift:] == unit[:-shift]
        a, b = value[shift:][same], value[:-shift][same]
        both = a + b
        squared = np.square(np.divide(a - b, both, out=np.zeros_like(a), where=both > 0))
        total += np.bincount(unit[shift:][same], weights=squared, minlength=data.n_units)
    return 2 * total / (m - 1)
