"""The one end of the interval of a system that won all of its votes, or lost all of them."""

from __future__ import annotations

import numpy as np

from concord.stats._arrays import FloatArray, IntArray, compact
from concord.stats.ranking._bradley_terry.fit import BtPart
from concord.stats.ranking._one_sided import Wins, least_strength
from concord.stats.ranking._spread import root_of
from concord.stats.ranking._standings import Standings
from concord.stats.ranking._votes import Votes


def with_bounds(
    data: Votes,
    found: list[BtPart],
    standings: Standings,
    confidence: float,
    ends: tuple[FloatArray, FloatArray],
) -> tuple[FloatArray, FloatArray]:
    """Return the ends of all intervals with those of undefeated and winless systems, the other end of which is infinite."""
    low, high = ends[0].copy(), ends[1].copy()
    tail = (1 - confidence) / 2
    for system in standings.undefeated:
        low[system] = _bound(data, found, system, tail, won=True)
        high[system] = np.inf if np.isfinite(low[system]) else np.nan
    for system in standings.winless:
        high[system] = -_bound(data, found, system, tail, won=False)
        low[system] = -np.inf if np.isfinite(high[system]) else np.nan
    return low, high


def _bound(data: Votes, found: list[BtPart], system: int, tail: float, *, won: bool) -> float:
    """Return the least strength of an undefeated system; of a winless one the least with all signs turned."""
    as_left = data.left == system
    rows = np.flatnonzero(as_left | (data.right == system))
    as_left = as_left[rows]
    opponent = np.where(as_left, data.right[rows], data.left[rows])
    met = [each for each in found if np.isin(each.part.members, opponent).any()]
    if not met:
        return float("nan")
    part = max(met, key=lambda each: len(each.part.members))
    inside = np.isin(opponent, part.part.members)
    rows, as_left, opponent = rows[inside], as_left[inside], opponent[inside]
    wins = _wins(data, part, rows, opponent, as_left, 1.0 if won else -1.0)
    if data.cluster is None:
        kinds = opponent if not data.covariates.shape[1] else np.arange(len(rows))
        ways = [wins.gathered(compact(kinds)[0])]
    else:
        ways = [wins.hardest(each[rows]) for each in (data.cluster, data.cluster2) if each is not None]
    return min(least_strength(way, part.model, part.fitted.tie, tail) for way in ways)


def _wins(
    data: Votes, found: BtPart, rows: IntArray, opponent: IntArray, as_left: np.ndarray, sign: float
) -> Wins:
    part = found.part
    s = len(part.members)
    met, which = np.unique(np.searchsorted(part.members, opponent), return_inverse=True)
    covariance = part.covariance[np.ix_(met, met)]
    root = np.full((len(met), 1), np.nan) if np.isnan(covariance).any() else root_of(covariance)
    ahead = data.covariates[rows] @ found.fitted.parameters[s:-1]
    against = part.log_strengths[met][which] - np.where(as_left, ahead, -ahead)
    times = np.ones(len(rows)) if data.repeats is None else data.repeats[rows]
    return Wins(sign * against, sign * root[which], times)


__all__ = ["with_bounds"]
