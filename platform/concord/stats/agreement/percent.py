"""Percent agreement: how often two raters of the same unit give the same answer."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from concord.stats._arrays import FloatArray, as_floats, fraction, one_of
from concord.stats._binomial import wilson_with_design
from concord.stats._results import NAN, Estimate
from concord.stats.agreement._alpha_build import FEW
from concord.stats.agreement._alpha_terms import sparse_counts
from concord.stats.agreement._ratings import Ratings, category_codes, counts_table, pairable, ratings


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

    Examples
    --------
    >>> percent_agreement([1, 1, 2, 2], [0, 1, 0, 1], [1, 1, 1, 2]).value
    0.5
    """
    fraction("confidence", confidence)
    one_of("weighting", weighting, ("units", "pairs"))
    data = pairable(ratings(units, raters, values))
    if not data.n_units:
        reason = "no unit has two ratings: there is nothing to compare"
        return Estimate(
            value=NAN, confidence=confidence, method="none", n=0, undefined=reason, omitted=data.omitted
        )
    equal, m = equal_pairs(data)
    pairs = m * (m - 1)
    weight = np.ones_like(pairs) if weighting == "units" else pairs
    share = equal / pairs
    value = float((weight * share).sum() / weight.sum())
    low, high, error = wilson_with_design(value, share, weight, confidence)
    return Estimate(
        value=value,
        low=low,
        high=high,
        confidence=confidence,
        method=f"mean over {weighting}, Wilson interval on the effective number of units",
        n=data.n_units,
        standard_error=error,
        omitted=data.omitted,
    )


def equal_pairs(data: Ratings) -> tuple[FloatArray, FloatArray]:
    """Return, per unit, the ordered pairs of equal ratings and the number of ratings."""
    category, names = category_codes(data.value, None)
    if len(names) <= FEW:
        table = counts_table(data, category, len(names)).astype(np.float64)
        return as_floats((table * (table - 1)).sum(axis=1)), as_floats(table.sum(axis=1))
    sparse_table = sparse_counts(data, category, len(names))
    m = as_floats(sparse_table.sum(axis=1)).ravel()
    return as_floats((sparse_table * sparse_table).sum(axis=1)).ravel() - m, m
