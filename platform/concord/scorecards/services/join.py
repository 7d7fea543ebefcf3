"""One figure from both sides: people's answers on some outputs, a machine's on more, and its error corrected by theirs."""

from dataclasses import replace

import numpy as np

from concord.scorecards.evidence import Figure, IntArray, Plan, Ratings, Scores
from concord.scorecards.services.figures import figure, undefined
from concord.scorecards.services.observations import Items, observe, per_item
from concord.stats import joint
from concord.stats.joint import PredictionPowered

# Below this, the machine's error rests on so few outputs that its correction is noise.
FEWEST_JUDGED_BY_BOTH = 20


def joined(ratings: Ratings, scores: Scores, plan: Plan, systems: tuple[int, ...]) -> dict[int, Figure]:
    """Return the prediction-powered figure of each system, or why there is none."""
    people, machine = observe(ratings, plan).readable(), observe(scores, plan).readable()
    return {s: _system(per_item(people.of(s)), per_item(machine.of(s)), plan) for s in systems}


def _system(people: Items, machine: Items, plan: Plan) -> Figure:
    both, at_people, at_machine = np.intersect1d(people.items, machine.items, return_indices=True)
    rest = ~np.isin(machine.items, people.items)
    reason = _why_not(len(people.items), len(machine.items), len(both), int(rest.sum()), plan)
    if reason:
        return undefined(reason, n=len(both), confidence=plan.confidence)
    groups, rest_groups = _clusters(people.examples[at_people], machine.examples[rest])
    found = joint.prediction_powered_mean(
        people.values[at_people],
        machine.values[at_machine],
        machine.values[rest],
        clusters=groups,
        unlabelled_clusters=rest_groups,
        confidence=plan.confidence,
    )
    return figure(
        _bounded(found) if plan.is_share else found,
        notes=("holds if the outputs that people judged are like those they did not.",),
        labelled=found.n_labelled,
        unlabelled=found.n_unlabelled,
        weight=_number(found.lam),
        effective_n=_number(found.effective_n),
        machine_error=_number(-found.rectifier),
    )


def _why_not(people: int, machine: int, both: int, rest: int, plan: Plan) -> str:
    item = "pairs" if plan.is_pairwise else "outputs"
    if not people:
        return f"no one judged {item} of this system"
    if not machine:
        return f"the machine judged no {item} of this system that could be read"
    if both < FEWEST_JUDGED_BY_BOTH:
        return f"people and machine both judged {both} {item}; {FEWEST_JUDGED_BY_BOTH} are needed to correct the machine"
    if not rest:
        return f"people judged all {item} that the machine judged, so the machine has nothing to add"
    return ""


def _clusters(examples: IntArray, rest: IntArray) -> tuple[IntArray | None, IntArray | None]:
    """Return examples as clusters where any example stands behind several items."""
    together = np.concatenate([examples, rest])
    return (examples, rest) if len(np.unique(together)) < len(together) else (None, None)


def _bounded(found: PredictionPowered) -> PredictionPowered:
    """A share stays within 0 and 1, which the corrected mean itself does not know."""
    value, low, high = (float(np.clip(number, 0, 1)) for number in (found.value, found.low, found.high))
    return replace(found, value=value, low=low, high=high)


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
