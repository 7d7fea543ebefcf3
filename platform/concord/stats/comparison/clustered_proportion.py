"""A share of clustered answers with an interval that stays within 0 and 1."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from concord.stats._arrays import InputError, floats
from concord.stats._binomial import wilson
from concord.stats._normal import t_quantile, z_quantile
from concord.stats._results import Estimate, TestedEstimate
from concord.stats.comparison.mean import mean


def clustered_proportion(
    values: ArrayLike,
    *,
    clusters: ArrayLike | None = None,
    clusters2: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    confidence: float = 0.95,
) -> Estimate:
    """Return the mean of values in [0, 1] with Wilson's interval at the number of independent answers that they are worth.

    The effective number is ``p (1 - p) / se^2``, with the clustered standard error of `mean`, times ``(z / t)^2`` for the
    degrees of freedom that the standard error has. Where nothing varies, every cluster counts as one answer.

    Parameters
    ----------
    values
        (n,) shares: 0 or 1, or 0.5 for a tie; nan is missing and dropped.
    clusters, clusters2, weights
        (n,) as in `mean`: answers that share a code are alike.

    Returns
    -------
    Estimate
        Undefined where nothing is left to average; ``n`` counts the answers, the method names the effective number.

    Raises
    ------
    InputError
        A value lies outside [0, 1], or what `mean` refuses.

    References
    ----------
    Korn & Graubard (1998), "Confidence intervals for proportions with small expected number of positive counts estimated
    from survey data", Survey Methodology 24, 193-201; with Wilson's interval in the place of the exact one.

    Examples
    --------
    >>> alike = clustered_proportion([1, 1, 1, 1, 0, 0, 1, 1], clusters=[0, 0, 1, 1, 2, 2, 3, 3])
    >>> alone = clustered_proportion([1, 1, 1, 1, 0, 0, 1, 1])
    >>> alike.value, alike.high - alike.low > alone.high - alone.low
    (0.75, True)
    """
    array = floats("values", values)
    finite = array[~np.isnan(array)]
    if finite.size and not (finite.min() >= 0 and finite.max() <= 1):
        raise InputError(f"values must lie in [0, 1], got {finite.min():g} to {finite.max():g}")
    found = mean(array, clusters=clusters, clusters2=clusters2, weights=weights, confidence=confidence)
    if found.undefined is not None:
        return _estimate(found, math.nan, math.nan, found.method)
    value = min(max(found.value, 0.0), 1.0)
    n = _effective(found, value, _independent(array, clusters, found.n))
    low, high = wilson(value, n, confidence)
    clustered = found.method.replace("t interval", "Wilson interval")
    name = clustered if "cluster" in clustered else "Wilson interval"
    return _estimate(found, low, high, f"{name}, effective n {n:.0f}")


def _independent(array: np.ndarray, clusters: ArrayLike | None, n: int) -> int:
    if clusters is None:
        return n
    return max(len(np.unique(np.asarray(clusters)[~np.isnan(array)])), 1)


def _effective(found: TestedEstimate, value: float, independent: int) -> float:
    error, df = found.standard_error, found.df
    if not error > 0 or not df > 0 or not 0 < value < 1:
        return float(independent)
    worth = value * (1 - value) / error**2
    return max(worth * (z_quantile(found.confidence) / t_quantile(found.confidence, df)) ** 2, 1.0)


def _estimate(found: TestedEstimate, low: float, high: float, method: str) -> Estimate:
    return Estimate(
        value=found.value if math.isnan(found.value) else min(max(found.value, 0.0), 1.0),
        low=low,
        high=high,
        confidence=found.confidence,
        method=method,
        n=found.n,
        standard_error=found.standard_error,
        undefined=found.undefined,
        omitted=found.omitted,
    )
