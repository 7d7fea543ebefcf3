"""The items that a reader should look at: where people disagree most, where the machine is furthest off, and the worst."""

from typing import Any

import numpy as np

from concord.estimates.agreement import Agreement
from concord.estimates.arrays import Bools, Floats, Ints, item_means, pair_codes
from concord.estimates.enums import Direction
from concord.estimates.question import Question
from concord.estimates.ratings import Ratings
from concord.estimates.scores import Scores
from concord.scorecards.evidence import DimensionEvidence

MOST = 8


def examples(evidence: DimensionEvidence, agreed: Agreement | None) -> dict[str, list[dict[str, Any]]]:
    """Return up to `MOST` items of each kind, with ids and the answers given."""
    ratings, scores, question = evidence.ratings, evidence.scores, evidence.question
    found: dict[str, list[dict[str, Any]]] = {"disputed": [], "machine_off": [], "worst": []}
    if ratings is not None and len(ratings):
        found["disputed"] = _disputed(ratings, agreed, question)
        if scores is not None and len(scores):
            found["machine_off"] = _machine_off(ratings, scores, question)
    side = ratings if ratings is not None and len(ratings) else scores
    if side is not None and len(side) and not question.is_pairwise and question.direction != Direction.NONE:
        found["worst"] = _worst(side, question)
    return found


def _disputed(ratings: Ratings, agreed: Agreement | None, question: Question) -> list[dict[str, Any]]:
    """Units by their part of the observed disagreement."""
    if agreed is None or not len(agreed.parts):
        return []
    order = np.argsort(-agreed.parts, kind="stable")[:MOST]
    chosen = [(int(agreed.unit_codes[i]), float(agreed.parts[i])) for i in order if agreed.parts[i] > 0]
    return [
        {**_describe(ratings, ratings.units == unit, question), "unit": unit, "part": part}
        for unit, part in chosen
    ]


def _machine_off(ratings: Ratings, scores: Scores, question: Question) -> list[dict[str, Any]]:
    """Items by the distance of the machine's answer from the people's mean."""
    items, people = item_means(_items(ratings, question), question.numbers(ratings.values))
    turned = question.numbers(_oriented(scores, ratings, question))
    known, machine = item_means(_items(scores, question), turned)
    both, at_people, at_machine = np.intersect1d(items, known, return_indices=True)
    gap = machine[at_machine] - people[at_people]
    order = np.argsort(-np.abs(gap), kind="stable")[:MOST]
    own = _items(ratings, question)
    return [
        {
            **_describe(ratings, own == both[i], question),
            "people": float(people[at_people][i]),
            "machine": float(machine[at_machine][i]),
            "gap": float(gap[i]),
        }
        for i in order
        if abs(gap[i]) > 0
    ]


def _oriented(scores: Scores, ratings: Ratings, question: Question) -> Floats:
    """Return the machine's values with a pair's sides as people's units have them."""
    if not question.is_pairwise:
        return scores.values
    mirror = {
        value: next((v for v, o in question.outcomes.items() if o == 1 - outcome), value)
        for value, outcome in question.outcomes.items()
    }
    pairs_of_people = pair_codes(ratings.outputs, ratings.other_outputs).tolist()
    left = dict(zip(pairs_of_people, ratings.outputs.tolist(), strict=True))
    pairs = pair_codes(scores.outputs, scores.other_outputs).tolist()
    turned = [
        left.get(pair) == other for pair, other in zip(pairs, scores.other_outputs.tolist(), strict=True)
    ]
    return np.array(
        [mirror.get(v, v) if turn else v for v, turn in zip(scores.values.tolist(), turned, strict=True)],
        dtype=np.float64,
    )


def _worst(side: Ratings | Scores, question: Question) -> list[dict[str, Any]]:
    """Outputs by the mean answer, from the bad end."""
    items, values = item_means(side.outputs, question.numbers(side.values))
    key = values if question.direction == Direction.HIGHER else -values
    order = np.argsort(key, kind="stable")[:MOST]
    ends_bad = [i for i in order if not np.isclose(key[i], key.max())]
    return [
        {**_describe(side, side.outputs == items[i], question), "value": float(values[i])} for i in ends_bad
    ]


def _describe(side: Ratings | Scores, kept: Bools, question: Question) -> dict[str, Any]:
    at = int(np.flatnonzero(kept)[0])
    answers = [question.label_names.get(value, f"{value:g}") for value in side.values[kept].tolist()]
    return {
        "example": int(side.examples[at]),
        "system": int(side.systems[at]),
        "output": int(side.outputs[at]),
        "other_system": int(side.other_systems[at]) if side.other_systems[at] >= 0 else None,
        "other_output": int(side.other_outputs[at]) if side.other_outputs[at] >= 0 else None,
        "answers": answers,
    }


def _items(side: Ratings | Scores, question: Question) -> Ints:
    return pair_codes(side.outputs, side.other_outputs) if question.is_pairwise else side.outputs
