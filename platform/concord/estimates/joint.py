"""People's and a machine's answers in one figure: the machine's, with its error corrected by people's on some of the outputs."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from concord.estimates.arrays import Ints
from concord.estimates.contrasts import Contrast, Influence, Pair, no_contrast
from concord.estimates.enums import Choice, Scope
from concord.estimates.figure import Figure, Note, from_estimate, undefined
from concord.estimates.observations import Observations, per_item
from concord.estimates.population import Population, population_of
from concord.estimates.question import Question
from concord.stats import joint
from concord.stats.joint import JointFigure

# Below this, the machine's error rests on so few outputs that its correction is noise.
FEWEST_JUDGED_BY_BOTH = 20
# How often outputs that were drawn by lot are taken for unlike the rest: a lot that nobody saw is asked for more.
FALSE_ALARM = {Choice.DRAWN: 0.01, Choice.DECLARED: 0.05, Choice.UNKNOWN: 0.05}
WIDER = "people’s answers alone give a narrower interval"
# Entries of raters among what moves a contrast have codes of examples far from all others.
RATER_CODES = -1_000_000_000


@dataclass(frozen=True, kw_only=True)
class Joint:
    """A system's joint figure; whether it may lead, and in words why not.

    `gain`: how many times as many rated outputs people alone would need. `about_people`: what the check says of people's own.
    """

    figure: Figure
    leads: bool
    why_not: str
    gain: float = math.nan
    about_people: tuple[Note, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Sides:
    """The readable answers of people and of the machine about one system."""

    people: Observations
    machine: Observations

    def on(self, examples: Ints) -> "Sides":
        return Sides(people=self.people.on(examples), machine=self.machine.on(examples))


def levels(
    people: Observations,
    machine: Observations,
    systems: Sequence[int],
    question: Question,
    *,
    alone: Mapping[int, Figure],
    choice: Choice = Choice.UNKNOWN,
) -> dict[int, Joint]:
    """Return each system's joint figure. `alone` are people's own, which it has to be narrower than to lead.

    `choice` says how the outputs were chosen that people judged: where that is unknown, a figure leads only where the machine
    shows that a choice by quality could move it little.
    """
    sides = {system: Sides(people=people.of(system), machine=machine.of(system)) for system in systems}
    return {system: _level(sides[system], question, alone[system], choice) for system in systems}


def contrasts(
    people: Observations, machine: Observations, pairs: Iterable[Pair], question: Question
) -> list[Contrast]:
    """Return each pair's joint difference, with what shared examples and raters do to both counted once."""
    pairs = list(pairs)
    sides = {
        system: Sides(people=people.of(system), machine=machine.of(system))
        for pair in pairs
        for system in pair
    }
    return [_contrast(a, b, sides[a], sides[b], question) for a, b in pairs]


def why_not(sides: Sides, question: Question) -> str:
    """Return why both sides together give no figure, or nothing."""
    item = "pairs" if question.is_pairwise else "outputs"
    if not len(sides.people):
        return f"no one judged {item} of this system"
    if not len(sides.machine):
        return f"the machine judged no {item} of this system that could be read"
    scored = np.unique(sides.machine.items)
    both = len(np.intersect1d(np.unique(sides.people.items), scored))
    if both < FEWEST_JUDGED_BY_BOTH:
        return f"people and machine both judged {both} {item}; {FEWEST_JUDGED_BY_BOTH} are needed to correct the machine"
    if both == len(scored):
        return f"people judged all {item} that the machine judged, so the machine has nothing to add"
    return ""


