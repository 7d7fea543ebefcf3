"""How far people agree with each other."""

import numpy as np

from annotation.selectors.agreeing import people_alpha
from concord.scorecards.evidence import Figure, Plan, Ratings
from concord.scorecards.services.figures import figure


def people_agree(ratings: Ratings, plan: Plan) -> Figure:
    """Return Krippendorff's alpha at the criterion's level of measurement, as the study's page gives it."""
    found = people_alpha(
        ratings.units,
        ratings.raters,
        ratings.values,
        ratings.examples,
        level=plan.level,
        confidence=plan.confidence,
    )
    named = ratings.raters[ratings.raters >= 0]
    return figure(
        found,
        level=plan.level,
        ratings=len(ratings),
        units=len(np.unique(ratings.units)),
        raters=len(np.unique(named)),
        cannot_judge=ratings.cannot_judge,
        observed=found.observed,
        expected=found.expected,
    )
