"""How many raters speak for others."""

from __future__ import annotations

import math

from scipy import stats

from concord.stats import planning
from concord.stats.planning import n_for_raters


def test_one_example_tells_nothing_of_others_like_it() -> None:
    found = n_for_raters(half_width=0.5, rater_sd=0.5, example_sd=0.1, examples=1, distribution="t")
    assert "so few examples" in str(found.undefined)


def test_raters_are_a_sample_too() -> None:
    plan = planning.n_for_raters(half_width=0.2, rater_sd=0.5, repeat_sd=1.0, examples=100)
    assert plan.n == math.ceil(3.841459 * (0.25 + 0.01) / 0.04)
    assert plan.assumptions["ratings"] == 2500
    assert plan.achieved <= 0.2
    # Raters cannot make up for examples.
    floor = planning.n_for_raters(half_width=0.2, rater_sd=0.5, example_sd=2.0, examples=100)
    assert "examples" in str(floor.undefined)
    nested = planning.n_for_raters(half_width=0.25, rater_sd=0.5, repeat_sd=1, examples=10, design="nested")
    assert nested.n == math.ceil(3.841459 * 1.25 / 10 / 0.0625)
    assert planning.n_for_raters(half_width=1.0, rater_sd=0.5).n == 1
    with_t = planning.n_for_raters(half_width=0.5, rater_sd=0.5, distribution="t").n
    assert with_t is not None
    assert stats.t.isf(0.025, with_t - 1) * 0.5 / math.sqrt(with_t) <= 0.5
    assert stats.t.isf(0.025, with_t - 2) * 0.5 / math.sqrt(with_t - 1) > 0.5
