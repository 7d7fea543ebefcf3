"""Intraclass correlation: how much of the variance between ratings lies between the units."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from concord.stats._arrays import FloatArray, InputError, as_floats, fraction, one_of, tally
from concord.stats._results import NAN, Estimate
from concord.stats.agreement._ratings import ANONYMOUS, Ratings, pairable, ratings

FORMS = ("ICC(1,1)", "ICC(2,1)", "ICC(3,1)", "ICC(1,k)", "ICC(2,k)", "ICC(3,k)")
_MOST_RATERS = 3000


@dataclass(frozen=True, kw_only=True)
class Icc(Estimate):
    """An intraclass correlation with its variance components; ``ratings_per_unit`` is k (the harmonic-like mean
    where unequal)."""

    form: str
    unit_variance: float
    rater_variance: float
    residual_variance: float
    ratings_per_unit: float
    n_raters: int
    n_ratings: int


@dataclass(frozen=True)
class _Squares:
    """Mean squares with degrees of freedom, and the coefficients of the variance components in them."""

    between: float
    raters: float
    residual: float
    df_between: float
    df_raters: float
    df_residual: float
    k: float  # ratings per unit
    n: float  # ratings per rater
    balanced: bool


def icc(
    units: ArrayLike,
    raters: ArrayLike,
    values: ArrayLike,
    *,
    form: str = "ICC(2,1)",
    confidence: float = 0.95,
) -> Icc:
    """Return an intraclass correlation in one of Shrout and Fleiss' six forms.

    Parameters
    ----------
    units, raters, values
        (n,) long-form ratings on an interval scale; some may be missing. Units with one rating are left out.
    form
        "ICC(1,...)": each unit has raters of its own; "ICC(2,...)": raters are a sample and their level counts as disagreement
        (absolute agreement); "ICC(3,...)": these raters only, their level set aside (consistency). "...,1)" is the reliability of
        one rating, "...,k)" that of the mean of k.

    Returns
    -------
    Icc
        Undefined with fewer than two units, or where no rating differs from another.

    Raises
    ------
    InputError
        Malformed input; an anonymous rater in forms 2 and 3; more than 3,000 raters in forms 2 and 3.

    Notes
    -----
    Complete data give the ANOVA estimators and exact (form 2: Satterthwaite's) F intervals. Unbalanced data give the variance
    components of Henderson's method 3 with the same intervals at the average numbers of ratings: an approximation.

    References
    ----------
    Shrout & Fleiss (1979), doi:10.1037/0033-2909.86.2.420; McGraw & Wong (1996), doi:10.1037/1082-989X.1.1.30; Searle, Casella &
    McCulloch (1992), "Variance components", chapter 5.

    Examples
    --------
    >>> units, raters = [0, 0, 1, 1, 2, 2], [0, 1, 0, 1, 0, 1]
    >>> round(icc(units, raters, [1, 2, 4, 4, 7, 9], form="ICC(3,1)").value, 4)
    0.9545
    """
    fraction("confidence", confidence)
    one_of("form", form, FORMS)
    data = pairable(ratings(units, raters, values))
    y, _ = _standardised(data)
    if form[4] != "1" and (data.rater == ANONYMOUS).any():
        raise InputError(f"{form} needs to know the raters, got an anonymous one (-1); see ICC(1,1)")
    reason = None
    if data.n_units < 2:
        reason = "fewer than two units have two ratings: units cannot be told apart"
    elif np.ptp(y) == 0:
        reason = "all ratings are the same value: there is no variance to divide"
    if reason:
        return _undefined(data, form, confidence, reason)
    squares = _one_way(data, y) if form[4] == "1" else _two_way(data, y)
    if squares is None:
        return _undefined(
            data, form, confidence, "the raters and units do not overlap enough to tell them apart"
        )
    return _estimate(data, form, squares, confidence)


def _standardised(data: Ratings) -> tuple[FloatArray, float]:
    y = as_floats(data.value)
    scale = float(np.abs(y).max(initial=0.0)) or 1.0
    y = y / scale
    return y - (y.mean() if len(y) else 0.0), scale


def _one_way(data: Ratings, y: FloatArray) -> _Squares:
    u, n = data.n_units, len(y)
    m = tally(data.unit, u)
    mean = tally(data.unit, u, y) / m
    within = float(np.square(y - mean[data.unit]).sum())
    between = float((m * np.square(mean - y.mean())).sum())
    k = (n - float((m * m).sum()) / n) / (u - 1)
    balanced = bool((m == m[0]).all())
    return _Squares(between / (u - 1), NAN, within / (n - u), u - 1, NAN, n - u, k, NAN, balanced)


def _two_way(data: Ratings, y: FloatArray) -> _Squares | None:
    """Sums of squares by fitting constants: each effect adjusted for the other (Henderson's method 3)."""
    u, r, n = data.n_units, len(data.rater_codes), len(y)
    if r > _MOST_RATERS:
        raise InputError(f"at most {_MOST_RATERS} raters, got {r}; see ICC(1,1)")
    m, given = tally(data.unit, u), tally(data.rater, r)
    by_unit = tally(data.unit, u, y) / m
    by_rater = tally(data.rater, r, y) / given
    left_by_units = y - by_unit[data.unit]
    # Normal equations of the raters after the units are swept out.
    seen = np.zeros((u, r))
    seen[data.unit, data.rater] = 1.0
    system = np.diag(given) - (seen / m[:, None]).T @ seen
    effect, _, rank, _ = np.linalg.lstsq(system, tally(data.rater, r, left_by_units), rcond=1e-10)
    explained = float(effect @ tally(data.rater, r, left_by_units))
    residual = max(float(np.square(left_by_units).sum()) - explained, 0.0)
    df_residual = n - u - int(rank)
    if r < 2 or df_residual < 1 or int(rank) < r - 1:
        return None
    raters_alone = float(np.square(y - by_rater[data.rater]).sum())
    between = max(raters_alone - residual, 0.0)
    balanced = n == u * r
    k, per_rater = (n - r) / (u - 1), (n - u) / (r - 1)
    return _Squares(
        between / (u - 1),
        explained / (r - 1),
        residual / df_residual,
        u - 1,
        r - 1,
        df_residual,
        k,
        per_rater,
        balanced,
    )


def _estimate(data: Ratings, form: str, s: _Squares, confidence: float) -> Icc:
    residual = s.residual
    unit = (s.between - residual) / s.k
    rater = 0.0 if math.isnan(s.raters) else (s.raters - residual) / s.n
    per_unit = len(data.unit) / data.n_units
    noise = residual + (rater if form[4] == "2" else 0.0)
    k = per_unit if form[6] == "k" else 1.0
    total = unit + noise / k
    if not total > 1e-14:
        return _undefined(data, form, confidence, "the variance components add up to nothing")
    low, high = _interval(form, s, confidence)
    scale = _standardised(data)[1]
    return Icc(
        value=unit / total,
        low=low,
        high=high,
        confidence=confidence,
        method="ANOVA, F interval"
        if s.balanced
        else "variance components (fitting constants), approximate F interval",
        n=data.n_units,
        omitted=data.omitted,
        notes=_notes(form, s, low),
        form=form,
        unit_variance=unit * scale * scale,
        rater_variance=NAN if form[4] == "1" else rater * scale * scale,
        residual_variance=residual * scale * scale,
        ratings_per_unit=per_unit,
        n_raters=data.n_raters,
        n_ratings=len(data.unit),
    )


def _notes(form: str, s: _Squares, low: float) -> tuple[str, ...]:
    notes = () if s.balanced else ("ratings are missing: the interval is approximate.",)
    if math.isnan(low):
        return (*notes, "the mean squares leave no interval.")
    if form[4] == "2" and s.df_raters < 9 and s.df_between > 10 * s.df_raters:
        notes = (*notes, "few raters and many units: this interval covers about 91 % where it says 95 %.")
    return notes


def _interval(form: str, s: _Squares, confidence: float) -> tuple[float, float]:
    if form[4] == "2":
        low, high = _absolute_interval(s, confidence)
    elif s.residual <= 0:
        return NAN, NAN
    else:
        ratio, tail = s.between / s.residual, (1 + confidence) / 2
        low_f = ratio / float(special.fdtri(s.df_between, s.df_residual, tail))
        high_f = ratio * float(special.fdtri(s.df_residual, s.df_between, tail))
        low, high = (low_f - 1) / (low_f + s.k - 1), (high_f - 1) / (high_f + s.k - 1)
    if form[6] == "k":
        return _stepped_up(low, s.k), _stepped_up(high, s.k)
    return low, high


def _stepped_up(single: float, k: float) -> float:
    below = 1 + (k - 1) * single
    return k * single / below if below > 0 else -math.inf


def _absolute_interval(s: _Squares, confidence: float) -> tuple[float, float]:
    """Shrout and Fleiss' interval for ICC(2,1), with Satterthwaite's degrees of freedom for rater plus residual variance."""
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


def _undefined(data: Ratings, form: str, confidence: float, reason: str) -> Icc:
    return Icc(
        value=NAN,
        confidence=confidence,
        method="none",
        n=data.n_units,
        undefined=reason,
        omitted=data.omitted,
        form=form,
        unit_variance=NAN,
        rater_variance=NAN,
        residual_variance=NAN,
        ratings_per_unit=len(data.unit) / data.n_units if data.n_units else NAN,
        n_raters=data.n_raters,
        n_ratings=len(data.unit),
    )
