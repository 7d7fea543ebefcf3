"""Intervals for intraclass correlations."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from scipy import special

from concord.stats._arrays import FloatArray, as_floats
from concord.stats._results import NAN
from concord.stats.agreement._icc.squares import Squares

_NODES = 64
_MOST_STEPS = 100
_ROUNDING = 1e-15  # ratings are at most 1 away from their mean: a smaller mean square is none


def stepped_up(single: float, k: float) -> float:
    """Return the reliability of the mean of k ratings (Spearman and Brown)."""
    if math.isnan(single):
        return NAN
    below = 1 + (k - 1) * single
    return k * single / below if below > 0 else -math.inf


def ratio_interval(between: float, s: Squares, k: float, confidence: float) -> tuple[float, float]:
    """Return the F interval of forms 1 and 3 for ``between`` over the residual mean square, k ratings per unit."""
    if (
        s.residual <= _ROUNDING or between <= _ROUNDING
    ):  # a ratio of nothing has no width, however few the units
        return NAN, NAN
    ratio, tail = between / s.residual, (1 + confidence) / 2
    low = ratio / float(special.fdtri(s.df_between, s.df_residual, tail))
    high = ratio * float(special.fdtri(s.df_residual, s.df_between, tail))
    return (low - 1) / (low + k - 1), (high - 1) / (high + k - 1)


def generalized_interval(s: Squares, confidence: float) -> tuple[float, float]:
    """Return the generalized interval for ICC(2,1): quantiles of what the mean squares say of the variance components.

    Each mean square times its degrees of freedom over an independent chi-square stands for its expectation (Weerahandi 1993;
    Arteaga, Jeyaratnam & Franklin 1982 for this ratio). The probability is integrated, not simulated.
    """
    if s.residual <= _ROUNDING and min(s.raters, s.between) <= _ROUNDING:
        return NAN, NAN
    raters, rater_weight = _draws(s.raters, s.df_raters)
    residual, residual_weight = _draws(s.residual, s.df_residual)
    weight = rater_weight[:, None] * residual_weight

    def below(x: float) -> float:
        """Return the probability that the correlation is at most x."""
        noise = residual * ((1 - x) / s.k + x * (1 - 1 / s.n)) + (x / s.n * raters)[:, None]
        sum_between = s.df_between * s.between * (1 - x) / s.k
        bound = np.divide(sum_between, noise, out=np.full_like(noise, np.inf), where=noise > 0)
        return float((weight * special.chdtrc(s.df_between, bound)).sum())

    tail = (1 - confidence) / 2
    low, high = _root(below, tail, s.k), _root(below, 1 - tail, s.k)
    return (low, high) if low < high else (NAN, NAN)


def _draws(square: float, df: float) -> tuple[FloatArray, FloatArray]:
    """Return values of ``df * square / chi-square`` at Gauss-Legendre nodes of probability, with their weights.

    The more degrees of freedom, the nearer it is to a constant, and the fewer nodes it takes.
    """
    node, weight = np.polynomial.legendre.leggauss(_NODES if df < 10 else _NODES // 4)
    return as_floats(df * square / special.chdtri(df, (1 - node) / 2)), as_floats(weight / 2)


def _root(below: Callable[[float], float], probability: float, k: float) -> float:
    """Return where ``below``, which rises, reaches the probability: false position, an end that stays put halved (Illinois)."""
    low, high, side = -1 / max(k - 1, 1e-6), 1.0, 0
    short, over = below(low) - probability, below(high) - probability
    for _ in range(_MOST_STEPS):
        if short >= 0 or over <= 0 or high - low < 1e-10:
            break
        middle = high - over * (high - low) / (over - short)
        found = below(middle) - probability
        if abs(found) < 1e-9:
            return middle
        if found < 0:
            low, short, over, side = middle, found, (over / 2 if side < 0 else over), -1
        else:
            high, over, short, side = middle, found, (short / 2 if side > 0 else short), 1
    return low if short >= 0 else high


def satterthwaite_interval(s: Squares, confidence: float) -> tuple[float, float]:
    """Return Shrout and Fleiss' interval for ICC(2,1), with approximate degrees of freedom for rater plus residual variance."""
    if s.residual <= 0 and s.raters <= 0:
        return NAN, NAN
    n, k = s.df_between + 1, s.k
    total = s.between + (k - 1) * s.residual + k * (s.raters - s.residual) / n
    value = (s.between - s.residual) / total if total > 0 else math.nan
    if not value < 1:
        return NAN, NAN
    a = k * value / (n * (1 - value))
    b = 1 + k * value * (n - 1) / (n * (1 - value))
    parts = (a * s.raters) ** 2 / s.df_raters + (b * s.residual) ** 2 / s.df_residual
    df = (a * s.raters + b * s.residual) ** 2 / parts if parts > 0 else 0.0
    if not df > 0:
        return NAN, NAN
    tail = (1 + confidence) / 2
    f_low = float(special.fdtri(s.df_between, df, tail))
    f_high = float(special.fdtri(df, s.df_between, tail))
    mixed = k * s.raters + (k * n - k - n) * s.residual
    below_low, below_high = f_low * mixed + n * s.between, mixed + n * f_high * s.between
    if not (below_low > 0 and below_high > 0):
        return NAN, NAN
    low = n * (s.between - f_low * s.residual) / below_low
    high = n * (f_high * s.between - s.residual) / below_high
    return (low, high) if low <= high else (NAN, NAN)
