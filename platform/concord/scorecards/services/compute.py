"""A scorecard from its evidence: arrays in, the whole result as JSON out; no database."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from annotation.selectors.strengths import Strengths, Votes, strengths
from concord.catalog.states import Direction
from concord.scorecards.evidence import DimensionEvidence, Evidence, Figure, IntArray, Ratings, Scores
from concord.scorecards.services.automatic import automatic
from concord.scorecards.services.comparing import compare_answers, compare_joint, compare_strengths
from concord.scorecards.services.differences import Compare, differences, family, leader_family
from concord.scorecards.services.figures import json_ready
from concord.scorecards.services.headline import Standing, ordered, side_of, standing
from concord.scorecards.services.here import on_these_examples
from concord.scorecards.services.human import human
from concord.scorecards.services.join import Sides, both_sides, joined
from concord.scorecards.services.latency import latency
from concord.scorecards.services.leaderboard import leaderboard, votes
from concord.scorecards.services.limits import limits
from concord.scorecards.services.people import people_agree
from concord.scorecards.services.remarkable import remarkable
from concord.scorecards.services.sentence import answer
from concord.scorecards.services.slices import by_slice
from concord.scorecards.services.trust import trust

Progress = Callable[[int, int, str], None]


def compute(evidence: Evidence, *, progress: Progress = lambda done, total, message: None) -> dict[str, Any]:
    """Return dimensions, latency, the sentence and the limits."""
    steps = len(evidence.dimensions) + 1
    dimensions = []
    for done, dimension in enumerate(evidence.dimensions):
        progress(done, steps, dimension.plan.name)
        dimensions.append(one_dimension(dimension, evidence.systems, baseline=evidence.baseline))
    progress(steps - 1, steps, "latency and cost")
    timed = None
    if evidence.timings is not None and len(evidence.timings.systems):
        timed = latency(
            evidence.timings,
            evidence.systems,
            dataset_timings=evidence.dataset_timings,
            confidence=evidence.confidence,
        )
    progress(steps, steps, "done")
    result = {
        "dimensions": dimensions,
        "latency": timed,
        "sentence": answer(dimensions, evidence.names, evidence.confidence),
        "limits": limits(dimensions, evidence.names),
    }
    ready: dict[str, Any] = json_ready(result)
    return ready


def one_dimension(
    evidence: DimensionEvidence, systems: tuple[int, ...], *, baseline: int | None
) -> dict[str, Any]:
    """Return everything about one dimension."""
    plan = evidence.plan
    both = _both(evidence, systems)
    sides = _sides(evidence, systems, both)
    side = side_of(sides, systems)
    boards = _boards(evidence, systems)
    order = _order(side, sides, boards, evidence, systems)
    compare = _compare(side, both, boards, evidence, systems)
    made = family(systems, baseline=baseline, leader=order[0] if order else None)
    found = differences(compare, made, confidence=plan.confidence)
    found["scale"] = (
        "log strength" if plan.is_pairwise and side != "joint" else "share" if plan.is_share else "answer"
    )
    ratings, scores = evidence.ratings, evidence.scores
    return {
        "name": plan.name,
        "is_pairwise": plan.is_pairwise,
        "is_share": plan.is_share,
        "estimand": str(plan.estimand),
        "direction": str(plan.direction),
        "human_given": ratings is not None and len(ratings) > 0,
        "automatic_given": scores is not None and len(scores) > 0,
        "cells": [
            {
                "system": system,
                **{name: figures[system] if figures else None for name, figures in sides.items()},
            }
            for system in systems
        ],
        "order": order,
        "standing": _standing(side, order, boards, evidence, found, compare, systems).as_dict(),
        "on_these_examples": on_these_examples(side, order, boards, plan, systems),
        "differences": found,
        "leaderboard": {name: _board(name, boards, systems, plan.confidence) for name in boards},
        "people": people_agree(ratings, plan) if ratings is not None and len(ratings) else None,
        "trust": trust(ratings, scores, plan, systems)
        if ratings is not None and scores is not None and len(ratings) and len(scores)
        else None,
        "slices": by_slice(evidence, systems),
        "remarkable": remarkable(evidence),
    }


def _both(evidence: DimensionEvidence, systems: tuple[int, ...]) -> dict[int, Sides] | None:
    if evidence.ratings is None or evidence.scores is None:
        return None
    return both_sides(evidence.ratings, evidence.scores, evidence.plan, systems)


def _sides(
    evidence: DimensionEvidence, systems: tuple[int, ...], both: dict[int, Sides] | None
) -> dict[str, dict[int, Figure] | None]:
    ratings, scores, plan = evidence.ratings, evidence.scores, evidence.plan
    return {
        "human": human(ratings, plan, systems, unrated=_missing(evidence, ratings, systems))
        if ratings is not None
        else None,
        "automatic": automatic(scores, plan, systems, unscored=_missing(evidence, scores, systems))
        if scores is not None
        else None,
        "joint": joined(both, plan) if both is not None else None,
    }


def _missing(
    evidence: DimensionEvidence, side: Ratings | Scores | None, systems: tuple[int, ...]
) -> dict[int, int]:
    """Return how many outputs in scope this side says nothing about; of comparisons that cannot be said."""
    scope = evidence.scope
    if scope is None or side is None or evidence.plan.is_pairwise:
        return {}
    silent = scope.systems[~np.isin(scope.outputs, side.outputs)]
    return {system: int((silent == system).sum()) for system in systems}


def _boards(evidence: DimensionEvidence, systems: tuple[int, ...]) -> dict[str, tuple[Votes, Strengths]]:
    """Return the votes and the Bradley-Terry fit of each side of a dimension of comparisons."""
    if not evidence.plan.is_pairwise:
        return {}
    found = {}
    for name, side in (("human", evidence.ratings), ("automatic", evidence.scores)):
        if side is not None and len(side):
            cast = votes(side, evidence.plan, systems)
            found[name] = (cast, strengths(cast, len(systems), confidence=evidence.plan.confidence))
    return found


def _board(
    name: str, boards: Mapping[str, tuple[Votes, Strengths]], systems: tuple[int, ...], confidence: float
) -> dict[str, Any]:
    cast, fit = boards[name]
    return leaderboard(cast, fit, systems, confidence=confidence)


def _order(
    side: str,
    sides: Mapping[str, dict[int, Figure] | None],
    boards: Mapping[str, tuple[Votes, Strengths]],
    evidence: DimensionEvidence,
    systems: tuple[int, ...],
) -> list[int]:
    """Return the systems best first: by strength where strengths exist, for a win rate depends on whom one met."""
    if side in boards and boards[side][1].fit.defined:
        fit = boards[side][1].fit
        if len(fit.groups) > 1:
            return []
        known = [place for place in range(len(systems)) if np.isfinite(fit.rank[place])]
        sign = -1 if evidence.plan.direction == Direction.LOWER else 1
        ranked = sorted(known, key=lambda place: sign * fit.rank[place])
        return [systems[place] for place in (*ranked, *fit.undefeated, *fit.winless)]
    figures = sides[side]
    return ordered(figures, evidence.plan) if figures else []


def _compare(
    side: str,
    both: dict[int, Sides] | None,
    boards: Mapping[str, tuple[Votes, Strengths]],
    evidence: DimensionEvidence,
    systems: tuple[int, ...],
) -> Compare:
    if side == "joint" and both is not None:
        return compare_joint(both, evidence.plan)
    if side in boards:
        return compare_strengths(boards[side][1], systems)
    given = evidence.ratings if side == "human" else evidence.scores
    return compare_answers(given if given is not None else _no_scores(), evidence.plan, systems)


def _standing(
    side: str,
    order: list[int],
    boards: Mapping[str, tuple[Votes, Strengths]],
    evidence: DimensionEvidence,
    found: dict[str, Any],
    compare: Compare,
    systems: tuple[int, ...],
) -> Standing:
    """Where the table's differences are to a baseline, the leader needs its own, adjusted for all pairs."""
    if side in boards and len(boards[side][1].fit.groups) > 1:
        apart = "some systems were never compared, directly or through others"
        return Standing(side=side, leader=None, why_not=apart)
    rows = [row for row in found["rows"] if order and order[0] in (row["system"], row["against"])]
    if order and len(rows) < len(systems) - 1:
        made = leader_family(systems, order[0])
        rows = differences(compare, made, confidence=evidence.plan.confidence)["rows"]
    return standing(side, order, evidence.plan, rows)


def _no_scores() -> Scores:
    none: IntArray = np.empty(0, dtype=np.int64)
    return Scores(
        outputs=none, other_outputs=none, systems=none, other_systems=none, examples=none, values=np.empty(0)
    )
