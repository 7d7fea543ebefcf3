"""Which is better, by how much, and could it be chance?"""

from __future__ import annotations

from concord.stats.comparison._contrasts import Contrasts
from concord.stats.comparison._crossed.result import CrossedEffects
from concord.stats.comparison.anytime import ConfidenceSequence, EValue, confidence_sequence, e_value
from concord.stats.comparison.bootstrap import Bootstrap, bootstrap
from concord.stats.comparison.clustered_proportion import clustered_proportion
from concord.stats.comparison.crossed_effects import crossed_effects
from concord.stats.comparison.difference import Difference, difference
from concord.stats.comparison.equivalence import MarginTest, equivalence, non_inferiority
from concord.stats.comparison.irt import Irt, irt_2pl
from concord.stats.comparison.mcnemar import McNemar, mcnemar
from concord.stats.comparison.mean import PairedDifference, mean, paired_difference
from concord.stats.comparison.multiple_comparisons_with_best import (
    ComparisonsWithBest,
    multiple_comparisons_with_best,
)
from concord.stats.comparison.multiplicity import benjamini_hochberg, benjamini_yekutieli, holm
from concord.stats.comparison.pass_at_k import pass_at_k, pass_hat_k
from concord.stats.comparison.permutation_test import PermutationTest, permutation_test
from concord.stats.comparison.probability_better import ProbabilityBetter, probability_better
from concord.stats.comparison.proportion import proportion
from concord.stats.comparison.rank_ranges import RankRanges, rank_ranges
from concord.stats.comparison.simultaneous import Simultaneous, simultaneous
from concord.stats.comparison.variance_components import VarianceComponents, variance_components
from concord.stats.comparison.wilcoxon import wilcoxon

__all__ = [
    "Bootstrap",
    "ComparisonsWithBest",
    "ConfidenceSequence",
    "Contrasts",
    "CrossedEffects",
    "Difference",
    "EValue",
    "Irt",
    "MarginTest",
    "McNemar",
    "PairedDifference",
    "PermutationTest",
    "ProbabilityBetter",
    "RankRanges",
    "Simultaneous",
    "VarianceComponents",
    "benjamini_hochberg",
    "benjamini_yekutieli",
    "bootstrap",
    "clustered_proportion",
    "confidence_sequence",
    "crossed_effects",
    "difference",
    "e_value",
    "equivalence",
    "holm",
    "irt_2pl",
    "mcnemar",
    "mean",
    "multiple_comparisons_with_best",
    "non_inferiority",
    "paired_difference",
    "pass_at_k",
    "pass_hat_k",
    "permutation_test",
    "probability_better",
    "proportion",
    "rank_ranges",
    "simultaneous",
    "variance_components",
    "wilcoxon",
]
