"""What each answer adds to a figure, and the error that shared examples and shared raters give the figure."""

from dataclasses import dataclass

import numpy as np

from annotation.selectors import clustering
from concord.scorecards.evidence import FloatArray, IntArray
from concord.stats import TestedEstimate, comparison

_ARRAYS = ("terms", "weights", "examples", "raters")


@dataclass(frozen=True, kw_only=True)
class Terms:
    """A figure made of weighted means, each with a sign: every answer's weight times its distance from its own mean.

    `weights` sum to 1 and `terms` to 0 in each of the means. `raters` is negative where no person answered, or an unknown one.
    """

    terms: FloatArray
    weights: FloatArray
    examples: IntArray
    raters: IntArray

    def __len__(self) -> int:
        return len(self.terms)


def of_mean(
    values: FloatArray, weights: FloatArray, examples: IntArray, raters: IntArray, *, sign: float = 1.0
) -> Terms:
    """Return the terms of one weighted mean, counted with `sign`."""
    share = weights / weights.sum()
    distance = values - (share * values).sum()
    return Terms(terms=sign * share * distance, weights=share, examples=examples, raters=raters)


def together(parts: list[Terms]) -> Terms:
    """Return the terms of the sum of several means."""
    return Terms(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in _ARRAYS})


def spread(
    found: Terms, *, examples: IntArray | None = None, raters: IntArray | None = None
) -> TestedEstimate:
    """Return standard error and degrees of freedom of the figure, clustered by these codes (two-way where both are given).

    The sum of the terms is written as a weighted mean, so that the error is that of `comparison.mean`: CR2, and two-way
    Cameron, Gelbach & Miller (2011).
    """
    scale = found.weights.sum()
    first, second = (examples, raters) if examples is not None else (raters, None)
    return comparison.mean(
        found.terms / found.weights * scale, weights=found.weights, clusters=first, clusters2=second
    )


def rater_codes(people: Terms, everything: Terms) -> IntArray | None:
    """Return a rater's code per term where so many people answered that they are a sample of people; else None."""
    if clustering.clusters(people.examples, people.raters)[1] is None:
        return None
    return clustering.named_apart(everything.raters)
