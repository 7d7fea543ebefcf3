"""How many examples, raters and ratings a question needs."""

from __future__ import annotations

from concord.stats.planning._plan import Plan, design_effect
from concord.stats.planning.allocation import ratings_per_example
from concord.stats.planning.alpha import n_for_alpha
from concord.stats.planning.power import minimum_detectable_effect, n_for_difference
from concord.stats.planning.precision import n_for_mean, n_for_proportion
from concord.stats.planning.proportions import (
    minimum_detectable_proportion_difference,
    n_for_proportion_difference,
)
from concord.stats.planning.raters import n_for_raters
from concord.stats.planning.win_rate import n_for_win_rate

__all__ = [
    "Plan",
    "design_effect",
    "minimum_detectable_effect",
    "minimum_detectable_proportion_difference",
    "n_for_alpha",
    "n_for_difference",
    "n_for_mean",
    "n_for_proportion",
    "n_for_proportion_difference",
    "n_for_raters",
    "n_for_win_rate",
    "ratings_per_example",
]
