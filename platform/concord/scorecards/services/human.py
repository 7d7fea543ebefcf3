"""What people say of each system."""

from typing import Any

import numpy as np

from annotation.selectors.clustering import equal_weights
from annotation.selectors.means import within
from concord.scorecards.evidence import Figure, Plan, Ratings
from concord.scorecards.services.estimates import estimate
from concord.scorecards.services.figures import figure, undefined
from concord.scorecards.services.observations import Observations, observe


def human(
    ratings: Ratings, plan: Plan, systems: tuple[int, ...], *, unrated: dict[int, int] | None = None
) -> dict[int, Figure]:
    """Return a figure per system. Every output counts the same, however many people judged it; every vote does in a win rate."""
    observed = observe(ratings, plan).readable()
    return {system: _system(observed.of(system), plan, (unrated or {}).get(system, 0)) for system in systems}


def _system(observed: Observations, plan: Plan, unrated: int) -> Figure:
    omitted = {"unrated outputs": unrated}
    counts: dict[str, Any] = {
        "outputs": len(np.unique(observed.items)),
        "examples": len(np.unique(observed.examples)),
        "raters": len(np.unique(observed.raters[observed.raters >= 0])),
    }
    if not len(observed):
        return undefined(
            "no one judged an output of this system", confidence=plan.confidence, omitted=omitted, **counts
        )
    weights = None if plan.is_pairwise else equal_weights(observed.items)
    found = within(
        estimate(observed, weights=weights, share=plan.is_share, confidence=plan.confidence), plan.bounds
    )
    return figure(found, omitted=omitted, **counts)
