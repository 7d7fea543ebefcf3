"""How two systems are compared: by the answers of one side, by both sides together, or by Bradley-Terry strengths."""

from collections.abc import Mapping

import numpy as np

from annotation.selectors.strengths import Strengths
from concord.scorecards.evidence import Plan, Ratings, Scores
from concord.scorecards.services.by_raters import difference_terms, with_raters
from concord.scorecards.services.differences import Compare
from concord.scorecards.services.estimates import within_span
from concord.scorecards.services.join import Sides, why_not
from concord.scorecards.services.observations import Items, Observations, means, observe, per_item
from concord.scorecards.services.paired import difference, nothing, shared_items
from concord.scorecards.services.powered import powered_difference
from concord.stats import TestedEstimate


def compare_answers(evidence: Ratings | Scores, plan: Plan, systems: tuple[int, ...]) -> Compare:
    """Return the comparison of two systems on shared examples; each example counts once.

    Examples are a sample; people too where there are enough of them, else the method says that they are taken as they are.
    """
    observed = observe(evidence, plan).readable()
    own = {system: observed.of(system) for system in systems}
    answers = {system: _by_example(found) for system, found in own.items()}

    def compare(a: int, b: int, confidence: float) -> TestedEstimate:
        found = difference(answers[a], answers[b], share=plan.is_share, confidence=confidence)
        if not found.defined or isinstance(evidence, Scores):
            return within_span(found, plan.bounds)
        shared = shared_items(answers[a], answers[b])
        what = "paired on examples" if shared is not None else "two means on different examples"
        one, two = (own[s] if shared is None else _on(own[s], shared) for s in (a, b))
        return within_span(with_raters(found, difference_terms(one, two), what=what), plan.bounds)

    return compare


def _on(observed: Observations, examples: np.ndarray) -> Observations:
    return observed.where(np.isin(observed.examples, examples))


def _by_example(observed: Observations) -> Items:
    """Return the mean answer per example, outputs of one example counting the same."""
    outputs = per_item(observed)
    examples, values = means(outputs.examples, outputs.values)
    return Items(items=examples, examples=examples, values=values)


def compare_joint(sides: Mapping[int, Sides], plan: Plan) -> Compare:
    """Return the prediction-powered comparison of two systems, their errors as alike as shared examples and raters make them."""

    def compare(a: int, b: int, confidence: float) -> TestedEstimate:
        for side in (sides[a], sides[b]):
            reason = why_not(side, side.part, plan)
            if reason:
                return nothing(reason, confidence)
        one, two, where = _comparable(sides[a], sides[b], plan)
        found = powered_difference(one.part, two.part, share=plan.is_share, confidence=confidence)
        joint = TestedEstimate(
            value=found.value,
            low=found.low,
            high=found.high,
            confidence=confidence,
            method=f"{where}, {found.method}",
            n=found.n,
            standard_error=found.standard_error,
            notes=found.notes,
            p_value=found.p_value,
            statistic=found.statistic,
            df=found.df,
        )
        return within_span(joint, plan.bounds)

    return compare


def _comparable(a: Sides, b: Sides, plan: Plan) -> tuple[Sides, Sides, str]:
    """Return both systems on the examples where the machine judged both, if enough is left of each, and which these are."""
    if plan.is_pairwise:
        return a, b, "people and machine on all pairs of each"
    shared = np.intersect1d(a.machine.examples, b.machine.examples)
    one, two = a.on(shared), b.on(shared)
    if any(why_not(side, side.part, plan) for side in (one, two)):
        return a, b, "people and machine on the examples of each"
    return one, two, "people and machine on the examples of both"


def compare_strengths(found: Strengths, systems: tuple[int, ...]) -> Compare:
    """Return the comparison of Bradley-Terry log strengths; zero means that either wins half of the comparisons."""
    place = {system: code for code, system in enumerate(systems)}

    def compare(a: int, b: int, confidence: float) -> TestedEstimate:
        return found.difference(place[a], place[b], confidence)

    return compare
