"""What the ratings say about the systems: levels on a scale, win rates and strengths side by side."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from concord.catalog.models import Criterion
from concord.catalog.selectors.questions import question_of
from concord.estimates.enums import Direction, Estimand, Level, Scope
from concord.estimates.families import rank_ranges
from concord.estimates.figure import undefined
from concord.estimates.levels import level
from concord.estimates.observations import Observations, observe
from concord.estimates.question import Question
from concord.estimates.ratings import Ratings
from concord.estimates.strengths import (
    TIE,
    Strengths,
    strength_family,
    strengths,
    unplaced,
    votes,
    win_rate,
)

Names = Mapping[int, str]


def system_levels(criterion: Criterion, ratings: Ratings, names: Names, scope: Scope) -> list[dict[str, Any]]:
    """Per system: the mean, best first, or for nominal answers the share of each label."""
    if criterion.level == Level.NOMINAL:
        return _shares(criterion, ratings, names, scope)
    question = question_of(criterion, scope=scope)
    observed = observe(ratings, question).readable()
    rows = [
        {"id": system, "name": name, "mean": level(observed.of(system), question, scope=scope).as_dict()}
        for system, name in names.items()
    ]
    sign = -1.0 if criterion.direction == Direction.LOWER else 1.0
    return sorted(
        rows, key=lambda row: -sign * (row["mean"]["value"] if row["mean"]["value"] is not None else -np.inf)
    )


def system_preferences(criterion: Criterion, ratings: Ratings, names: Names, scope: Scope) -> dict[str, Any]:
    """Win rates and Bradley-Terry strengths of the systems, best first, with the ranks that their differences leave open."""
    question = question_of(criterion, estimand=Estimand.WIN_RATE, direction=Direction.HIGHER, scope=scope)
    observed = observe(ratings, question).readable()
    cast = votes(ratings, question, tuple(names))
    if not len(cast):
        return {"rows": [], "undefined": "No rating says which of two outputs is better.", "n": 0}
    found = strengths(cast, scope=scope, confidence=question.confidence)
    told = strength_family(found, question.confidence)
    ranks = rank_ranges(told.differences, cast.systems, question.direction)
    apart = unplaced(found)
    rows = [
        _preference(found, place, observed, question, names[system], ranks[system])
        for place, system in enumerate(cast.systems)
    ]
    return {
        "rows": [rows[line["system"]] for line in found.fit.table()],
        "n": len(cast),
        "pairs": len(np.unique(cast.units)),
        "ties": float((cast.outcome == TIE).mean()),
        "undefined": found.fit.undefined,
        "method": found.method,
        "population": found.population.as_dict(),
        "family": told.about(),
        "never_compared": [[names[system] for system in group] for group in apart.never_compared],
        "undefeated": [{**vars(one), "name": names[one.system]} for one in apart.undefeated],
        "winless": [{**vars(one), "name": names[one.system]} for one in apart.winless],
        "tied": [[names[cast.systems[place]] for place in group] for group in found.fit.lone_groups()],
    }


def _preference(
    found: Strengths,
    place: int,
    observed: Observations,
    question: Question,
    name: str,
    ranks: tuple[int, int],
) -> dict[str, Any]:
    system, rank = found.votes.systems[place], found.fit.rank[place]
    return {
        "id": system,
        "name": name,
        "win_rate": win_rate(observed.of(system), question, scope=question.scope).as_dict(),
        "log_strength": found.strength(place).as_dict(),
        "rank": [int(rank), *ranks] if np.isfinite(rank) else None,
    }


def side_bias(criterion: Criterion, ratings: Ratings, scope: Scope) -> dict[str, Any]:
    """How often the output shown on the left won, among the votes that name a winner: a half means no pull to either side."""
    question = question_of(criterion, estimand=Estimand.WIN_RATE, scope=scope)
    won = question.numbers(ratings.values)
    decided = ~np.isnan(won) & (won != TIE)
    first = np.where(ratings.swapped, 1.0 - won, won)[decided]
    if not len(first):
        return undefined("no vote names a winner").as_dict()
    nobody = np.full(len(first), -1, dtype=np.int64)
    kept = ratings.where(decided)
    observed = Observations(
        systems=nobody,
        opponents=nobody,
        items=kept.units,
        examples=kept.examples,
        raters=kept.raters,
        values=first,
        unparsed=np.zeros(len(first), dtype=bool),
    ).in_order()
    return level(observed, question, scope=scope).as_dict()


def _shares(criterion: Criterion, ratings: Ratings, names: Names, scope: Scope) -> list[dict[str, Any]]:
    found: dict[int, list[dict[str, Any]]] = {system: [] for system in names}
    for label in _told_apart(criterion):
        question = question_of(
            criterion, estimand=Estimand.RATE, labels=(float(label["value"]),), scope=scope
        )
        observed = observe(ratings, question)
        for system in names:
            share = level(observed.of(system), question, scope=scope)
            found[system].append({"label": label["label"], "share": share.as_dict()})
    return [{"id": system, "name": names[system], "shares": shares} for system, shares in found.items()]


def _told_apart(criterion: Criterion) -> list[dict[str, Any]]:
    """The labels whose shares are worth a column each: of a yes and a no, the yes says it all."""
    if {one["value"] for one in criterion.labels} == {0, 1}:
        return [one for one in criterion.labels if one["value"] == 1]
    return list(criterion.labels)
