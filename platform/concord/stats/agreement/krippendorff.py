"""Krippendorff's alpha with a bootstrap over units."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from concord.stats._arrays import FloatArray, IntArray, count, fraction, generator, one_of
from concord.stats._intervals import acceleration, bca_interval, percentile_interval
from concord.stats._results import NAN, Estimate
from concord.stats.agreement._alpha_bootstrap import resampled_alphas, without_each_pattern
from concord.stats.agreement._alpha_build import Level, build_terms, scaled
from concord.stats.agreement._alpha_raters import two_way_alphas
from concord.stats.agreement._alpha_terms import Terms, totals_of
from concord.stats.agreement._ratings import Ratings, pairable, ratings

_NO_PAIRS = "no unit has two ratings: there is nothing to compare"
_NO_SPREAD = "all ratings are the same value: expected disagreement is zero, so alpha is 0/0"


@dataclass(frozen=True, kw_only=True)
class Alpha(Estimate):
    """Krippendorff's alpha. ``n`` counts the units with at least two ratings.

    ``per_unit`` (U,) is each unit's share of the disagreement, in the order of ``unit_codes``: ``value == 1 - per_unit.sum()``.
    ``observed`` and ``expected`` are the mean squared distances inside units and overall. ``resamples`` are the bootstrap
    values behind the interval. ``categories`` is empty for continuous values.
    """

    level: str
    observed: float
    expected: float
    n_ratings: int
    n_raters: int
    unit_codes: IntArray = field(repr=False)
    per_unit: FloatArray = field(repr=False)
    categories: NDArray[Any] = field(repr=False)
    resamples: FloatArray = field(repr=False)


def krippendorff_alpha(
    units: ArrayLike,
    raters: ArrayLike,
    values: ArrayLike,
    *,
    level: Level,
    categories: ArrayLike | None = None,
    confidence: float = 0.95,
    n_resamples: int = 1000,
    resample: str = "units",
    rng: np.random.Generator | None = None,
) -> Alpha:
    """Return Krippendorff's alpha of long-form ratings, with an interval from resampling the units.

    Parameters
    ----------
    units, raters
        (n,) integer codes; rater -1 is anonymous (every such rating is a rater of its own).
    values
        (n,) numbers; nan is a missing rating. A rater's later rating of a unit supersedes the earlier one.
    level
        "nominal", "ordinal", "interval", "ratio", a function from ``agreement.distances`` (``masi``, ``jaccard``,
        ``angular(24)``) or one's own (K, K) matrix of distances between ``categories``.
    categories
        The possible values in rank order; default: the observed ones, sorted. Values outside it are refused.
    resample
        "units" answers "what if other units had been rated by raters like these"; "units+raters" also draws other raters.
    n_resamples
        0 gives no interval.

    Returns
    -------
    Alpha
        Undefined (nan) where no unit has two ratings, or where all ratings are equal (0/0).

    Raises
    ------
    InputError
        Lengths differ, codes are not whole numbers, a value is infinite, not a number or not among ``categories``, or
        negative at the ratio level.

    Notes
    -----
    ``alpha = 1 - D_o / D_e``; with ``m_u`` ratings in unit u and N in all,
    ``D_o = sum_u sum_{i != j} d(v_i, v_j) / (m_u - 1) / N`` and ``D_e = sum_{i != j} d(v_i, v_j) / (N (N - 1))``.
    The interval is the bias-corrected and accelerated bootstrap over units with tails widened for few units;
    Krippendorff's own bootstrap draws single disagreements as if they were independent and covers far less than it says.

    References
    ----------
    Krippendorff (2011), "Computing Krippendorff's alpha-reliability". Efron (1987), doi:10.1080/01621459.1987.10478410.

    Examples
    --------
    >>> units = [1, 1, 2, 2, 3, 3, 4, 4]
    >>> raters = [0, 1, 0, 1, 0, 1, 0, 1]
    >>> result = krippendorff_alpha(units, raters, [1, 1, 2, 2, 3, 3, 1, 2], level="nominal")
    >>> round(result.value, 4), result.n
    (0.6667, 4)
    """
    fraction("confidence", confidence)
    count("n_resamples", n_resamples)
    one_of("resample", resample, ("units", "units+raters"))
    source = generator(rng)
    data = pairable(ratings(units, raters, values))
    name = level if isinstance(level, str) else getattr(level, "__name__", "distance matrix")
    terms, names = build_terms(data, level, categories) if data.n_units else (None, np.array([]))
    if terms is None:
        return _undefined(data, name, names, confidence, _NO_PAIRS)
    observed, expected = _full(terms)
    if not expected > 0:
        return _undefined(data, name, names, confidence, _NO_SPREAD)
    drawn = _draw(data, terms, level, categories, resample, n_resamples, source)
    low, high, method, notes = _interval(terms, 1 - observed / expected, drawn, confidence, resample)
    power = scaled(data.value)[1] if name == "interval" else 1.0
    finite = drawn[np.isfinite(drawn)]
    return Alpha(
        value=1 - observed / expected,
        low=low,
        high=high,
        confidence=confidence,
        method=method,
        n=data.n_units,
        standard_error=float(finite.std(ddof=1)) if len(finite) > 1 and data.n_units > 1 else NAN,
        notes=notes,
        omitted=data.omitted,
        level=name,
        observed=observed * power * power,
        expected=expected * power * power,
        n_ratings=len(data.unit),
        n_raters=data.n_raters,
        unit_codes=data.unit_codes,
        per_unit=terms.inside()[terms.pattern] / (len(data.unit) * expected),
        categories=names,
        resamples=drawn,
    )


def _full(terms: Terms) -> tuple[float, float]:
    weights = terms.multiplicity[None, :].astype(np.float64)
    observed, expected = terms.disagreement(totals_of(terms.features, weights), weights)
    return float(observed[0]), float(expected[0])


def _draw(
    data: Ratings,
    terms: Terms,
    level: Level,
    categories: ArrayLike | None,
    resample: str,
    n_resamples: int,
    rng: np.random.Generator,
) -> FloatArray:
    if n_resamples == 0 or data.n_units < 2:
        return np.empty(0)
    if resample == "units":
        return resampled_alphas(terms, n_resamples, rng)
    return two_way_alphas(data, level, categories, n_resamples, rng)


def _interval(
    terms: Terms, value: float, drawn: FloatArray, confidence: float, resample: str
) -> tuple[float, float, str, tuple[str, ...]]:
    n = int(terms.multiplicity.sum())
    method = f"bootstrap over {resample.replace('+', ' and ')}, {len(drawn)} resamples"
    if len(drawn) == 0:
        return NAN, NAN, "no interval", ("one unit, or no resamples: no interval.",)
    lost = int((~np.isfinite(drawn)).sum())
    notes = (f"{lost} of {len(drawn)} resamples held one value only and were left out.",) if lost else ()
    if np.ptp(drawn[np.isfinite(drawn)], axis=None) == 0 if lost < len(drawn) else True:
        return (
            NAN,
            NAN,
            method,
            (*notes, "all units disagree alike: resampling shows no variation, so no interval."),
        )
    left = without_each_pattern(terms) if resample == "units" else None
    if left is None:
        return (*percentile_interval(drawn, confidence, n=n), f"{method} (percentile)", notes)
    skew = acceleration(left, terms.multiplicity)
    return (*bca_interval(value, drawn, confidence, skew=skew, n=n), f"{method} (BCa)", notes)


def _undefined(data: Ratings, level: str, names: NDArray[Any], confidence: float, reason: str) -> Alpha:
    return Alpha(
        value=NAN,
        confidence=confidence,
        method="none",
        n=data.n_units,
        undefined=reason,
        omitted=data.omitted,
        level=level,
        observed=NAN,
        expected=NAN,
        n_ratings=len(data.unit),
        n_raters=data.n_raters,
        unit_codes=data.unit_codes,
        per_unit=np.full(data.n_units, np.nan),
        categories=names,
        resamples=np.empty(0),
    )


__all__ = ["Alpha", "krippendorff_alpha"]
