"""How a judge errs: for the place, for the length, for its own."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from concord.stats._arrays import (
    BoolArray,
    FloatArray,
    IntArray,
    codes,
    compact,
    floats,
    fraction,
    left_out,
    within,
    zeros_and_ones,
)
from concord.stats._normal import t_quantile, t_two_sided
from concord.stats._results import Estimate, TestedEstimate
from concord.stats._undefined import undefined
from concord.stats.comparison.difference import difference
from concord.stats.comparison.mean import mean
from concord.stats.comparison.proportion import proportion
from concord.stats.joint._regression import coefficient

_NO_SLOPE = "no variation, or a cluster that alone decides the slope: no interval."


@dataclass(frozen=True, kw_only=True)
class PositionBias(TestedEstimate):
    """``value`` is how much more often than one half the first place wins; ``consistency`` the share of pairs judged
    alike both ways."""

    consistency: Estimate


def position_bias(
    outcome: ArrayLike, swapped: ArrayLike, *, clusters: ArrayLike | None = None, confidence: float = 0.95
) -> PositionBias:
    """Return how far a judge favours the place shown first, from pairs judged in both orders.

    Parameters
    ----------
    outcome
        (n,) 1 where the first place won in the original order, 0 the second, 0.5 tie.
    swapped
        (n,) the same (again by place) after the sides were swapped.
    clusters
        (n,) codes, as in ``mean``.

    Returns
    -------
    PositionBias
        Zero without bias, 0.5 where the first place always wins. Undefined without complete pairs. Interval and
        test are those of a (clustered) mean to which one pair decided by place was added each way (Agresti & Caffo 2000).

    Raises
    ------
    InputError
        An outcome outside [0, 1].

    Notes
    -----
    ``mean((outcome + swapped) / 2) - 1/2``: the systems' merits cancel. Consistent is ``outcome == 1 - swapped``.
    Zheng et al. (2023), "Judging LLM-as-a-judge", arXiv:2306.05685, section 3.3.

    Examples
    --------
    >>> result = position_bias([1, 1, 0, 1], [1, 0, 1, 0.5])
    >>> result.value, result.consistency.value
    (0.1875, 0.5)
    """
    confidence = fraction("confidence", confidence)
    one = _outcomes("outcome", outcome)
    two = _outcomes("swapped", swapped, length=len(one))
    found = mean((one + two) / 2 - 0.5, clusters=clusters, confidence=confidence)
    found = _with_pseudo_pairs(found, (one + two) / 2 - 0.5, clusters, confidence)
    known = ~(np.isnan(one) | np.isnan(two))
    alike = int((np.abs(one[known] - (1 - two[known])) < 1e-12).sum())
    return PositionBias(
        **_fields(found), consistency=proportion(alike, int(known.sum()), confidence=confidence)
    )


def _with_pseudo_pairs(
    found: TestedEstimate, lead: FloatArray, clusters: ArrayLike | None, confidence: float
) -> TestedEstimate:
    """Return ``found`` with interval and test of the pairs and one more decided by place each way, cut to its range."""
    known = ~np.isnan(lead)
    if known.sum() < 2:
        return found
    group = None if clusters is None else compact(codes("clusters", clusters, length=len(lead))[known])[0]
    if group is not None and group.max() < 1:
        return found
    more = None if group is None else np.append(group, group.max() + np.array([1, 2]))
    wide = mean(np.append(lead[known], [0.5, -0.5]), clusters=more, confidence=confidence)
    low, high = max(-0.5, min(wide.low, found.value)), min(0.5, max(wide.high, found.value))
    return replace(
        found,
        low=low,
        high=high,
        notes=(),
        statistic=wide.statistic,
        df=wide.df,
        p_value=wide.p_value,
    )


def length_bias(
    judged: ArrayLike,
    length_difference: ArrayLike,
    people: ArrayLike,
    *,
    clusters: ArrayLike | None = None,
    confidence: float = 0.95,
) -> TestedEstimate:
    """Return how much a judge's outcome rises with length beyond what people's does.

    Parameters
    ----------
    judged, people
        (n,) outcomes of the same comparisons by the judge and by people, 1 where left won.
    length_difference
        (n,) length of left minus right; standardise it (say, divide by its standard deviation) to make slopes comparable.
    clusters
        (n,) codes, as in ``mean``.

    Returns
    -------
    TestedEstimate
        The slope of ``judged - people`` on the length difference: rise of the judge's win rate per unit of length
        that people do not share. Undefined where the lengths do not vary.

    Raises
    ------
    InputError
        Malformed input.

    Notes
    -----
    Least squares with a CR2 cluster-robust error and Bell and McCaffrey's (2002) degrees of freedom. Dubois et al. (2024),
    "Length-controlled AlpacaEval", arXiv:2404.04475, for the harm.

    Examples
    --------
    >>> result = length_bias([1, 1, 0, 0], [2.0, 1.0, -1.0, -2.0], [1, 0, 1, 0])
    >>> round(result.value, 3)
    0.2
    """
    confidence = fraction("confidence", confidence)
    one = _outcomes("judged", judged)
    two, x = (
        _outcomes("people", people, length=len(one)),
        floats("length_difference", length_difference, length=len(one)),
    )
    group = np.arange(len(one)) if clusters is None else codes("clusters", clusters, length=len(one))
    known = ~(np.isnan(one) | np.isnan(two) | np.isnan(x))
    y, x, group = (one - two)[known], x[known], compact(group[known])[0]
    n, omitted = len(y), left_out(known, "incomplete comparisons")
    if n < 3 or np.ptp(x) == 0:
        reason = "at least three comparisons of different length are needed"
        return undefined(TestedEstimate, reason, confidence=confidence, n=n, omitted=omitted)
    scaled = (x - x.mean()) / np.abs(x - x.mean()).max()
    unit = float(np.abs(x - x.mean()).max())
    found = _slope(y, scaled, group, confidence, "least squares (CR2)", unit)
    return replace(found, omitted=omitted)


def self_preference(
    judged: ArrayLike,
    people: ArrayLike,
    own: ArrayLike,
    *,
    clusters: ArrayLike | None = None,
    confidence: float = 0.95,
) -> TestedEstimate:
    """Return how much more a judge overrates its own outputs than those of others, measured by people.

    Parameters
    ----------
    judged, people
        (n,) scores of the same outputs by the judge and by people, on the same scale.
    own
        (n,) 1 where the output is by the judge's own model (or family), 0 where it is not.
    clusters
        (n,) codes (say, the example), as in ``mean``.

    Returns
    -------
    TestedEstimate
        ``mean(judged - people)`` on own less on others' outputs (without clusters as Welch does, with them as
        ``comparison.difference``). Undefined where one of both is missing.

    Raises
    ------
    InputError
        ``own`` other than 0 and 1.

    References
    ----------
    Panickssery, Bowman & Feng (2024), "LLM evaluators recognize and favor their own generations", arXiv:2404.13076.

    Examples
    --------
    >>> result = self_preference([5, 4, 3, 2, 3, 4], [4, 3, 3, 3, 3, 3], [1, 1, 1, 0, 0, 0])
    >>> round(result.value, 3)
    0.667
    """
    confidence = fraction("confidence", confidence)
    one = floats("judged", judged)
    two, flag = floats("people", people, length=len(one)), codes("own", own, length=len(one))
    zeros_and_ones("own", flag)
    group = None if clusters is None else codes("clusters", clusters, length=len(one))
    known = ~(np.isnan(one) | np.isnan(two))
    error, flag, omitted = (one - two)[known], flag[known], left_out(known, "incomplete pairs")
    group = None if group is None else group[known]
    n1 = int(flag.sum())
    n0 = len(flag) - n1
    if min(n0, n1) < 2:
        reason = "at least two outputs of the judge's own and two of others are needed"
        return undefined(TestedEstimate, reason, confidence=confidence, n=len(flag), omitted=omitted)
    return _difference(error, flag == 1, group, confidence, omitted)


def _difference(
    error: FloatArray, own: BoolArray, group: IntArray | None, confidence: float, omitted: Mapping[str, int]
) -> TestedEstimate:
    """Return the mean error of own outputs less that of others, whose clusters may be the same."""
    sides = (None, None) if group is None else (group[own], group[~own])
    found = difference(
        error[own],
        error[~own],
        clusters_a=sides[0],
        clusters_b=sides[1],
        method="t",
        confidence=confidence,
    )
    fields = _fields(found) | {
        "method": "difference of mean errors (CR2)",
        "notes": (_NO_SLOPE,) if math.isnan(found.low) else (),
        "omitted": omitted,
    }
    return TestedEstimate(**fields)


def _outcomes(name: str, data: ArrayLike, length: int | None = None) -> FloatArray:
    x = floats(name, data, length=length)
    within(name, x, 0, 1)
    return x


def _fields(found: TestedEstimate) -> dict[str, Any]:
    return {name: getattr(found, name) for name in TestedEstimate.__dataclass_fields__}


def _slope(
    y: FloatArray, x: FloatArray, group: IntArray, confidence: float, method: str, unit: float = 1.0
) -> TestedEstimate:
    """Return the slope of ``y`` on ``x * unit`` with its interval."""
    found = coefficient(y, np.column_stack([np.ones(len(x)), x]), group, 1)
    value, n = found.value / unit, len(y)
    nothing = 1e-28 * float(y @ y + 1e-300)  # a variance below this is rounding
    if not found.variance > nothing or not found.df > 0:
        return TestedEstimate(value=value, confidence=confidence, method=method, n=n, notes=(_NO_SLOPE,))
    error = float(np.sqrt(found.variance)) / unit
    half = t_quantile(confidence, found.df) * error
    return TestedEstimate(
        value=value,
        low=value - half,
        high=value + half,
        confidence=confidence,
        method=method,
        n=n,
        standard_error=error,
        statistic=value / error,
        df=found.df,
        p_value=t_two_sided(value / error, found.df),
    )
