"""Which ranks the data leave open."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import special

from concord.stats._arrays import FloatArray
from concord.stats.comparison.multiplicity import holm


class RankRange(NamedTuple):
    """Ranks, and the best and the worst that the data leave open."""

    rank: FloatArray
    best: FloatArray
    worst: FloatArray


def rank_ranges(strengths: FloatArray, variance: FloatArray, df: FloatArray, confidence: float) -> RankRange:
    """Return ``(rank, best, worst)``, each (S,): best is 1 plus the systems that are significantly better, and so on.

    All pairwise differences are tested at once with Holm's adjustment, so with probability ``confidence`` every true rank lies
    in its range (Al Mohamad, Goeman & van Zwet 2022, "Simultaneous confidence intervals for ranks", Biometrics 78). Holm asks
    for nothing but these p-values and keeps its level whatever their correlation. A statement beside simultaneous
    intervals takes its ranks from those, by ``comparison.rank_ranges``, so that the two never contradict each other. Ties in
    strength share the better rank. ``variance`` (S, S) is that of the differences, nan where nothing is known of it; of two
    systems' degrees of freedom, (S,), a difference takes the fewer.
    """
    s = len(strengths)
    gap = strengths[:, None] - strengths[None, :]
    statistic = np.divide(gap, np.sqrt(variance), out=np.zeros_like(gap), where=variance > 0)
    upper = np.triu_indices(s, 1)
    size = -np.abs(statistic[upper])
    fewer = np.minimum.outer(df, df)[upper]
    p_values = 2 * np.where(np.isinf(fewer), special.ndtr(size), special.stdtr(fewer, size))
    different = np.zeros((s, s), dtype=bool)
    different[upper] = holm(p_values, alpha=1 - confidence).rejected
    different |= different.T
    rank = 1.0 + (gap < -1e-12).sum(axis=1)
    best = 1.0 + (different & (gap < 0)).sum(axis=1)
    worst = float(s) - (different & (gap > 0)).sum(axis=1)
    return RankRange(rank, best, worst)
