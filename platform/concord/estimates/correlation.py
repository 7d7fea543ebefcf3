"""Coefficients of a machine's answers against people's, with intervals for which the examples are the sample."""

from concord.estimates.arrays import Floats, Ints
from concord.stats import agreement

COEFFICIENTS = ("pearson", "spearman", "kendall")


def correlations(
    people: Floats, machine: Floats, examples: Ints, *, confidence: float
) -> dict[str, agreement.Correlation]:
    """Return Pearson's, Spearman's and Kendall's coefficient of paired numbers."""
    return {
        name: agreement.correlation(
            people, machine, coefficient=name, clusters=examples, confidence=confidence
        )
        for name in COEFFICIENTS
    }
