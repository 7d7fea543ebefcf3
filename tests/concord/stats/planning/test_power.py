"""Sample sizes and smallest effects for differences: reference packages and simulation."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats import power as peers

from concord.stats import InputError
from concord.stats.comparison import equivalence, non_inferiority
from concord.stats.planning import minimum_detectable_effect, n_for_difference, n_for_mean, n_for_win_rate


def test_millers_969_questions() -> None:
    """Miller (2024), section 5: effect .03, variance of differences 1/9, power .8, level .05."""
    plan = n_for_difference(effect=0.03, sd=(1 / 18) ** 0.5)
    assert plan.n == 969
    assert plan.achieved == pytest.approx(0.8, abs=1e-3)
    assert minimum_detectable_effect(n=969, sd=(1 / 18) ** 0.5).achieved == pytest.approx(0.03, abs=1e-5)


def test_power_of_a_difference_against_statsmodels() -> None:
    power = pytest.importorskip("statsmodels.stats.power")
    plan = n_for_difference(effect=0.5, sd=1.0, paired=False)
    assert plan.n == int(np.ceil(power.NormalIndPower().solve_power(0.5, power=0.8, alpha=0.05)))


def test_power_by_simulation(rng: np.random.Generator) -> None:
    plan = n_for_difference(effect=0.3, sd=1.0, correlation=0.6)
    covariance = [[1, 0.6], [0.6, 1]]
    found = [
        stats.ttest_rel(*rng.multivariate_normal([0.3, 0], covariance, size=plan.n).T).pvalue < 0.05
        for _ in range(800)
    ]
    assert np.mean(found) == pytest.approx(0.8, abs=0.05)
    wins = n_for_win_rate(win_rate=0.58, tie_rate=0.3)
    chance = [0.7 / 2 - 0.08, 0.3, 0.7 / 2 + 0.08]
    votes = rng.choice([0, 0.5, 1], p=chance, size=(800, wins.n))
    z = (votes.mean(axis=1) - 0.5) / (votes.std(axis=1) / np.sqrt(wins.n))
    assert (np.abs(z) > 1.96).mean() == pytest.approx(0.8, abs=0.05)


@pytest.mark.parametrize(
    ("d", "power", "alpha", "n"),
    [(0.2, 0.8, 0.05, 394), (0.5, 0.8, 0.05, 64), (0.8, 0.8, 0.05, 26), (0.8, 0.95, 0.01, 58)],
)
def test_two_groups_against_cohens_tables(d: float, power: float, alpha: float, n: int) -> None:
    """Cohen (1988), table 2.4.1, small, medium and large effects; R: ceiling(pwr.t.test(d, power, sig.level)$n)."""
    plan = n_for_difference(effect=d, sd=1.0, paired=False, power=power, alpha=alpha, distribution="t")
    assert plan.n == n


@pytest.mark.parametrize(("d", "n"), [(0.2, 199), (0.5, 34), (0.8, 15)])
def test_pairs_against_r(d: float, n: int) -> None:
    """R: pwr.t.test(d, power = .8, type = "paired")$n is 198.15, 33.37, 14.30; d is in units of the differences' sd."""
    assert n_for_difference(effect=d, sd=2**-0.5, distribution="t").n == n
    assert n_for_difference(effect=d, sd=2**-0.5).n == math.ceil({0.2: 196.2, 0.5: 31.4, 0.8: 12.3}[d])


def test_power_of_twenty_against_r() -> None:
    """R: power.t.test(n = 20, delta = 1, sd = 1, strict = TRUE)$power, which counts both tails as we do."""
    shift = minimum_detectable_effect(n=20, sd=1.0, paired=False, power=0.868953027725, distribution="t")
    assert shift.achieved == pytest.approx(1.0, abs=1e-8)


def test_power_against_statsmodels_on_random_plans(rng: np.random.Generator) -> None:
    """Closed forms to 1e-9. The noncentral t, for which statsmodels calls another library, to 1e-8."""
    for _ in range(200):
        effect, sd = float(rng.uniform(0.1, 1.5)), float(rng.uniform(0.3, 2))
        alpha, power = float(rng.uniform(0.005, 0.1)), float(rng.uniform(0.55, 0.97))
        paired = bool(rng.integers(2))
        given = {"effect": effect, "sd": sd, "alpha": alpha, "power": power, "paired": paired}
        plan = n_for_difference(**given, distribution="t")
        peer = peers.TTestPower() if paired else peers.TTestIndPower()
        size = effect / sd / (math.sqrt(2) if paired else 1)
        assert plan.n is not None
        assert plan.achieved == pytest.approx(peer.power(size, plan.n, alpha), abs=1e-8)
        assert plan.achieved >= power
        assert plan.n == 2 or peer.power(size, plan.n - 1, alpha) < power
        normal = n_for_difference(**given)
        expected = peers.NormalIndPower().power(effect / sd, normal.n, alpha)
        assert normal.achieved == pytest.approx(expected, abs=1e-9)


def test_detectable_effect_gives_back_the_power(rng: np.random.Generator) -> None:
    for _ in range(100):
        n, sd, power = int(rng.integers(3, 300)), float(rng.uniform(0.2, 3)), float(rng.uniform(0.3, 0.97))
        found = minimum_detectable_effect(n=n, sd=sd, power=power, paired=False, distribution="t")
        assert peers.TTestIndPower().power(found.achieved / sd, n, 0.05) == pytest.approx(power, abs=1e-8)


