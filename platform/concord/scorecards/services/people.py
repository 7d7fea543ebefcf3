"""How far people agree with each other."""

import math
from dataclasses import replace

import numpy as np

from annotation.selectors.clustering import repeated
from concord.scorecards.evidence import Figure, IntArray, Plan, Ratings
from concord.scorecards.services.figures import figure
from concord.scorecards.services.paired import from_errors
from concord.stats import agreement
from concord.stats.agreement import Alpha

MOST_GROUPS = 200
FEWEST_EXAMPLES = 5


def people_agree(ratings: Ratings, plan: Plan, *, seed: int = 0) -> Figure:
    """Return Krippendorff's alpha at the criterion's level of measurement; its interval counts that units share examples."""
    found = _alpha(ratings, plan, n_resamples=1000, seed=seed)
    if found.defined and repeated(_example_of_units(ratings)) is not None:
        found = _over_examples(found, ratings, plan)
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


def _alpha(ratings: Ratings, plan: Plan, *, n_resamples: int, seed: int = 0) -> Alpha:
    return agreement.krippendorff_alpha(
        ratings.units,
        ratings.raters,
        ratings.values,
        level=plan.level,
        confidence=plan.confidence,
        n_resamples=n_resamples,
        rng=np.random.default_rng(seed),
    )


def _example_of_units(ratings: Ratings) -> IntArray:
    examples: IntArray = ratings.examples[np.unique(ratings.units, return_index=True)[1]]
    return examples


def _over_examples(found: Alpha, ratings: Ratings, plan: Plan) -> Alpha:
    """Return alpha with the interval of the jackknife over examples (in groups, where they are many)."""
    place = np.unique(ratings.examples, return_inverse=True)[1]
    n = min(int(place.max()) + 1, MOST_GROUPS)
    if n < FEWEST_EXAMPLES:
        note = f"the units belong to {n} examples: so few cannot say how far people agree on others."
        return replace(found, notes=(*found.notes, note))
    without = [_alpha(ratings.where(place % n != group), plan, n_resamples=0).value for group in range(n)]
    left = np.array([value for value in without if math.isfinite(value)])
    error = math.sqrt((n - 1) * float(left.var())) if len(left) == n else math.nan
    interval = from_errors(found.value, error, 0.0, found.n, plan.confidence, df=n - 1, method="")
    if not interval.high > interval.low:
        return found
    grouped = "" if n == int(place.max()) + 1 else " groups of"
    return replace(
        found,
        low=interval.low,
        high=min(interval.high, 1.0),
        standard_error=error,
        method=f"jackknife of {n}{grouped} examples, t interval",
    )
