"""How far the machine may stand in for people: on the items that both judged."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from concord.estimates.arrays import Bools, Floats, Ints, item_means, mapped, pair_codes, repeated
from concord.estimates.contrasts import Contrast, error_of_machine
from concord.estimates.correlation import correlations
from concord.estimates.enums import Level
from concord.estimates.families import Family, family
from concord.estimates.figure import Figure, from_estimate, undefined
from concord.estimates.levels import share_of
from concord.estimates.observations import Observations, per_item
from concord.estimates.question import Question
from concord.estimates.ratings import Ratings
from concord.estimates.scores import Scores
from concord.stats import agreement

FEWEST = 5
SPLIT = np.nan
WON_TIED_LOST = np.array([0.0, 0.5, 1.0])


@dataclass(frozen=True, kw_only=True)
class Errors:
    """The machine's figure less the people's on the very same items, per system; the errors of all systems are one family."""

    systems: tuple[int, ...]
    people: dict[int, float | None]
    machine: dict[int, float | None]
    family: Family

    def as_rows(self) -> list[dict[str, Any]]:
        rows = []
        for one in self.family.differences:
            own = {"people": self.people[one.system], "machine": self.machine[one.system]}
            error = {
                **one.figure.as_dict(),
                "p_adjusted": one.as_dict()["p_adjusted"],
                "differs": one.differs,
            }
            rows.append({"system": one.system, **own, "error": error})
        return rows


def errors(people: Observations, machine: Observations, systems: Sequence[int], question: Question) -> Errors:
    """Return how far the machine is off for each system, with intervals that hold together over the systems."""
    found: list[Contrast] = []
    means: dict[str, dict[int, float | None]] = {"people": {}, "machine": {}}
    for system in systems:
        ours, theirs = people.of(system), machine.of(system)
        found.append(error_of_machine(system, ours, theirs, question))
        one, two = per_item(ours), per_item(theirs)
        _, at_one, at_two = np.intersect1d(one.items, two.items, return_indices=True)
        means["people"][system] = float(one.values[at_one].mean()) if len(at_one) else None
        means["machine"][system] = float(two.values[at_two].mean()) if len(at_two) else None
    return Errors(systems=tuple(systems), **means, family=family(found, confidence=question.confidence))


def trust(
    ratings: Ratings,
    scores: Scores,
    people: Observations,
    machine: Observations,
    systems: Sequence[int],
    question: Question,
) -> dict[str, Any]:
    """Return agreement of machine and people: as labels, as numbers, and the machine's error per system.

    `people` and `machine` are the readable observations of the same rows.
    """
    sides = _orientation(ratings) if question.is_pairwise else {}
    ours, theirs = _answers(ratings, question, sides), _answers(scores, question, sides)
    both = np.intersect1d(ours[0], theirs[0])
    example_of = _example_of(scores, question)
    found = errors(people, machine, systems, question)
    report: dict[str, Any] = {
        "items": "pairs" if question.is_pairwise else "outputs",
        "judged_by_both": len(both),
        "unparsed": int(np.isnan(scores.values).sum()),
        "labels": _labels(ours, theirs, example_of, question),
        "numbers": None
        if question.is_pairwise or question.level == Level.NOMINAL
        else _numbers(ratings, scores, example_of, question),
        "per_system": found.as_rows(),
        "per_system_family": found.family.about(),
    }
    if question.is_pairwise:
        report["without_ties"] = _without_ties(ours, theirs, example_of, question).as_dict()
    return report


def _orientation(ratings: Ratings) -> dict[int, int]:
    """Return which output of each pair people's units call left: kappa depends on it, agreement does not."""
    pairs, first = np.unique(pair_codes(ratings.outputs, ratings.other_outputs), return_index=True)
    return dict(zip(pairs.tolist(), ratings.outputs[first].tolist(), strict=True))


def _answers(evidence: Ratings | Scores, question: Question, sides: dict[int, int]) -> tuple[Ints, Floats]:
    """Return item and label of each readable answer; the labels of a pair are turned to its unit's left and right."""
    kept = ~np.isnan(evidence.values)
    if not question.is_pairwise:
        return evidence.outputs[kept], evidence.values[kept]
    outcome = mapped(evidence.values, question.outcomes)
    pairs = pair_codes(evidence.outputs, evidence.other_outputs)
    left = np.array([sides.get(pair, -1) for pair in pairs.tolist()], dtype=np.int64)
    outcome = np.where(left == evidence.other_outputs, 1 - outcome, outcome)
    kept &= ~np.isnan(outcome)
    return pairs[kept], outcome[kept]


def _labels(
    people: tuple[Ints, Floats], machine: tuple[Ints, Floats], example_of: dict[int, int], question: Question
) -> dict[str, Any] | None:
    """Agreement of the people's most frequent answer with the machine's.

    A split vote on a pair is a tie; elsewhere the output is left out, and counted.
    """
    if not question.is_pairwise and not question.is_labelled:
        return None
    items, ours, theirs, split = _meeting(people, machine, question)
    categories = (
        WON_TIED_LOST if question.is_pairwise else np.array(sorted(question.label_names), dtype=np.float64)
    )
    known = np.isin(theirs, categories) & np.isin(ours, categories)
    items, ours, theirs = items[known], ours[known], theirs[known]
    examples = _examples(items, example_of)
    note = (
        "a split vote of the people counts as a tie"
        if question.is_pairwise
        else "outputs on which people are split are left out"
    )
    return {
        "categories": [_name(value, question) for value in categories],
        "table": confusion(ours, theirs, categories),
        "agreement": _agreement(examples, ours == theirs, question).as_dict(),
        "kappa": _kappa(items, ours, theirs, categories, examples, question),
        "split": split,
        "note": note,
    }


