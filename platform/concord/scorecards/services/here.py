"""What holds on the very examples that were judged, where these are too few to speak of others."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from annotation.selectors.strengths import Strengths, Votes, strengths
from concord.scorecards.evidence import Plan
from concord.scorecards.services.comparing import compare_strengths
from concord.scorecards.services.differences import differences, leader_family
from concord.scorecards.services.headline import standing

FEW_EXAMPLES = 30


def on_these_examples(
    side: str,
    order: list[int],
    boards: Mapping[str, tuple[Votes, Strengths]],
    plan: Plan,
    systems: tuple[int, ...],
) -> dict[str, Any] | None:
    """Return the leader's standing among other raters on the same examples; None where that is no other question.

    It is one where comparisons count examples and raters as samples, and examples are few: taken as they are, they
    no longer make the answer uncertain.
    """
    if side not in boards or not order:
        return None
    cast, found = boards[side]
    n_examples = len(np.unique(cast.examples))
    if found.clustered_by != "rater and example" or n_examples >= FEW_EXAMPLES:
        return None
    fixed = strengths(cast, len(systems), confidence=plan.confidence, these_examples=True)
    rows = differences(
        compare_strengths(fixed, systems), leader_family(systems, order[0]), confidence=plan.confidence
    )["rows"]
    return {"examples": n_examples, "method": fixed.method, **standing(side, order, plan, rows).as_dict()}
