"""What the ratings say about the systems: means or shares on a scale, win rates and strengths side by side."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotation.selectors.clustering import Floats, equal_weights
from annotation.selectors.long_form import Ratings
from annotation.selectors.means import mean_answer, within
from annotation.selectors.scale_ends import ends
from annotation.selectors.strengths import Strengths, Votes, strengths
from concord.catalog.models import Criterion, System
from concord.catalog.states import Direction, Level
from concord.stats import Estimate

TIE = 0.5
CONFIDENCE = 0.95


def system_means(criterion: Criterion, long: Ratings) -> list[dict[str, Any]]:
    """Per system: the mean with an interval that respects examples and raters, or for nominal answers the share of each label."""
    names = _names(long)
    if criterion.level == Level.NOMINAL:
        return [_shares(criterion, long, system, name) for system, name in names.items()]
    rows = [
        {"id": system, "name": name, "mean": _mean(criterion, long, long.systems == system)}
        for system, name in names.items()
    ]
    sign = -1.0 if criterion.direction == Direction.LOWER else 1.0
    return sorted(
        rows, key=lambda row: -sign * (row["mean"]["value"] if row["mean"]["value"] is not None else -np.inf)
    )


def system_preferences(criterion: Criterion, long: Ratings) -> dict[str, Any]:
    """Win rates and Bradley-Terry strengths of the systems, best first, with the intervals and ranks of a leaderboard."""
    won, known = outcomes(criterion, long)
    systems = np.unique(np.concatenate([long.systems, long.other_systems]))
    if not known.any():
        return {"rows": [], "undefined": "No rating says which of two outputs is better.", "n": 0}
    cast = Votes(
        left=np.searchsorted(systems, long.systems[known]),
        right=np.searchsorted(systems, long.other_systems[known]),
        outcome=won[known],
        examples=long.examples[known],
        raters=long.raters[known],
    )
    found, names = strengths(cast, len(systems), confidence=CONFIDENCE), _names(long)
    fit = found.fit
    ranks = (fit.rank, fit.rank_low, fit.rank_high)
    rows: list[dict[str, Any]] = [
        {
            "id": int(system),
            "name": names[int(system)],
            "win_rate": dict(cast.of(place).win_rate(confidence=CONFIDENCE).as_dict()),
            "log_strength": _strength(found, place),
            "rank": [int(rank[place]) for rank in ranks] if np.isfinite(fit.rank[place]) else None,
        }
        for place, system in enumerate(systems)
    ]
    named = [row["name"] for row in rows]
    return {
        "rows": [rows[line["system"]] for line in fit.table()],
        "n": len(cast),
        "ties": float((cast.outcome == TIE).mean()),
        "undefined": found.fit.undefined,
        "method": found.method,
        "tied": [[named[place] for place in group] for group in fit.lone_groups()],
        "never_compared": [[named[place] for place in group] for group in fit.groups]
        if len(fit.groups) > 1
        else [],
        "undefeated": [
            _one_end(named[place], fit.n_votes[place], fit.low[place]) for place in fit.undefeated
        ],
        "winless": [_one_end(named[place], fit.n_votes[place], fit.high[place]) for place in fit.winless],
    }


def _one_end(name: str, votes: int, end: float) -> dict[str, Any]:
    """A system that won (or lost) all of its votes, and the one end that this sets to its log strength."""
    return {"name": name, "votes": int(votes), "end": float(end) if np.isfinite(end) else None}


def _strength(found: Strengths, place: int) -> dict[str, Any]:
    """A log strength with its interval; 0 is a system that wins half of the time."""
    return dict(
        Estimate(
            value=float(found.fit.log_strengths[place]),
            low=float(found.fit.low[place]),
            high=float(found.fit.high[place]),
            confidence=CONFIDENCE,
            method=found.method,
            n=int(found.fit.n_votes[place]),
            undefined=found.fit.why_undefined(place),
        ).as_dict()
    )


def side_bias(criterion: Criterion, long: Ratings) -> dict[str, Any]:
    """How often the output shown on the left won, among the votes that name a winner: a half means no pull to either side."""
    won, known = outcomes(criterion, long)
    decided = known & (won != TIE)
    first = np.where(long.swapped, 1.0 - won, won)[decided]
    return _mean_answer(first, long, decided, share=True)


def outcomes(criterion: Criterion, long: Ratings) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """For each rating 1 where the unit's left output won, 0 where the right did, 0.5 for a tie; and whether the label says so."""
    won = np.full(len(long), np.nan)
    for value, outcome in criterion.outcomes.items():
        won[long.values == value] = outcome
    return won, ~np.isnan(won)


def _mean(criterion: Criterion, long: Ratings, mine: NDArray[np.bool_]) -> dict[str, Any]:
    bounds = ends((float(one["value"]) for one in criterion.labels), criterion.minimum, criterion.maximum)
    weights = equal_weights(long.outputs[mine])
    return _mean_answer(long.values[mine], long, mine, weights=weights, share=False, bounds=bounds)


def _share(long: Ratings, mine: NDArray[np.bool_], label: float) -> dict[str, Any]:
    chosen = (long.values[mine] == label).astype(float)
    return _mean_answer(chosen, long, mine, weights=equal_weights(long.outputs[mine]), share=True)


def _mean_answer(
    values: Floats,
    long: Ratings,
    mine: NDArray[np.bool_],
    *,
    weights: Floats | None = None,
    share: bool,
    bounds: tuple[float, float] = (0.0, 1.0),
) -> dict[str, Any]:
    found = mean_answer(
        values,
        examples=long.examples[mine],
        raters=long.raters[mine],
        weights=weights,
        share=share,
        confidence=CONFIDENCE,
    )
    return dict(within(found, bounds).as_dict())


def _shares(criterion: Criterion, long: Ratings, system: int, name: str) -> dict[str, Any]:
    mine = long.systems == system
    shares = [
        {"label": one["label"], "share": _share(long, mine, float(one["value"]))}
        for one in _told_apart(criterion)
    ]
    return {"id": system, "name": name, "shares": shares}


def _told_apart(criterion: Criterion) -> list[dict[str, Any]]:
    """The labels whose shares are worth a column each: of a yes and a no, the yes says it all."""
    if {one["value"] for one in criterion.labels} == {0, 1}:
        return [one for one in criterion.labels if one["value"] == 1]
    return list(criterion.labels)


def _names(long: Ratings) -> dict[int, str]:
    present = np.unique(np.concatenate([long.systems, long.other_systems]))
    found = {
        system.pk: str(system)
        for system in System.objects.filter(pk__in=[int(one) for one in present if one >= 0])
    }
    return dict(sorted(found.items(), key=lambda item: item[1]))
