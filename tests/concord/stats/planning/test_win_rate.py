"""Sample sizes for win rates, with ties."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats import power as peers

from concord.stats import InputError
from concord.stats.planning import n_for_win_rate


def test_win_rate_against_statsmodels_on_random_plans(rng: np.random.Generator) -> None:
    for _ in range(200):
        ties = float(rng.uniform(0, 0.6))
        win = 0.5 + float(rng.uniform(0.02, 0.98)) * (1 - ties) / 2 * float(rng.choice([-1, 1]))
        power, alpha = float(rng.uniform(0.6, 0.95)), float(rng.uniform(0.01, 0.1))
        null = (1 - ties) / 4
        sds = math.sqrt(null), math.sqrt(null - (win - 0.5) ** 2)
        expected = peers.normal_sample_size_one_tail(abs(win - 0.5), power, alpha / 2, *sds)
        plan = n_for_win_rate(win_rate=win, tie_rate=ties, power=power, alpha=alpha)
        assert plan.n == max(2, math.ceil(expected - 1e-6))
        reached = peers.normal_power_het(
            abs(win - 0.5), plan.n, alpha, std_null=sds[0], std_alternative=sds[1], alternative="larger"
        )
        half = peers.normal_power_het(
            abs(win - 0.5), plan.n, alpha / 2, std_null=sds[0], std_alternative=sds[1], alternative="larger"
        )
        assert plan.achieved == pytest.approx(half, abs=1e-9)
        assert reached > half


def test_t_and_clusters_of_votes_by_hand() -> None:
    """The limit is that of t by clusters less one, times the null's spread; the statistic spreads as it really does."""
    given = {"win_rate": 0.65, "tie_rate": 0.2, "icc": 0.25, "cluster_size": 5.0}
    plan = n_for_win_rate(**given, distribution="t")

    def power(n: int) -> float:
        df, null, gap = n / 5 - 1, 0.2, 0.15
        reach = gap * math.sqrt(n / 2) - stats.t.isf(0.025, df) * math.sqrt(null)
        return float(stats.t.cdf(reach / math.sqrt(null - gap**2), df))

    assert plan.n is not None
    assert plan.achieved == pytest.approx(power(plan.n), abs=1e-9)
    assert power(plan.n - 1) < 0.8 <= power(plan.n)
    assert (plan.design_effect, plan.clusters, plan.notes) == (2.0, math.ceil(plan.n / 5), ())
    assert plan.assumptions == {**given, "alpha": 0.05, "power": 0.8}
    assert plan.method == "power of a win rate"
    assert n_for_win_rate(**given).notes  # normal quantiles, with fewer than 50 clusters
    assert not n_for_win_rate(win_rate=0.9).notes  # few votes, but the null says how far they spread


def test_all_that_is_no_tie_may_be_won() -> None:
    """Votes of 1 and .5 alone, .6 and .4 of them, have a variance of .06; under the null it is .15."""
    plan = n_for_win_rate(win_rate=0.8, tie_rate=0.4)
    limit = stats.norm.isf(0.025) * math.sqrt(0.15)
    assert plan.n == math.ceil(((limit + stats.norm.isf(0.2) * math.sqrt(0.06)) / 0.3) ** 2)
    assert plan.achieved == pytest.approx(
        stats.norm.cdf((0.3 * math.sqrt(plan.n) - limit) / math.sqrt(0.06)), abs=1e-9
    )
    with pytest.raises(InputError, match="cannot be with 40% ties"):
        n_for_win_rate(win_rate=0.81, tie_rate=0.4)
    even = n_for_win_rate(win_rate=0.5, icc=0.5, cluster_size=3)
    assert (even.n, even.design_effect) == (None, 2.0)
    for ties in (-0.01, 1.0):
        with pytest.raises(InputError, match="from 0 up to below 1"):
            n_for_win_rate(win_rate=0.5, tie_rate=ties)
