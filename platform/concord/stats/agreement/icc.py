"""Intraclass correlation: how much of the variance between ratings lies between the units."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from concord.stats._arrays import FloatArray, InputError, fraction, one_of
from concord.stats._results import NAN, Estimate
from concord.stats.agreement._icc.interval import (
    generalized_interval,
    ratio_interval,
    satterthwaite_interval,
    stepped_up,
)
from concord.stats.agreement._icc.squares import Squares, one_way, two_way
from concord.stats.agreement._numbers import shifted
from concord.stats.agreement._ratings import ANONYMOUS, Ratings, pairable, ratings

FORMS = ("ICC(1,1)", "ICC(2,1)", "ICC(3,1)", "ICC(1,k)", "ICC(2,k)", "ICC(3,k)")


@dataclass(frozen=True, kw_only=True)
class Icc(Estimate):
    """An intraclass correlation with its variance components; ``ratings_per_unit`` is k (the mean where
    unequal)."""

    form: str
    unit_variance: float
    rater_variance: float
    residual_variance: float
    ratings_per_unit: float
    n_raters: int
    n_ratings: int


def icc(
    units: ArrayLike,
    raters: ArrayLike,
    values: ArrayLike,
    *,
    form: str = "ICC(2,1)",
    interval: str = "generalized",
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
        one rating, "...,k)" that of the mean of k (the mean number of ratings per unit).
    interval
        For form 2: "generalized", or "satterthwaite" for that of Shrout and Fleiss (which other software prints), which covers
        too little where few raters differ much: .74 to .90 instead of .95 with two to five raters and 200 units.

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
    Complete data give the ANOVA estimators and exact F intervals for forms 1 and 3. Form 2 gets the generalized interval: what
    the mean squares say of the variance components, each over its chi-square. Unbalanced data give the variance components of
    Henderson's method 3, in form 1 the F interval of the unweighted means (Thomas & Hultquist 1978), in forms 2 and 3 the
    intervals at the average numbers of ratings: an approximation, in form 2 with the degrees of freedom that raters with unequal
    numbers of ratings are worth.

    References
    ----------
    Shrout & Fleiss (1979), doi:10.1037/0033-2909.86.2.420; McGraw & Wong (1996), doi:10.1037/1082-989X.1.1.30; Searle, Casella &
    McCulloch (1992), "Variance components", chapter 5; Weerahandi (1993), doi:10.1080/01621459.1993.10476355; Thomas & Hultquist
    (1978), doi:10.1214/aos/1176344202.

    Examples
    --------
    >>> units, raters = [0, 0, 1, 1, 2, 2], [0, 1, 0, 1, 0, 1]
    >>> round(icc(units, raters, [1, 2, 4, 4, 7, 9], form="ICC(3,1)").value, 4)
    0.9545
    """
    confidence = fraction("confidence", confidence)
    one_of("form", form, FORMS)
    one_of("interval", interval, ("generalized", "satterthwaite"))
    data = pairable(ratings(units, raters, values))
    y, scale = _standardised(data)
    if form[4] != "1" and (data.rater == ANONYMOUS).any():
        raise InputError(f"{form} needs to know the raters, got an anonymous one (-1); see ICC(1,1)")
    reason = None
    if data.n_units < 2:
        reason = "fewer than two units have two ratings: units cannot be told apart"
    elif not y.any():
        reason = "all ratings are the same value: there is no variance to divide"
    if reason:
        return _undefined(data, form, confidence, reason)
    squares = one_way(data, y) if form[4] == "1" else two_way(data, y)
    if squares is None:
        return _undefined(
            data, form, confidence, "the raters and units do not overlap enough to tell them apart"
        )
    return _estimate(data, form, squares, scale, confidence, interval)


def _standardised(data: Ratings) -> tuple[FloatArray, float]:
    """Return the ratings centred and scaled to at most 1 away, with the scale; zeros where all are the same."""
    y = shifted(data.value)
    largest = float(np.abs(y).max(initial=0.0)) or 1.0
    y = y / largest
    if not len(y) or not np.ptp(y):
        return np.zeros(len(y)), largest
    y = y - y.mean()
    furthest = float(np.abs(y).max())
    return y / furthest, largest * furthest


def _estimate(data: Ratings, form: str, s: Squares, scale: float, confidence: float, interval: str) -> Icc:
    unit = (s.between - s.residual) / s.k
    rater = 0.0 if math.isnan(s.raters) else (s.raters - s.residual) / s.n
    per_unit = len(data.unit) / data.n_units
    k = per_unit if form[6] == "k" else 1.0
    total = unit + (s.residual + (rater if form[4] == "2" else 0.0)) / k
    if not total > 1e-14:
        return _undefined(data, form, confidence, "the variance components add up to nothing")
    one_low, one_high, method = _interval(form, s, confidence, interval)
    value, low, high = unit / total, stepped_up(one_low, k), stepped_up(one_high, k)
    if not math.isfinite(high):
        low = high = NAN
    return Icc(
        value=value,
        low=low,
        high=high,
        confidence=confidence,
        method=f"{'ANOVA' if s.balanced else 'variance components (fitting constants)'}, {method}",
        n=data.n_units,
        omitted=data.omitted,
        notes=_notes(s, value, low, high),
        form=form,
        unit_variance=unit * scale * scale,
        rater_variance=NAN if form[4] == "1" else rater * scale * scale,
        residual_variance=s.residual * scale * scale,
        ratings_per_unit=per_unit,
        n_raters=data.n_raters,
        n_ratings=len(data.unit),
    )


def _notes(s: Squares, value: float, low: float, high: float) -> tuple[str, ...]:
    notes = () if s.balanced else ("ratings are missing: the interval is approximate.",)
    if math.isnan(low):
        return (*notes, "the mean squares leave no interval.")
    if low <= value <= high:
        return notes
    return (*notes, "a variance component came out negative: the estimate lies outside its interval.")


class _Interval(NamedTuple):
    """Both ends, and how they were found."""

    low: float
    high: float
    method: str


def _interval(form: str, s: Squares, confidence: float, interval: str) -> _Interval:
    """Return the interval of the reliability of one rating, and the name of the method."""
    if form[4] == "2" and interval == "generalized":
        return _Interval(*generalized_interval(s, confidence), "generalized interval")
    if form[4] == "2":
        return _Interval(*satterthwaite_interval(s, confidence), "F interval (Satterthwaite)")
    if form[4] == "1" and not s.balanced:
        return _Interval(
            *ratio_interval(s.between_means, s, s.harmonic, confidence), "F interval on plain means"
        )
    return _Interval(*ratio_interval(s.between, s, s.k, confidence), "F interval")


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
