"""Looking at every new result without paying for it: confidence sequences and e-values for bounded values."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from concord.stats._arrays import (
    FloatArray,
    InputError,
    floats,
    fraction,
    left_out,
    number,
)
from concord.stats._results import NAN, Estimate, Record
from concord.stats._undefined import undefined

_DRIFT = (
    "from value {} on no single mean agrees with all that came: the values drift, and there is no interval."
)
_NEAREST = 1e-12  # of a null to a bound, as a share of their distance


@dataclass(frozen=True, kw_only=True)
class ConfidenceSequence(Estimate):
    """``lows`` and ``highs`` (n,) hold for all times at once; ``low`` and ``high`` are the last.

    Times count the values that were known: what was missing takes no place.
    """

    lows: FloatArray = field(repr=False)
    highs: FloatArray = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class EValue(Record):
    """``value`` is the evidence against the null: 20 is worth a p-value of .05, at any time of looking. ``values``
    (n,) over time, which counts the values that were known.

    ``p_value`` is one over the largest so far.
    """

    value: float
    values: FloatArray = field(repr=False)
    p_value: float
    null: float
    n: int
    method: str
    undefined: str | None = None
    omitted: Mapping[str, int] = field(default_factory=dict)


def confidence_sequence(
    values: ArrayLike, *, lower: float = 0.0, upper: float = 1.0, confidence: float = 0.95
) -> ConfidenceSequence:
    """Return an interval for the mean of bounded values that holds at every time, so that one may stop when one likes.

    Parameters
    ----------
    values
        (n,) numbers in the order in which they came, between ``lower`` and ``upper``; nan is dropped.
    lower, upper
        The bounds that no value can leave: of the scale, not of the values seen.

    Returns
    -------
    ConfidenceSequence
        Wider than a fixed-n interval: the price of looking. Undefined without values. Where the values drift so far that
        the intervals so far have nothing in common, the ends are nan from there on, with a note.

    Raises
    ------
    InputError
        A value outside the bounds.

    Notes
    -----
    Predictable plug-in empirical Bernstein: Waudby-Smith & Ramdas (2024), "Estimating means of bounded random
    variables by betting", doi:10.1093/jrsssb/qkad009, theorem 2; the running intersection is taken.

    Examples
    --------
    >>> result = confidence_sequence([0, 1] * 200)
    >>> result.low < 0.5 < result.high
    True
    """
    confidence = fraction("confidence", confidence)
    x, omitted = _bounded(values, lower, upper)
    n = len(x)
    if n == 0:
        none = np.empty(0)
        reason = "there are no values"
        return undefined(
            ConfidenceSequence, reason, confidence=confidence, omitted=omitted, lows=none, highs=none
        )
    bet, before = _bets(x, 1 - confidence, 0.5)
    total = np.cumsum(bet)
    psi = -np.log1p(-bet) - bet
    half = (math.log(2 / (1 - confidence)) + np.cumsum(np.square(x - before) * psi)) / total
    centre = np.cumsum(bet * x) / total
    lows = np.maximum.accumulate(np.clip(centre - half, 0.0, 1.0))
    highs = np.minimum.accumulate(np.clip(centre + half, 0.0, 1.0))
    empty = lows > highs  # from the first such time on: both only ever close in
    lows, highs = np.where(empty, NAN, lows), np.where(empty, NAN, highs)
    width = upper - lower
    return ConfidenceSequence(
        value=lower + width * float(x.mean()),
        notes=(_DRIFT.format(int(np.argmax(empty)) + 1),) if empty.any() else (),
        low=lower + width * float(lows[-1]),
        high=lower + width * float(highs[-1]),
        confidence=confidence,
        method="empirical Bernstein confidence sequence",
        n=n,
        omitted=omitted,
        lows=lower + width * lows,
        highs=lower + width * highs,
    )


def e_value(values: ArrayLike, *, null: float, lower: float = 0.0, upper: float = 1.0) -> EValue:
    """Return the evidence that the mean of bounded values is not ``null``, valid whenever one looks.

    Parameters
    ----------
    values
        As in ``confidence_sequence``. For paired differences of scores in [0, 1] use bounds -1 and 1 and null 0.
    null
        The mean under the null, strictly between the bounds.
    lower, upper
        As in ``confidence_sequence``.

    Returns
    -------
    EValue
        Undefined without values. Under the null its expectation is at most 1 at any stopping time.

    Raises
    ------
    InputError
        A value or the null outside the bounds.

    Notes
    -----
    Half the capital bets on more, half on less: ``prod(1 ± l_i (x_i - null))`` with bets that use the past only.
    Ramdas et al. (2023), "Game-theoretic statistics and safe anytime-valid inference", doi:10.1214/23-STS894.

    Examples
    --------
    >>> e_value([1, 1, 1, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1], null=0.5).value > 20
    True
    """
    x, omitted = _bounded(values, lower, upper)
    null = number("null", null)
    m = (null - lower) / (upper - lower)
    if not _NEAREST < m < 1 - _NEAREST:
        raise InputError(f"null must lie between {lower:g} and {upper:g}, got {null!r}")
    if not len(x):
        reason = "there are no values"
        return EValue(
            value=NAN, values=x, p_value=NAN, null=null, n=0, method="none", undefined=reason, omitted=omitted
        )
    bet, _ = _bets(x, 0.05, 0.75 / min(m, 1 - m))
    up = np.cumsum(np.log1p(np.minimum(bet, 0.75 / m) * (x - m)))
    down = np.cumsum(np.log1p(-np.minimum(bet, 0.75 / (1 - m)) * (x - m)))
    wealth = np.exp(np.minimum(np.logaddexp(up, down) - math.log(2), 700.0))
    return EValue(
        value=float(wealth[-1]),
        values=wealth,
        p_value=min(1.0, 1 / float(wealth.max())),
        null=null,
        n=len(x),
        method="betting e-process",
        omitted=omitted,
    )


def _bounded(values: ArrayLike, lower: float, upper: float) -> tuple[FloatArray, Mapping[str, int]]:
    """Return the known values as shares of the range, and how many were missing."""
    lower, upper = number("lower", lower), number("upper", upper)
    if not lower < upper:
        raise InputError(f"the lower bound must lie below the upper one, got {lower!r} and {upper!r}")
    x = floats("values", values)
    known = ~np.isnan(x)
    x = x[known]
    if x.size and (x.min() < lower or x.max() > upper):
        bad = x[(x < lower) | (x > upper)][0]
        raise InputError(f"values must lie between lower = {lower:g} and upper = {upper:g}, got {float(bad)}")
    return (x - lower) / (upper - lower), left_out(known)


def _bets(x: FloatArray, alpha: float, cap: float) -> tuple[FloatArray, FloatArray]:
    """Return each round's bet and the running mean before it: both use the past only."""
    t = np.arange(1, len(x) + 1)
    after = (0.5 + np.cumsum(x)) / (t + 1)
    variance = (0.25 + np.cumsum(np.square(x - after))) / (t + 1)
    earlier = np.append(0.25, variance[:-1])
    bet = np.sqrt(2 * math.log(2 / alpha) / (earlier * t * np.log1p(t)))
    return np.minimum(bet, cap), np.append(0.5, after[:-1])
