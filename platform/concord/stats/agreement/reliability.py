"""How reliable a mean of several ratings is, and how many raters a target takes (Spearman and Brown)."""

from __future__ import annotations

import math
from numbers import Real
from typing import Any

from concord.stats._arrays import InputError, count, fraction, real, shown


def reliability_of_means(single: float, *, raters: int) -> float:
    """Return the reliability of the mean of ``raters`` ratings, each with reliability ``single``.

    Parameters
    ----------
    single
        The reliability of one rating: ICC(1,1), ICC(2,1), ICC(3,1), or alpha at the interval level; at most 1. nan gives nan.
    raters
        How many ratings are averaged.

    Returns
    -------
    float
        nan where ``single`` is, and where it is so far below 0 that the denominator is not positive.

    Raises
    ------
    InputError
        ``single`` above 1, ``raters`` below 1.

    Notes
    -----
    ``k r / (1 + (k - 1) r)``. Spearman (1910), Brown (1910).

    Examples
    --------
    >>> round(reliability_of_means(0.5, raters=3), 4)
    0.75
    """
    k = count("raters", raters, at_least=1)
    r = _reliability("single", single)
    below = 1 + (k - 1) * r
    return k * r / below if below > 0 else math.nan


def raters_needed(single: float, *, target: float) -> int | None:
    """Return the fewest ratings per unit whose mean has reliability ``target``; None where no number does.

    Parameters
    ----------
    single
        The reliability of one rating.
    target
        The wanted reliability of the mean, below 1.

    Returns
    -------
    int or None
        None where ``single`` is nan, 0 or below: no number of ratings then reaches the target.

    Raises
    ------
    InputError
        ``single`` above 1, ``target`` not between 0 and 1.

    Notes
    -----
    ``target (1 - r) / (r (1 - target))``, rounded up. Spearman (1910), Brown (1910).

    Examples
    --------
    >>> raters_needed(0.5, target=0.8)
    4
    """
    r = _reliability("single", single)
    target = fraction("target", target)
    if math.isnan(r) or r <= 0:
        return None
    return max(1, math.ceil(target * (1 - r) / (r * (1 - target)) - 1e-9))


def _reliability(name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, Real) or real(value) > 1:
        raise InputError(f"{name} must be a number of at most 1, got {shown(value)}")
    return float(value)
