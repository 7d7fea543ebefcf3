"""Coefficients of a machine's answers against people's, with intervals for which the examples are the sample."""

from concord.estimates.arrays import Floats, Ints
from concord.stats.agreement import Correlation, correlation

COEFFICIENTS = ("pearson", "spearman", "kendall")


def correlations(
    people: Floats, machine: Floats, examples: Ints, *, confidence: float
) -> dict[str, Correlation]:
    """Return Pearson's, Spearman's and Kendall's coefficient of paired numbers."""
    return {
        name: correlation(people, machine, coefficient=name, clusters=examples, confidence=confidence)
        for name in COEFFICIENTS
    }
