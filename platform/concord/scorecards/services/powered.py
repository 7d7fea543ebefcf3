"""People's answers on some outputs and a machine's on all: means, and differences of means, with the error they really have.

Figure and machine's weight are those of `joint.prediction_powered_mean`. Its error takes what people judged and what only
the machine judged as different examples, and raters as fixed; what shared examples and a sample of raters add comes here.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats as distributions

from concord.scorecards.evidence import BoolArray, FloatArray, IntArray
from concord.scorecards.services.observations import Observations, means, per_item
from concord.scorecards.services.terms import Terms, of_mean, of_numbers, rater_codes, spread, together, whose
from concord.stats import TestedEstimate, joint
from concord.stats.joint import PredictionPowered


@dataclass(frozen=True, kw_only=True)
class Part:
    """One system: the items that both judged (`labels`, `machine`), the answers behind the labels, and the other items."""

    labels: FloatArray
    machine: FloatArray
    examples: IntArray
    answers: FloatArray
    answered: IntArray
    raters: IntArray
    rest: FloatArray
    rest_examples: IntArray

    @property
    def weights(self) -> FloatArray:
        """Every item counts the same, however many people judged it."""
        share: FloatArray = 1 / np.bincount(self.answered, minlength=len(self.labels))[self.answered]
        return share


@dataclass(frozen=True, kw_only=True)
class Powered(TestedEstimate):
    """`labelled` and `unlabelled` items, the machine's `weight`, and how many labels alone would say as much."""

    labelled: int
    unlabelled: int
    weight: float
    effective_n: float


def part_of(people: Observations, machine: Observations) -> Part:
    """Return one system's items on both sides; items that only people judged have no place in it."""
    ours, theirs = per_item(people), per_item(machine)
    both, at_ours, at_theirs = np.intersect1d(ours.items, theirs.items, return_indices=True)
    rest, answers = ~np.isin(theirs.items, both), people.where(np.isin(people.items, both))
    return Part(
        labels=ours.values[at_ours],
        machine=theirs.values[at_theirs],
        examples=ours.examples[at_ours],
        answers=answers.values,
        answered=np.searchsorted(both, answers.items),
        raters=answers.raters,
        rest=theirs.values[rest],
        rest_examples=theirs.examples[rest],
    )


def powered(parts: Sequence[tuple[float, Part]], *, confidence: float) -> Powered:
    """Return the sum of the parts' corrected means, each with its sign: one part is a mean, two are a difference."""
    found = _by_example(parts, confidence)
    value = sum(sign * float(part.labels.mean()) for sign, part in parts) + found.value
    error, df, how, notes = _error(parts, found)
    labelled = sum(len(part.labels) for _, part in parts)
    return Powered(
        **_interval(value, error, df, confidence),
        confidence=confidence,
        method=f"{found.method}, {how}",
        n=labelled,
        notes=notes,
        labelled=labelled,
        unlabelled=sum(len(part.rest) for _, part in parts),
        weight=found.lam,
        effective_n=_effective_n(parts, labelled, error),
    )


def _by_example(parts: Sequence[tuple[float, Part]], confidence: float) -> PredictionPowered:
    """Return the prediction-powered mean over examples of what each adds, people's means taken off."""
    labels = [sign * (part.labels - part.labels.mean()) / len(part.labels) for sign, part in parts]
    machine = [sign * (part.machine - part.machine.mean()) / len(part.machine) for sign, part in parts]
    rest = [sign * (part.rest - part.machine.mean()) / len(part.rest) for sign, part in parts]
    examples, rest_examples = [p.examples for _, p in parts], [p.rest_examples for _, p in parts]
    return joint.prediction_powered_mean(
        _sums(labels, examples), _sums(machine, examples), _sums(rest, rest_examples), confidence=confidence
    )


def _sums(values: list[FloatArray], examples: list[IntArray]) -> FloatArray:
    """Return an entry per example, with the sum of the values as their mean."""
    known, mean = means(np.concatenate(examples), np.concatenate(values))
    count = np.unique(np.concatenate(examples), return_counts=True)[1]
    summed: FloatArray = mean * count * len(known)
    return summed


def _error(
    parts: Sequence[tuple[float, Part]], found: PredictionPowered
) -> tuple[float, float, str, tuple[str, ...]]:
    """Return standard error, degrees of freedom, and in words what was taken as a sample."""
    people, everything, unlabelled = _terms(parts, found.lam)
    raters = rater_codes(people, everything)
    how = (
        "clustered by example and rater"
        if raters is not None
        else f"clustered by example; {whose(people.raters)}"
    )
    straddles = np.isin(people.examples, everything.examples[unlabelled]).any()
    if raters is None and not straddles:
        return found.standard_error, found.df, how, found.notes
    apart = everything.examples * 2 + unlabelled.astype(np.int64)
    whole, simple = (
        spread(everything, examples=everything.examples, raters=raters),
        spread(everything, examples=apart),
    )
    more = whole.standard_error**2 - simple.standard_error**2
    variance = max(found.standard_error**2 + more, whole.standard_error**2)
    return math.sqrt(variance), min(found.df, whole.df), how, (*found.notes, *whole.notes)


def _terms(parts: Sequence[tuple[float, Part]], weight: float) -> tuple[Terms, Terms, BoolArray]:
    """Return people's terms less the machine's there, these with those of the other items, and which are the latter."""
    people = [
        of_mean(
            part.answers - weight * part.machine[part.answered],
            part.weights,
            part.examples[part.answered],
            part.raters,
            sign=sign,
        )
        for sign, part in parts
    ]
    rest = [
        of_numbers(weight * part.rest, np.ones(len(part.rest)), part.rest_examples, sign=sign)
        for sign, part in parts
    ]
    labelled, everything = together(people), together([*people, *rest])
    return labelled, everything, np.arange(len(everything)) >= len(labelled)


def _effective_n(parts: Sequence[tuple[float, Part]], labelled: int, error: float) -> float:
    """Return how many labels people alone would need for this error, clustered alike."""
    people = together(
        [
            of_mean(part.answers, part.weights, part.examples[part.answered], part.raters, sign=sign)
            for sign, part in parts
        ]
    )
    alone = spread(people, examples=people.examples, raters=rater_codes(people, people))
    return labelled * (alone.standard_error / error) ** 2 if error > 0 else math.nan


def _interval(value: float, error: float, df: float, confidence: float) -> dict[str, Any]:
    if not error > 0:
        return {"value": value, "low": math.nan, "high": math.nan}
    half = float(distributions.t.ppf((1 + confidence) / 2, df)) * error
    return {
        "value": value,
        "low": value - half,
        "high": value + half,
        "standard_error": error,
        "statistic": value / error,
        "df": df,
        "p_value": float(2 * distributions.t.sf(abs(value / error), df)),
    }