def plurality(items: Ints, values: Floats) -> tuple[Ints, Floats]:
    """Return each item and its most frequent value; nan where two values lead together."""
    known, place = np.unique(items, return_inverse=True)
    labels, code = np.unique(values, return_inverse=True)
    counts = np.bincount(place * len(labels) + code, minlength=len(known) * len(labels))
    counts = counts.reshape(len(known), len(labels))
    leading = counts == counts.max(axis=1, keepdims=True) if len(known) else counts.astype(bool)
    answer = labels[counts.argmax(axis=1)].astype(np.float64) if len(known) else np.empty(0)
    answer[leading.sum(axis=1) > 1] = SPLIT
    return known, answer


def confusion(people: Floats, machine: Floats, categories: Floats) -> list[list[int]]:
    """Return counts: a row per answer of the people, a column per answer of the machine."""
    size = len(categories)
    row, column = np.searchsorted(categories, people), np.searchsorted(categories, machine)
    table = np.bincount(row * size + column, minlength=size * size).reshape(size, size)
    return [[int(count) for count in line] for line in table]


class _Meeting(NamedTuple):
    """Items that both judged, both answers, and on how many people are split."""

    items: Ints
    people: Floats
    machine: Floats
    split: int


def _meeting(people: tuple[Ints, Floats], machine: tuple[Ints, Floats], question: Question) -> _Meeting:
    """Return the items that both judged with both answers, and on how many of them people are split."""
    (our_items, ours), (their_items, theirs) = plurality(*people), plurality(*machine)
    items, at_ours, at_theirs = np.intersect1d(our_items, their_items, return_indices=True)
    first, second = ours[at_ours].copy(), theirs[at_theirs].copy()
    split = int(np.isnan(first).sum())
    if question.is_pairwise:
        first[np.isnan(first)] = 0.5
        second[np.isnan(second)] = 0.5
    kept = ~np.isnan(first) & ~np.isnan(second)
    return _Meeting(items[kept], first[kept], second[kept], split)


def _agreement(examples: Ints, same: Bools, question: Question) -> Figure:
    if not len(examples):
        return undefined("people and machine judged nothing in common", confidence=question.confidence)
    found = share_of(same.astype(np.float64), examples, confidence=question.confidence)
    return found.with_more(agreeing=int(same.sum()))


def _kappa(
    items: Ints, ours: Floats, theirs: Floats, categories: Floats, examples: Ints, question: Question
) -> dict[str, Any]:
    """Cohen's kappa; where the labels have an order, weighted by squared distance and plain beside it."""
    if not len(items):
        nothing = undefined("people and machine judged nothing in common", confidence=question.confidence)
        return nothing.as_dict()

    def found(weights: str | None) -> Figure:
        kappa = agreement.cohen_kappa(
            np.tile(items, 2),
            np.repeat([0, 1], len(items)),
            np.concatenate([ours, theirs]),
            categories=categories,
            weights=weights,
            clusters=None if repeated(examples) is None else np.tile(examples, 2),
            confidence=question.confidence,
        )
        return from_estimate(kappa, estimator="agreement.cohen_kappa").with_more(weights=weights or "none")

    plain = found(None)
    if question.is_pairwise or question.level == Level.NOMINAL:
        return plain.as_dict()
    return plain.with_more(weighted=found("quadratic")).as_dict()


def _without_ties(
    people: tuple[Ints, Floats], machine: tuple[Ints, Floats], example_of: dict[int, int], question: Question
) -> Figure:
    """Agreement on the pairs on which neither people nor machine call a tie."""
    items, ours, theirs, _ = _meeting(people, machine, question)
    decided = (ours != 0.5) & (theirs != 0.5)
    return _agreement(_examples(items[decided], example_of), ours[decided] == theirs[decided], question)


def _numbers(
    ratings: Ratings, scores: Scores, example_of: dict[int, int], question: Question
) -> dict[str, Any]:
    """Correlations of the machine's number with the people's mean, per output."""
    ours, theirs = (item_means(side.outputs, side.values) for side in (ratings, scores))
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
        "correlations": _correlations(a, b, _examples(items, example_of), question),
        "people_mean": float(a.mean()),
        "machine_mean": float(b.mean()),
        "mean_absolute_difference": float(np.abs(a - b).mean()),
    }


def _correlations(a: Floats, b: Floats, examples: Ints, question: Question) -> dict[str, Any]:
    found = correlations(a, b, examples, confidence=question.confidence)
    return {
        name: from_estimate(one, estimator="agreement.correlation").as_dict() for name, one in found.items()
    }


def _example_of(scores: Scores, question: Question) -> dict[int, int]:
    items = pair_codes(scores.outputs, scores.other_outputs) if question.is_pairwise else scores.outputs
    return dict(zip(items.tolist(), scores.examples.tolist(), strict=True))


def _examples(items: Iterable[int], example_of: dict[int, int]) -> Ints:
    return np.array([example_of[int(item)] for item in items], dtype=np.int64)


def _name(value: float, question: Question) -> str:
    if question.is_pairwise:
        return {1.0: "left", 0.5: "tie", 0.0: "right"}[float(value)]
    return question.label_names[float(value)]
