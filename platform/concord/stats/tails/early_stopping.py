"""MLPerf's early stopping: when enough requests were made to vouch for a tail percentile, and by what bound."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from concord.stats._arrays import InputError, count, floats, fraction, one_of
from concord.stats._results import Estimate
from concord.stats._undefined import undefined

_MOST_OVER = 10**12


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
        The smallest n with ``P(Binomial(n, 1 - q) <= over) <= 1 - confidence``, those above the limit counted in.

    Raises
    ------
    InputError
        ``q`` or ``confidence`` outside (0, 1), ``over`` not a whole number from 0 to 10**12.

    Notes
    -----
    The rules and LoadGen speak of t, the requests over the limit, and of h(t), the fewest requests *under* it; the number
    returned here is their sum ``h(t) + t`` (p99 with one over: h = 661, 662 in all). LoadGen's tolerance is 0.

    References
    ----------
    MLCommons inference rules, appendix "Early stopping criterion"; loadgen ``early_stopping.cc``.

    Examples
    --------
    >>> queries_needed(0.99), queries_needed(0.9), queries_needed(0.99, 0)
    (662, 64, 459)
    """
    q = fraction("q", q)
    confidence = fraction("confidence", confidence)
    over = count("over", over)
    if over > _MOST_OVER:
        raise InputError(f"over must be at most {_MOST_OVER}, got {over}")
    low, high = over, over + 1
    while _too_likely(high, q, over, confidence):
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _too_likely(middle, q, over, confidence) else (low, middle)
    return high


def _too_likely(n: int, q: float, over: int, confidence: float) -> bool:
    # The binomial tail as an incomplete beta function: unlike SciPy's bdtr it takes n beyond 2**31.
    return bool(special.betainc(float(n - over), float(over + 1), q) > 1 - confidence)


def upper_bound(values: ArrayLike, q: float, *, confidence: float = 0.99, rule: str = "mlperf") -> Estimate:
    """Return MLPerf's early-stopping estimate: a value that the percentile exceeds with probability 1 - confidence at most.

    Parameters
    ----------
    values
        (n,) latencies in any unit; nan is dropped.
    q
        The percentile as a fraction.
    rule
        "mlperf" is LoadGen's choice of order statistic, one further out than it need be. "exact" takes the smallest one that
        holds the confidence.

    Returns
    -------
    Estimate
        ``value`` and ``high`` are the bound; ``low`` is nan (one-sided). Undefined with fewer than ``queries_needed(q)``
        requests ("exact": ``queries_needed(q, 0)``).

    Raises
    ------
    InputError
        As ``queries_needed``; infinite values; another rule.

    Notes
    -----
    With t the most requests over the limit that n bear, "mlperf" is the t-th greatest value, "exact" the (t + 1)-th: ``P(X_(n -
    t) < quantile) = P(Binomial(n, 1 - q) <= t)``. MLPerf's therefore holds more than it says, by much with few requests (64 for
    p90: .999). LoadGen ``results.cc``; Hahn & Meeker, "Statistical intervals", section 5.2.

    Examples
    --------
    >>> upper_bound(range(1, 65), 0.9).value, upper_bound(range(1, 65), 0.9, rule="exact").value
    (64.0, 63.0)
    """
    q = fraction("q", q)
    confidence = fraction("confidence", confidence)
    one_of("rule", rule, ("mlperf", "exact"))
    number = floats("values", values)
    ordered = np.sort(number[~np.isnan(number)])
    n = len(ordered)
    omitted = {"missing values": len(number) - n} if n < len(number) else {}
    least = 1 if rule == "mlperf" else 0
    needed = queries_needed(q, least, confidence=confidence)
    if n < needed:
        reason = f"p{100 * q:.10g} needs at least {needed} requests at {100 * confidence:.10g}% confidence, got {n}"
        return undefined(Estimate, reason, confidence=confidence, n=n, omitted=omitted)
    over = _most_over(n, q, confidence, least)
    bound = float(ordered[n - over - 1 + least])
    name = "MLPerf early stopping" if rule == "mlperf" else "order statistic, one-sided"
    return Estimate(
        value=bound,
        high=bound,
        confidence=confidence,
        method=f"{name}, {over} over",
        n=n,
        omitted=omitted,
    )


def _most_over(n: int, q: float, confidence: float, least: int) -> int:
    """Return the largest number over the limit that ``n`` requests can bear (the tail grows with it)."""
    low, high = least, n
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _too_likely(n, q, middle, confidence) else (middle, high)
    return low
