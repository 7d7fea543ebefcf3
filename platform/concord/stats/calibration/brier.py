"""The Brier score and its parts."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from concord.stats._arrays import FloatArray, IntArray, compact, fraction, one_of, tally
from concord.stats._binomial import effective_number, wilson
from concord.stats._results import NAN, Estimate
from concord.stats._undefined import undefined
from concord.stats.calibration._pairs import bin_of, bins_wanted, edges, pairs
from concord.stats.comparison.mean import mean

_BINS = 15
_NO_SURPRISE = (
    "hardly a forecast went wrong: the interval takes the error that the forecasts themselves expect."
)
_ONE = "one forecast: no interval."
_DISTINCT = "distinct"
_PARTS = ("reliability", "resolution", "uncertainty", "within_bins", "skill")


@dataclass(frozen=True, kw_only=True)
class Brier(Estimate):
    """``value == reliability - resolution + uncertainty + within_bins``; lower is better.

    ``reliability`` (0 is perfectly calibrated), ``resolution`` (how much the forecasts tell apart), ``uncertainty``
    (of the outcome itself). ``within_bins`` is zero where every distinct probability is a bin of its own. ``skill`` is one less
    score over uncertainty.
    """

    reliability: float
    resolution: float
    uncertainty: float
    within_bins: float
    skill: float
    n_bins: int


def brier(
    probabilities: ArrayLike,
    outcomes: ArrayLike,
    *,
    n_bins: int | str | None = None,
    confidence: float = 0.95,
) -> Brier:
    """Return the mean squared error of probabilities, with Murphy's three parts.

    Parameters
    ----------
    probabilities, outcomes
        (n,) numbers in [0, 1] and outcomes 0 or 1; nan is dropped.
    n_bins
        So many bins of equal width; "distinct": every distinct probability is a bin (the exact partition). None: "distinct" where
        probabilities repeat (forecasts in steps), 15 bins where more than half are distinct: bins of one item each would say that
        all of the score is unreliability.

    Returns
    -------
    Brier
        Undefined without pairs. Notes say where the 15 bins were taken unasked, and where so few forecasts went wrong that the
        interval rests on how often they themselves expect to.

    Raises
    ------
    InputError
        Values out of range; a word for ``n_bins`` other than "distinct".

    Notes
    -----
    ``sum n_k (p_k - o_k)**2 / n - sum n_k (o_k - o)**2 / n + o (1 - o)``. Brier (1950); Murphy (1973),
    doi:10.1175/1520-0450(1973)012<0595:ANVPOT>2.0.CO;2; Stephenson et al. (2008) for the part within bins.

    The interval is Wilson's at the number of answers of 0 and 1 that the squared errors are worth (`clustered_proportion`), by
    the larger of two standard errors: the one seen, and the one that true forecasts would have,
    ``sqrt(sum p (1 - p) (1 - 2 p)**2) / n`` (Spiegelhalter 1986, doi:10.1002/sim.4780050506). Sure forecasts that all came
    true have no errors to see.

    Examples
    --------
    >>> result = brier([0.9, 0.9, 0.1, 0.1], [1, 1, 0, 1])
    >>> round(result.value, 3), round(result.reliability - result.resolution + result.uncertainty, 3)
    (0.21, 0.21)
    """
    confidence = fraction("confidence", confidence)
    p, y, omitted = pairs(probabilities, outcomes)
    n = len(p)
    if n == 0:
        reason = "there are no probabilities with outcomes"
        parts: dict[str, Any] = dict.fromkeys(_PARTS, NAN)
        return undefined(Brier, reason, confidence=confidence, omitted=omitted, n_bins=0, **parts)
    group, notes = _bins(p, n_bins)
    k = int(group.max()) + 1
    size = tally(group, k)
    forecast, happened = tally(group, k, p) / size, tally(group, k, y) / size
    reliability = float((size * np.square(forecast - happened)).sum()) / n
    resolution = float((size * np.square(happened - y.mean())).sum()) / n
    uncertainty = float(y.mean() * (1 - y.mean()))
    found = mean(np.square(p - y), confidence=confidence)
    low, high, seen = _interval(p, found, confidence)
    return Brier(
        value=found.value,
        low=low,
        high=high,
        confidence=confidence,
        method="mean squared error, Wilson interval",
        n=n,
        standard_error=found.standard_error,
        notes=(*seen, *notes),
        omitted=omitted,
        reliability=reliability,
        resolution=resolution,
        uncertainty=uncertainty,
        within_bins=found.value - (reliability - resolution + uncertainty),
        skill=1 - found.value / uncertainty if uncertainty > 0 else NAN,
        n_bins=k,
    )


class _Interval(NamedTuple):
    """Both ends, and notes."""

    low: float
    high: float
    notes: tuple[str, ...]


def _interval(p: FloatArray, found: Estimate, confidence: float) -> _Interval:
    """Return Wilson's limits of the score, and a note where the forecasts expect more error than was seen."""
    value, n = found.value, found.n
    if n < 2:
        return _Interval(NAN, NAN, (_ONE,))
    expected = math.sqrt(float((p * (1 - p) * np.square(1 - 2 * p)).sum())) / n
    error = max(found.standard_error, expected)
    worth = float(n)
    likely = max(value, float((p * (1 - p)).mean())) if expected > found.standard_error else value
    if (
        error > 0 and 0 < likely < 1
    ):  # an error that the forecasts expect goes with the score that they expect
        worth = max(effective_number(likely, error, n - 1.0, confidence), 1.0)
    low, high = wilson(value, worth, confidence)
    return _Interval(low, high, (_NO_SURPRISE,) if expected > 2 * found.standard_error else ())


def _bins(p: FloatArray, n_bins: int | str | None) -> tuple[IntArray, tuple[str, ...]]:
    """Return the bin of each probability, and a note where bins were taken that nobody asked for."""
    each, distinct = compact(p)
    if isinstance(n_bins, str):
        one_of("n_bins", n_bins, (_DISTINCT,))
        return each, ()
    if n_bins is None and 2 * len(distinct) <= len(p):
        return each, ()
    group, kept = compact(bin_of(p, edges(p, _BINS if n_bins is None else bins_wanted(n_bins), "width")))
    if n_bins is not None or len(kept) == len(distinct):
        return group, ()
    note = (
        f"{len(distinct):,} of {len(p):,} probabilities are distinct: reliability and resolution are those of {_BINS} bins of "
        f"equal width; n_bins={_DISTINCT!r} makes each a bin of its own."
    )
    return group, (note,)
