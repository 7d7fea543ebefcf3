"""How far the machine may stand in for people: on the items that both judged."""

from typing import Any

import numpy as np
from scipy import stats as distributions

from concord.scorecards.evidence import BoolArray, Figure, FloatArray, IntArray, Plan, Ratings, Scores
from concord.scorecards.services.agreement_table import confusion, plurality
from concord.scorecards.services.estimates import estimate
from concord.scorecards.services.figures import figure, undefined
from concord.scorecards.services.observations import (
    MACHINE,
    Observations,
    mapped,
    means,
    observe,
    pair_codes,
    per_item,
)
from concord.stats import agreement, comparison

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
        "per_system": _per_system(ratings, scores, plan, systems),
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
        "kappa": _kappa(items, ours, theirs, categories, plan),
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
    examples = np.array([example_of[int(item)] for item in items], dtype=np.int64)
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


def _kappa(
    items: IntArray, ours: FloatArray, theirs: FloatArray, categories: FloatArray, plan: Plan
) -> Figure:
    """Cohen's kappa; where the labels have an order, weighted by squared distance and plain beside it."""
    if not len(items):
        return undefined("people and machine judged nothing in common", confidence=plan.confidence)
    units, raters, values = np.tile(items, 2), np.repeat([0, 1], len(items)), np.concatenate([ours, theirs])
    plain = agreement.cohen_kappa(units, raters, values, categories=categories, confidence=plan.confidence)
    if plan.is_pairwise or plan.level == "nominal":
        return figure(plain, weights="none")
    weighted = agreement.cohen_kappa(
        units, raters, values, categories=categories, weights="quadratic", confidence=plan.confidence
    )
    return figure(plain, weights="none", weighted=figure(weighted, weights="quadratic"))


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
    _, at_ours, at_theirs = np.intersect1d(ours[0], theirs[0], return_indices=True)
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
        "pearson": float(distributions.pearsonr(a, b).statistic),
        "spearman": float(distributions.spearmanr(a, b).statistic),
        "kendall": float(distributions.kendalltau(a, b).statistic),
        "people_mean": float(a.mean()),
        "machine_mean": float(b.mean()),
        "mean_absolute_difference": float(np.abs(a - b).mean()),
    }


def _per_system(
    ratings: Ratings, scores: Scores, plan: Plan, systems: tuple[int, ...]
) -> list[dict[str, Any]]:
    """The machine's figure less the people's on the very same items, per system: its error, with interval."""
    people, machine = observe(ratings, plan).readable(), observe(scores, plan).readable()
    return [{"system": system, **_error(people.of(system), machine.of(system), plan)} for system in systems]


def _error(people: Observations, machine: Observations, plan: Plan) -> dict[str, Any]:
    ours, theirs = per_item(people), per_item(machine)
    _, at_ours, at_theirs = np.intersect1d(ours.items, theirs.items, return_indices=True)
    if not len(at_ours):
        return {
            "people": None,
            "machine": None,
            "error": undefined("nothing was judged by both", confidence=plan.confidence),
        }
    a, b, examples = ours.values[at_ours], theirs.values[at_theirs], ours.examples[at_ours]
    repeated = len(np.unique(examples)) < len(examples)
    found = comparison.paired_difference(
        b, a, clusters=examples if repeated else None, confidence=plan.confidence
    )
    return {
        "people": float(a.mean()),
        "machine": float(b.mean()),
        "error": figure(found, p_value=_finite(found.p_value)),
    }


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None


def _name(value: float, plan: Plan) -> str:
    if plan.is_pairwise:
        return {1.0: "left", 0.5: "tie", 0.0: "right"}[float(value)]
    return plan.label_names[float(value)]
