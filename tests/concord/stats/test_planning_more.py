"""Plans against Cohen's tables, R, statsmodels and Bloch & Kraemer's variance; and what plans refuse."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from statsmodels.stats import power as peers

from concord.stats import InputError
from concord.stats.comparison import equivalence, non_inferiority
from concord.stats.planning import (
    design_effect,
    minimum_detectable_effect,
    n_for_alpha,
    n_for_difference,
    n_for_mean,
    n_for_proportion,
    n_for_raters,
    n_for_win_rate,
    ratings_per_example,
)


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


def test_alpha_plan_against_bloch_and_kraemer(rng: np.random.Generator) -> None:
    """Two raters and two categories are the common-correlation model, whose variance Bloch & Kraemer (1989) give."""
    for _ in range(200):
        kappa, p = float(rng.uniform(0, 0.95)), float(rng.uniform(0.05, 0.95))
        wide = float(rng.uniform(0.03, 0.3))
        variance = (1 - kappa) * ((1 - kappa) * (1 - 2 * kappa) + kappa * (2 - kappa) / (2 * p * (1 - p)))
        plan = n_for_alpha(alpha=kappa, raters=2, prevalence=[p, 1 - p], half_width=wide)
        assert plan.n == max(2, math.ceil(1.959963984540054**2 * variance / wide**2 - 1e-6))
        assert plan.achieved == pytest.approx(1.959963984540054 * math.sqrt(variance / plan.n), rel=1e-9)


def test_alpha_power_is_reached_by_the_number_planned() -> None:
    plan = n_for_alpha(alpha=0.7, null=0.5, raters=3, prevalence=[2, 1, 1])
    assert plan.n is not None
    assert 0.8 <= plan.achieved < 0.81


def test_t_takes_more_than_normal_and_says_when_it_matters() -> None:
    few, many = n_for_mean(half_width=0.5, sd=1.0), n_for_mean(half_width=0.05, sd=1.0)
    assert (few.n, n_for_mean(half_width=0.5, sd=1.0, distribution="t").n) == (16, 18)
    assert "distribution='t'" in few.notes[0]
    assert many.notes == ()
    clustered = n_for_mean(half_width=0.25, sd=1.0, icc=0.5, cluster_size=40)
    careful = n_for_mean(half_width=0.25, sd=1.0, icc=0.5, cluster_size=40, distribution="t")
    assert clustered.notes
    assert careful.achieved <= 0.25
    assert careful.n > clustered.n
    assert minimum_detectable_effect(
        n=10, sd=1.0, icc=0.5, cluster_size=10, distribution="t"
    ).undefined.startswith("one cluster")


def test_numbers_that_nobody_can_make_are_no_plan() -> None:
    for plan in (
        n_for_mean(half_width=1e-100, sd=1e100),
        n_for_mean(half_width=1e-9, sd=1.0, distribution="t"),
        n_for_difference(effect=1e-130, sd=1e130),
        n_for_difference(effect=1e-130, sd=1.0, distribution="t"),
        n_for_proportion(half_width=1e-12),
        n_for_win_rate(win_rate=0.5 + 1e-12),
        n_for_alpha(alpha=0.5, raters=2, prevalence=[1, 1], half_width=1e-12),
        n_for_alpha(alpha=0.5 + 1e-12, null=0.5, raters=2, prevalence=[1, 1]),
    ):
        assert plan.n is None
        assert plan.clusters is None
        assert "more than" in str(plan.undefined)
        assert json.loads(json.dumps(plan.as_dict()))["achieved"] is None


@pytest.mark.parametrize("bad", ["1", None, float("nan"), float("inf"), -1.0, True, [1.0], 1e200])
def test_plans_refuse_what_is_no_number(bad) -> None:
    for call in (
        lambda: n_for_mean(half_width=bad, sd=1.0),
        lambda: n_for_mean(half_width=1.0, sd=bad),
        lambda: n_for_proportion(half_width=bad),
        lambda: n_for_difference(effect=0.5, sd=bad),
        lambda: n_for_win_rate(win_rate=bad),
        lambda: n_for_alpha(alpha=bad, raters=2, prevalence=[1, 1], half_width=0.1),
        lambda: (
            n_for_alpha(alpha=0.5, raters=2, prevalence=[1, 1], null=bad) if bad is not None else n_for_mean()
        ),
        lambda: minimum_detectable_effect(n=bad, sd=1.0),
        lambda: ratings_per_example(example_sd=bad, rating_sd=1, example_cost=1, rating_cost=1, budget=100),
        lambda: design_effect(bad, 2),
    ):
        with pytest.raises((InputError, TypeError) if bad is None else InputError):
            call()


def test_plans_refuse_other_distributions_and_half_examples() -> None:
    for call in (
        lambda: n_for_mean(half_width=1.0, sd=1.0, distribution="z"),
        lambda: n_for_difference(effect=1.0, sd=1.0, distribution="z"),
        lambda: minimum_detectable_effect(n=10.5, sd=1.0),
        lambda: n_for_difference(effect=1.0, sd=1.0, correlation="high"),
        lambda: n_for_difference(effect=1.0, sd=1.0, repeats=0),
        lambda: n_for_win_rate(win_rate=0.6, tie_rate="many"),
        lambda: n_for_mean(half_width=1.0, sd=1.0, icc=2.0),
        lambda: n_for_mean(half_width=1.0, sd=1.0, cluster_size=0),
        lambda: n_for_alpha(alpha=0.5, raters=300, prevalence=[1] * 20, half_width=0.1),
        lambda: ratings_per_example(
            example_sd=1e-130, rating_sd=1e130, example_cost=1, rating_cost=1, budget=100
        ),
    ):
        with pytest.raises(InputError):
            call()


def test_less_power_than_chance_gives_takes_next_to_nothing() -> None:
    """Normal quantiles are of both signs: their sum must not be squared, nor be an effect, where it is below 0."""
    for plan in (
        n_for_difference(effect=0.01, sd=1.0, power=0.001),
        n_for_win_rate(win_rate=0.501, power=0.001),
        n_for_alpha(alpha=0.51, null=0.5, raters=2, prevalence=[1, 1], power=0.001, level=0.05),
        n_for_proportion(p=0.501, null=0.5, power=0.001),
    ):
        assert plan.n == 2
    for distribution in ("normal", "t"):
        found = minimum_detectable_effect(n=20, sd=1.0, power=0.01, distribution=distribution)
        assert found.achieved == pytest.approx(0.0, abs=1e-12)
    with pytest.raises(InputError, match="one category only"):
        n_for_alpha(alpha=0.5, raters=2, prevalence=[1, 1e-300], half_width=0.1)


def test_a_small_budget_is_shared_as_well_as_it_can_be(rng: np.random.Generator) -> None:
    """Neighbours of the ideal number may not be affordable, and whole numbers leave some of the budget over."""
    tight = ratings_per_example(
        example_sd=0.1, rating_sd=10.0, example_cost=1.0, rating_cost=1.0, budget=50.0
    )
    assert (tight.n, tight.assumptions["ratings per example"]) == (
        2,
        24.0,
    )  # of one rating each 25: error 2.0
    assert tight.achieved == pytest.approx(((0.01 + 100 / 24) / 2) ** 0.5)
    for _ in range(50):
        b, w, c1, c2 = rng.lognormal(0, 1.5, size=4)
        budget = (c1 + c2) * 2 * np.exp(rng.uniform(0, 6))
        plan = ratings_per_example(example_sd=b, rating_sd=w, example_cost=c1, rating_cost=c2, budget=budget)
        k = np.arange(1, int((budget / 2 - c1) / c2 + 1e-9) + 1)
        every = np.sqrt((b**2 + w**2 / k) / np.floor(budget / (c1 + k * c2) + 1e-9))
        assert plan.achieved == pytest.approx(every.min())


def test_clustered_shares_take_no_more_than_they_must() -> None:
    plan = n_for_proportion(half_width=0.05, icc=0.1, cluster_size=5)
    assert (plan.n, plan.design_effect) == (533, 1.4)  # 381 rounded up and then multiplied would be 534
    assert plan.achieved <= 0.05


def test_one_example_tells_nothing_of_others_like_it() -> None:
    found = n_for_raters(half_width=0.5, rater_sd=0.5, example_sd=0.1, examples=1, distribution="t")
    assert "so few examples" in str(found.undefined)


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


def test_alpha_plans_say_where_next_to_nothing_will_tell() -> None:
    """Of 77 units with alpha .999 hardly one is expected to disagree: no interval can then be as short as planned."""
    sure = n_for_alpha(alpha=0.999, raters=2, prevalence=[0.5, 0.5], half_width=0.01)
    assert sure.n == 77
    assert "so few units" in sure.notes[0]
    rare = n_for_alpha(
        alpha=0.0, raters=2, prevalence=[0.97, 0.03], half_width=0.1
    )  # .35 pairs agree on the rarer answer
    assert rare.notes == sure.notes
    assert n_for_alpha(alpha=0.6, raters=2, prevalence=[0.5, 0.5], half_width=0.2).notes == ()


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
