"""The probability that one system is better, given the data and a prior that says nothing."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from concord.stats._arrays import FloatArray, InputError, flag, floats, fraction, number
from concord.stats._normal import t_quantile
from concord.stats._results import NAN, Estimate, TestedEstimate
from concord.stats._undefined import undefined
from concord.stats.comparison._beta_gap import Beta, gap_below, gap_quantile
from concord.stats.comparison._paired_shares import PairedShares
from concord.stats.comparison.mean import mean, paired_difference

_FEW = 10


@dataclass(frozen=True, kw_only=True)
class ProbabilityBetter(Estimate):
    """``value`` is P(a > b + margin | data); ``low`` and ``high`` bound the *difference* a - b (a credible interval)."""

    difference: float

    def __str__(self) -> str:
        """Say it in one line; the interval stands beside the difference that it bounds."""
        if not self.defined:
            return super().__str__()
        gap = f"difference {self.difference:.4g} [{self.low:.4g}, {self.high:.4g}]"
        return f"probability {self.value:.4g}; {gap} ({100 * self.confidence:g} %, n = {self.n:,}, {self.method})"


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
        (n,) numbers; paired means aligned (two systems on the same examples).
    paired
        Whether ``a`` and ``b`` are two systems on the same examples; False for two samples of any sizes.
    clusters
        (n,) codes of the pairs (paired only).
    margin
        How much better counts as better, in the units of the values.

    Returns
    -------
    ProbabilityBetter
        ``value`` is the probability; ``low`` and ``high`` are not its interval but that of ``difference``. Undefined where the
        posterior does not exist: no complete pair, fewer than two observations of numbers, or no variation of numbers.

    Raises
    ------
    InputError
        Malformed input.

    Notes
    -----
    Unpaired outcomes of 0 and 1: independent Beta posteriors under Jeffreys' prior, integrated numerically. Paired ones
    without clusters: the Dirichlet posterior of the four cells (both right, only a, only b, neither), under which the share of
    examples that differ and the share of those that speak for a are independent Betas. Otherwise Student's t around the
    difference (the posterior under the flat prior on mean and log variance; clustered degrees of freedom as in
    ``mean``; unpaired, Welch's approximation to Behrens and Fisher's), with a note where fewer than ten pairs of 0 and 1 differ.

    References
    ----------
    Gelman et al. (2013), "Bayesian data analysis", sections 2.4 and 3.2; Altham (1971), doi:10.1093/biomet/58.3.561.

    Examples
    --------
    >>> round(probability_better([1] * 8 + [0] * 2, [1] * 5 + [0] * 5, paired=False).value, 3)
    0.921
    """
    confidence = fraction("confidence", confidence)
    margin = number("margin", margin)
    if flag("paired", paired):
        return _paired(a, b, clusters, margin, confidence)
    if clusters is not None:
        raise InputError("clusters are for paired data only")
    one, two = (x[~np.isnan(x)] for x in (floats("a", a), floats("b", b)))
    if len(one) and len(two) and _binary(one) and _binary(two):
        return _beta(one, two, margin, confidence)
    if min(len(one), len(two)) < 2:
        return _undefined("each sample needs at least two observations", len(one) + len(two), confidence)
    first, second = mean(one, confidence=confidence), mean(two, confidence=confidence)
    n, error = first.n + second.n, math.hypot(first.standard_error, second.standard_error)
    return _student(first.value - second.value, error, _welch(first, second), n, margin, confidence)


def _paired(
    a: ArrayLike, b: ArrayLike, clusters: ArrayLike | None, margin: float, confidence: float
) -> ProbabilityBetter:
    found = paired_difference(a, b, clusters=clusters, confidence=confidence)
    one, two = floats("a", a), floats("b", b)
    gap = (one - two)[known := ~(np.isnan(one) | np.isnan(two))]
    binary = len(gap) > 0 and _binary(one[known]) and _binary(two[known])
    only_a, only_b = int((gap > 0).sum()), int((gap < 0).sum())
    if binary and clusters is None:
        return _dirichlet(only_a, only_b, found.n, margin, confidence)
    few = f"only {only_a + only_b} pairs differ: Student's t is rough for answers of 0 and 1."
    student = _student(found.value, found.standard_error, found.df, found.n, margin, confidence)
    return (
        replace(student, notes=(few,)) if student.defined and binary and only_a + only_b < _FEW else student
    )


def _binary(values: FloatArray) -> bool:
    return bool(np.isin(values, (0, 1)).all())


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
    tail, below = (1 - confidence) / 2, partial(gap_below, one, two)
    return ProbabilityBetter(
        value=gap_below(two, one, -margin),
        low=gap_quantile(below, tail),
        high=gap_quantile(below, 1 - tail),
        confidence=confidence,
        method="Beta posteriors, Jeffreys prior",
        n=len(x) + len(y),
        standard_error=math.sqrt(one.variance + two.variance),
        difference=float(x.mean() - y.mean()),
    )


def _dirichlet(only_a: int, only_b: int, n: int, margin: float, confidence: float) -> ProbabilityBetter:
    alike, tail = n - only_a - only_b, (1 - confidence) / 2
    posterior, turned = (PairedShares.of(x, y, alike) for x, y in ((only_a, only_b), (only_b, only_a)))
    return ProbabilityBetter(
        value=turned.below(-margin),
        low=gap_quantile(posterior.below, tail),
        high=-gap_quantile(turned.below, tail),
        confidence=confidence,
        method="Dirichlet posterior of paired answers, Jeffreys prior",
        n=n,
        standard_error=posterior.error,
        difference=(only_a - only_b) / n,
    )


def _undefined(reason: str, n: int, confidence: float) -> ProbabilityBetter:
    return undefined(ProbabilityBetter, reason, confidence=confidence, n=n, difference=NAN)
