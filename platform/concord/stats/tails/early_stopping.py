"""MLPerf's early stopping: when enough requests were made to vouch for a tail percentile, and by what bound."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from concord.stats._arrays import count, floats, fraction
from concord.stats._results import NAN, Estimate


def queries_needed(q: float, over: int = 1, *, confidence: float = 0.99) -> int:
    """Return how many requests are needed so that ``over`` of them above a limit still prove the percentile below it.

    Parameters
    ----------
    q
        The percentile as a fraction: .99 is p99.
    over
        How many of the requests may lie above the limit.

    Returns
    -------
    int
        The smallest n with ``P(Binomial(n, 1 - q) <= over) <= 1 - confidence``.

    Raises
    ------
    InputError
        ``q`` or ``confidence`` outside (0, 1), ``over`` not a whole number of at least 0.

    References
    ----------
    MLCommons inference rules, appendix "Early stopping criterion"; loadgen ``early_stopping.cc``.

    Examples
    --------
    >>> queries_needed(0.99), queries_needed(0.9), queries_needed(0.99, 0)
    (662, 64, 459)
    """
    fraction("q", q)
    fraction("confidence", confidence)
    over = count("over", over)
    low, high = over, over + 1
    while _too_likely(high, q, over, confidence):
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _too_likely(middle, q, over, confidence) else (low, middle)
    return high


def _too_likely(n: int, q: float, over: int, confidence: float) -> bool:
    return bool(special.bdtr(over, n, 1 - q) > 1 - confidence)


def upper_bound(values: ArrayLike, q: float, *, confidence: float = 0.99) -> Estimate:
    """Return MLPerf's early-stopping estimate: a value that the percentile exceeds with probability 1 - confidence at most.

    Parameters
    ----------
    values
        (n,) latencies in any unit; nan is dropped.
    q
        The percentile as a fraction.

    Returns
    -------
    Estimate
        ``value`` and ``high`` are the bound; ``low`` is nan (one-sided). Undefined with fewer than ``queries_needed(q)``
        requests.

    Raises
    ------
    InputError
        As ``queries_needed``; infinite values.

    Examples
    --------
    >>> upper_bound(range(1, 65), 0.9).value
    64.0
    """
    fraction("q", q)
    fraction("confidence", confidence)
    number = floats("values", values)
    ordered = np.sort(number[~np.isnan(number)])
    n = len(ordered)
    omitted = {"missing values": len(number) - n} if n < len(number) else {}
    needed = queries_needed(q, 1, confidence=confidence)
    if n < needed:
        reason = f"p{100 * q:g} needs at least {needed} requests at {confidence:.0%} confidence, got {n}"
        return Estimate(
            value=NAN, confidence=confidence, method="none", n=n, undefined=reason, omitted=omitted
        )
    over = _most_over(n, q, confidence)
    bound = float(ordered[n - over])
    return Estimate(
        value=bound,
        high=bound,
        confidence=confidence,
        method=f"MLPerf early stopping, {over} over",
        n=n,
        omitted=omitted,
    )


def _most_over(n: int, q: float, confidence: float) -> int:
    """Return the largest number over the limit that ``n`` requests can bear (the tail grows with it)."""
    low, high = 1, n
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _too_likely(n, q, middle, confidence) else (middle, high)
    return low
