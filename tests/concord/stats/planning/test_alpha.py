"""Sample sizes for alpha, in simulation and where next to nothing will tell."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from concord.stats._arrays import InputError
from concord.stats.agreement import krippendorff_alpha
from concord.stats.planning import n_for_alpha


def test_alpha_plan_by_simulation(rng: np.random.Generator) -> None:
    plan = n_for_alpha(alpha=0.6, raters=3, prevalence=[0.6, 0.3, 0.1], half_width=0.08)
    found = []
    for _ in range(400):
        truth = rng.choice(3, p=[0.6, 0.3, 0.1], size=plan.n)
        guess = rng.choice(3, p=[0.6, 0.3, 0.1], size=(plan.n, 3))
        table = np.where(rng.random(plan.n)[:, None] < 0.6, truth[:, None], guess)
        unit, rater = np.indices(table.shape)
        alpha = krippendorff_alpha(unit.ravel(), rater.ravel(), table.ravel(), level="nominal", n_resamples=0)
        found.append(alpha.value)
    assert np.mean(found) == pytest.approx(0.6, abs=0.01)
    assert 1.96 * np.std(found) == pytest.approx(0.08, rel=0.12)


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


@pytest.mark.parametrize(("half_width", "units", "noted"), [(0.03, 1423, True), (0.02, 3202, False)])
def test_pairs_that_agree_on_the_rarer_category_are_counted_among_three_raters(
    half_width: float, units: int, noted: bool
) -> None:
    """Three raters are three pairs, of which .03 squared agree on the rarer answer by chance: 3.8 and 8.6 are expected."""
    plan = n_for_alpha(alpha=0.0, raters=3, prevalence=[0.97, 0.03], half_width=half_width)
    assert plan.n == units
    assert bool(plan.notes) == noted == (3 * 0.03**2 * units < 5)


@pytest.mark.parametrize(("half_width", "noted"), [(0.011, True), (0.008, False)])
def test_units_on_which_three_raters_differ_are_counted(half_width: float, noted: bool) -> None:
    """Of guesses among two equal answers three in four differ; 1 % of the units are guesses."""
    plan = n_for_alpha(alpha=0.99, raters=3, prevalence=[1, 1], half_width=half_width)
    assert plan.n is not None
    assert bool(plan.notes) == noted == (0.01 * 0.75 * plan.n < 5)


def test_alpha_plans_are_for_agreements_from_none_up_to_below_all() -> None:
    common = {"raters": 2, "prevalence": [1, 1]}
    assert n_for_alpha(alpha=0.0, half_width=0.1, **common).n == 385  # the variance of kappa at 0 is 1 / n
    assert n_for_alpha(alpha=0.4, null=0.0, **common).n is not None
    for given in (
        {"alpha": 1.0, "half_width": 0.1},
        {"alpha": -1e-9, "half_width": 0.1},
        {"alpha": 0.5, "null": 0.5},
    ):
        with pytest.raises(InputError):
            n_for_alpha(**given, **common)
    with pytest.raises(InputError, match="at least two positive shares"):
        n_for_alpha(alpha=0.5, half_width=0.1, raters=2, prevalence=[1.0, 0.0])
    with pytest.raises(InputError, match="at least two positive shares"):
        n_for_alpha(alpha=0.5, half_width=0.1, raters=2, prevalence=[1.0])


@pytest.mark.parametrize(
    ("kappa", "null", "p", "power", "level"), [(0.7, 0.4, 0.3, 0.8, 0.05), (0.9, 0.6, 0.5, 0.9, 0.01)]
)
def test_power_of_two_raters_against_donner_and_eliasziw(
    kappa: float, null: float, p: float, power: float, level: float
) -> None:
    """Donner & Eliasziw (1992) plan by the variances of Bloch & Kraemer (1989), under both agreements."""

    def variance(k: float) -> float:
        return (1 - k) * ((1 - k) * (1 - 2 * k) + k * (2 - k) / (2 * p * (1 - p)))

    z, flat, real = stats.norm.isf(level), math.sqrt(variance(null)), math.sqrt(variance(kappa))
    needed = ((z * flat + stats.norm.isf(1 - power) * real) / (kappa - null)) ** 2
    plan = n_for_alpha(
        alpha=kappa, null=null, raters=2, prevalence=[3 * p, 3 * (1 - p)], power=power, level=level
    )
    n = math.ceil(needed)
    assert (plan.n, plan.clusters, plan.design_effect) == (n, n, 1.0)
    assert plan.achieved == pytest.approx(
        stats.norm.cdf(((kappa - null) * math.sqrt(n) - z * flat) / real), abs=1e-9
    )
    assert plan.method == "power to show alpha above null, in units"
    assert plan.assumptions == {
        "alpha": kappa, "raters": 2, "categories": 2, "null": null, "power": power, "level": level
    }  # fmt: skip


def test_plans_of_a_width_say_their_confidence() -> None:
    """At an alpha of 0 two raters' variance is 1 / n: half-widths follow from normal quantiles."""
    plan = n_for_alpha(alpha=0.0, raters=2, prevalence=[1, 1], half_width=0.1, confidence=0.9)
    assert plan.n == math.ceil((stats.norm.isf(0.05) / 0.1) ** 2)
    assert plan.achieved == pytest.approx(stats.norm.isf(0.05) / math.sqrt(plan.n), rel=1e-9)
    assert plan.assumptions == {"alpha": 0.0, "raters": 2, "categories": 2, "confidence": 0.9}
    assert plan.method == "half-width of nominal alpha, in units"
    assert plan.clusters == plan.n
    with pytest.raises(InputError, match="raters"):
        n_for_alpha(alpha=0.5, raters=1, prevalence=[1, 1], half_width=0.1)
