"""What all plans share: what they assume, what they refuse, and numbers that nobody can make."""

from __future__ import annotations

import json

import pytest

from concord.stats import InputError, planning
from concord.stats.planning import (
    design_effect,
    minimum_detectable_effect,
    n_for_alpha,
    n_for_difference,
    n_for_mean,
    n_for_proportion,
    n_for_win_rate,
    ratings_per_example,
)


def test_plans_refuse_what_cannot_be() -> None:
    assert n_for_win_rate(win_rate=0.5).undefined
    assert n_for_difference(effect=0.1, sd=1.0, correlation=1.0).undefined
    for call in (
        lambda: n_for_mean(half_width=0, sd=1),
        lambda: n_for_win_rate(win_rate=0.9, tie_rate=0.5),
        lambda: n_for_difference(effect=0.1, sd=-1),
        lambda: n_for_alpha(alpha=0.5, raters=3, prevalence=[1, 1]),
        lambda: ratings_per_example(example_sd=1, rating_sd=1, example_cost=1, rating_cost=1, budget=1),
    ):
        with pytest.raises(InputError):
            call()


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


def test_plans_repeat_all_that_they_assume() -> None:
    detectable = planning.minimum_detectable_proportion_difference(
        n=500, first=0.5, correlation=0.3, power=0.9
    )
    assert detectable.assumptions == {
        "first": 0.5, "paired": 1, "alpha": 0.05, "power": 0.9, "correlation": 0.3, "icc": 0, "cluster_size": 1
    }  # fmt: skip
    assert detectable.method == "minimum detectable difference of proportions (paired, McNemar)"
    unpaired = planning.n_for_proportion_difference(first=0.5, second=0.6, paired=False, method="continuity")
    assert (unpaired.assumptions["power"], "correlation" in unpaired.assumptions) == (0.8, False)
    assert (
        unpaired.method
        == "power of a difference of proportions (unpaired, chi-square with continuity correction)"
    )
    means = planning.n_for_difference(effect=0.1, sd=1, noise_sd=0.5, repeats=4, icc=0.1, cluster_size=5)
    assert means.assumptions == {
        "effect": 0.1, "sd": 1, "paired": 1, "correlation": 0, "noise_sd": 0.5, "repeats": 4, "alpha": 0.05,
        "power": 0.8, "icc": 0.1, "cluster_size": 5,
    }  # fmt: skip
    assert planning.n_for_win_rate(win_rate=0.6, power=0.7).assumptions["power"] == 0.7
    assert planning.n_for_proportion(p=0.6, null=0.5).assumptions["power"] == 0.8
    units = planning.n_for_alpha(alpha=0.8, raters=3, prevalence=[1, 1], null=0.6)
    assert (units.assumptions["null"], units.assumptions["power"], units.assumptions["level"]) == (
        0.6,
        0.8,
        0.05,
    )


def test_one_of_two_aims_is_to_be_given() -> None:
    with pytest.raises(InputError, match="give half_width or null, got neither"):
        planning.n_for_proportion()
    with pytest.raises(InputError, match="give half_width or null, got both"):
        planning.n_for_alpha(alpha=0.8, raters=3, prevalence=[1, 1], null=0.6, half_width=0.1)


def test_a_design_effect_of_one_and_of_the_whole_cluster() -> None:
    """Kish (1965): 1 + (m - 1) icc."""
    assert (design_effect(0.0, 7), design_effect(1.0, 7), design_effect(0.3, 1.0)) == (1.0, 7.0, 1.0)
    assert design_effect(0.25, 2.5) == 1.375
    for icc, size in ((-0.01, 2), (1.01, 2), (0.5, 0.99)):
        with pytest.raises(InputError):
            design_effect(icc, size)


def test_what_is_needed_by_a_hair_more_than_a_whole_number_is_that_number() -> None:
    """(z / width)**2 is 100 here, but for rounding: nobody asks 101 for that."""
    z = 1.959963984540054
    for hair in (1 + 1e-12, 1 - 1e-12):
        assert n_for_mean(half_width=z / 10 * hair, sd=1.0).n == 100
    assert n_for_mean(half_width=z / 10 * (1 - 1e-6), sd=1.0).n == 101
    assert n_for_mean(half_width=100.0, sd=1.0).n == 2  # one alone has no interval
