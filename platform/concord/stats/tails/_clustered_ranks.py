"""Order statistics that hold a quantile where requests come in clusters: repeats of one prompt, say.

Requests of a cluster are alike, so n of them say as much as fewer independent ones: as many as give the share below the quantile
the variance that the clusters show (Korn & Graubard 1998, as for a proportion), never more than n. Between which two of so many
the quantile lies follows from the binomial distribution, carried on between whole ranks by the incomplete beta function, and the
same shares of the requests seen are the ends (Woodruff 1952, doi:10.1080/01621459.1952.10483443).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from concord.stats._arrays import FloatArray, IntArray, compact
from concord.stats._clustered import cluster_variance
from concord.stats._normal import t_quantile

FEWEST = 5  # clusters with an interval
_NONE = float("nan")


@dataclass(frozen=True)
class Ends:
    """The ends, nan where no order statistic bounds the quantile, and how many independent requests these are worth."""

    low: float
    high: float
    worth: float
    n_clusters: int


def clustered_ends(values: FloatArray, clusters: IntArray, q: float, confidence: float) -> Ends:
    """Return the ends of the interval of the ``q`` quantile of ``values`` (n,), in ``clusters`` (n,)."""
    member, codes = compact(clusters)
    n, g = len(values), len(codes)
    if g < FEWEST:
        return Ends(_NONE, _NONE, _NONE, g)
    worth = _worth(values, member, q, confidence)
    tail = (1 - confidence) / 2
    ordered = np.sort(values)
    # What is given must not hang on the worth found: with clusters too few to bound the quantile there is no end.
    low = _rank(worth, q, tail, lower=True) if (1 - q) ** g <= 2 * tail else _NONE
    high = _rank(worth, q, tail, lower=False) if q**g <= 2 * tail else _NONE
    return Ends(_at(ordered, low, worth, n), _at(ordered, high, worth, n), worth, g)


def _worth(values: FloatArray, member: IntArray, q: float, confidence: float) -> float:
    """Return how many independent requests would have the variance of the share below the quantile.

    Few clusters lie beyond a high quantile, and their variance is little known: one more is imagined, alike throughout.
    """
    n = len(values)
    below = (values <= np.quantile(values, q)).astype(np.float64)
    found = cluster_variance(below, np.ones(n), member)
    if not found.value > 0:
        return float(found.n_clusters)
    share = float(below.mean())
    reached = t_quantile(confidence, max(found.df, 1.0))
    lost = (
        t_quantile(confidence, n - 1.0) / reached if reached > 0 else 1.0
    )  # at a confidence of next to nothing
    lost = lost if lost > 0 else 1.0
    effect = min(max(n * found.value / (share * (1 - share) * lost**2), 1.0), n / found.n_clusters)
    beyond = found.n_clusters * min(q, 1 - q)
    return n / ((beyond * effect + n / found.n_clusters) / (beyond + 1))


def _rank(n: float, q: float, tail: float, *, lower: bool) -> float:
    """Return the real rank of n at which its order statistic lies beyond the quantile with chance ``tail``; nan if none."""
    low, high = 0.5, n + 0.5

    def beyond(rank: float) -> float:
        if lower:  # P(Binomial(n, q) < rank)
            return float(special.betainc(max(n - rank + 1, 1e-12), rank, 1 - q))
        return float(special.betainc(rank, max(n - rank + 1, 1e-12), q))  # P(Binomial(n, q) >= rank)

    if beyond(low if lower else high) > tail:
        return _NONE
    for _ in range(60):
        middle = (low + high) / 2
        enough = beyond(middle) <= tail
        low, high = (middle, high) if enough == lower else (low, middle)
    return low if lower else high


def _at(ordered: FloatArray, rank: float, worth: float, n: int) -> float:
    """Return the value at the same share of the n values seen."""
    if np.isnan(rank):
        return _NONE
    place = (rank - 0.5) / worth * n - 0.5
    return float(np.interp(place, np.arange(n), ordered))
