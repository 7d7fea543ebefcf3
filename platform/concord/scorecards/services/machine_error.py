"""The machine's figure less the people's on the very same items, per system."""

from typing import Any

import numpy as np

from annotation.selectors.clustering import repeated
from concord.scorecards.evidence import Plan, Ratings, Scores
from concord.scorecards.services.by_raters import with_raters
from concord.scorecards.services.estimates import within_span
from concord.scorecards.services.figures import figure, finite, undefined
from concord.scorecards.services.join import Sides, both_sides
from concord.scorecards.services.paired import paired
from concord.scorecards.services.powered import part_of
from concord.scorecards.services.terms import of_mean
from concord.stats import TestedEstimate, comparison


def machine_errors(
    ratings: Ratings, scores: Scores, plan: Plan, systems: tuple[int, ...]
) -> list[dict[str, Any]]:
    """Return each system's error with its interval, and with a p-value adjusted for all systems (Holm)."""
    sides = both_sides(ratings, scores, plan, systems)
    found = {system: _error(sides[system], plan) for system in systems}
    p_values = [np.nan if error is None else error.p_value for error in found.values()]
    adjusted = comparison.holm(np.array(p_values, dtype=np.float64)).p_values
    return [
        {"system": system, **_row(sides[system], error, float(p), plan)}
        for (system, error), p in zip(found.items(), adjusted, strict=True)
    ]


def _row(sides: Sides, error: TestedEstimate | None, p_adjusted: float, plan: Plan) -> dict[str, Any]:
    if error is None:
        nothing = undefined("nothing was judged by both", confidence=plan.confidence)
        return {"people": None, "machine": None, "error": nothing}
    part = part_of(sides.people, sides.machine)
    return {
        "people": float(part.labels.mean()),
        "machine": float(part.machine.mean()),
        "error": figure(error, p_value=finite(error.p_value), p_adjusted=finite(p_adjusted)),
    }


def _error(sides: Sides, plan: Plan) -> TestedEstimate | None:
    part = part_of(sides.people, sides.machine)
    if not len(part.labels):
        return None
    clusters = repeated(part.examples)
    if clusters is None:
        found = paired(part.machine, part.labels, share=plan.is_share, confidence=plan.confidence)
    else:
        found = comparison.paired_difference(
            part.machine, part.labels, clusters=clusters, confidence=plan.confidence
        )
    gaps = part.machine[part.answered] - part.answers
    terms = of_mean(gaps, part.weights, part.examples[part.answered], part.raters)
    return within_span(with_raters(found, terms, what="paired on the same items"), plan.bounds)
