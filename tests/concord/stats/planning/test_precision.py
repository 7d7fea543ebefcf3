"""Sample sizes for an interval of a given width: reached, and not overshot."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats import power as peers
from statsmodels.stats.proportion import proportion_confint

from concord.stats import planning
from concord.stats._arrays import InputError
from concord.stats.comparison import proportion
from concord.stats.planning import n_for_mean, n_for_proportion


@pytest.mark.parametrize(
    ("share", "margin", "queries"), [(0.90, 0.005, 23886), (0.95, 0.0025, 50425), (0.99, 0.0005, 262742)]
)
def test_queries_for_a_percentile_against_mlperfs_rules(share: float, margin: float, queries: int) -> None:
    """MLPerf inference rules, table of tail latencies: 99 % confidence that the share lies within the margin (rounded)."""
    plan = n_for_mean(half_width=margin, sd=(share * (1 - share)) ** 0.5, confidence=0.99)
    assert plan.n == pytest.approx(queries, abs=1)


def test_precision_is_reached_and_not_overshot() -> None:
    for p in (0.5, 0.1, 0.95):
        n = n_for_proportion(half_width=0.04, p=p).n
        width = [(r.high - r.low) / 2 for r in (proportion(round(p * m), m) for m in (n - 8, n + 8))]
        assert width[1] < 0.0405
        assert width[0] > 0.0395
    assert n_for_mean(half_width=0.1, sd=1.0).n == 385
    assert n_for_mean(half_width=0.1, sd=1.0, icc=0.1, cluster_size=11).n == 769
    assert n_for_mean(half_width=0.1, sd=1.0, icc=0.1, cluster_size=11).clusters == 70


def test_clustered_shares_take_no_more_than_they_must() -> None:
    plan = n_for_proportion(half_width=0.05, icc=0.1, cluster_size=5)
    assert (plan.n, plan.design_effect) == (533, 1.4)  # 381 rounded up and then multiplied would be 534
    assert plan.achieved <= 0.05


def test_a_proportion_against_its_null() -> None:
    # Fleiss (1981), section 2.2's formula; the exact power of the score test agrees.
    plan = planning.n_for_proportion(p=0.6, null=0.5)
    assert plan.n == 194
    for p, null in ((0.6, 0.5), (0.1, 0.2), (0.95, 0.9)):
        n = planning.n_for_proportion(p=p, null=null, power=0.9).n
        assert n is not None
        k = np.arange(n + 1)
        beyond = np.abs(k / n - null) > 1.959964 * math.sqrt(null * (1 - null) / n)
        assert stats.binom.pmf(k, n, p)[beyond].sum() == pytest.approx(0.9, abs=0.03)
    assert planning.n_for_proportion(p=1.0, null=0.9).n == math.ceil(3.841459 * 0.09 / 0.01)
    assert planning.n_for_proportion(p=0.5, null=0.5).undefined
    doubled = planning.n_for_proportion(p=0.6, null=0.5, icc=0.25, cluster_size=5)
    assert doubled.n in (387, 388)  # 2 * 193.9, before rounding


def test_a_finite_number_is_not_called_infinite() -> None:
    for big in (1e200, -1e200):
        with pytest.raises(InputError, match=r"sd is -?1e\+200; at most 1e\+140 can be computed with"):
            planning.n_for_mean(sd=big, half_width=1.0)
    for none in (float("inf"), float("nan"), "1"):
        with pytest.raises(InputError, match="sd must be a finite number"):
            planning.n_for_mean(sd=none, half_width=1.0)


def test_a_proportion_and_its_null_by_the_powers_of_statsmodels() -> None:
    """Ten right or wrong answers are enough to trust a test of counts; the power is that of unequal spreads."""
    for p, null, power in ((0.6, 0.5, 0.8), (0.05, 0.1, 0.7), (0.97, 0.9, 0.9)):
        plan = n_for_proportion(p=p, null=null, power=power, alpha=0.1, icc=0.5, cluster_size=3)
        sds = {"std_null": math.sqrt(null * (1 - null)), "std_alternative": math.sqrt(p * (1 - p))}
        assert plan.n is not None
        for n, enough in ((plan.n, True), (plan.n - 1, False)):
            reached = peers.normal_power_het(abs(p - null), n / 2, 0.05, alternative="larger", **sds)
            assert (reached >= power) == enough
            if enough:
                assert plan.achieved == pytest.approx(reached, abs=1e-9)
        assert (plan.design_effect, plan.clusters) == (2.0, math.ceil(plan.n / 3))
        assert bool(plan.notes) == (min(p, 1 - p) * plan.n / 2 < 10)
        assert (plan.assumptions["p"], plan.assumptions["null"]) == (p, null)
    sure = n_for_proportion(p=1.0, null=0.9)
    assert (sure.achieved, len(sure.notes)) == (1.0, 1)
    assert n_for_proportion(p=0.0, null=0.1).n == sure.n


def test_half_the_length_of_wilsons_interval_against_statsmodels() -> None:
    for p, confidence in ((0.5, 0.95), (0.0, 0.9), (1.0, 0.95), (0.2, 0.8)):
        plan = n_for_proportion(half_width=0.07, p=p, confidence=confidence)
        assert plan.n is not None
        half, before = (
            np.ptp(proportion_confint(p * n, n, 1 - confidence, "wilson")) / 2 for n in (plan.n, plan.n - 1)
        )
        assert plan.achieved == pytest.approx(half, abs=1e-12)
        assert half <= 0.07 < before
        assert plan.method == "half-width of a proportion"
        assert plan.assumptions == {"p": p, "confidence": confidence, "icc": 0.0, "cluster_size": 1.0}
    for bad in (0.5, 0.0):
        with pytest.raises(InputError, match="half_width"):
            n_for_proportion(half_width=bad)
    for bad in (-0.01, 1.01):
        with pytest.raises(InputError, match="p must lie from 0 to 1"):
            n_for_proportion(half_width=0.1, p=bad)


def test_fifty_clusters_need_no_t() -> None:
    """A mean of 50 or 49 observations, or clusters: normal quantiles do for 50."""
    z = stats.norm.isf(0.05)
    for n in (49, 50):
        plan = n_for_mean(half_width=z / math.sqrt(n - 0.5), sd=1.0, confidence=0.9)
        assert (plan.n, bool(plan.notes)) == (n, n < 50)
        assert plan.achieved == pytest.approx(z / math.sqrt(n))
        grouped = n_for_mean(
            half_width=z / math.sqrt(n - 0.1), sd=1.0, confidence=0.9, icc=1.0, cluster_size=4
        )
        assert (grouped.clusters, bool(grouped.notes)) == (n, n < 50)
    exact = n_for_mean(half_width=2.0, sd=1.5, icc=0.5, cluster_size=3, distribution="t")
    assert exact.n is not None
    assert exact.achieved == pytest.approx(
        stats.t.isf(0.025, exact.n / 3 - 1) * 1.5 * math.sqrt(2 / exact.n), rel=1e-9
    )
    assert exact.assumptions == {"sd": 1.5, "confidence": 0.95, "icc": 0.5, "cluster_size": 3}
