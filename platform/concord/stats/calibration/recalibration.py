"""Making probabilities come true: isotonic regression and Platt's scaling."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from concord.stats._arrays import (
    FloatArray,
    compact,
    floats,
    tally,
    zeros_and_ones,
)
from concord.stats._results import NAN, Record

_STEPS = 100
_TINY = 1e-140


@dataclass(frozen=True, kw_only=True)
class Isotonic(Record):
    """A rising step function through ``scores`` and ``probabilities``, linear in between, flat beyond both ends."""

    scores: FloatArray = field(repr=False)
    probabilities: FloatArray = field(repr=False)
    n: int
    undefined: str | None = None

    def predict(self, scores: ArrayLike) -> FloatArray:
        """Return the calibrated probability of each score; nan where undefined."""
        at = floats("scores", scores)
        if self.undefined:
            return np.full(len(at), np.nan)
        return np.where(np.isnan(at), np.nan, np.interp(at, self.scores, self.probabilities))


@dataclass(frozen=True, kw_only=True)
class Platt(Record):
    """``P(1) = 1 / (1 + exp(-(slope * score + intercept)))``."""

    slope: float
    intercept: float
    n: int
    converged: bool
    undefined: str | None = None

    def predict(self, scores: ArrayLike) -> FloatArray:
        """Return the calibrated probability of each score; nan where undefined."""
        result: FloatArray = special.expit(self.slope * floats("scores", scores) + self.intercept)
        return result


def isotonic(scores: ArrayLike, outcomes: ArrayLike) -> Isotonic:
    """Return the best rising map from scores to probabilities.

    Parameters
    ----------
    scores, outcomes
        (n,) numbers and outcomes 0 or 1; nan is dropped.

    Returns
    -------
    Isotonic
        Undefined without pairs. Fit it on other data than it is judged on.

    Raises
    ------
    InputError
        Outcomes other than 0 and 1.

    Notes
    -----
    Pool adjacent violators. Ayer et al. (1955), doi:10.1214/aoms/1177728423; Zadrozny & Elkan (2002), doi:10.1145/775047.775151.

    Examples
    --------
    >>> isotonic([1, 2, 3, 4], [0, 1, 0, 1]).predict([1, 2.5, 4]).tolist()
    [0.0, 0.5, 1.0]
    """
    # Here, because web processes import this package, and the optimizers would add 24 MB to each.
    from scipy import optimize

    x, y = _clean(scores, outcomes)
    if not len(x):
        nothing = np.empty(0)
        return Isotonic(
            scores=nothing, probabilities=nothing, n=0, undefined="there are no scores with outcomes"
        )
    position, distinct = compact(x)
    weight = tally(position, len(distinct))
    found = optimize.isotonic_regression(tally(position, len(distinct), y) / weight, weights=weight)
    return Isotonic(scores=distinct.astype(np.float64), probabilities=np.asarray(found.x), n=len(x))


def platt(scores: ArrayLike, outcomes: ArrayLike) -> Platt:
    """Return Platt's logistic map from scores to probabilities.

    Parameters
    ----------
    scores, outcomes
        As in ``isotonic``.

    Returns
    -------
    Platt
        Undefined where only one outcome occurred or the scores do not vary.

    Raises
    ------
    InputError
        Outcomes other than 0 and 1.

    Notes
    -----
    Logistic regression on Platt's smoothed targets ``(n1 + 1) / (n1 + 2)`` and ``1 / (n0 + 2)``, which keep it
    finite for separated data. Platt (1999), "Probabilistic outputs for support vector machines"; by Newton's method as in
    Lin, Lin & Weng (2007), doi:10.1007/s10994-007-5018-6.

    Examples
    --------
    >>> platt([-2, -1, 1, 2], [0, 0, 1, 1]).predict([0.0]).round(6).tolist()
    [0.5]
    """
    x, y = _clean(scores, outcomes)
    ones = int(y.sum())
    zeros = len(y) - ones
    middle = float(x.mean()) if len(x) else 0.0
    half = float(np.abs(x - middle).max()) if len(x) else 0.0
    if not ones or not zeros or not half > _TINY:
        reason = "both outcomes and at least two different scores are needed"
        return Platt(slope=NAN, intercept=NAN, n=len(x), converged=False, undefined=reason)
    target = np.where(y == 1, (ones + 1) / (ones + 2), 1 / (zeros + 2))
    a, b, converged = _newton((x - middle) / half, target, np.log((ones + 1) / (zeros + 1)))
    slope = a / half
    return Platt(slope=slope, intercept=b - slope * middle, n=len(x), converged=converged)


class _Line(NamedTuple):
    """Slope and intercept, and whether they came to rest."""

    slope: float
    intercept: float
    converged: bool


def _newton(z: FloatArray, target: FloatArray, start: float) -> _Line:
    """Return slope and intercept by Newton with halved steps (Lin, Lin & Weng 2007), and whether they came to rest."""
    design = np.stack([z, np.ones(len(z))], axis=1)
    at, value = np.array([0.0, start]), np.inf
    for _ in range(_STEPS):
        p = special.expit(design @ at)
        information = design.T @ (design * (p * (1 - p))[:, None])
        step = np.linalg.lstsq(information, design.T @ (target - p), rcond=None)[0]
        while not (found := _loss(design @ (at + step), target)) <= value * (1 + 1e-13):
            step = step / 2
        at, value = at + step, found
        if np.abs(step).max() <= 1e-11 * max(1.0, float(np.abs(at).max())):
            return _Line(float(at[0]), float(at[1]), True)
    return _Line(float(at[0]), float(at[1]), False)


def _loss(a: FloatArray, target: FloatArray) -> float:
    return float((np.logaddexp(0, a) - target * a).sum())


def _clean(scores: ArrayLike, outcomes: ArrayLike) -> tuple[FloatArray, FloatArray]:
    x = floats("scores", scores)
    y = floats("outcomes", outcomes, length=len(x))
    known = ~(np.isnan(x) | np.isnan(y))
    zeros_and_ones("outcomes", y, where=known)
    return x[known], y[known]
