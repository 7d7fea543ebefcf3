"""The estimate of one system from its observations, with the interval that the design allows."""

import math
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np

from annotation.selectors import clustering
from concord.scorecards.evidence import FloatArray
from concord.scorecards.services.observations import MACHINE, Observations
from concord.stats import Estimate, comparison

E = TypeVar("E", bound=Estimate)
UNANIMOUS = "every answer was the same, so the interval rests on the examples alone, as if other people would answer alike."


def estimate(
    observed: Observations, *, weights: FloatArray | None = None, share: bool, confidence: float
) -> Estimate:
    """Return the (weighted) mean, clustered by example and, where enough people answered, by rater.

    A share with one answer per example gets Wilson's interval; a clustered share gets Wilson's at its effective n
    (Korn & Graubard 1998), which stays within 0 and 1.
    """
    if not len(observed):
        return Estimate(
            value=math.nan,
            confidence=confidence,
            method="none",
            n=0,
            undefined="nobody judged an output of this system",
        )
    examples, raters, notes = clusters(observed)
    if share and raters is not None and not np.ptp(observed.values):
        raters, notes = None, (*notes, UNANIMOUS)
    if share and examples is None and raters is None and _is_binary(observed.values):
        counted = comparison.proportion(int(observed.values.sum()), len(observed), confidence=confidence)
        return replace(counted, notes=notes)
    grouped: dict[str, Any] = {
        "clusters": examples if examples is not None else raters,
        "clusters2": raters if examples is not None else None,
    }
    if share:
        counted = comparison.clustered_proportion(
            observed.values, **grouped, weights=weights, confidence=confidence
        )
        return replace(counted, notes=notes)
    mean = comparison.mean(observed.values, **grouped, weights=weights, confidence=confidence)
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


def clusters(observed: Observations) -> clustering.Clusters:
    """Return the codes to cluster by; a machine is not a rater whose answers are alike."""
    if (observed.raters == MACHINE).any():
        return clustering.repeated(observed.examples), None, ()
    return clustering.clusters(observed.examples, observed.raters)


def within(estimate: E, bounds: tuple[float, float]) -> E:
    """Return the estimate with its interval cut at the ends of the scale: no mean lies beyond them."""
    low, high = (min(max(end, bounds[0]), bounds[1]) for end in (estimate.low, estimate.high))
    return replace(estimate, low=low, high=high)


def within_span(difference: E, bounds: tuple[float, float]) -> E:
    """Return the difference of two such means with its interval cut where no difference can lie."""
    span = bounds[1] - bounds[0]
    return within(difference, (-span, span))


def _is_binary(values: FloatArray) -> bool:
    return bool(np.isin(values, (0.0, 1.0)).all())
