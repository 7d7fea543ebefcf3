"""Plans against published sizes and simulation; calibration against its definitions and statsmodels' and SciPy's relatives."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from concord.stats import InputError
from concord.stats.agreement import krippendorff_alpha
from concord.stats.calibration import brier, ece, isotonic, platt, reliability_bins
from concord.stats.comparison import proportion
from concord.stats.planning import (
    minimum_detectable_effect,
    n_for_alpha,
    n_for_difference,
    n_for_mean,
    n_for_proportion,
    n_for_win_rate,
    ratings_per_example,
)


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


def test_allocation_beats_its_neighbours() -> None:
    plan = ratings_per_example(example_sd=0.4, rating_sd=1.3, example_cost=2, rating_cost=0.5, budget=1000)
    k = plan.assumptions["ratings per example"]
    for other in (k - 1, k + 1, k + 2):
        n = int(1000 / (2 + other * 0.5))
        assert plan.achieved <= np.sqrt((0.16 + 1.69 / other) / n) + 1e-3


def test_murphys_parts_add_up(rng: np.random.Generator) -> None:
    p = rng.choice([0.1, 0.3, 0.5, 0.9], size=300)
    y = (rng.random(300) < p**1.3).astype(float)
    exact, binned = brier(p, y), brier(p + rng.random(300) * 0.05, y, n_bins=10)
    assert exact.value == pytest.approx(np.mean((p - y) ** 2))
    assert exact.value == pytest.approx(exact.reliability - exact.resolution + exact.uncertainty, abs=1e-12)
    assert exact.within_bins == pytest.approx(0.0, abs=1e-12)
    assert binned.within_bins != 0
    assert brier([], []).undefined
    assert brier([1.0, 0.0], [1, 0]).skill == 1.0
    with pytest.raises(InputError):
        brier([1.2], [1])


def test_ece_by_hand_and_debiased_near_zero_for_true_probabilities(rng: np.random.Generator) -> None:
    p, y = np.array([0.05, 0.05, 0.95, 0.95, 0.95, 0.95]), np.array([0, 1, 1, 1, 1, 0])
    assert ece(p, y, n_bins=10).value == pytest.approx((2 * 0.45 + 4 * 0.2) / 6)
    plain, fair = [], []
    for _ in range(20):
        q = rng.random(500)
        z = (rng.random(500) < q).astype(float)
        plain.append(ece(q, z, n_resamples=2).value)
        fair.append(ece(q, z, debiased=True, bins="mass", n_resamples=2).value)
    assert np.mean(plain) > 0.04
    assert np.mean(fair) < 0.03
    bins = reliability_bins(q, z, n_bins=10, bins="mass")
    assert bins.n.sum() == 500
    assert bins.n.max() - bins.n.min() <= 1
    assert ece([], []).undefined


def test_isotonic_and_platt(rng: np.random.Generator) -> None:
    x = rng.normal(size=3000)
    truth = 1 / (1 + np.exp(-(2 * x - 0.5)))
    y = (rng.random(3000) < truth).astype(float)
    fitted, stepped = platt(x, y), isotonic(x, y)
    assert (fitted.slope, fitted.intercept) == pytest.approx((2.0, -0.5), abs=0.15)
    at = np.array([-1.0, 0.0, 1.0])
    expected = 1 / (1 + np.exp(-(2 * at - 0.5)))
    assert fitted.predict(at) == pytest.approx(expected, abs=0.03)
    assert stepped.predict(at) == pytest.approx(expected, abs=0.1)
    assert (np.diff(stepped.predict(np.linspace(-4, 4, 100))) >= 0).all()
    assert np.isfinite(platt([-1, -2, 1, 2], [0, 0, 1, 1]).slope)
    assert platt([1, 2], [1, 1]).undefined
    assert np.isnan(isotonic([], []).predict([1.0])).all()
