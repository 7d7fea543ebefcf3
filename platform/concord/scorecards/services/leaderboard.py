"""Comparisons as a leaderboard: two win rates, Bradley-Terry strengths, and the ranks that the data leave open."""

from typing import Any

import numpy as np

from annotation.selectors.clustering import equal_weights
from concord.scorecards.evidence import FloatArray, Plan, Ratings, Scores
from concord.scorecards.services.estimates import estimate
from concord.scorecards.services.figures import figure, finite
from concord.scorecards.services.observations import MACHINE, Observations, mapped
from concord.scorecards.services.strengths import Strengths, Votes


def votes(evidence: Ratings | Scores, plan: Plan, systems: tuple[int, ...]) -> Votes:
    """Return the comparisons between two of `systems` that say something."""
    order = np.argsort(np.array(systems, dtype=np.int64))
    known = np.array(systems, dtype=np.int64)[order]
    outcome = mapped(evidence.values, plan.outcomes)
    kept = np.isin(evidence.systems, known) & np.isin(evidence.other_systems, known) & ~np.isnan(outcome)
    raters = evidence.raters if isinstance(evidence, Ratings) else np.full(len(evidence), MACHINE)
    return Votes(
        left=order[np.searchsorted(known, evidence.systems[kept])],
        right=order[np.searchsorted(known, evidence.other_systems[kept])],
        outcome=outcome[kept],
        examples=evidence.examples[kept],
        raters=raters[kept],
    )


def leaderboard(
    found: Votes, strengths: Strengths, systems: tuple[int, ...], *, confidence: float
) -> dict[str, Any]:
    """Return the table, best first; systems without a rank come last."""
    fit = strengths.fit
    ranges = strengths.ranks()
    rows = [
        _row(place, system, strengths, ranges, _seen_by(place, found), confidence)
        for place, system in enumerate(systems)
    ]
    rows.sort(key=lambda row: (row["rank"] is None, row["rank"] or 0, -(row["win_rate"]["value"] or 0)))
    ties = float((found.outcome == 0.5).mean()) if len(found.outcome) else None
    return {
        "rows": rows,
        "votes": len(found.outcome),
        "ties": int((found.outcome == 0.5).sum()),
        "ties_share": ties,
        "undefined": fit.undefined,
        "method": strengths.method,
        "clustered_by": strengths.clustered_by,
        "separate_groups": [[systems[code] for code in group] for group in fit.components]
        if fit.undefined
        else [],
        "converged": fit.converged,
        "notes": list(fit.notes),
    }


def _row(
    place: int,
    system: int,
    found: Strengths,
    ranges: tuple[FloatArray, FloatArray],
    own: Observations,
    confidence: float,
) -> dict[str, Any]:
    fit, value, half = found.fit, found.fit.log_strengths[place], found.half_width[place]
    each_opponent = equal_weights(own.opponents)
    return {
        "system": system,
        "votes": len(own),
        "won": int((own.values == 1).sum()),
        "tied": int((own.values == 0.5).sum()),
        "lost": int((own.values == 0).sum()),
        "opponents": len(np.unique(own.opponents)),
        "win_rate": figure(estimate(own, share=True, confidence=confidence)),
        "win_rate_opponents": figure(estimate(own, weights=each_opponent, share=True, confidence=confidence)),
        "strength": finite(fit.strengths[place]),
        "log_strength": finite(value),
        "low": finite(value - half),
        "high": finite(value + half),
        "rank": _whole(fit.rank[place]),
        "rank_low": _whole(ranges[0][place]),
        "rank_high": _whole(ranges[1][place]),
    }


def _seen_by(place: int, found: Votes) -> Observations:
    """Return the comparisons of one system, as it saw them."""
    left, right = found.left == place, found.right == place
    both = [left, right]
    outcome = np.concatenate([found.outcome[left], 1 - found.outcome[right]])
    return Observations(
        systems=np.full(len(outcome), place),
        opponents=np.concatenate([found.right[left], found.left[right]]),
        items=np.arange(len(outcome)),
        examples=np.concatenate([found.examples[side] for side in both]),
        raters=np.concatenate([found.raters[side] for side in both]),
        values=outcome,
        unparsed=np.zeros(len(outcome), dtype=bool),
    )


def _whole(value: float) -> int | None:
    return int(value) if np.isfinite(value) else None
