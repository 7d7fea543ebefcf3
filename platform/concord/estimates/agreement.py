"""How far people agree with each other, with intervals for which examples (and where asked, raters) are the sample."""

from dataclasses import dataclass, replace

import numpy as np

from concord.estimates.arrays import Floats, Ints, repeated
from concord.estimates.enums import Level, Scope
from concord.estimates.figure import Figure, Note, from_estimate
from concord.estimates.population import population_of
from concord.estimates.ratings import Ratings
from concord.stats import agreement, comparison

FEWEST_EXAMPLES = 5


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """Krippendorff's alpha and percent agreement; each unit's part of the disagreement, (units,), by unit code."""

    alpha: Figure
    percent: Figure
    unit_codes: Ints
    parts: Floats


def among_people(
    ratings: Ratings, *, level: Level | str, scope: Scope, confidence: float = 0.95
) -> Agreement:
    """Return how far people agree on the units that several of them judged."""
    ratings = ratings.in_order()
    population = population_of(ratings.raters, scope)
    found = _alpha(ratings, str(level), population.scope, confidence)
    notes = _few(ratings, found.defined)
    alpha = from_estimate(
        found,
        estimator="agreement.krippendorff_alpha",
        method=found.method.replace("clusters", "examples"),
        population=population,
        notes=notes,
    ).with_more(observed=found.observed, expected=found.expected)
    parts = np.asarray(found.per_unit, dtype=np.float64) if found.defined else np.zeros(0)
    codes = np.asarray(found.unit_codes, dtype=np.int64) if found.defined else np.zeros(0, dtype=np.int64)
    percent = replace(
        _percent(ratings, confidence), population=population_of(ratings.raters, Scope.THESE_RATERS)
    )
    return Agreement(alpha=alpha, percent=percent, unit_codes=codes, parts=parts)


def _alpha(ratings: Ratings, level: str, scope: Scope, confidence: float) -> agreement.Alpha:
    """Return alpha; where an example has several units, its interval is that of a jackknife over examples."""
    others = scope == Scope.OTHER_RATERS
    return agreement.krippendorff_alpha(
        ratings.units,
        ratings.raters,
        ratings.values,
        level=level,
        confidence=confidence,
        resample="units+raters" if others else "units",
        clusters=None if others else ratings.examples,
    )


def _few(ratings: Ratings, defined: bool) -> tuple[Note, ...]:
    n = len(np.unique(ratings.examples))
    if not defined or repeated(_example_of_units(ratings)[1]) is None or n >= FEWEST_EXAMPLES:
        return ()
    text = f"the units belong to {n} example{'' if n == 1 else 's'}: so few say little about others."
    return (Note(code="few_examples", text=text),)


def _percent(ratings: Ratings, confidence: float) -> Figure:
    """Return how often two raters of a unit say the same, every unit counting alike, with an interval over examples."""
    found = agreement.percent_agreement(ratings.units, ratings.raters, ratings.values, confidence=confidence)
    figure = from_estimate(found, estimator="agreement.percent_agreement")
    known, example_of = _example_of_units(ratings)
    if not found.defined or repeated(example_of) is None:
        return figure
    place = np.searchsorted(known, ratings.units)
    same = shares_alike(ratings.units, ratings.values)
    rated = ~np.isnan(same)
    each = np.bincount(place[rated], weights=same[rated], minlength=len(known))
    count = np.bincount(place[rated], minlength=len(known))
    shared = count > 0
    clustered = comparison.clustered_proportion(
        each[shared] / count[shared], clusters=example_of[shared], confidence=confidence
    )
    return replace(
        figure,
        low=clustered.low,
        high=clustered.high,
        standard_error=clustered.standard_error,
        method="mean over units, clustered by example",
        estimator="comparison.clustered_proportion",
    )


def shares_alike(units: Ints, values: Floats) -> Floats:
    """Return for each rating the share of the unit's other ratings that say the same; nan where it has no other."""
    if not len(units):
        return np.zeros(0)
    unit = np.unique(units, return_inverse=True)[1]
    value = np.unique(values, return_inverse=True)[1]
    cell = unit.astype(np.int64) * (int(value.max()) + 1) + value
    _, at, alike = np.unique(cell, return_inverse=True, return_counts=True)
    others = np.bincount(unit)[unit] - 1
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(others > 0, (alike[at] - 1) / others, np.nan)


def _example_of_units(ratings: Ratings) -> tuple[Ints, Ints]:
    known, first = np.unique(ratings.units, return_index=True)
    return known, ratings.examples[first]
