"""The probability that one system is better, given the data and a prior that says nothing."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from concord.stats._arrays import FloatArray, InputError, floats, fraction
from concord.stats._normal import t_quantile
from concord.stats._results import NAN, Estimate
from concord.stats.comparison.mean import paired_difference


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
    fraction("confidence", confidence)
    if not math.isfinite(margin):
        raise InputError(f"margin must be finite, got {margin!r}")
    if paired:
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
    parts = [x.var(ddof=1) / len(x) for x in (one, two)]
    total = float(sum(parts))
    spread = sum(float(p) ** 2 / (len(x) - 1) for p, x in zip(parts, (one, two), strict=True))
    df = total**2 / spread if spread > 0 else NAN
    return _student(
        float(one.mean() - two.mean()), math.sqrt(total), df, len(one) + len(two), margin, confidence
    )


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


def _beta(one: FloatArray, two: FloatArray, margin: float, confidence: float) -> ProbabilityBetter:
    (a1, b1), (a2, b2) = ((float(x.sum()) + 0.5, float((1 - x).sum()) + 0.5) for x in (one, two))
    # Midpoints of equal posterior mass of b: the integral over b becomes a plain mean.
    grid = special.betaincinv(a2, b2, (np.arange(20_000) + 0.5) / 20_000)
    beaten = special.betaincc(a1, b1, np.clip(grid + margin, 0.0, 1.0))
    rng = np.random.default_rng(0)
    gaps = rng.beta(a1, b1, 100_000) - rng.beta(a2, b2, 100_000)
    low, high = np.quantile(gaps, [(1 - confidence) / 2, (1 + confidence) / 2])
    return ProbabilityBetter(
        value=float(beaten.mean()),
        low=float(low),
        high=float(high),
        confidence=confidence,
        method="Beta posteriors, Jeffreys prior",
        n=len(one) + len(two),
        standard_error=float(gaps.std()),
        difference=float(one.mean() - two.mean()),
    )


def _undefined(reason: str, n: int, confidence: float) -> ProbabilityBetter:
    return ProbabilityBetter(
        value=NAN, confidence=confidence, method="none", n=n, undefined=reason, difference=NAN
    )
