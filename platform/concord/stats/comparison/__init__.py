"""Which is better, by how much, and could it be chance?"""

from __future__ import annotations

from concord.stats.comparison.mean import PairedDifference, mean, paired_difference
from concord.stats.comparison.multiplicity import benjamini_hochberg, benjamini_yekutieli, holm
from concord.stats.comparison.proportion import proportion

__all__ = [
    "PairedDifference",
    "benjamini_hochberg",
    "benjamini_yekutieli",
    "holm",
    "mean",
    "paired_difference",
    "proportion",
]
