"""The interval of a difference of paired proportions that says the same as McNemar's test beside it."""

from __future__ import annotations

import math

from scipy import special

from concord.stats._binomial import clopper_pearson, wilson


def difference_interval(
    only_a: int, only_b: int, n: int, method: str, confidence: float
) -> tuple[float, float]:
    """Return limits of ``d (2 p - 1)``, d the share of pairs that differ and p that of those which speak for a.

    p has the interval that inverts the test (Clopper-Pearson, mid-p or Wilson), d has Wilson's, and both are joined by
    recovering their variances (MOVER, Donner & Zou 2012): 2 p - 1 against the unknown difference times 1 / d. The limits
    are above or below 0 exactly where those of p are above or below 1/2.
    """
    m = only_a + only_b
    least, most = wilson(m / n, n, confidence)
    if m == 0:
        return -most, most
    low, high = _direction(only_a, m, method, confidence)
    lean = (only_a - only_b) / m
    inverse = n / m, 1 / most, 1 / least
    return _lower(lean, 2 * low - 1, *inverse), -_lower(-lean, 1 - 2 * high, *inverse)


def _lower(lean: float, limit: float, inverse: float, small: float, large: float) -> float:
    """Return the L at which ``lean - L inverse`` reaches 0 at its own lower limit."""
    away = (large if limit > 0 else small) - inverse
    a, b, c = inverse**2 - away**2, lean * inverse, lean**2 - (lean - limit) ** 2
    root = math.sqrt(max(b * b - a * c, 0.0))
    return c / (b + root) if lean > 0 else (b - root) / a  # either is free of cancellation


def _direction(k: int, m: int, method: str, confidence: float) -> tuple[float, float]:
    if method == "exact":
        return clopper_pearson(k, m, confidence)
    if method == "asymptotic":
        return wilson(k / m, m, confidence)
    return _mid_p(k, m, confidence), 1 - _mid_p(m - k, m, confidence)


def _mid_p(k: int, m: int, confidence: float) -> float:
    """Return the lower limit at which ``P(X > k) + P(X = k) / 2`` is half of what the confidence leaves, by bisection."""
    if k == 0:
        return 0.0
    tail, low, high = (1 - confidence) / 2, 0.0, k / m
    for _ in range(200):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        more = float(special.betainc(k, m - k + 1, middle))
        most = float(special.betainc(k + 1, m - k, middle)) if k < m else 0.0
        low, high = (middle, high) if (more + most) / 2 < tail else (low, middle)
    return low
