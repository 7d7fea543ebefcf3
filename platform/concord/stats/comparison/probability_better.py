"""The probability that one system is better, given the data and a prior that says nothing."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from concord.stats._arrays import FloatArray, InputError, flag, floats, fraction, number
from concord.stats._normal import t_quantile
from concord.stats._results import NAN, Estimate, TestedEstimate
from concord.stats.comparison._beta_gap import Beta, gap_below, gap_quantile
from concord.stats.comparison.mean import mean, paired_difference


@dataclass(frozen=True, kw_only=True)
class ProbabilityBetter(Estimate):
    """``value`` is P(a > b + margin | data); ``low`` and ``high`` bound the *difference* a - b (a credible interval)."""

    difference: float


def probability_better(
    a: ArrayLike,
    b: ArrayLike,
    *,
    paired: bool = True,
    clusters: ArrayLike | None = None,
    margin: float = 0.0,
    confidence: float = 0.95,
) -> ProbabilityBetter:
    """Return the posterior probability that the mean of ``a`` exceeds that of ``b`` by more than ``margin``.

    Parameters
    ----------
    a, b
        Numbers; paired means aligned (two systems on the same examples).
    clusters
        (n,) codes of the pairs (paired only).
    margin
        How much better counts as better.

    Returns
    -------
    ProbabilityBetter
        Undefined where the posterior does not exist: fewer than two observations, or no variation of numbers.

    Raises
    ------
    InputError
        Malformed input.

    Notes
    -----
    Unpaired outcomes of 0 and 1: independent Beta posteriors under Jeffreys' prior, integrated numerically.
    Otherwise Student's t around the difference (the posterior under the flat prior on mean and log variance;
    clustered degrees of freedom as in ``mean``; unpaired, Welch's approximation to Behrens and Fisher's). Gelman et
    al. (2013), "Bayesian data analysis", sections 2.4 and 3.2.

    Examples
    --------
    >>> round(probability_better([1] * 8 + [0] * 2, [1] * 5 + [0] * 5, paired=False).value, 3)
    0.921
    """
    confidence = fraction("confidence", confidence)
    margin = number("margin", margin)
    if flag("paired", paired):
        found = paired_difference(a, b, clusters=clusters, confidence=confidence)
        value, error, df, n = found.value, found.standard_error, found.df, found.n
        return _student(value, error, df, n, margin, confidence)
    if clusters is not None:
        raise InputError("clusters are for paired data only")
    one, two = (x[~np.isnan(x)] for x in (floats("a", a), floats("b", b)))
    if len(one) and len(two) and np.isin(one, (0, 1)).all() and np.isin(two, (0, 1)).all():
        return _beta(one, two, margin, confidence)
    if min(len(one), len(two)) < 2:
        return _undefined("each sample needs at least two observations", len(one) + len(two), confidence)
    first, second = mean(one, confidence=confidence), mean(two, confidence=confidence)
    n, error = first.n + second.n, math.hypot(first.standard_error, second.standard_error)
    return _student(first.value - second.value, error, _welch(first, second), n, margin, confidence)


def _welch(first: TestedEstimate, second: TestedEstimate) -> float:
    """Return Welch's degrees of freedom, from shares of the variance: its square might leave float64."""
    whole = math.hypot(first.standard_error, second.standard_error)
    if not whole > 0:
        return NAN
    return 1 / sum((x.standard_error / whole) ** 4 / (x.n - 1) for x in (first, second))


def _student(
    value: float, error: float, df: float, n: int, margin: float, confidence: float
) -> ProbabilityBetter:
    if not error > 0 or math.isnan(df):
        return _undefined("the observations are too few or do not vary: there is no posterior", n, confidence)
    half = t_quantile(confidence, df) * error
    return ProbabilityBetter(
        value=float(special.stdtr(df, (value - margin) / error)),
        low=value - half,
        high=value + half,
        confidence=confidence,
        method="Student posterior, flat prior",
        n=n,
        standard_error=error,
        difference=value,
    )


def _beta(x: FloatArray, y: FloatArray, margin: float, confidence: float) -> ProbabilityBetter:
    one, two = (Beta(float(v.sum()) + 0.5, float((1 - v).sum()) + 0.5) for v in (x, y))
    tail = (1 - confidence) / 2
    return ProbabilityBetter(
        value=gap_below(two, one, -margin),
        low=gap_quantile(one, two, tail),
        high=gap_quantile(one, two, 1 - tail),
        confidence=confidence,
        method="Beta posteriors, Jeffreys prior",
        n=len(x) + len(y),
        standard_error=math.sqrt(one.variance + two.variance),
        difference=float(x.mean() - y.mean()),
    )


def _undefined(reason: str, n: int, confidence: float) -> ProbabilityBetter:
    return ProbabilityBetter(
        value=NAN, confidence=confidence, method="none", n=n, undefined=reason, difference=NAN
    )
