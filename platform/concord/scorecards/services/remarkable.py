"""The items that a reader should look at: where people disagree most, where the machine is furthest off, and the worst."""

from typing import Any

import numpy as np

from concord.catalog.states import Direction
from concord.scorecards.evidence import DimensionEvidence, FloatArray, IntArray, Plan, Ratings, Scores
from concord.scorecards.services.observations import means, numbers, pair_codes
from concord.stats import agreement

MOST = 8


def remarkable(evidence: DimensionEvidence) -> dict[str, list[dict[str, Any]]]:
    """Return up to `MOST` items of each kind, with ids and the answers given."""
    ratings, scores, plan = evidence.ratings, evidence.scores, evidence.plan
    found: dict[str, list[dict[str, Any]]] = {"disputed": [], "machine_off": [], "worst": []}
    if ratings is not None and len(ratings):
        found["disputed"] = _disputed(ratings, plan)
        if scores is not None and len(scores):
            found["machine_off"] = _machine_off(ratings, scores, plan)
    side = ratings if ratings is not None and len(ratings) else scores
    if side is not None and len(side) and not plan.is_pairwise and plan.direction != Direction.NONE:
        found["worst"] = _worst(side, plan)
    return found


def _disputed(ratings: Ratings, plan: Plan) -> list[dict[str, Any]]:
    """Units by their part of the observed disagreement."""
    alpha = agreement.krippendorff_alpha(
        ratings.units, ratings.raters, ratings.values, level=plan.level, n_resamples=0
    )
    if not alpha.defined:
        return []
    order = np.argsort(-alpha.per_unit, kind="stable")[:MOST]
    chosen = [(int(alpha.unit_codes[i]), float(alpha.per_unit[i])) for i in order if alpha.per_unit[i] > 0]
    return [
        {**_describe(ratings, ratings.units == unit, plan), "unit": unit, "part": part}
        for unit, part in chosen
    ]


def _machine_off(ratings: Ratings, scores: Scores, plan: Plan) -> list[dict[str, Any]]:
    """Items by the distance of the machine's answer from the people's mean."""
    items, people = means(_items(ratings, plan), numbers(ratings.values, plan))
    known, machine = means(_items(scores, plan), numbers(_oriented(scores, ratings, plan), plan))
    both, at_people, at_machine = np.intersect1d(items, known, return_indices=True)
    gap = machine[at_machine] - people[at_people]
    order = np.argsort(-np.abs(gap), kind="stable")[:MOST]
    own = _items(ratings, plan)
    return [
        {
            **_describe(ratings, own == both[i], plan),
            "people": float(people[at_people][i]),
            "machine": float(machine[at_machine][i]),
            "gap": float(gap[i]),
        }
        for i in order
        if abs(gap[i]) > 0
    ]


def _oriented(scores: Scores, ratings: Ratings, plan: Plan) -> FloatArray:
    """Return the machine's values with a pair's sides as people's units have them."""
    if not plan.is_pairwise:
        return scores.values
    mirror = {
        value: next((v for v, o in plan.outcomes.items() if o == 1 - outcome), value)
        for value, outcome in plan.outcomes.items()
    }
    left = dict(
        zip(
            pair_codes(ratings.outputs, ratings.other_outputs).tolist(), ratings.outputs.tolist(), strict=True
        )
    )
    pairs = pair_codes(scores.outputs, scores.other_outputs).tolist()
    turned = [
        left.get(pair) == other for pair, other in zip(pairs, scores.other_outputs.tolist(), strict=True)
    ]
    return np.array(
        [mirror.get(v, v) if turn else v for v, turn in zip(scores.values.tolist(), turned, strict=True)],
        dtype=np.float64,
    )


def _worst(side: Ratings | Scores, plan: Plan) -> list[dict[str, Any]]:
    """Outputs by the mean answer, from the bad end."""
    items, values = means(side.outputs, numbers(side.values, plan))
    key = values if plan.direction == Direction.HIGHER else -values
    order = np.argsort(key, kind="stable")[:MOST]
    ends_bad = [i for i in order if not np.isclose(key[i], key.max())]
    return [{**_describe(side, side.outputs == items[i], plan), "value": float(values[i])} for i in ends_bad]


def _describe(side: Ratings | Scores, kept: np.ndarray, plan: Plan) -> dict[str, Any]:
    at = int(np.flatnonzero(kept)[0])
    answers = [plan.label_names.get(value, f"{value:g}") for value in side.values[kept].tolist()]
    return {
        "example": int(side.examples[at]),
        "system": int(side.systems[at]),
        "output": int(side.outputs[at]),
        "other_system": int(side.other_systems[at]) if side.other_systems[at] >= 0 else None,
        "other_output": int(side.other_outputs[at]) if side.other_outputs[at] >= 0 else None,
        "answers": answers,
    }


def _items(side: Ratings | Scores, plan: Plan) -> IntArray:
    return pair_codes(side.outputs, side.other_outputs) if plan.is_pairwise else side.outputs
