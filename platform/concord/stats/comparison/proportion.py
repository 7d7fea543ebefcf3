"""A proportion with its interval."""

from __future__ import annotations

import math

from concord.stats._arrays import InputError, count, fraction, one_of
from concord.stats._binomial import clopper_pearson, jeffreys, wilson
from concord.stats._results import Estimate
from concord.stats._undefined import undefined

METHODS = ("wilson", "clopper-pearson", "jeffreys")
_NAMES = {"wilson": "Wilson score", "clopper-pearson": "Clopper-Pearson exact", "jeffreys": "Jeffreys"}


def proportion(k: int, n: int, method: str = "wilson", *, confidence: float = 0.95) -> Estimate:
    """Return ``k / n`` with an interval.

    Parameters
    ----------
    k, n
        Successes and trials, whole numbers with ``0 <= k <= n``.
    method
        "wilson" (default; average coverage near nominal), "clopper-pearson" (never below nominal, wider), or "jeffreys".

    Returns
    -------
    Estimate
        Undefined where ``n`` is 0.

    Raises
    ------
    InputError
        ``k`` or ``n`` is not a whole number, negative, or ``k > n``.

    References
    ----------
    Brown, Cai & DasGupta (2001), "Interval estimation for a binomial proportion", doi:10.1214/ss/1009213286.

    Examples
    --------
    >>> result = proportion(0, 10)
    >>> result.value, result.low, round(result.high, 4)
    (0.0, 0.0, 0.2775)
    """
    confidence = fraction("confidence", confidence)
    one_of("method", method, METHODS)
    k, n = count("k", k), count("n", n)
    if k > n:
        raise InputError(f"k must not exceed n, got k={k} of n={n}")
    if n == 0:
        reason = "n is 0: there is nothing to count"
        return undefined(Estimate, reason, confidence=confidence, method=_NAMES[method])
    if method == "wilson":
        low, high = wilson(k / n, n, confidence)
    else:
        low, high = (clopper_pearson if method == "clopper-pearson" else jeffreys)(k, n, confidence)
    share = k / n
    return Estimate(
        value=share,
        low=low,
        high=high,
        confidence=confidence,
        method=_NAMES[method],
        n=n,
        standard_error=math.sqrt(share * (1 - share) / n),
    )
