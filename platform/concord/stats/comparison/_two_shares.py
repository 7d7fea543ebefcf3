"""Limits of a difference of two shares: by the score (Miettinen & Nurminen), and from the limits of each (Newcombe)."""

from __future__ import annotations

import math
from collections.abc import Callable

from scipy import special

from concord.stats._normal import z_quantile

_HALVINGS = 100
_SMALLEST = 1e-15  # p-value: a confidence nearer to 1 is 1

Limits = tuple[float, float]


def score_statistic(k: tuple[int, int], n: tuple[int, int], null: float) -> float:
    """Return the standardised distance of ``k[0]/n[0] - k[1]/n[1]`` from ``null``, with the variance that holds under the null.

    Miettinen & Nurminen (1985): the shares most likely under the null, and N / (N - 1) times their variance.
    """
    away = k[0] / n[0] - k[1] / n[1] - null
    p, q = _restricted(k, n, null)
    total = sum(n)
    variance = (p * (1 - p) / n[0] + q * (1 - q) / n[1]) * total / (total - 1)
    if variance <= 0:
        return math.copysign(math.inf, away) if abs(away) > 1e-12 else 0.0
    return away / math.sqrt(variance)


def score_p_value(statistic: float) -> float:
    """Return the two-sided p-value of a standardised distance."""
    return float(2 * special.ndtr(-abs(statistic)))


def score_limits(k: tuple[int, int], n: tuple[int, int], confidence: float) -> Limits:
    """Return the differences that the score test does not reject."""
    value, z = k[0] / n[0] - k[1] / n[1], z_quantile(confidence)
    low = _crossing(lambda d: score_statistic(k, n, d) > z, -1.0, value)
    high = _crossing(lambda d: score_statistic(k, n, d) >= -z, value, 1.0)
    return low, high


def _restricted(k: tuple[int, int], n: tuple[int, int], null: float) -> Limits:
    """Return the likeliest two shares that are ``null`` apart: the root of a cubic equation that lies where both are shares."""
    p, q, ratio = k[0] / n[0], k[1] / n[1], n[1] / n[0]
    a = 1 + ratio
    b = -(1 + ratio + p + ratio * q + null * (ratio + 2))
    c = null * null + null * (2 * p + ratio + 1) + p + ratio * q
    d = -p * null * (1 + null)
    v = (b / (3 * a)) ** 3 - b * c / (6 * a * a) + d / (2 * a)
    u = math.copysign(math.sqrt(max((b / (3 * a)) ** 2 - c / (3 * a), 0.0)), v)
    cosine = v / u**3 if u**3 else 0.0
    angle = (math.pi + math.acos(min(max(cosine, -1.0), 1.0))) / 3
    first = 2 * u * math.cos(angle) - b / (3 * a)
    first = min(max(first, 0.0, null), 1.0, 1.0 + null)
    return first, min(max(first - null, 0.0), 1.0)


def _crossing(before: Callable[[float], bool], low: float, high: float) -> float:
    """Return where a condition that holds at ``low`` and not at ``high`` stops to hold."""
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if before(middle) else (low, middle)
    return (low + high) / 2


def recovered_p_value(limits: Callable[[float], Limits], null: float) -> float:
    """Return one less the lowest confidence whose limits hold the null; ``limits`` gives them for each confidence."""

    def held(alpha: float) -> bool:
        low, high = limits(1 - alpha)
        return low <= null <= high

    small, large = math.log(_SMALLEST), 0.0
    for _ in range(60):
        middle = (small + large) / 2
        small, large = (middle, large) if held(math.exp(middle)) else (small, middle)
    return math.exp(large)
