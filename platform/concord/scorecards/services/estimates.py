"""The estimate of one system from its observations, as a study's page gives it for the same answers."""

import math
from typing import TypeVar

from annotation.selectors.means import mean_answer, within
from concord.scorecards.evidence import FloatArray
from concord.scorecards.services.observations import MACHINE, Observations
from concord.stats import Estimate

E = TypeVar("E", bound=Estimate)


def estimate(
    observed: Observations, *, weights: FloatArray | None = None, share: bool, confidence: float
) -> Estimate:
    """Return the (weighted) mean, clustered by example and, where enough people answered, by rater."""
    if not len(observed):
        return Estimate(
            value=math.nan,
            confidence=confidence,
            method="none",
            n=0,
            undefined="nobody judged an output of this system",
        )
    return mean_answer(
        observed.values,
        examples=observed.examples,
        raters=None if (observed.raters == MACHINE).any() else observed.raters,
        weights=weights,
        share=share,
        confidence=confidence,
    )


def within_span(difference: E, bounds: tuple[float, float]) -> E:
    """Return the difference of two means within `bounds` with its interval cut where no difference can lie."""
    span = bounds[1] - bounds[0]
    return within(difference, (-span, span))
