"""A percentile with an interval from order statistics: no assumption about the shape of the distribution."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from concord.stats._arrays import FloatArray, IntArray, codes, count, floats, fraction
from concord.stats._results import NAN, Estimate
from concord.stats._undefined import undefined
from concord.stats.tails._clustered_ranks import clustered_ends
from concord.stats.tails.early_stopping import queries_needed


@dataclass(frozen=True, kw_only=True)
class Percentile(Estimate):
    """The ``q`` quantile; ``n_needed`` is how many requests it takes for a value and an interval of this confidence."""

    q: float
    n_needed: int


def percentile(
    values: ArrayLike,
    q: float,
    *,
    clusters: ArrayLike | None = None,
    minimum: int | None = None,
    confidence: float = 0.95,
) -> Percentile:
    """Return the ``q`` quantile (.99 is p99) with the interval between two order statistics.

    Parameters
    ----------
    values
        (n,) latencies or other numbers; nan is dropped.
    q
        The quantile, strictly between 0 and 1.
    clusters
        (n,) codes of what repeats hang together by, such as the prompt: requests of a cluster may be alike, and the interval
        then rests on the clusters.
    minimum
        The fewest requests for which a value is given. None: as many as MLPerf's early stopping asks for (662 for p99, 64 for
        p90); below that the largest latencies seen say next to nothing.

    Returns
    -------
    Percentile
        ``value`` interpolates linearly between order statistics (NumPy's default). Undefined with fewer requests than
        ``minimum``. Without an interval, and with a note, where no two order statistics hold the confidence asked for; a note
        also says where a smaller ``minimum`` let a value through that MLPerf would not vouch for. With clusters an end is
        missing, and a note says so, where so many independent clusters could not bound the quantile.

    Raises
    ------
    InputError
        ``q`` outside (0, 1), infinite values, ``minimum`` no whole number from 1.

    Notes
    -----
    ``P(X_(l) <= quantile <= X_(u)) = P(l <= Binomial(n, q) < u)``, whatever the distribution; of the narrowest pairs of ranks
    with at least the confidence asked for the likeliest is taken. Ties (rounded latencies) only add to what it covers.
    Hahn & Meeker, "Statistical intervals", section 5.2. With clusters: at the number of independent requests that give the
    share below the quantile the variance that the clusters show (CR2, with Student's t), by the binomial distribution carried on
    between whole ranks, at the same shares of the requests seen (Woodruff 1952, doi:10.1080/01621459.1952.10483443).

    Examples
    --------
    >>> result = percentile(range(1, 101), 0.5)
    >>> result.value, result.low, result.high
    (50.5, 40.0, 60.0)
    """
    confidence = fraction("confidence", confidence)
    q = fraction("q", q)
    number = floats("values", values)
    given = ~np.isnan(number)
    known = number[given]
    member = None if clusters is None else codes("clusters", clusters, length=len(number))[given]
    n = len(known)
    omitted = {"missing values": len(number) - n} if n < len(number) else {}
    vouched = queries_needed(max(q, 1 - q))
    least = vouched if minimum is None else count("minimum", minimum, at_least=1)
    needed = max(least, _fewest(q, confidence))
    name = f"p{100 * q:.10g}"
    if n < least:
        why = "MLPerf early stopping; `minimum` takes fewer" if minimum is None else "as `minimum` says"
        reason = f"{name} needs at least {least} requests ({why}), got {n}"
        return undefined(
            Percentile, reason, confidence=confidence, n=n, omitted=omitted, q=q, n_needed=needed
        )
    notes: tuple[str, ...] = ()
    if n < vouched:
        notes = (
            f"MLPerf's early stopping asks for {vouched} requests before it gives {name}, here are {n}.",
        )
    if member is None:
        low, high, method, more = _independent(known, q, confidence, needed)
    else:
        low, high, method, more = _clustered(known, member, q, confidence)
    return Percentile(
        value=float(np.quantile(known, q)),
        low=low,
        high=high,
        confidence=confidence,
        method=method,
        n=n,
        notes=notes + more,
        omitted=omitted,
        q=q,
        n_needed=needed,
    )


class _Found(NamedTuple):
    low: float
    high: float
    method: str
    notes: tuple[str, ...]


def _independent(known: FloatArray, q: float, confidence: float, needed: int) -> _Found:
    """Return the interval between two order statistics of independent requests."""
    ranks = _ranks(len(known), q, confidence)
    if ranks is None:
        asked = f"{100 * confidence:.10g}% confidence: {needed} are needed."
        note = f"{len(known)} requests hold no interval at {asked}"
        return _Found(NAN, NAN, "linear interpolation, no interval", (note,))
    ordered = np.partition(known, (ranks[0] - 1, ranks[1] - 1))
    low, high = float(ordered[ranks[0] - 1]), float(ordered[ranks[1] - 1])
    return _Found(low, high, f"order statistics {ranks[0]} and {ranks[1]}", ())


def _clustered(known: FloatArray, member: IntArray, q: float, confidence: float) -> _Found:
    """Return the interval of requests in clusters; an end that these cannot bound is nan."""
    ends = clustered_ends(known, member, q, confidence)
    of = f"{ends.n_clusters} cluster{'s' * (ends.n_clusters != 1)}"
    if np.isnan(ends.worth):
        return _Found(NAN, NAN, "linear interpolation, no interval", (f"{of}: too few for an interval.",))
    method = f"order statistics of {of}, worth {ends.worth:.0f} independent requests"
    open_ = [side for side, end in (("lower", ends.low), ("upper", ends.high)) if np.isnan(end)]
    notes = tuple(f"{of} are too few to bound this quantile: no {side} end." for side in open_)
    return _Found(ends.low, ends.high, method, notes)


def _fewest(q: float, confidence: float) -> int:
    """Return how many values it takes until the smallest and the largest hold the quantile between them with this confidence."""
    low, high = 1, 2
    while (1 - q) ** high + q**high > 1 - confidence:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if (1 - q) ** middle + q**middle > 1 - confidence else (low, middle)
    return high


def _ranks(n: int, q: float, confidence: float) -> tuple[int, int] | None:
    """Return 1-based ranks: of the narrowest pairs that cover enough the one that covers most; None where none does."""
    spread = int(np.ceil(12 * np.sqrt(n * q * (1 - q)))) + 3
    first, last = max(0, int(n * q) - spread), min(n, int(n * q) + 1 + spread)
    below = special.bdtr(np.arange(first, last, dtype=np.float64), n, q)  # P(Binomial <= k), k from first
    upper = np.searchsorted(below, below + confidence)
    lower = np.flatnonzero(upper < len(below))
    upper = upper[lower]
    if not len(lower):
        return None
    narrow = np.flatnonzero(upper - lower == (upper - lower).min())
    start = narrow[np.argmax(below[upper[narrow]] - below[lower[narrow]])]
    return first + int(lower[start]) + 1, first + int(upper[start]) + 1
