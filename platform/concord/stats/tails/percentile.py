"""A percentile with an interval from order statistics: no assumption about the shape of the distribution."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from concord.stats._arrays import floats, fraction
from concord.stats._results import NAN, Estimate
from concord.stats.tails.early_stopping import queries_needed


@dataclass(frozen=True, kw_only=True)
class Percentile(Estimate):
    """The ``q`` quantile; ``n_needed`` is how many requests it takes before it is given at all."""

    q: float
    n_needed: int


def percentile(values: ArrayLike, q: float, *, confidence: float = 0.95) -> Percentile:
    """Return the ``q`` quantile (.99 is p99) with the interval between two order statistics.

    Parameters
    ----------
    values
        (n,) latencies or other numbers; nan is dropped.
    q
        The quantile, strictly between 0 and 1.

    Returns
    -------
    Percentile
        ``value`` interpolates linearly between order statistics (NumPy's default). Undefined with fewer requests than MLPerf's
        early stopping asks for (662 for p99, 64 for p90): below that the largest latencies seen say next to nothing.

    Raises
    ------
    InputError
        ``q`` outside (0, 1), infinite values.

    Notes
    -----
    ``P(X_(l) <= quantile <= X_(u)) = P(l <= Binomial(n, q) < u)``, whatever the distribution; the pair nearest to the middle
    with at least the confidence asked for is taken. Hahn & Meeker, "Statistical intervals", section 5.2.

    Examples
    --------
    >>> result = percentile(range(1, 101), 0.5)
    >>> result.value, result.low, result.high
    (50.5, 40.0, 60.0)
    """
    fraction("confidence", confidence)
    fraction("q", q)
    number = floats("values", values)
    known = number[~np.isnan(number)]
    n = len(known)
    omitted = {"missing values": len(number) - n} if n < len(number) else {}
    needed = queries_needed(max(q, 1 - q))
    if n < needed:
        reason = f"p{100 * q:g} needs at least {needed} requests (MLPerf early stopping), got {n}"
        return Percentile(
            value=NAN,
            confidence=confidence,
            method="none",
            n=n,
            undefined=reason,
            omitted=omitted,
            q=q,
            n_needed=needed,
        )
    lower, upper = _ranks(n, q, confidence)
    ordered = np.partition(known, (lower - 1, upper - 1))
    return Percentile(
        value=float(np.quantile(known, q)),
        low=float(ordered[lower - 1]),
        high=float(ordered[upper - 1]),
        confidence=confidence,
        method=f"order statistics {lower} and {upper}",
        n=n,
        omitted=omitted,
        q=q,
        n_needed=needed,
    )


def _ranks(n: int, q: float, confidence: float) -> tuple[int, int]:
    """Return 1-based ranks of the order statistics: of the narrowest pairs that cover enough, the one that covers most."""
    spread = int(np.ceil(12 * np.sqrt(n * q * (1 - q)))) + 3
    centre = int(np.floor(n * q))
    lower = np.arange(max(1, centre - spread), min(n, centre + 1) + 1)
    below = special.bdtr(lower - 1, n, q)
    width = np.arange(1, 2 * spread)
    upper = lower[:, None] + width[None, :]
    cover = np.where(upper <= n, special.bdtr(np.minimum(upper, n) - 1.0, n, q) - below[:, None], 0.0)
    enough = cover.max(axis=0) >= confidence
    if not enough.any():
        return 1, n
    first = int(np.argmax(enough))
    start = int(np.argmax(cover[:, first]))
    return int(lower[start]), int(upper[start, first])
