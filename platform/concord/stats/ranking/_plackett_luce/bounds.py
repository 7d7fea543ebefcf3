"""The one end of the interval of a system that came first in all of its rankings, or last in all of them.

Given the order of the others, coming first has the chance of being chosen before them all; coming last is being passed over at
every choice, in favour of all that are left then. So both are wins, or losses, against sums of exponentials of strengths.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from concord.stats._arrays import FloatArray, IntArray, tally
from concord.stats.ranking._one_sided import Wins, least_strength
from concord.stats.ranking._present import Part
from concord.stats.ranking._rankings import Rankings
from concord.stats.ranking._spread import root_of
from concord.stats.ranking._standings import Standings
from concord.stats.ranking._tie_models import MODELS


def with_bounds(
    data: Rankings, parts: list[Part], standings: Standings, confidence: float, fields: dict[str, Any]
) -> tuple[FloatArray, FloatArray]:
    """Return the ends of all intervals with those of undefeated and winless systems, the other end of which is infinite."""
    low, high = fields["low"].copy(), fields["high"].copy()
    tail = (1 - confidence) / 2
    for system in standings.undefeated:
        low[system] = _bound(data, parts, system, tail, first=True)
        high[system] = np.inf if np.isfinite(low[system]) else np.nan
    for system in standings.winless:
        high[system] = -_bound(data, parts, system, tail, first=False)
        low[system] = -np.inf if np.isfinite(high[system]) else np.nan
    return low, high


def _bound(data: Rankings, parts: list[Part], system: int, tail: float, *, first: bool) -> float:
    """Return the least strength of a system that came first; of one that came last the least with all signs turned."""
    rows = np.flatnonzero((data.table == system).any(axis=1))
    met = [part for part in parts if np.isin(part.members, data.table[rows]).any()]
    if not met:
        return float("nan")
    part = max(met, key=lambda each: len(each.members))
    if np.isnan(part.covariance).any():
        return float("nan")
    against, moved, row = _choices(data.table[rows], part, every=not first)
    sign = 1.0 if first else -1.0
    wins = Wins(sign * against, sign * (moved @ root_of(part.covariance)), np.ones(len(row)))
    if data.cluster is not None:
        wins = _one_ranking_each(wins, row, data.cluster[rows])
    return least_strength(wins, MODELS["half"], 0.0, tail)


class _Choices(NamedTuple):
    """Whom a system stood against at each choice, how that moves, and the ranking it belongs to."""

    against: FloatArray
    moved: FloatArray
    ranking: IntArray


def _choices(table: IntArray, part: Part, *, every: bool) -> _Choices:
    """Return the log of the summed exponentials of the others at the first choice of each ranking (or at every one), its
    gradient by their strengths, and the ranking."""
    place = np.full(max(int(table.max()), int(part.members.max())) + 1, -1)
    place[part.members] = np.arange(len(part.members))
    against, moved, of = [], [], []
    for row, ranking in enumerate(table):
        others = place[ranking[ranking >= 0]]
        others = others[others >= 0]
        for start in range(len(others) if every else min(1, len(others))):
            left = others[start:]
            worth = np.exp(part.log_strengths[left] - part.log_strengths[left].max())
            against.append(float(np.log(worth.sum()) + part.log_strengths[left].max()))
            moved.append(tally(left, len(part.members), worth / worth.sum()))
            of.append(row)
    return _Choices(np.array(against), np.array(moved), np.array(of, dtype=np.int64))


def _one_ranking_each(wins: Wins, row: IntArray, cluster: IntArray) -> Wins:
    """Return the choices of one ranking for each cluster, that which was least likely with all others equal."""
    unlikely = tally(row, len(cluster), np.logaddexp(0.0, wins.against))
    order = np.lexsort((-unlikely, cluster))
    first = np.ones(len(order), dtype=bool)
    first[1:] = cluster[order][1:] != cluster[order][:-1]
    kept = np.isin(row, order[first])
    return Wins(wins.against[kept], wins.moved[kept], wins.times[kept])
