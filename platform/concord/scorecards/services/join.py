"""One figure from both sides: people's answers on some outputs, a machine's on more, and its error corrected by theirs."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from annotation.selectors.means import within
from concord.core.services.figures import number
from concord.scorecards.evidence import Figure, IntArray, Plan, Ratings, Scores
from concord.scorecards.services.figures import figure, finite, undefined
from concord.scorecards.services.observations import Observations, observe
from concord.scorecards.services.powered import Part, part_of, powered_mean
from concord.stats import comparison

# Below this, the machine's error rests on so few outputs that its correction is noise.
FEWEST_JUDGED_BY_BOTH = 20
# Standard errors between the machine's scores of what people judged and of the rest (p = .001) before that is said.
UNLIKE = 3.3
ALIKE = "the figure from both together holds if the outputs that people judged are like those they did not."

NOT_ALIKE = "to the others: they are not alike."


@dataclass(frozen=True, kw_only=True)
class Sides:
    """What people and machine say of one system."""

    people: Observations
    machine: Observations

    @property
    def part(self) -> Part:
        return part_of(self.people, self.machine)

    def on(self, examples: IntArray) -> "Sides":
        return Sides(
            people=self.people.where(np.isin(self.people.examples, examples)),
            machine=self.machine.where(np.isin(self.machine.examples, examples)),
        )


def both_sides(ratings: Ratings, scores: Scores, plan: Plan, systems: tuple[int, ...]) -> dict[int, Sides]:
    """Return the readable answers of both sides about each system."""
    people, machine = observe(ratings, plan).readable(), observe(scores, plan).readable()
    return {system: Sides(people=people.of(system), machine=machine.of(system)) for system in systems}


def joined(sides: Mapping[int, Sides], plan: Plan) -> dict[int, Figure]:
    """Return the prediction-powered figure of each system, or why there is none."""
    return {system: _system(given, plan) for system, given in sides.items()}


def _system(sides: Sides, plan: Plan) -> Figure:
    part = sides.part
    reason = why_not(sides, part, plan)
    if reason:
        return undefined(reason, n=len(part.labels), confidence=plan.confidence)
    found = powered_mean(part, share=plan.is_share, confidence=plan.confidence)
    value = min(max(found.value, plan.bounds[0]), plan.bounds[1])
    return figure(
        replace(within(found, plan.bounds), value=value),
        notes=(ALIKE, *_unlike(part)),
        labelled=found.labelled,
        unlabelled=found.unlabelled,
        weight=finite(found.weight),
        effective_n=finite(found.effective_n),
        machine_error=finite(float(part.machine.mean() - part.labels.mean())),
    )


def why_not(sides: Sides, part: Part, plan: Plan) -> str:
    """Return why both sides together give no figure, or nothing."""
    item, both = "pairs" if plan.is_pairwise else "outputs", len(part.labels)
    if not len(sides.people):
        return f"no one judged {item} of this system"
    if not len(sides.machine):
        return f"the machine judged no {item} of this system that could be read"
    if both < FEWEST_JUDGED_BY_BOTH:
        return f"people and machine both judged {both} {item}; {FEWEST_JUDGED_BY_BOTH} are needed to correct the machine"
    if not len(part.rest):
        return f"people judged all {item} that the machine judged, so the machine has nothing to add"
    return ""


def _unlike(part: Part) -> tuple[str, ...]:
    """Say so where the machine itself scores the outputs that people judged otherwise than those that they did not."""
    judged = comparison.mean(part.machine, clusters=part.examples)
    rest = comparison.mean(part.rest, clusters=part.rest_examples)
    error = np.hypot(judged.standard_error, rest.standard_error)
    gap = judged.value - rest.value
    if not abs(gap) > UNLIKE * error > 0:
        return ()
    return (
        f"the machine gives {number(judged.value)} to the outputs that people judged and {number(rest.value)} {NOT_ALIKE}",
    )
