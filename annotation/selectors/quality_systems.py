"""What the ratings say about the systems: means or shares on a scale, win rates and strengths side by side."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotation.selectors.clustering import clusters, equal_weights, named_apart, votes_clustered_by
from annotation.selectors.long_form import Ratings
from concord.catalog.models import Criterion, System
from concord.catalog.states import Direction, Level
from concord.stats import comparison, ranking

TIE = 0.5


def system_means(criterion: Criterion, long: Ratings) -> list[dict[str, Any]]:
    """Per system: the mean with an interval that respects examples and raters, or for nominal answers the share of each label."""
    names = _names(long)
    if criterion.level == Level.NOMINAL:
        return [_shares(criterion, long, system, name) for system, name in names.items()]
    rows = [
        {"id": system, "name": name, "mean": _mean(long, long.systems == system)}
        for system, name in names.items()
    ]
    sign = -1.0 if criterion.direction == Direction.LOWER else 1.0
    return sorted(
        rows, key=lambda row: -sign * (row["mean"]["value"] if row["mean"]["value"] is not None else -np.inf)
    )


def system_preferences(criterion: Criterion, long: Ratings) -> dict[str, Any]:
    """Win rates and Bradley-Terry strengths of the systems, best first; intervals are clustered by rater, or by example."""
    won, known = outcomes(criterion, long)
    systems = np.unique(np.concatenate([long.systems, long.other_systems]))
    if not known.any():
        return {"rows": [], "undefined": "No rating says which of two outputs is better.", "n": 0}
    left = np.searchsorted(systems, long.systems[known])
    right = np.searchsorted(systems, long.other_systems[known])
    _, alike = votes_clustered_by(long.examples[known], long.raters[known])
    wins = ranking.win_rates(left, right, won[known], n_systems=len(systems), clusters=alike)
    fit = ranking.bradley_terry(left, right, won[known], n_systems=len(systems), clusters=alike)
    names = _names(long)
    rows: list[dict[str, Any]] = [
        {
            "id": int(system),
            "name": names[int(system)],
            "win_rate": _row(wins, place, wins.undefined[place]),
            "strength": None if fit.undefined else float(fit.log_strengths[place]),
            "rank": None
            if fit.undefined
            else [int(rank[place]) for rank in (fit.rank, fit.rank_low, fit.rank_high)],
        }
        for place, system in enumerate(systems)
    ]
    rows.sort(
        key=lambda row: -(row["strength"] if row["strength"] is not None else row["win_rate"]["value"] or 0.0)
    )
    ties = float((won[known] == TIE).mean())
    return {
        "rows": rows,
        "n": int(known.sum()),
        "ties": ties,
        "undefined": fit.undefined,
        "method": fit.method,
    }


def side_bias(criterion: Criterion, long: Ratings) -> dict[str, Any]:
    """How often the output shown on the left won, among the votes that name a winner: a half means no pull to either side."""
    won, known = outcomes(criterion, long)
    decided = known & (won != TIE)
    first = np.where(long.swapped, 1.0 - won, won)[decided]
    estimate = comparison.clustered_proportion(first, clusters=named_apart(long.raters)[decided])
    return dict(estimate.as_dict())


def outcomes(criterion: Criterion, long: Ratings) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """For each rating 1 where the unit's left output won, 0 where the right did, 0.5 for a tie; and whether the label says so."""
    won = np.full(len(long), np.nan)
    for value, outcome in criterion.outcomes.items():
        won[long.values == value] = outcome
    return won, ~np.isnan(won)


def _mean(long: Ratings, mine: NDArray[np.bool_]) -> dict[str, Any]:
    return dict(comparison.mean(long.values[mine], **_alike(long, mine)).as_dict())


def _share(long: Ratings, mine: NDArray[np.bool_], label: float) -> dict[str, Any]:
    chosen = (long.values[mine] == label).astype(float)
    return dict(comparison.clustered_proportion(chosen, **_alike(long, mine)).as_dict())


def _alike(long: Ratings, mine: NDArray[np.bool_]) -> dict[str, Any]:
    """Clusters and weights as a scorecard takes them: one system has one figure, wherever it is shown."""
    examples, raters, _ = clusters(long.examples[mine], long.raters[mine])
    return {
        "clusters": examples if examples is not None else raters,
        "clusters2": raters if examples is not None else None,
        "weights": equal_weights(long.outputs[mine]),
    }


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


def _row(result: Any, place: int, undefined: str | None) -> dict[str, Any]:
    """One system's figure out of a result with arrays."""

    def number(value: Any) -> float | None:
        return float(value) if np.isfinite(value) else None

    return {
        "value": number(result.value[place]),
        "low": number(result.low[place]),
        "high": number(result.high[place]),
        "n": int(result.n[place]),
        "method": result.method,
        "undefined": undefined,
    }


def _names(long: Ratings) -> dict[int, str]:
    present = np.unique(np.concatenate([long.systems, long.other_systems]))
    found = {
        system.pk: str(system)
        for system in System.objects.filter(pk__in=[int(one) for one in present if one >= 0])
    }
    return dict(sorted(found.items(), key=lambda item: item[1]))
