"""An interval for the greatest difference between the rates of several groups."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from scipy import special

from concord.stats._arrays import FloatArray, IntArray, tally
from concord.stats._binomial import newcombe_with_each
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
    shared = _correlations(rates)
    wide = _with_limits(rates, _level(confidence ** (1 / families), k))
    own = _with_limits(rates, confidence)
    low = max(_against_others(wide, i, shared[i])[0] for i in range(k))
    high = max(_against_others(own, i, shared[i])[1] for i in range(k))
    return max(low, 0.0), min(high, 1.0)


def _with_limits(rates: Sequence[Answers], confidence: float) -> FloatArray:
    """Return each rate and its limits, (k, 3)."""
    found = [rate.rate(confidence) for rate in rates]
    return np.array([(rate.value, rate.low, rate.high) for rate in found])


def _against_others(rates: FloatArray, i: int, shared: FloatArray) -> Limits:
    """Return the greatest limits of one rate less another by recovering variances; ``shared`` is what clusters in both do."""
    value, low, high = rates[i].tolist()
    others = np.delete(rates, i, axis=0).T
    lows, highs = newcombe_with_each((value, low, high), others, np.delete(shared, i))
    return float(lows.max()), float(highs.max())


def _correlations(rates: Sequence[Answers]) -> FloatArray:
    """Return how far the rates rise and fall together because they share clusters."""
    k = len(rates)
    if any(rate.cluster is None for rate in rates):
        return np.eye(k)
    size = 1 + max(int(rate.cluster.max()) for rate in rates if rate.cluster is not None)
    total = np.stack([tally(r.cluster, size, r.said - r.said.mean()) for r in rates if r.cluster is not None])
    length = np.sqrt(np.square(total).sum(axis=1))
    total = np.divide(total, length[:, None], out=np.zeros_like(total), where=length[:, None] > 0)
    together: FloatArray = total @ total.T
    return together


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
