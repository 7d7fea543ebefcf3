"""What a machine says of each system."""

from typing import Any

import numpy as np

from annotation.selectors.clustering import equal_weights
from concord.scorecards.evidence import Figure, Plan, Scores
from concord.scorecards.services.estimates import estimate
from concord.scorecards.services.figures import figure, undefined
from concord.scorecards.services.observations import Observations, observe


def automatic(
    scores: Scores, plan: Plan, systems: tuple[int, ...], *, unscored: dict[int, int] | None = None
) -> dict[int, Figure]:
    """Return a figure per system.

    In a rate, an answer that could not be read stays in n and has none of the named labels: that is what the machine
    said, counted and not guessed; `if_unparsed` gives the rate if all of them, or none of them, were counted otherwise.
    """
    observed = observe(scores, plan)
    return {system: _system(observed.of(system), plan, (unscored or {}).get(system, 0)) for system in systems}


def _system(observed: Observations, plan: Plan, unscored: int) -> Figure:
    unparsed = int(observed.unparsed.sum())
    omitted = {"unparsed": unparsed, "unscored outputs": unscored}
    usable = observed.readable()
    if not len(usable):
        return undefined(
            _why_nothing(unparsed), confidence=plan.confidence, omitted=omitted, outputs=0, examples=0
        )
    weights = None if plan.is_pairwise else equal_weights(usable.items)
    found = estimate(usable, weights=weights, share=plan.is_share, confidence=plan.confidence)
    more: dict[str, Any] = {
        "outputs": len(np.unique(usable.items)),
        "examples": len(np.unique(usable.examples)),
    }
    if plan.estimand == "rate" and unparsed:
        return figure(
            found, omitted=omitted, notes=(_unparsed_note(unparsed),), if_unparsed=_bounds(usable), **more
        )
    return figure(found, omitted=omitted, **more)


def _why_nothing(unparsed: int) -> str:
    return (
        "none of the machine's answers could be read"
        if unparsed
        else "the machine scored no output of this system"
    )


def _unparsed_note(unparsed: int) -> str:
    verb = "answer of the machine is" if unparsed == 1 else "answers of the machine are"
    return f"{unparsed} {verb} no label: counted in n, and as none of the named labels."


def _bounds(observed: Observations) -> dict[str, float | None]:
    """Return the rate if every unreadable answer had a named label, if none had, and without them."""
    named, unparsed, n = float(observed.values.sum()), float(observed.unparsed.sum()), float(len(observed))
    return {
        "none_named": named / n,
        "all_named": (named + unparsed) / n,
        "left_out": named / (n - unparsed) if n > unparsed else None,
    }
