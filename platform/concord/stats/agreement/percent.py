"""Percent agreement: how often two raters of the same unit give the same answer."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from concord.stats._arrays import FloatArray, IntArray, as_floats, fraction, one_of
from concord.stats._binomial import effective_number, wilson
from concord.stats._results import NAN, Estimate
from concord.stats.agreement._alpha.build import FEW
from concord.stats.agreement._alpha.terms import sparse_counts
from concord.stats.agreement._kappa.result import NO_PAIRS
from concord.stats.agreement._ratings import Ratings, category_codes, counts_table, pairable, ratings
from concord.stats.agreement._rows import Rows, sizes_of, squares_of

_ROUNDING = 1e-12  # shares closer than this are the same


def percent_agreement(
    units: ArrayLike,
    raters: ArrayLike,
    values: ArrayLike,
    *,
    weighting: str = "units",
    confidence: float = 0.95,
) -> Estimate:
    """Return the share of pairs of ratings of the same unit that are equal.

    Parameters
    ----------
    units, raters, values
        (n,) long-form ratings, as in ``krippendorff_alpha``.
    weighting
        "units": every unit counts the same (Fleiss' observed agreement); "pairs": every pair counts the same.

    Returns
    -------
    Estimate
        ``n`` counts the units with at least two ratings; undefined where there are none. The interval is Wilson's with the
        effective number of units that the variance between units implies (Korn & Graubard 1998).

    Raises
    ------
    InputError
        As ``krippendorff_alpha``.

    Notes
    -----
    "units": the mean over units of ``equal ordered pairs / (m_u (m_u - 1))``; "pairs": the sum of equal pairs over that of all.
    Where the units agree alike, also where all agree perfectly, Wilson's n is the number of units.

    References
    ----------
    Korn & Graubard (1998), "Confidence intervals for proportions with small expected number of positive counts estimated from
    survey data", Survey Methodology 24.

    Examples
    --------
    >>> percent_agreement([1, 1, 2, 2], [0, 1, 0, 1], [1, 1, 1, 2]).value
    0.5
    """
    confidence = fraction("confidence", confidence)
    one_of("weighting", weighting, ("units", "pairs"))
    data = pairable(ratings(units, raters, values))
    return share_estimate(*alike(*equal_pairs(data)), weighting, confidence, data.omitted)


class Alike(NamedTuple):
    """Distinct pairs of equal pairs and ratings, and how many units have them."""

    equal: FloatArray
    ratings: FloatArray
    times: IntArray


def alike(equal: FloatArray, m: FloatArray, times: IntArray | None = None) -> Alike:
    """Return the distinct pairs of equal pairs and ratings, in order, with how many units have them."""
    key = m * (equal.max(initial=0.0) + 1) + equal  # whole numbers far below 2**53
    _, first, place = np.unique(key, return_index=True, return_inverse=True)
    return Alike(equal[first], m[first], np.bincount(place, weights=times).astype(np.int64))


def share_estimate(
    equal: FloatArray,
    m: FloatArray,
    times: IntArray,
    weighting: str,
    confidence: float,
    omitted: Mapping[str, int],
) -> Estimate:
    """Return the share of equal pairs where ``times`` units have ``equal`` of ``m * (m - 1)`` ordered pairs."""
    if not len(times):
        return Estimate(
            value=NAN, confidence=confidence, method="none", n=0, undefined=NO_PAIRS, omitted=omitted
        )
    pairs = m * (m - 1)
    share = equal / pairs
    weight = times * (np.ones_like(pairs) if weighting == "units" else pairs)
    value = math.fsum(weight * share) / math.fsum(weight)
    low, high, error = _interval(value, share, weight, times, confidence)
    return Estimate(
        value=value,
        low=low,
        high=high,
        confidence=confidence,
        method=f"mean over {weighting}, Wilson interval on the effective number of units",
        n=int(times.sum()),
        standard_error=error,
        omitted=omitted,
    )


class _Interval(NamedTuple):
    """Both ends and the standard error."""

    low: float
    high: float
    standard_error: float


def _interval(
    value: float, share: FloatArray, weight: FloatArray, times: IntArray, confidence: float
) -> _Interval:
    """Return ``(low, high, standard error)``: Wilson's interval at the effective n that the spread between units implies.

    Where the units do not differ, n is their number.
    """
    n = int(times.sum())
    shrunk = min(max(value, 0.0), 1.0)
    if n < 2 or float(np.ptp(share)) <= _ROUNDING:
        return _Interval(*wilson(shrunk, n, confidence), (0.0 if n > 1 else NAN))
    own = weight / times / math.fsum(weight)  # of one unit
    error = math.sqrt(n / (n - 1) * math.fsum(times * np.square(own * (share - value))))
    effective = effective_number(shrunk, error, n - 1, confidence)
    return _Interval(*wilson(shrunk, max(effective, 1.0), confidence), error)


def equal_pairs(data: Ratings) -> tuple[FloatArray, FloatArray]:
    """Return, per unit, the ordered pairs of equal ratings and the number of ratings."""
    category, names = category_codes(data.value, None)
    if len(names) <= FEW:
        table: Rows = as_floats(counts_table(data, category, len(names)))
    else:
        table = sparse_counts(data, category, len(names))
    m = sizes_of(table)
    return squares_of(table) - m, m
