"""Comparisons as a leaderboard: win rates, strengths, and the ranks that the family's differences leave open."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from concord.estimates.figure import Figure, finite
from concord.estimates.observations import Observations
from concord.estimates.question import Question
from concord.estimates.strengths import TIE, Strengths, unplaced, win_rate, win_rate_over_opponents

Ranks = Mapping[int, tuple[int, int]]


def leaderboard(
    found: Strengths, observed: Observations, question: Question, *, ranks: Ranks
) -> dict[str, Any]:
    """Return the table, best first; systems without a strength come last. `ranks` are the family's ranges."""
    fit, cast, apart = found.fit, found.votes, unplaced(found)
    rows = [
        _row(place, system, found, observed.of(system), question, ranks)
        for place, system in enumerate(cast.systems)
    ]
    rows = [rows[line["system"]] for line in fit.table()]
    return {
        "rows": rows,
        "votes": len(cast),
        "pairs": len(np.unique(cast.units)),
        "ties": int((cast.outcome == TIE).sum()),
        "ties_share": float((cast.outcome == TIE).mean()) if len(cast) else None,
        "undefined": fit.undefined,
        "method": found.method,
        "estimator": "ranking.bradley_terry",
        "population": found.population.as_dict(),
        "clustered_by": found.clustered_by,
        "never_compared": [list(group) for group in apart.never_compared],
        "undefeated": [vars(one) for one in apart.undefeated],
        "winless": [vars(one) for one in apart.winless],
        "tied_by_one_cluster": [[cast.systems[code] for code in group] for group in fit.lone_groups()],
        "few_clusters": found.few_clusters,
        "converged": fit.converged,
        "notes": list(fit.notes),
    }


def average_opponent(strength: Figure) -> Figure:
    """Return a strength as the share of comparisons won against an average one of these systems: the same as a chance."""
    if not strength.defined:
        return strength
    return replace(
        strength,
        value=_chance(strength.value),
        low=_chance(strength.low),
        high=_chance(strength.high),
        standard_error=float("nan"),
        method=f"wins against the average system: {strength.method}",
    )


def _chance(gap: float) -> float:
    return float(1 / (1 + np.exp(-gap)))


def _row(
    place: int, system: int, found: Strengths, own: Observations, question: Question, ranks: Ranks
) -> dict[str, Any]:
    strength = found.strength(place)
    rank = found.fit.rank[place]
    low, high = ranks.get(system, (None, None)) if np.isfinite(rank) else (None, None)
    return {
        "system": system,
        "votes": len(own),
        "pairs": len(np.unique(own.items)),
        "won": int((own.values == 1).sum()),
        "tied": int((own.values == TIE).sum()),
        "lost": int((own.values == 0).sum()),
        "opponents": len(np.unique(own.opponents)),
        "win_rate": win_rate(own, question, scope=question.scope).as_dict(),
        "win_rate_opponents": win_rate_over_opponents(own, question, scope=question.scope).as_dict(),
        "win_rate_average": average_opponent(strength).as_dict(),
        "strength": finite(found.fit.strengths[place]),
        "log_strength": strength.as_dict(),
        "rank": int(rank) if np.isfinite(rank) else None,
        "rank_low": low,
        "rank_high": high,
    }
