"""How far the machine may stand in for people: on the items that both judged."""

from typing import Any

import numpy as np

from annotation.selectors.clustering import repeated
from concord.scorecards.evidence import BoolArray, Figure, FloatArray, IntArray, Plan, Ratings, Scores
from concord.scorecards.services.agreement_table import confusion, plurality
from concord.scorecards.services.correlation import clustered_kappa, correlations
from concord.scorecards.services.estimates import estimate
from concord.scorecards.services.figures import figure, undefined
from concord.scorecards.services.machine_error import machine_errors
from concord.scorecards.services.observations import (
    MACHINE,
    Observations,
    mapped,
    means,
    pair_codes,
)
from concord.stats import agreement

FEWEST = 5


def trust(ratings: Ratings, scores: Scores, plan: Plan, systems: tuple[int, ...]) -> dict[str, Any]:
    """Return agreement of machine and people: as labels, as numbers, and the machine's error per system."""
    sides = orientation(ratings) if plan.is_pairwise else {}
    people, machine = answers(ratings, plan, sides), answers(scores, plan, sides)
    both = np.intersect1d(people[0], machine[0])
    report: dict[str, Any] = {
        "items": "pairs" if plan.is_pairwise else "outputs",
        "judged_by_both": len(both),
        "unparsed": int(np.isnan(scores.values).sum()),
        "labels": _labels(people, machine, scores, plan),
        "numbers": None if plan.is_pairwise or plan.level == "nominal" else _numbers(ratings, scores, plan),
        "per_system": machine_errors(ratings, scores, plan, systems),
    }
    if plan.is_pairwise:
        report["without_ties"] = _without_ties(people, machine, _example_of(scores, plan), plan)
    return report


def orientation(ratings: Ratings) -> dict[int, int]:
    """Return which output of each pair people's units call left: kappa depends on it, agreement does not."""
    pairs, first = np.unique(pair_codes(ratings.outputs, ratings.other_outputs), return_index=True)
    return dict(zip(pairs.tolist(), ratings.outputs[first].tolist(), strict=True))


def answers(evidence: Ratings | Scores, plan: Plan, sides: dict[int, int]) -> tuple[IntArray, FloatArray]:
    """Return item and label of each readable answer; the labels of a pair are turned to its unit's left and right."""
    kept = ~np.isnan(evidence.values)
    if not plan.is_pairwise:
        return evidence.outputs[kept], evidence.values[kept]
    outcome = mapped(evidence.values, plan.outcomes)
    pairs = pair_codes(evidence.outputs, evidence.other_outputs)
    left = np.array([sides.get(pair, -1) for pair in pairs.tolist()], dtype=np.int64)
    outcome = np.where(left == evidence.other_outputs, 1 - outcome, outcome)
    kept &= ~np.isnan(outcome)
    return pairs[kept], outcome[kept]


def _labels(
    people: tuple[IntArray, FloatArray], machine: tuple[IntArray, FloatArray], scores: Scores, plan: Plan
) -> dict[str, Any] | None:
    """Agreement of the people's most frequent answer with the machine's.

    A split vote on a pair is a tie; elsewhere the output is left out, and counted.
    """
    if not plan.is_pairwise and not plan.is_labelled:
        return None
    items, ours, theirs, split = _meeting(people, machine, plan)
    categories = (
        np.array([0.0, 0.5, 1.0])
        if plan.is_pairwise
        else np.array(sorted(plan.label_names), dtype=np.float64)
    )
    known = np.isin(theirs, categories) & np.isin(ours, categories)
    items, ours, theirs = items[known], ours[known], theirs[known]
    split_note = (
        "a split vote of the people counts as a tie"
        if plan.is_pairwise
        else "outputs on which people are split are left out"
    )
    return {
        "categories": [_name(value, plan) for value in categories],
        "table": confusion(ours, theirs, categories),
        "agreement": _agreement(items, ours == theirs, _example_of(scores, plan), plan),
        "kappa": _kappa(items, ours, theirs, categories, _examples(items, _example_of(scores, plan)), plan),
        "split": split,
        "note": split_note,
    }


def _meeting(
    people: tuple[IntArray, FloatArray], machine: tuple[IntArray, FloatArray], plan: Plan
) -> tuple[IntArray, FloatArray, FloatArray, int]:
    """Return the items that both judged with both answers, and on how many of them people are split."""
    ours, theirs = plurality(*people), plurality(*machine)
    items, at_ours, at_theirs = np.intersect1d(ours.items, theirs.items, return_indices=True)
    first, second = ours.values[at_ours].copy(), theirs.values[at_theirs].copy()
    split = int(np.isnan(first).sum())
    if plan.is_pairwise:
        first[np.isnan(first)] = 0.5
        second[np.isnan(second)] = 0.5
    kept = ~np.isnan(first) & ~np.isnan(second)
    return items[kept], first[kept], second[kept], split


