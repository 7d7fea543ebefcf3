"""How many units it takes to know an agreement coefficient."""

from __future__ import annotations

import math
from itertools import combinations_with_replacement

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from concord.stats._arrays import FloatArray, InputError, count, floats, fraction, number, shown
from concord.stats._normal import z_quantile
from concord.stats.planning._plan import (
    TOO_MANY,
    Plan,
    either,
    finished,
    impossible,
    rounded_up,
    upper_quantile,
)

_MOST_PATTERNS = 200_000
_FEW = 5  # such units: with fewer expected, the interval of alpha may be wider than planned
FEW_UNITS = (
    "so few units are expected that disagree, or agree on a rarer category, that the interval may be wider."
)
_LEAST = 1e-9  # that another category must hold, for chance agreement to leave room


def n_for_alpha(
    *,
    alpha: float,
    raters: int,
    prevalence: ArrayLike,
    half_width: float | None = None,
    null: float | None = None,
    power: float = 0.8,
    level: float = 0.05,
    confidence: float = 0.95,
) -> Plan:
    """Return how many units, each with so many ratings, pin down nominal alpha, or show that it exceeds ``null``.

    Parameters
    ----------
    alpha
        The agreement expected, from 0 up to below 1.
    raters
        Ratings per unit, at least 2.
    prevalence
        (K,) shares of the categories; they are scaled to sum to one.
    half_width
        The wanted half-width of the interval. Give this or ``null``.
    null
        The alpha to be exceeded, tested one-sided at ``level`` with ``power``.
    power, level
        The chance to find an alpha above ``null``, and the level of that one-sided test.

    Returns
    -------
    Plan
        ``n`` units; ``achieved`` is the half-width or the power. A note says where fewer than five units that disagree, or pairs
        that agree on a rarer category, are to be expected.

    Raises
    ------
    InputError
        Numbers out of range, both or neither of ``half_width`` and ``null``, too many categories and raters to enumerate.

    Notes
    -----
    Units are taken to be either clear (all raters agree) with chance alpha, or guesses from the prevalence; the
    variance of alpha is that of its linearisation, summed over all patterns of ratings. With two raters and two categories
    this is the common-correlation model and the variance of Bloch & Kraemer (1989), doi:10.2307/2532052, on which Donner &
    Eliasziw (1992), doi:10.1002/sim.4780111109, plan kappa. Zapf et al. (2016), doi:10.1186/s12874-016-0200-9, for context.

    Examples
    --------
    >>> n_for_alpha(alpha=0.7, raters=3, prevalence=[1, 1], half_width=0.1).n
    120
    """
    confidence = fraction("confidence", confidence)
    power, level = fraction("power", power), fraction("level", level)
    m = count("raters", raters, at_least=2)
    share = floats("prevalence", prevalence, missing=False)
    if len(share) < 2 or (share <= 0).any():
        raise InputError("prevalence needs at least two positive shares")
    share = share / share.sum()
    if not 1 - float(share.max()) > _LEAST:
        raise InputError(f"prevalence leaves one category only, got {shown(prevalence)}")
    either("half_width", half_width, "null", null)
    if math.comb(m + len(share) - 1, m) > _MOST_PATTERNS:
        raise InputError(f"too many patterns: {len(share)} categories with {m} raters")
    real = _variance(_agreement("alpha", alpha), m, share)
    given = {"alpha": alpha, "raters": float(m), "categories": float(len(share))}
    given |= {"confidence": confidence} if null is None else {"null": null, "power": power, "level": level}
    if half_width is not None:
        width, z = fraction("half_width", half_width), z_quantile(confidence)
        n = rounded_up(real * (z / width) * (z / width))
        achieved = z * math.sqrt(real / n) if n else math.nan
        name = "half-width of nominal alpha, in units"
    else:
        floor = _agreement("null", null)
        if not floor < alpha:
            raise InputError(f"alpha must exceed null, got {alpha!r} and {null!r}")
        flat = _variance(floor, m, share)
        z, zb = upper_quantile(level), upper_quantile(1 - power)
        n = rounded_up((max(z * math.sqrt(flat) + zb * math.sqrt(real), 0.0) / (alpha - floor)) ** 2)
        achieved = _reached(alpha - floor, z, flat, real, n) if n else math.nan
        name = "power to show alpha above null, in units"
    if n is None:
        return impossible(TOO_MANY, 1.0, name, given)
    notes = (FEW_UNITS,) if n * _telling(alpha, m, share) < _FEW else ()
    return finished(n, 1.0, 1.0, achieved, name, given, notes=notes)


def _telling(alpha: float, m: int, share: FloatArray) -> float:
    """Return how many a unit there are of what alpha is made of: units that disagree, or pairs that agree on a rarer category."""
    common = float(share.max())
    differ = (1 - alpha) * (1 - float((share**m).sum()))
    rarer = alpha * (1 - common) + (1 - alpha) * (float((share**2).sum()) - common**2)
    return min(differ, m * (m - 1) / 2 * rarer)


def _reached(gap: float, z: float, flat: float, real: float, n: int) -> float:
    return float(special.ndtr((gap * math.sqrt(n) - z * math.sqrt(flat)) / math.sqrt(real)))


def _agreement(name: str, value: float | None) -> float:
    if not 0 <= number(name, value) < 1:
        raise InputError(f"{name} must lie from 0 up to below 1, got {value!r}")
    return number(name, value)


def _variance(alpha: float, m: int, share: FloatArray) -> float:
    """Return the variance of one unit's contribution to the linearised alpha."""
    k = len(share)
    rows = list(combinations_with_replacement(range(k), m))
    counts = np.stack([np.bincount(row, minlength=k) for row in rows]).astype(np.float64)
    log_ways = math.lgamma(m + 1) - np.array([sum(math.lgamma(c + 1) for c in row) for row in counts])
    guess = np.exp(log_ways + counts @ np.log(share))
    clear = np.where((counts == m).any(axis=1), counts @ share / m, 0.0)
    chance = alpha * clear + (1 - alpha) * guess
    disagreement = 1 - (counts * (counts - 1)).sum(axis=1) / (m * (m - 1))
    expected = 1 - float((share**2).sum())
    # alpha = 1 - D_o / D_e with D_e = 1 - sum p**2: linearise both in the unit's shares.
    pull = -2 * ((counts / m - share) @ share)
    influence = -(disagreement - float(chance @ disagreement)) / expected
    influence += float(chance @ disagreement) / expected**2 * pull
    return float(chance @ np.square(influence))
