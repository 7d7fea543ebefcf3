"""How far people agree, with intervals over examples: outputs of one example are no independent units."""

from dataclasses import replace

import numpy as np

from annotation.selectors.clustering import Floats, Ints, repeated
from concord.stats import Estimate, agreement, comparison
from concord.stats.agreement import Alpha

FEWEST_EXAMPLES = 5


def people_alpha(
    units: Ints, raters: Ints, values: Floats, examples: Ints, *, level: str, confidence: float = 0.95
) -> Alpha:
    """Krippendorff's alpha; where an example has several units, its interval is that of a jackknife over examples."""
    found = agreement.krippendorff_alpha(
        units, raters, values, level=level, clusters=examples, confidence=confidence
    )
    if not found.defined or repeated(_example_of_units(units, examples)[1]) is None:
        return found
    told = replace(found, method=found.method.replace("clusters", "examples"))
    n = len(np.unique(examples))
    if n >= FEWEST_EXAMPLES:
        return told
    note = f"the units belong to {n} example{'' if n == 1 else 's'}: so few say little about others."
    return replace(told, notes=(*told.notes, note))


def people_percent(
    units: Ints, raters: Ints, values: Floats, examples: Ints, *, confidence: float = 0.95
) -> Estimate:
    """How often two raters of a unit say the same, every unit counting alike, with an interval over examples as above."""
    found = agreement.percent_agreement(units, raters, values, confidence=confidence)
    known, example_of = _example_of_units(units, examples)
    if not found.defined or repeated(example_of) is None:
        return found
    place = np.searchsorted(known, units)
    same = shares_alike(units, values)
    rated = ~np.isnan(same)
    each = np.bincount(place[rated], weights=same[rated], minlength=len(known))
    count = np.bincount(place[rated], minlength=len(known))
    shared = count > 0
    clustered = comparison.clustered_proportion(
        each[shared] / count[shared], clusters=example_of[shared], confidence=confidence
    )
    return replace(
        found,
        low=clustered.low,
        high=clustered.high,
        standard_error=clustered.standard_error,
        method=f"mean over units, {clustered.method}",
    )


def shares_alike(units: Ints, values: Floats) -> Floats:
    """For each rating, the share of the unit's other ratings that say the same; nan where it has no other."""
    if not len(units):
        return np.zeros(0)
    unit = np.unique(units, return_inverse=True)[1]
    value = np.unique(values, return_inverse=True)[1]
    cell = unit.astype(np.int64) * (int(value.max()) + 1) + value
    _, at, alike = np.unique(cell, return_inverse=True, return_counts=True)
    others = np.bincount(unit)[unit] - 1
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(others > 0, (alike[at] - 1) / others, np.nan)


def _example_of_units(units: Ints, examples: Ints) -> tuple[Ints, Ints]:
    known, first = np.unique(units, return_index=True)
    return known, examples[first]