def _level(sides: Sides, question: Question, alone: Figure, choice: Choice) -> Joint:
    population = population_of(sides.people.raters, question.scope)
    reason = why_not(sides, question)
    if reason:
        nothing = undefined(reason, confidence=question.confidence, population=population)
        return Joint(figure=nothing, leads=False, why_not=reason)
    judged, raters = _judged(sides), _raters(population)
    found = joint.joint_level(
        judged,
        raters=raters,
        bounds=_bounds(sides, question),
        chosen="unknown" if choice == Choice.UNKNOWN else "random",
        false_alarm=FALSE_ALARM[choice],
        confidence=question.confidence,
    )
    figure = from_estimate(
        found, estimator="joint.joint_level", n=found.n_labelled, population=population
    ).with_more(
        labelled=found.n_labelled,
        unlabelled=found.n_unlabelled,
        weight=found.lam,
        effective_n=found.effective_n,
        machine_error=-found.rectifier,
    )
    refused = [reason.text.rstrip(".") for reason in found.why_not]
    if not refused and alone.has_interval and figure.high - figure.low > alone.high - alone.low:
        refused.append(WIDER)
    notes = tuple(Note(code=reason.code, text=reason.text) for reason in found.people_notes)
    return Joint(
        figure=figure.noted(*notes),
        leads=not refused,
        why_not=refused[0] if refused else "",
        gain=found.effective_n / found.n_labelled if found.n_labelled else math.nan,
        about_people=notes,
    )


def _contrast(a: int, b: int, of_a: Sides, of_b: Sides, question: Question) -> Contrast:
    population = population_of(np.concatenate([of_a.people.raters, of_b.people.raters]), question.scope)
    for sides in (of_a, of_b):
        if reason := why_not(sides, question):
            return no_contrast(a, b, reason, population, question)
    one, two, where = _comparable(of_a, of_b, question)
    judged = _judged(one), _judged(two)
    bounds = _bounds(one, question) and _bounds(two, question)

    def found_at(confidence: float) -> JointFigure:
        return joint.joint_difference(
            *judged, raters=_raters(population), bounds=bounds, confidence=confidence
        )

    def interval(confidence: float) -> tuple[float, float]:
        found = found_at(confidence)
        return found.low, found.high

    found = found_at(question.confidence)
    span = question.bounds[1] - question.bounds[0]
    figure = from_estimate(found, estimator="joint.joint_difference", population=population)
    n = len(np.unique(np.concatenate([side.people.examples for side in (one, two)])))
    return Contrast(
        system=a,
        against=b,
        figure=replace(figure, n=n, method=f"{where}, {found.method}", low=math.nan, high=math.nan),
        centre=found.value,
        influence=_influence(found),
        bounds=(-span, span),
        p_value=found.p_value,
        interval=interval,
    )


class _Comparable(NamedTuple):
    """Both systems on what they are compared by, and what that is."""

    a: Sides
    b: Sides
    which: str


def _comparable(a: Sides, b: Sides, question: Question) -> _Comparable:
    """Return both systems on the examples where the machine judged both, if enough is left of each, and which these are."""
    if question.is_pairwise:
        return _Comparable(a, b, "people and machine on all pairs of each")
    shared = np.intersect1d(a.machine.examples, b.machine.examples)
    one, two = a.on(shared), b.on(shared)
    if why_not(one, question) or why_not(two, question):
        return _Comparable(a, b, "people and machine on the examples of each")
    return _Comparable(one, two, "people and machine on the examples of both")


def _judged(sides: Sides) -> joint.Judged:
    """Return the items that the machine judged, and people's answers about them."""
    scored = per_item(sides.machine)
    people = sides.people.where(np.isin(sides.people.items, scored.items))
    return joint.Judged(
        predictions=scored.values,
        ratings=people.values,
        rated=np.searchsorted(scored.items, people.items),
        raters=people.raters,
        examples=scored.examples,
    )


def _raters(population: Population) -> str:
    return "sample" if population.scope == Scope.OTHER_RATERS else "fixed"


def _bounds(sides: Sides, question: Question) -> tuple[float, float] | None:
    """Return the ends of the scale, where all answers lie within such."""
    low, high = question.bounds
    values = np.concatenate([sides.people.values, sides.machine.values])
    known = math.isfinite(low) and math.isfinite(high) and low < high
    return (low, high) if known and values.min() >= low and values.max() <= high else None


def _influence(found: JointFigure) -> Influence:
    examples = np.concatenate([found.clusters, RATER_CODES - found.raters]).astype(np.int64)
    raters = np.concatenate([np.full(len(found.clusters), -1), found.raters]).astype(np.int64)
    return Influence(
        examples=examples, raters=raters, values=np.concatenate([found.influence, found.rater_influence])
    )
