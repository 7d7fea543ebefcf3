"""A mean, and a paired difference of means, with intervals that know about clusters."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from concord.stats._arrays import (
    FloatArray,
    InputError,
    IntArray,
    codes,
    floats,
    fraction,
    largest,
    number,
    one_of,
)
from concord.stats._clustered import Variance, mean_variance
from concord.stats._normal import t_quantile, t_two_sided
from concord.stats._results import NAN, TestedEstimate
from concord.stats._skewness import bend_of, opened, opened_p_value

METHODS = ("t", "skewed")


@dataclass(frozen=True, kw_only=True)
class PairedDifference(TestedEstimate):
    """The mean of ``a - b`` over the pairs, with both means and the correlation that made pairing worth while."""

    mean_a: float
    mean_b: float
    correlation: float


def mean(
    values: ArrayLike,
    *,
    clusters: ArrayLike | None = None,
    clusters2: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    method: str = "t",
    null: float = 0.0,
    confidence: float = 0.95,
) -> TestedEstimate:
    """Return the mean with a t interval, clustered where the observations share raters, prompts or documents.

    Parameters
    ----------
    values
        (n,) numbers; nan is missing and dropped.
    clusters, clusters2
        (n,) integer codes: one-way (say rater) or two-way (rater and example) clustering.
    weights
        (n,) positive weights: how much each observation counts (a sampling weight, not a number of copies); only
        their ratios matter. Observations of weight 0 are dropped.
    method
        "t" is Student's interval; "skewed" opens it towards the longer tail, for few values of which some lie far out (costs,
        lengths, seconds). "skewed" is never narrower, goes with ``clusters``, not with ``clusters2``.
    null
        The value that ``p_value`` tests against, two-sided. 0 is the question of a difference; of an accuracy it is none.

    Returns
    -------
    TestedEstimate
        Undefined where nothing is left to average. Where there is one cluster, or no variation at all, the value stands and
        the interval is nan, with a note.

    Raises
    ------
    InputError
        Lengths differ, a weight is negative, a value is not a finite number, the method is unknown, or "skewed" has to go
        two ways.

    Notes
    -----
    The variance is CR2 with Bell-McCaffrey degrees of freedom. Two-way it is that of independent draws of both and of their
    cells (balanced: ``(MS_1 + MS_2 - MS_12) / n``), at least V1 and V2, with Satterthwaite's degrees of freedom
    ``V**2 / (V1**2 / df1 + V2**2 / df2)``, drawn to the fewer of both where these are few; of two clusters one. Without
    clusters this is the ordinary t interval. With few observations of strongly skewed values any t interval covers less than it
    says (.90 for 15 of skewness 2, .84 of lognormal ones); the result then says so in a note. ``method="skewed"`` joins it with
    Hall's interval, which bends the t statistic by the third moment (.95 and .92 of the same), and takes the greater of both
    p-values.

    References
    ----------
    Bell & McCaffrey (2002), "Bias reduction in standard errors for linear regression with multi-stage samples". Henderson
    (1953), doi:10.2307/3001853; Satterthwaite (1946), doi:10.2307/3002019. Miller (2024), "Adding error bars to evals",
    arXiv:2411.00640. Hall (1992), "On the removal of skewness by transformation", Journal of the Royal Statistical Society B
    54, 221-228.

    Examples
    --------
    >>> result = mean([1, 0, 1, 1, 0, 1], clusters=[0, 0, 1, 1, 2, 2])
    >>> round(result.value, 3), round(result.low, 3), round(result.high, 3)
    (0.667, -0.05, 1.384)
    """
    confidence = fraction("confidence", confidence)
    null = number("null", null)
    skewed = _is_skewed(method, clusters, clusters2)
    value, weight, first, second, omitted = observations(values, weights, clusters, clusters2)
    parts = mean_parts(value, weight, first, second, confidence, null, skewed=skewed)
    return TestedEstimate(confidence=confidence, n=len(value), null=null, omitted=omitted, **parts)


def paired_difference(
    a: ArrayLike,
    b: ArrayLike,
    *,
    clusters: ArrayLike | None = None,
    clusters2: ArrayLike | None = None,
    method: str = "t",
    confidence: float = 0.95,
) -> PairedDifference:
    """Return the mean of ``a - b`` over pairs (two systems on the same examples), clustered as in ``mean``.

    Parameters
    ----------
    a, b
        (n,) numbers, aligned; a pair with nan on either side is dropped and counted.
    clusters, clusters2
        (n,) integer codes of the pairs.
    method
        "t" or "skewed", as in ``mean``.

    Returns
    -------
    PairedDifference
        Undefined where no complete pair is left.

    Raises
    ------
    InputError
        As ``mean``.

    References
    ----------
    Miller (2024), "Adding error bars to evals", arXiv:2411.00640, section 4.

    Examples
    --------
    >>> result = paired_difference([1, 1, 0, 1], [0, 1, 0, 0])
    >>> result.value, round(result.p_value, 3)
    (0.5, 0.182)
    """
    confidence = fraction("confidence", confidence)
    skewed = _is_skewed(method, clusters, clusters2)
    left = floats("a", a)
    right = floats("b", b, length=len(left))
    gap, weight, first, second, omitted = observations(left - right, None, clusters, clusters2)
    kept = ~(np.isnan(left) | np.isnan(right))
    left, right = left[kept], right[kept]
    size = max(largest(left), largest(right))
    shares = "mcnemar" if bool(np.isin([left, right], (0.0, 1.0)).all()) else None
    parts = mean_parts(gap, weight, first, second, confidence, 0.0, size=size, skewed=skewed, shares=shares)
    return PairedDifference(
        confidence=confidence,
        n=len(gap),
        omitted={"incomplete pairs": omitted["missing values"]} if omitted else {},
        mean_a=float(left.mean()) if len(left) else NAN,
        mean_b=float(right.mean()) if len(right) else NAN,
        correlation=_correlation(left, right),
        **parts,
    )


def mean_parts(
    values: FloatArray,
    weight: FloatArray,
    first: IntArray | None,
    second: IntArray | None,
    confidence: float,
    null: float,
    *,
    size: float = 0.0,
    skewed: bool = False,
    shares: str | None = "clustered_proportion",
) -> dict[str, Any]:
    """Return the fields of the estimate that follow from the observations.

    ``size`` is that of the numbers which the values are differences of: rounding hides a spread of less than that. With
    ``skewed`` the interval is opened towards the longer tail. ``shares`` is what to advise for few values of 0 and 1.
    """
    if not len(values):
        return {"value": NAN, "method": "none", "undefined": "no observation is left to average"}
    scale = _tiny_scale(values)
    values, null, size = values / scale, null / scale, size / scale
    size = max(size, largest(values))
    value = float((weight * values).sum() / weight.sum())
    ways = (first is not None) + (second is not None)
    method = ("t interval", "clustered t interval (CR2)", "two-way clustered t interval (CR2)")[ways]
    variance, notes = mean_variance(values, weight, first, second)
    if math.isnan(variance.value):
        notes = (*notes, "one observation or one cluster: no interval.")
        return {"value": value * scale, "method": method, "notes": notes}
    if variance.value <= (1e-15 * size) ** 2:
        what = "clusters" if ways and float(np.ptp(values)) > 1e-12 * size else "observations"
        notes = (*notes, f"the {what} do not vary: an interval cannot be had from them.")
        return {"value": value * scale, "method": method, "notes": notes, "standard_error": 0.0}
    error = math.sqrt(variance.value)
    if math.isnan(variance.df):
        notes = (*notes, "one observation carries nearly all the weight: no interval.")
        return {"value": value * scale, "method": method, "notes": notes, "standard_error": error * scale}
    half = t_quantile(confidence, variance.df) * error
    statistic = (value - null) / error
    low, high, p_value = value - half, value + half, t_two_sided(statistic, variance.df)
    if skewed:
        bend = bend_of(values, weight, second if first is None else first)
        low, high = opened(value, variance, bend, confidence)
        p_value = opened_p_value(statistic, variance, bend)
        method += ", opened for skewness (Hall)"
    if ways == 0:
        notes = (*notes, *_skewed(values, variance, opened=skewed, shares=shares))
    return {
        "value": value * scale,
        "low": low * scale,
        "high": high * scale,
        "method": method,
        "notes": notes,
        "standard_error": error * scale,
        "statistic": statistic,
        "df": variance.df,
        "p_value": p_value,
    }


def _is_skewed(method: str, clusters: ArrayLike | None, clusters2: ArrayLike | None) -> bool:
    """Whether the interval is to be opened for skewness, refused where both ways would have to be."""
    one_of("method", method, METHODS)
    if method == "skewed" and clusters is not None and clusters2 is not None:
        raise InputError("method 'skewed' goes with one way of clustering, got clusters and clusters2")
    return method == "skewed"


def _skewed(values: FloatArray, variance: Variance, *, opened: bool, shares: str | None) -> tuple[str, ...]:
    """Return a warning where so few values are so skewed that Student's t is known to cover too little.

    Cochran's rule, "Sampling techniques" (1977), section 2.15: n should exceed 25 times the squared skewness.
    """
    n = variance.n_clusters
    if n < 8:
        return ()
    away = values - values.mean()
    away /= largest(away)  # skewness has no scale, and cubes might leave float64
    square = float((away @ away) / n)
    if n >= 25 / square:  # skewness is at most the largest deviation in standard deviations
        return ()
    skewness = float((away * away) @ away / n) / square**1.5
    if n >= 25 * skewness**2 or abs(skewness) < 1:
        return ()
    seen = f"{n:,} values with a skewness of {skewness:.1f}"
    if opened:
        return (f"{seen}: even so the interval may be a little too narrow.",) if abs(skewness) > 2 else ()
    if shares and bool(np.isin(values, (0.0, 1.0)).all()):
        return (f"{seen}: a t interval covers less than it says; for 0 and 1 take `{shares}`.",)
    return (f'{seen}: a t interval covers less than it says; a "skewed" one errs less.',)


def _tiny_scale(values: FloatArray) -> float:
    """Return 1, or for numbers so small that their squares vanish the power of two by which to divide them."""
    size = largest(values)
    return 1.0 if size > 1e-100 or size == 0 else float(2.0 ** np.floor(np.log2(size)))


class Observations(NamedTuple):
    """What can be averaged, and how many values were missing."""

    values: FloatArray
    weights: FloatArray
    clusters: IntArray | None
    clusters2: IntArray | None
    omitted: Mapping[str, int]


def observations(
    values: ArrayLike, weights: ArrayLike | None, clusters: ArrayLike | None, clusters2: ArrayLike | None
) -> Observations:
    """Return values, weights and clusters of what can be averaged, and how many values were missing."""
    value = floats("values", values)
    weight = np.ones(len(value)) if weights is None else _weights(weights, len(value))
    first = None if clusters is None else codes("clusters", clusters, length=len(value))
    second = None if clusters2 is None else codes("clusters2", clusters2, length=len(value))
    missing = np.isnan(value)
    kept = ~missing & (weight > 0)
    omitted = {"missing values": int(missing.sum())} if missing.any() else {}
    return Observations(
        value[kept],
        weight[kept],
        None if first is None else first[kept],
        None if second is None else second[kept],
        omitted,
    )


def _weights(weights: ArrayLike, length: int) -> FloatArray:
    weight = floats("weights", weights, length=length, missing=False)
    if weight.size and weight.min() < 0:
        raise InputError(f"weights must not be negative, got {float(weight.min())}")
    top = largest(weight)
    return weight / top if top > 0 else weight  # only their ratios matter, and sums must stay within float64


def _correlation(a: FloatArray, b: FloatArray) -> float:
    if len(a) < 2:
        return NAN
    x, y = a - a.mean(), b - b.mean()
    scale = math.sqrt(float(x @ x)) * math.sqrt(float(y @ y))
    return min(max(float(x @ y) / scale, -1.0), 1.0) if scale > 0 else NAN
