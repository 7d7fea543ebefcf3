"""A share that an imperfect machine counted, corrected by what people found about the machine's errors."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from concord.stats._arrays import InputError, count, fraction, shown
from concord.stats._normal import z_quantile
from concord.stats._results import NAN, Estimate
from concord.stats._undefined import undefined

_LITTLE = 0.2  # what a machine gains over guessing, below which
_WIDE = 0.5  # an interval wider than this needs a reason


@dataclass(frozen=True, kw_only=True)
class RoganGladen(Estimate):
    """The corrected share; ``apparent`` is the machine's own, ``sensitivity`` and ``specificity`` the shares behind it."""

    apparent: float
    sensitivity: float
    specificity: float


def rogan_gladen(
    positives: int,
    n: int,
    *,
    sensitivity: tuple[int, int],
    specificity: tuple[int, int],
    confidence: float = 0.95,
) -> RoganGladen:
    """Return the true share of positives from a machine's count and its error rates on items that people labelled.

    Parameters
    ----------
    positives, n
        How many of ``n`` items the machine called positive.
    sensitivity
        ``(k, m)``: of ``m`` items that are positive by people's labels, the machine called ``k`` positive.
    specificity
        ``(k, m)``: of ``m`` items that are negative by people's labels, the machine called ``k`` negative.

    Returns
    -------
    RoganGladen
        Cut to [0, 1]. Where the rates cannot hold, because all that they leave open lies outside [0, 1], there is no interval and
        a note; also where the machine is hardly better than guessing. Undefined where a count is empty or where sensitivity +
        specificity does not exceed 1: the machine then says nothing.

    Raises
    ------
    InputError
        Counts that are negative, not whole, or ``k > m``.

    Notes
    -----
    ``(apparent + specificity - 1) / (sensitivity + specificity - 1)``. The interval is Lang & Reiczigel's (2014), which adds
    pseudo-counts and carries the uncertainty of all three counts, taken as independent samples.

    References
    ----------
    Rogan & Gladen (1978), doi:10.1093/oxfordjournals.aje.a112510; Lang & Reiczigel (2014), doi:10.1016/j.prevetmed.2013.09.015.

    Examples
    --------
    >>> result = rogan_gladen(270, 1000, sensitivity=(90, 100), specificity=(85, 100))
    >>> round(result.value, 3)
    0.16
    """
    confidence = fraction("confidence", confidence)
    positives, n = _pair("positives, n", (positives, n))
    hits, m1 = _pair("sensitivity", sensitivity)
    rejections, m0 = _pair("specificity", specificity)
    reason = None
    if min(n, m1, m0) == 0:
        reason = "a count is empty: items, labelled positives and labelled negatives are all needed"
    elif hits / m1 + rejections / m0 <= 1 + 1e-12:
        reason = (
            "sensitivity + specificity does not exceed 1: the machine's verdict says nothing about the label"
        )
    se, sp = (hits / m1 if m1 else NAN), (rejections / m0 if m0 else NAN)
    apparent = positives / n if n else NAN
    if reason:
        return undefined(
            RoganGladen,
            reason,
            confidence=confidence,
            n=n,
            apparent=apparent,
            sensitivity=se,
            specificity=sp,
        )
    raw = (apparent + sp - 1) / (se + sp - 1)
    value = min(max(raw, 0.0), 1.0)
    low, high = _lang_reiczigel((positives, n), (hits, m1), (rejections, m0), confidence)
    low, high = (low, high) if low < high else (NAN, NAN)
    return RoganGladen(
        value=value,
        low=min(low, value),
        high=max(high, value),
        confidence=confidence,
        method="Lang-Reiczigel",
        n=n,
        standard_error=_delta_error(apparent, n, se, m1, sp, m0, raw),
        notes=(*_cut(raw, low), *_useless((hits, m1), (rejections, m0), high - low, confidence)),
        apparent=apparent,
        sensitivity=se,
        specificity=sp,
    )


def _cut(raw: float, low: float) -> tuple[str, ...]:
    """Return what to say where the correction leaves the range, and where even its interval does."""
    cut = f"the correction gave {raw:.3f} and was cut to the range from 0 to 1."
    rates = (
        "sensitivity and specificity cannot hold for these items: all that they leave open lies outside the range from 0 to 1, "
        "so there is no interval."
    )
    return (() if 0 <= raw <= 1 else (cut,)) + ((rates,) if math.isnan(low) else ())


def _useless(
    hit: tuple[int, int], reject: tuple[int, int], width: float, confidence: float
) -> tuple[str, ...]:
    """Say so where the machine may as well be guessing: an interval from 0 to 1 needs a reason."""
    (hits, m1), (rejections, m0) = hit, reject
    gain = hits / m1 + rejections / m0 - 1
    p, q = (hits + 1) / (m1 + 2), (rejections + 1) / (m0 + 2)
    doubt = z_quantile(confidence) * math.sqrt(p * (1 - p) / m1 + q * (1 - q) / m0)
    if gain <= doubt:
        why = "and by so many labels it may be 1, that of a machine that guesses"
    elif gain < _LITTLE and width > _WIDE:
        why = "little more than the 1 of a machine that guesses"
    else:
        return ()
    return (f"sensitivity + specificity is {1 + gain:.2f}, {why}: its count says next to nothing.",)


def _pair(name: str, pair: Any) -> tuple[int, int]:
    given: object = pair
    listed = isinstance(given, tuple | list) or (isinstance(given, np.ndarray) and given.ndim == 1)
    if not listed or len(pair) != 2:
        raise InputError(f"{name} must be (count, out of), got {shown(pair)}")
    k, m = count(name, pair[0]), count(name, pair[1])
    if k > m:
        raise InputError(f"{name}: the count must not exceed its total, got {k} of {m}")
    return k, m


def _delta_error(p: float, n: float, se: float, m1: int, sp: float, m0: int, raw: float) -> float:
    variance = p * (1 - p) / n + raw**2 * se * (1 - se) / m1 + (1 - raw) ** 2 * sp * (1 - sp) / m0
    return math.sqrt(variance) / (se + sp - 1)


def _lang_reiczigel(
    count_: tuple[int, int], hit: tuple[int, int], reject: tuple[int, int], confidence: float
) -> tuple[float, float]:
    z = z_quantile(confidence)
    n, m1, m0 = count_[1] + z * z, hit[1] + 2, reject[1] + 2
    p, se, sp = (count_[0] + z * z / 2) / n, (hit[0] + 1) / m1, (reject[0] + 1) / m0
    if se + sp - 1 <= 0:
        return 0.0, 1.0
    raw = (p + sp - 1) / (se + sp - 1)
    shift = 2 * z * z * (raw * se * (1 - se) / m1 - (1 - raw) * sp * (1 - sp) / m0)
    half = z * _delta_error(p, n, se, m1, sp, m0, raw)
    return min(max(raw + shift - half, 0.0), 1.0), min(max(raw + shift + half, 0.0), 1.0)
