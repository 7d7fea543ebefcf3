"""Comparisons as a leaderboard: two win rates, Bradley-Terry strengths, and the ranks that the data leave open."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from concord.scorecards.evidence import FloatArray, IntArray, Plan, Ratings, Scores
from concord.scorecards.services.estimates import FEWEST_RATERS, own_codes
from concord.scorecards.services.figures import finite
from concord.scorecards.services.observations import MACHINE, mapped
from concord.stats import ranking
from concord.stats.ranking import BradleyTerry, WinRates


@dataclass(frozen=True, kw_only=True)
class Votes:
    """Comparisons with systems as positions in the scorecard; only those of two of its systems."""

    left: IntArray
    right: IntArray
    outcome: FloatArray
    examples: IntArray
    raters: IntArray


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


def strengths(found: Votes, n_systems: int, *, confidence: float) -> BradleyTerry:
    """Return the Bradley-Terry fit, a tie as half a win, clustered by rater where enough people voted, else by example."""
    return ranking.bradley_terry(
        found.left,
        found.right,
        found.outcome,
        n_systems=n_systems,
        ties="half",
        clusters=_clusters(found),
        confidence=confidence,
    )


def leaderboard(
    found: Votes, fit: BradleyTerry, systems: tuple[int, ...], *, confidence: float
) -> dict[str, Any]:
    """Return the table, best first; systems without a rank come last."""
    rates = {
        average: ranking.win_rates(
            found.left,
            found.right,
            found.outcome,
            n_systems=len(systems),
            average=average,
            clusters=_clusters(found),
            confidence=confidence,
        )
        for average in ("votes", "opponents")
    }
    rows = [_row(place, system, rates, fit, found) for place, system in enumerate(systems)]
    rows.sort(key=lambda row: (row["rank"] is None, row["rank"] or 0, -(row["win_rate"]["value"] or 0)))
    ties = float((found.outcome == 0.5).mean()) if len(found.outcome) else None
    return {
        "rows": rows,
        "votes": len(found.outcome),
        "ties": int((found.outcome == 0.5).sum()),
        "ties_share": ties,
        "undefined": fit.undefined,
        "method": fit.method,
        "clustered_by": _clustered_by(found),
        "separate_groups": [[systems[code] for code in group] for group in fit.components]
        if fit.undefined
        else [],
        "converged": fit.converged,
        "notes": list(fit.notes),
    }


def _row(
    place: int, system: int, rates: dict[str, WinRates], fit: BradleyTerry, found: Votes
) -> dict[str, Any]:
    own = np.concatenate([found.outcome[found.left == place], 1 - found.outcome[found.right == place]])
    return {
        "system": system,
        "votes": len(own),
        "won": int((own == 1).sum()),
        "tied": int((own == 0.5).sum()),
        "lost": int((own == 0).sum()),
        "win_rate": _rate(rates["votes"], place),
        "win_rate_opponents": _rate(rates["opponents"], place),
        "strength": finite(fit.strengths[place]),
        "log_strength": finite(fit.log_strengths[place]),
        "low": finite(fit.low[place]),
        "high": finite(fit.high[place]),
        "rank": _whole(fit.rank[place]),
        "rank_low": _whole(fit.rank_low[place]),
        "rank_high": _whole(fit.rank_high[place]),
    }


def _rate(rates: WinRates, place: int) -> dict[str, Any]:
    return {
        "value": finite(rates.value[place]),
        "low": finite(rates.low[place]),
        "high": finite(rates.high[place]),
        "n": int(rates.n[place]),
        "confidence": rates.confidence,
        "method": rates.method,
        "undefined": rates.undefined[place],
        "omitted": {},
        "notes": [],
    }


def _whole(value: float) -> int | None:
    return int(value) if np.isfinite(value) else None


def _clusters(found: Votes) -> IntArray | None:
    by = _clustered_by(found)
    return own_codes(found.raters) if by == "rater" else found.examples if by == "example" else None


def _clustered_by(found: Votes) -> str:
    """Raters give many votes each; where they are few or unknown, or a machine, votes share their example."""
    people = len(np.unique(found.raters[found.raters >= 0]))
    if people >= FEWEST_RATERS:
        return "rater"
    return "example" if 1 < len(np.unique(found.examples)) < len(found.examples) else ""
