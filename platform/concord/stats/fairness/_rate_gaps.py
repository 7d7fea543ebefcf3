"""An interval for the greatest difference between the rates of several groups."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from scipy import special

from concord.stats._arrays import FloatArray, IntArray, as_floats, tally
from concord.stats._binomial import newcombe_with_each
from concord.stats._normal import t_quantile
from concord.stats._results import NAN, Estimate
from concord.stats.comparison.clustered_proportion import clustered_proportion
from concord.stats.comparison.proportion import proportion

Limits = tuple[float, float]


@dataclass(frozen=True)
class Answers:
    """The answers of one group behind one rate: 0 or 1, and the clusters that they come from."""

    said: FloatArray
    cluster: IntArray | None
    _known: dict[float, Estimate] = field(default_factory=dict)

    def rate(self, confidence: float) -> Estimate:
        """Return the rate with its interval, computed once for each level."""
        if confidence not in self._known:
            self._known[confidence] = (
                proportion(int(self.said.sum()), len(self.said), confidence=confidence)
                if self.cluster is None
                else clustered_proportion(self.said, clusters=self.cluster, confidence=confidence)
            )
        return self._known[confidence]


def gap_limits(rates: Sequence[Answers], confidence: float, *, families: int = 1) -> Limits:
    """Return limits of the greatest difference of the true rates; ``families`` is how many such gaps are looked at together.

    The lower limit is the greatest lower limit of any pair, with the quantile of the range that several equal rates have: over
    no gap at all it lies just as often as the confidence leaves. The upper limit is the greatest upper limit of any pair,
    each at its own level: the pair that truly lies furthest apart is one of them.
    """
    k = len(rates)
    if k < 2:
        return NAN, NAN
    shared = _Shared.of(rates)
    level = _level(confidence ** (1 / families), k)
    wide, own = _with_limits(rates, level), _with_limits(rates, confidence)
    far, near = shared.reach(level), shared.reach(confidence)
    low = max(_against_others(wide, i, shared.correlation[i], far[i])[0] for i in range(k))
    high = max(_against_others(own, i, shared.correlation[i], near[i])[1] for i in range(k))
    return max(low, 0.0), min(high, 1.0)


@dataclass(frozen=True)
class _Shared:
    """What rates have in common through clusters: their correlations, the errors of their differences (CR2), and both (k, k)."""

    correlation: FloatArray
    error: FloatArray  # 0 where two rates share no cluster
    df: FloatArray  # (k,)

    @classmethod
    def of(cls, rates: Sequence[Answers]) -> _Shared:
        k = len(rates)
        known = [rate.cluster for rate in rates if rate.cluster is not None]
        if len(known) < k:
            return cls(np.eye(k), np.zeros((k, k)), np.full(k, math.inf))
        g = 1 + max(int(cluster.max()) for cluster in known)
        pairs = list(zip(rates, known, strict=True))
        share = np.stack([tally(cluster, g) / len(cluster) for _, cluster in pairs])
        total = np.stack([tally(cluster, g, rate.said - rate.said.mean()) for rate, cluster in pairs])
        added = total / np.sqrt(np.maximum(1 - share, 1e-12)) / np.array([[len(code)] for code in known])
        own = np.square(added).sum(axis=1)
        variance = np.maximum(own[:, None] + own - 2 * added @ added.T, 0.0)
        present = (share > 0).astype(np.float64)
        error = np.where(present @ present.T > 0, np.sqrt(variance), 0.0)
        one = share.max(axis=1) >= 1 - 1e-12  # a single cluster tells nothing of its error
        df = np.where(one, 0.0, np.maximum(1 / np.square(share).sum(axis=1) - 1, 1.0))
        return cls(_correlations(total), error, df)

    def reach(self, confidence: float) -> FloatArray:
        """Return how far Student's limits of each difference lie from it, where both rates share clusters; else 0."""
        t = np.array([t_quantile(confidence, df) if df else 0.0 for df in self.df.tolist()])
        return as_floats(np.maximum(t[:, None], t) * self.error)


def _with_limits(rates: Sequence[Answers], confidence: float) -> FloatArray:
    """Return each rate and its limits, (k, 3)."""
    found = [rate.rate(confidence) for rate in rates]
    return np.array([(rate.value, rate.low, rate.high) for rate in found])


def _against_others(rates: FloatArray, i: int, shared: FloatArray, reach: FloatArray) -> Limits:
    """Return the greatest limits of one rate less another by recovering variances; ``shared`` is what clusters in both do.

    No limit is nearer than ``reach``: of few clusters Wilson's end at 0 and 1, and take off too much for what is shared.
    """
    value, low, high = rates[i].tolist()
    others = np.delete(rates, i, axis=0).T
    lows, highs = newcombe_with_each((value, low, high), others, np.delete(shared, i))
    gaps, half = value - others[0], np.delete(reach, i)
    return float(np.minimum(lows, gaps - half).max()), float(np.maximum(highs, gaps + half).max())


def _correlations(total: FloatArray) -> FloatArray:
    """Return how far the rates rise and fall together, from what each cluster adds to each (k, clusters)."""
    length = np.sqrt(np.square(total).sum(axis=1))
    total = np.divide(total, length[:, None], out=np.zeros_like(total), where=length[:, None] > 0)
    return as_floats(total @ total.T)


@lru_cache(maxsize=256)
def _level(confidence: float, k: int) -> float:
    """Return the two-sided level of each pair at which the range of k equal normal estimates stays within its limit.

    ``P(range <= q) = k * integral of phi(z) (Phi(z) - Phi(z - q))**(k - 1)``; for two it is the level itself.
    """
    z = np.linspace(-9.0, 9.0, 1801)
    density = np.exp(-z * z / 2) / math.sqrt(2 * math.pi) * (z[1] - z[0])
    low, high = 0.0, 40.0
    for _ in range(80):
        q = (low + high) / 2
        inside = k * float(density @ (special.ndtr(z) - special.ndtr(z - q)) ** (k - 1))
        low, high = (q, high) if inside < confidence else (low, q)
    # One level must remain a level: beyond this normal quantiles end.
    return min(float(1 - 2 * special.ndtr(-high / math.sqrt(2))), 1 - 1e-12)
