"""What people (or a machine) answer on average, with the interval that the design allows: on every page the same."""

from dataclasses import replace
from typing import Any, TypeVar

import numpy as np

from annotation.selectors.clustering import Floats, Ints, clusters
from concord.stats import Estimate, comparison

E = TypeVar("E", bound=Estimate)
UNANIMOUS = "every answer was the same, so the interval rests on the examples alone, as if other people would answer alike."


def mean_answer(
    values: Floats,
    *,
    examples: Ints,
    raters: Ints | None,
    weights: Floats | None = None,
    share: bool,
    confidence: float = 0.95,
) -> Estimate:
    """The (weighted) mean, clustered by example and, where enough people answered, by rater; `raters` is None for a machine.

    A share with one answer per example gets Wilson's interval; a clustered share gets Wilson's at its effective n
    (Korn & Graubard 1998), which stays within 0 and 1.
    """
    by_example, by_rater, notes = clusters(examples, raters)
    if share and by_rater is not None and not np.ptp(values):
        by_rater, notes = None, (*notes, UNANIMOUS)
    if share and by_example is None and by_rater is None and _is_even(weights) and _is_binary(values):
        counted = comparison.proportion(int(values.sum()), len(values), confidence=confidence)
        return replace(counted, notes=notes)
    grouped: dict[str, Any] = {
        "clusters": by_example if by_example is not None else by_rater,
        "clusters2": by_rater if by_example is not None else None,
    }
    if share:
        counted = comparison.clustered_proportion(values, **grouped, weights=weights, confidence=confidence)
        return replace(counted, notes=notes)
    mean = comparison.mean(values, **grouped, weights=weights, confidence=confidence)
    return Estimate(
        value=mean.value,
        low=mean.low,
        high=mean.high,
        confidence=confidence,
        method=mean.method,
        n=mean.n,
        standard_error=mean.standard_error,
        undefined=mean.undefined,
        notes=(*mean.notes, *notes),
        omitted=mean.omitted,
    )


def within(estimate: E, bounds: tuple[float, float]) -> E:
    """The estimate with its interval cut at the ends of the scale: no mean lies beyond them."""
    low, high = (min(max(end, bounds[0]), bounds[1]) for end in (estimate.low, estimate.high))
    return replace(estimate, low=low, high=high)


def _is_binary(values: Floats) -> bool:
    return bool(np.isin(values, (0.0, 1.0)).all())


def _is_even(weights: Floats | None) -> bool:
    return weights is None or not np.ptp(weights)