def _agreement(items: IntArray, same: BoolArray, example_of: dict[int, int], plan: Plan) -> Figure:
    if not len(items):
        return undefined("people and machine judged nothing in common", confidence=plan.confidence)
    nobody = np.full(len(items), -1, dtype=np.int64)
    examples = _examples(items, example_of)
    observed = Observations(
        systems=nobody,
        opponents=nobody,
        items=items,
        examples=examples,
        raters=np.full(len(items), MACHINE),
        values=same.astype(np.float64),
        unparsed=np.zeros(len(items), dtype=bool),
    )
    return figure(estimate(observed, share=True, confidence=plan.confidence), agreeing=int(same.sum()))


def _example_of(scores: Scores, plan: Plan) -> dict[int, int]:
    items = pair_codes(scores.outputs, scores.other_outputs) if plan.is_pairwise else scores.outputs
    return dict(zip(items.tolist(), scores.examples.tolist(), strict=True))


def _examples(items: IntArray, example_of: dict[int, int]) -> IntArray:
    return np.array([example_of[int(item)] for item in items], dtype=np.int64)


def _kappa(
    items: IntArray,
    ours: FloatArray,
    theirs: FloatArray,
    categories: FloatArray,
    examples: IntArray,
    plan: Plan,
) -> Figure:
    """Cohen's kappa; where the labels have an order, weighted by squared distance and plain beside it."""
    if not len(items):
        return undefined("people and machine judged nothing in common", confidence=plan.confidence)
    codes = np.searchsorted(categories, ours), np.searchsorted(categories, theirs)

    def found(weights: str) -> Figure:
        kappa = agreement.cohen_kappa(
            np.tile(items, 2),
            np.repeat([0, 1], len(items)),
            np.concatenate([ours, theirs]),
            categories=categories,
            weights="quadratic" if weights == "quadratic" else None,
            confidence=plan.confidence,
        )
        if not kappa.defined or repeated(examples) is None:
            return figure(kappa, weights=weights)
        return figure(clustered_kappa(kappa, *codes, _alike(categories, weights), examples), weights=weights)

    plain = found("none")
    if plan.is_pairwise or plan.level == "nominal":
        return plain
    return {**plain, "weighted": found("quadratic")}


def _alike(categories: FloatArray, weights: str) -> FloatArray:
    """Return how much each two labels count as agreement."""
    if weights == "none":
        return np.eye(len(categories))
    distance = np.square(categories[:, None] - categories[None, :])
    alike: FloatArray = 1 - distance / max(float(distance.max()), 1e-300)
    return alike


def _without_ties(
    people: tuple[IntArray, FloatArray],
    machine: tuple[IntArray, FloatArray],
    example_of: dict[int, int],
    plan: Plan,
) -> Figure:
    """Agreement on the pairs on which neither people nor machine call a tie."""
    items, ours, theirs, _ = _meeting(people, machine, plan)
    decided = (ours != 0.5) & (theirs != 0.5)
    return _agreement(items[decided], ours[decided] == theirs[decided], example_of, plan)


def _numbers(ratings: Ratings, scores: Scores, plan: Plan) -> dict[str, Any]:
    """Correlations of the machine's number with the people's mean, per output."""
    ours, theirs = (means(side.outputs, side.values) for side in (ratings, scores))
    items, at_ours, at_theirs = np.intersect1d(ours[0], theirs[0], return_indices=True)
    a, b = ours[1][at_ours], theirs[1][at_theirs]
    if len(a) < FEWEST or np.ptp(a) == 0 or np.ptp(b) == 0:
        reason = (
            f"fewer than {FEWEST} outputs were judged by both"
            if len(a) < FEWEST
            else "one side gave the same answer throughout"
        )
        return {"n": len(a), "undefined": reason}
    return {
        "n": len(a),
        "undefined": None,
        "correlations": correlations(
            a, b, _examples(items, _example_of(scores, plan)), confidence=plan.confidence
        ),
        "people_mean": float(a.mean()),
        "machine_mean": float(b.mean()),
        "mean_absolute_difference": float(np.abs(a - b).mean()),
    }


def _name(value: float, plan: Plan) -> str:
    if plan.is_pairwise:
        return {1.0: "left", 0.5: "tie", 0.0: "right"}[float(value)]
    return plan.label_names[float(value)]
