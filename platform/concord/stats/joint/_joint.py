"""How a joint figure is put together: the contrast, its test, people's alone, the check, and whether it may lead."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from concord.stats._arrays import InputError
from concord.stats._results import NAN, TestedEstimate
from concord.stats.joint._choice import SMALL, could_be_off
from concord.stats.joint._contrast import Contrast, contrast
from concord.stats.joint._figure import Scale, estimate_of, rescaled, test_of
from concord.stats.joint._judged import System
from concord.stats.joint._sides import Side
from concord.stats.joint._single import given_weights, spread_over
from concord.stats.joint.rated_like_rest import RatedLikeRest, rated_like_rest


@dataclass(frozen=True)
class Question:
    """What is asked: ``range_`` as in `Scale`, the ``low`` end and ``width`` of the labels' scale."""

    raters: str
    range_: str
    low: float
    width: float
    lam: ArrayLike | None
    null: float
    false_alarm: float
    confidence: float
    chosen: str


@dataclass(frozen=True)
class Answer:
    """The joint figure, people's alone, the checks of each system; what error a choice by quality may leave."""

    figure: TestedEstimate
    people: TestedEstimate
    found: Contrast
    checks: tuple[RatedLikeRest, ...]
    could_be_off: float


def answered(systems: tuple[System, ...], asked: Question) -> Answer | None:
    """Return the answer, or None where a system has no ratings."""
    judges = {system.side.f.shape[1] for system in systems}
    if len(judges) > 1:
        raise InputError(f"both systems need the same judges, got {sorted(judges)}")
    sides = tuple(system.side for system in systems)
    if not all(len(side.y) for side in sides):
        return None
    k = judges.pop()
    weights = spread_over(given_weights(asked.lam, k), k)
    sample = asked.raters == "sample"
    found = contrast(sides, weights, raters=sample)
    alone = contrast(sides, np.zeros(k), raters=sample)
    figure, people = (_estimate(each, sides, systems, asked) for each in (found, alone))
    off = NAN if asked.chosen == "random" else asked.width * could_be_off(sides, found.weights)
    return Answer(figure, people, found, checks_of(systems, asked.false_alarm), off)


def checks_of(systems: tuple[System, ...], false_alarm: float) -> tuple[RatedLikeRest, ...]:
    """Return the check of each system, which together raise a false alarm as often as stated."""
    return tuple(
        rated_like_rest(
            system.rated,
            system.rest,
            clusters=system.rated_examples,
            unlabelled_clusters=system.rest_examples,
            propensities=system.chance,
            false_alarm=false_alarm / len(systems),
        )
        for system in systems
    )


def _estimate(
    found: Contrast, sides: tuple[Side, ...], systems: tuple[System, ...], asked: Question
) -> TestedEstimate:
    scale = (
        Scale(asked.range_) if asked.range_ == "free" else Scale.of(tuple(s.y for s in sides), asked.range_)
    )
    test = test_of(found, sides, scale)
    start = 0.0 if asked.range_ == "gap" else asked.low
    sizes: dict[str, Any] = {"confidence": asked.confidence, "n": sum(len(side.y) for side in sides)}
    estimate = estimate_of(
        test, null=(asked.null - start) / asked.width, method=_method(found, asked), **sizes
    )
    notes = estimate.notes
    if asked.raters == "sample" and found.by_raters is None:
        notes = (*notes, "one rater gave all ratings of a system: nothing can be said of other raters.")
        estimate = TestedEstimate(
            **{**vars(estimate), "low": NAN, "high": NAN, "p_value": NAN, "statistic": NAN, "notes": notes}
        )
    return rescaled(estimate, start, asked.width)


def _method(found: Contrast, asked: Question) -> str:
    machine = "power-tuned" if asked.lam is None else "weight given"
    what = f"prediction-powered, {machine}" if found.weights.any() else "people's labels alone"
    interval = "t interval" if asked.range_ == "free" else "gamma interval"
    ways = "by example and rater" if asked.raters == "sample" else "by example"
    return f"{what}, {interval}, clustered {ways}"


def may_be_off(answer: Answer) -> bool:
    """Whether a choice by quality could leave an error that the interval does not bear."""
    half = (answer.figure.high - answer.figure.low) / 2
    return not (math.isnan(answer.could_be_off) or answer.could_be_off <= SMALL * half)


def narrower(figure: TestedEstimate, people: TestedEstimate) -> bool:
    """Whether the figure's interval is no wider than people's; one that is there is narrower than none."""
    joint, alone = figure.high - figure.low, people.high - people.low
    return not math.isnan(joint) and (math.isnan(alone) or joint <= alone)