def test_margins_are_planned_as_differences() -> None:
    """Chow, Shao & Wang, "Sample size calculations in clinical research", 3.2.3: sd .10, margin .05, 80 % power.

    50 each for non-inferiority; 107 each (by z to two digits) for equivalence with a true difference of .01.
    """
    worse = n_for_difference(effect=0.05, sd=0.1, paired=False, alpha=0.10)
    same = n_for_difference(effect=0.05 - 0.01, sd=0.1, paired=False, power=0.9, alpha=0.10)
    assert (worse.n, same.n) == (50, 108)


def test_planned_margins_are_shown_in_simulation(rng: np.random.Generator) -> None:
    """As the page of sample sizes says: twice alpha, and for equivalence without a difference power (1 + .8) / 2."""
    common = {"sd": 0.5, "correlation": 0.5, "distribution": "t"}
    worse = n_for_difference(effect=0.2, alpha=2 * 0.025, **common)
    same = n_for_difference(effect=0.2, power=0.9, alpha=2 * 0.05, **common)
    assert worse.n is not None
    assert same.n is not None
    shown = np.zeros(2)
    for _ in range(1500):
        gap = rng.normal(0, 0.5, size=max(worse.n, same.n))
        shown[0] += non_inferiority(gap[: worse.n], np.zeros(worse.n), margin=0.2).shown
        shown[1] += equivalence(gap[: same.n], np.zeros(same.n), margin=0.2).shown
    assert shown / 1500 == pytest.approx([0.8, 0.8], abs=0.035)


def test_clusters_count_as_such_where_they_hardly_hang_together() -> None:
    """The t interval has clusters less one degrees of freedom at any icc, also at 0: no leap from there to next to nothing."""
    none, hardly = (
        n_for_mean(half_width=0.1, sd=1.0, icc=icc, cluster_size=20, distribution="t").n
        for icc in (0.0, 1e-6)
    )
    assert none == hardly == 434  # 22 clusters; 387 with as many degrees of freedom as observations
    plans = [
        n_for_difference(effect=0.5, sd=1.0, icc=icc, cluster_size=10, distribution="t").n
        for icc in (0.0, 1e-6)
    ]
    assert plans[0] == plans[1]
    assert n_for_mean(half_width=0.1, sd=1.0, icc=0.0, cluster_size=20).notes  # 20 clusters: t takes more


@pytest.mark.parametrize("paired", [True, False])
def test_noise_and_correlation_against_millers_formula(paired: bool) -> None:
    """Miller (2024), section 5: w**2 + 2 noise**2 / K, w**2 = 2 sd**2 (1 - correlation); unpaired none is shared."""
    given = {"sd": 2.0, "correlation": 0.75, "noise_sd": 1.5, "repeats": 3, "paired": paired}
    variance = (8 * 0.25 if paired else 8) + 2 * 2.25 / 3
    z = stats.norm.isf(0.025) + stats.norm.isf(0.2)
    plan = n_for_difference(effect=-0.4, icc=0.5, cluster_size=5, **given)
    assert plan.n == math.ceil(3 * z**2 * variance / 0.16)
    assert (plan.design_effect, plan.clusters) == (3.0, math.ceil(plan.n / 5))
    assert ("correlation" in plan.assumptions) == paired
    assert plan.assumptions["effect"] == -0.4
    found = minimum_detectable_effect(n=400, icc=0.5, cluster_size=5, **given)
    assert found.achieved == pytest.approx(z * math.sqrt(3 * variance / 400), rel=1e-9)
    assert (found.n, found.clusters, found.method) == (400, 80, "minimum detectable difference of means")
    # By t: clusters less one degrees of freedom, twice that where each system has clusters of its own.
    exact = minimum_detectable_effect(n=60, icc=0.5, cluster_size=5, distribution="t", **given)
    df = 11 if paired else 22
    shift, limit = exact.achieved / math.sqrt(3 * variance / 60), stats.t.isf(0.025, df)
    assert stats.nct.sf(limit, df, shift) + stats.nct.cdf(-limit, df, shift) == pytest.approx(0.8, abs=1e-7)


def test_correlations_up_to_one_are_taken() -> None:
    opposed = n_for_difference(effect=0.5, sd=1.0, correlation=-1.0)
    assert opposed.n == math.ceil(4 * (stats.norm.isf(0.025) + stats.norm.isf(0.2)) ** 2 / 0.25)
    noisy = n_for_difference(effect=0.5, sd=1.0, correlation=1.0, noise_sd=1.0)
    assert noisy.n == math.ceil(2 * (stats.norm.isf(0.025) + stats.norm.isf(0.2)) ** 2 / 0.25)
    assert noisy.assumptions["repeats"] == 1
    for correlation in (-1.001, 1.001):
        with pytest.raises(InputError, match="correlation must lie between -1 and 1"):
            n_for_difference(effect=0.5, sd=1.0, correlation=correlation)
    with pytest.raises(
        InputError, match=r"noise_sd must not be negative and repeats at least 1, got -0\.1, 1"
    ):
        n_for_difference(effect=0.5, sd=1.0, noise_sd=-0.1)


def test_two_examples_are_the_fewest() -> None:
    assert minimum_detectable_effect(n=2, sd=1.0).achieved == pytest.approx(
        math.sqrt(2 / 2) * (stats.norm.isf(0.025) + stats.norm.isf(0.2))
    )
    assert n_for_difference(effect=100.0, sd=1.0).n == 2
    with pytest.raises(InputError):
        minimum_detectable_effect(n=1, sd=1.0)
