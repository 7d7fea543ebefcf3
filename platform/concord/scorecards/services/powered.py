"""People's answers on some outputs and a machine's on all: one system's figure and the difference of two.

Value, interval and p-value are those of `concord.stats.joint`, all from one test.
"""

from dataclasses import dataclass

import numpy as np

from annotation.selectors.clustering import whose
from concord.scorecards.evidence import FloatArray, IntArray
from concord.scorecards.services.observations import Observations, per_item
from concord.scorecards.services.terms import of_mean, rater_codes, together
from concord.stats import TestedEstimate, joint


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


def powered_mean(part: Part, *, share: bool, confidence: float) -> Powered:
    """Return one system's corrected mean; items of one example are alike, judged or not."""
    raters = _scope([part])
    found = joint.joint_level(
        _judged(part), raters=raters, bounds=(0.0, 1.0) if share else None, confidence=confidence
    )
    return _named(found, [part], raters)


def powered_difference(a: Part, b: Part, *, share: bool, confidence: float) -> Powered:
    """Return the difference a - b of two systems' corrected means; what both share with an example is in it once."""
    raters = _scope([a, b])
    found = joint.joint_difference(
        _judged(a),
        _judged(b),
        raters=raters,
        bounds=(0.0, 1.0) if share else None,
        confidence=confidence,
    )
    return _named(found, [a, b], raters)


def _judged(part: Part) -> joint.Judged:
    """Return the items that both judged, and after them the machine's others."""
    return joint.Judged(
        predictions=np.concatenate([part.machine, part.rest]),
        ratings=part.answers,
        rated=part.answered,
        raters=part.raters,
        examples=np.concatenate([part.examples, part.rest_examples]),
    )


def _scope(parts: list[Part]) -> str:
    """Return "sample" where so many people answered that they stand for others, else "fixed"."""
    people = together(
        [of_mean(part.answers, part.weights, part.examples[part.answered], part.raters) for part in parts]
    )
    return "fixed" if rater_codes(people, people) is None else "sample"


def _named(found: joint.JointFigure, parts: list[Part], raters: str) -> Powered:
    people = np.concatenate([part.raters for part in parts])
    method = found.method if raters == "sample" else f"{found.method}; {whose(people)}"
    return Powered(
        value=found.value,
        low=found.low,
        high=found.high,
        confidence=found.confidence,
        method=method,
        n=found.n,
        standard_error=found.standard_error,
        notes=found.notes,
        null=found.null,
        p_value=found.p_value,
        statistic=found.statistic,
        df=found.df,
        labelled=found.n_labelled,
        unlabelled=found.n_unlabelled,
        weight=found.lam,
        effective_n=found.effective_n,
    )
