"""The estimate of one system from its observations, with the interval that the design allows."""

import math
from dataclasses import replace
from typing import Any

import numpy as np

from concord.scorecards.evidence import FloatArray, IntArray
from concord.scorecards.services.observations import MACHINE, Observations
from concord.stats import Estimate, comparison

# With fewer raters, a variance between raters cannot be estimated: two raters would give t intervals of one degree of freedom.
FEWEST_RATERS = 5


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


def clusters(observed: Observations) -> tuple[IntArray | None, IntArray | None, tuple[str, ...]]:
    """Return the codes to cluster by: examples where one has several answers, raters where enough people gave several."""
    examples = observed.examples if len(np.unique(observed.examples)) < len(observed) else None
    if not len(observed) or (observed.raters == MACHINE).any():
        return examples, None, ()
    named = np.unique(observed.raters[observed.raters >= 0])
    if len(named) == 0:
        return (
            examples,
            None,
            (
                "the raters are anonymous, so the interval does not count that one person gave several answers.",
            ),
        )
    if len(named) < FEWEST_RATERS:
        return (
            examples,
            None,
            (few_raters(len(named)),),
        )
    if len(named) == len(observed):
        return examples, None, ()
    return examples, own_codes(observed.raters), ()


def few_raters(count: int) -> str:
    who = "this one rater" if count == 1 else f"these {count} raters"
    return f"the intervals hold for {who}: so few cannot say how others would answer."


def own_codes(raters: IntArray) -> IntArray:
    """Return rater codes in which every anonymous answer is a rater of its own."""
    codes = raters.copy()
    anonymous = codes < 0
    codes[anonymous] = codes.max(initial=0) + 1 + np.arange(anonymous.sum())
    return codes


def within(estimate: Estimate, bounds: tuple[float, float]) -> Estimate:
    """Return the estimate with its interval cut at the ends of the scale: no mean lies beyond them."""
    low, high = (min(max(end, bounds[0]), bounds[1]) for end in (estimate.low, estimate.high))
    return replace(estimate, low=low, high=high)


def _is_binary(values: FloatArray) -> bool:
    return bool(np.isin(values, (0.0, 1.0)).all())
