"""Comparisons as a leaderboard: two win rates, Bradley-Terry strengths, and the ranks that the data leave open."""

from typing import Any

import numpy as np

from annotation.selectors.clustering import equal_weights
from annotation.selectors.strengths import Seen, Strengths, Votes
from concord.scorecards.evidence import Plan, Ratings, Scores
from concord.scorecards.services.figures import figure, finite
from concord.scorecards.services.observations import mapped


def votes(evidence: Ratings | Scores, plan: Plan, systems: tuple[int, ...]) -> Votes:
    """Return the comparisons between two of `systems` that say something."""
    order = np.argsort(np.array(systems, dtype=np.int64))
    known = np.array(systems, dtype=np.int64)[order]
    outcome = mapped(evidence.values, plan.outcomes)
    kept = np.isin(evidence.systems, known) & np.isin(evidence.other_systems, known) & ~np.isnan(outcome)
    return Votes(
        left=order[np.searchsorted(known, evidence.systems[kept])],
        right=order[np.searchsorted(known, evidence.other_systems[kept])],
        outcome=outcome[kept],
        examples=evidence.examples[kept],
        raters=evidence.raters[kept] if isinstance(evidence, Ratings) else None,
    )


def leaderboard(
    found: Votes, strengths: Strengths, systems: tuple[int, ...], *, confidence: float
) -> dict[str, Any]:
    """Return the table, best first; systems without a rank come last."""
    fit = strengths.fit
    rows = [
        _row(place, system, strengths, found.of(place), confidence) for place, system in enumerate(systems)
    ]
    rows = [rows[line["system"]] for line in fit.table()]
    ties = float((found.outcome == 0.5).mean()) if len(found.outcome) else None
    return {
        "rows": rows,
        "votes": len(found.outcome),
        "ties": int((found.outcome == 0.5).sum()),
        "ties_share": ties,
        "undefined": fit.undefined,
        "method": strengths.method,
        "clustered_by": strengths.clustered_by,
        "never_compared": [[systems[code] for code in group] for group in fit.groups]
        if len(fit.groups) > 1
        else [],
        "undefeated": [_one_end(systems[code], fit.n_votes[code], fit.low[code]) for code in fit.undefeated],
        "winless": [_one_end(systems[code], fit.n_votes[code], fit.high[code]) for code in fit.winless],
        "tied_by_one_cluster": [[systems[code] for code in group] for group in fit.lone_groups()],
        "few_clusters": [systems[code] for code in strengths.few_clusters],
        "converged": fit.converged,
        "notes": list(fit.notes),
    }


def _one_end(system: int, votes: int, end: float) -> dict[str, Any]:
    """Return a system that won (or lost) all of its votes, with the one end that this sets to its log strength."""
    return {"system": system, "votes": int(votes), "end": finite(end)}


def _row(
    place: int,
    system: int,
    found: Strengths,
    own: Seen,
    confidence: float,
) -> dict[str, Any]:
    fit = found.fit
    each_opponent = equal_weights(own.opponents)
    return {
        "system": system,
        "votes": len(own),
        "won": int((own.outcome == 1).sum()),
        "tied": int((own.outcome == 0.5).sum()),
        "lost": int((own.outcome == 0).sum()),
        "opponents": len(np.unique(own.opponents)),
        "win_rate": figure(own.win_rate(confidence=confidence)),
        "win_rate_opponents": figure(own.win_rate(weights=each_opponent, confidence=confidence)),
        "strength": finite(fit.strengths[place]),
        "log_strength": finite(fit.log_strengths[place]),
        "undefined": fit.why_undefined(place),
        "low": finite(fit.low[place]),
        "high": finite(fit.high[place]),
        "rank": _whole(fit.rank[place]),
        "rank_low": _whole(fit.rank_low[place]),
        "rank_high": _whole(fit.rank_high[place]),
    }


def _whole(value: float) -> int | None:
    return int(value) if np.isfinite(value) else None
