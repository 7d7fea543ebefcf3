"""A mean, and a paired difference of means, with intervals that know about clusters."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from concord.stats._arrays import FloatArray, InputError, IntArray, codes, floats, fraction, largest, number
from concord.stats._clustered import Variance, mean_variance
from concord.stats._normal import t_quantile, t_two_sided
from concord.stats._results import NAN, TestedEstimate


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
    null
        The value that ``p_value`` tests against, two-sided.

    Returns
    -------
    TestedEstimate
        Undefined where nothing is left to average. Where there is one cluster, or no variation at all, the value stands and
        the interval is nan, with a note.

    Raises
    ------
    InputError
        Lengths differ, a weight is negative, or a value is not a finite number.

    Notes
    -----
    The variance is CR2 with Bell-McCaffrey degrees of freedom; two-way it is ``V1 + V2 - V12`` with the smaller of both
    degrees of freedom. Without clusters this is the ordinary t interval. With few observations of strongly skewed
    values any t interval covers less than it says (.90 for 15 of skewness 2); the result then
    says so in a note, and `bootstrap` with ``widened=True`` errs less.

    References
    ----------
    Bell & McCaffrey (2002), "Bias reduction in standard errors for linear regression with multi-stage samples". Cameron,
    Gelbach & Miller (2011), doi:10.1198/jbes.2010.07136. Miller (2024), "Adding error bars to evals", arXiv:2411.00640.

    Examples
    --------
    >>> result = mean([1, 0, 1, 1, 0, 1], clusters=[0, 0, 1, 1, 2, 2])
    >>> round(result.value, 3), round(result.low, 3), round(result.high, 3)
    (0.667, -0.05, 1.384)
    """
    confidence = fraction("confidence", confidence)
    null = number("null", null)
    value, weight, first, second, omitted = observations(values, weights, clusters, clusters2)
    parts = mean_parts(value, weight, first, second, confidence, null)
    return TestedEstimate(confidence=confidence, n=len(value), null=null, omitted=omitted, **parts)


def paired_difference(
    a: ArrayLike,
    b: ArrayLike,
    *,
    clusters: ArrayLike | None = None,
    clusters2: ArrayLike | None = None,
    confidence: float = 0.95,
) -> PairedDifference:
    """Return the mean of ``a - b`` over pairs (two systems on the same examples), clustered as in ``mean``.

    Parameters
    ----------
    a, b
        (n,) numbers, aligned; a pair with nan on either side is dropped and counted.
    clusters, clusters2
        (n,) integer codes of the pairs.

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
    left = floats("a", a)
    right = floats("b", b, length=len(left))
    gap, weight, first, second, omitted = observations(left - right, None, clusters, clusters2)
    kept = ~(np.isnan(left) | np.isnan(right))
    left, right = left[kept], right[kept]
    size = max(largest(left), largest(right))
    parts = mean_parts(gap, weight, first, second, confidence, 0.0, size=size)
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
) -> dict[str, Any]:
    """Return the fields of the estimate that follow from the observations.

    ``size`` is that of the numbers which the values are differences of: rounding hides a spread of less than that.
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
        notes = (*notes, "the observations do not vary: an interval cannot be had from them.")
        return {"value": value * scale, "method": method, "notes": notes, "standard_error": 0.0}
    error = math.sqrt(variance.value)
    notes = (*notes, *_skewed(values, first is not None or second is not None, variance))
    half = t_quantile(confidence, variance.df) * error
    statistic = (value - null) / error
    return {
        "value": value * scale,
        "low": (value - half) * scale,
        "high": (value + half) * scale,
        "method": method,
        "notes": notes,
        "standard_error": error * scale,
        "statistic": statistic,
        "df": variance.df,
        "p_value": t_two_sided(statistic, variance.df),
    }


def _skewed(values: FloatArray, clustered: bool, variance: Variance) -> tuple[str, ...]:
    """Return a warning where so few values are so skewed that Student's t is known to cover too little.

    Cochran's rule, "Sampling techniques" (1977), section 2.15: n should exceed 25 times the squared skewness.
    """
    n = variance.n_clusters
    if clustered or n < 8 or n > 200:
        return ()
    away = values - values.mean()
    away /= largest(away)  # skewness has no scale, and cubes might leave float64
    square = float((away @ away) / n)
    skewness = float((away**3).sum() / n) / square**1.5
    if n >= 25 * skewness**2 or abs(skewness) < 1:
        return ()
    return (f"{n} values with a skewness of {skewness:.1f}: a t interval covers less than it says.",)


def _tiny_scale(values: FloatArray) -> float:
    """Return 1, or for numbers so small that their squares vanish the power of two by which to divide them."""
    size = largest(values)
    return 1.0 if size > 1e-100 or size == 0 else float(2.0 ** np.floor(np.log2(size)))


def observations(
    values: ArrayLike, weights: ArrayLike | None, clusters: ArrayLike | None, clusters2: ArrayLike | None
) -> tuple[FloatArray, FloatArray, IntArray | None, IntArray | None, Mapping[str, int]]:
    """Return values, weights and clusters of what can be averaged, and how many values were missing."""
    value = floats("values", values)
    weight = np.ones(len(value)) if weights is None else _weights(weights, len(value))
    first = None if clusters is None else codes("clusters", clusters, length=len(value))
    second = None if clusters2 is None else codes("clusters2", clusters2, length=len(value))
    missing = np.isnan(value)
    kept = ~missing & (weight > 0)
    omitted = {"missing values": int(missing.sum())} if missing.any() else {}
    return (
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
