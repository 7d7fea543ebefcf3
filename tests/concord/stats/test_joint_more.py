"""Prediction-powered comparisons, judge biases and spending, against formulas and simulation."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats

from concord.stats import InputError
from concord.stats.comparison import difference
from concord.stats.joint import (
    alternative_annotator_test,
    best_next_labels,
    budget,
    length_bias,
    position_bias,
    prediction_powered_bradley_terry,
    prediction_powered_difference,
    prediction_powered_mean,
    prediction_powered_stratified,
    prediction_powered_win_rate,
    self_preference,
)
from concord.stats.joint._regression import coefficient
from concord.stats.ranking import bradley_terry


def test_difference_is_the_mean_of_differences(rng: np.random.Generator) -> None:
    y, f = rng.normal(size=(2, 80)), rng.normal(size=(2, 80))
    g = rng.normal(size=(2, 900))
    direct = prediction_powered_mean(y[0] - y[1], f[0] - f[1], g[0] - g[1])
    result = prediction_powered_difference(*y, *f, *g)
    assert (result.value, result.low, result.high) == pytest.approx((direct.value, direct.low, direct.high))


def test_win_rate_is_tested_against_one_half(rng: np.random.Generator) -> None:
    votes = rng.choice([0, 0.5, 1], p=[0.3, 0.1, 0.6], size=2000)
    judge = np.where(rng.random(2000) < 0.8, votes, rng.choice([0, 0.5, 1], size=2000))
    result = prediction_powered_win_rate(votes[:200], judge[:200], judge[200:])
    assert result.value == pytest.approx(0.65, abs=0.06)
    assert result.null == 0.5
    assert result.p_value < 0.01
    with pytest.raises(InputError):
        prediction_powered_win_rate([2.0], [1.0], [1.0])


def test_strata_undo_an_uneven_choice(rng: np.random.Generator) -> None:
    found, covered = [], 0
    for _ in range(100):
        stratum = np.repeat([0, 1], [3000, 1000])
        truth = stratum + rng.normal(size=4000)
        machine = truth + 0.5 * stratum + 0.4 * rng.normal(size=4000)
        chosen = np.concatenate(
            [rng.choice(3000, 40, replace=False), 3000 + rng.choice(1000, 60, replace=False)]
        )
        rest = np.setdiff1d(np.arange(4000), chosen)
        result = prediction_powered_stratified(
            truth[chosen], machine[chosen], stratum[chosen], machine[rest], stratum[rest]
        )
        found.append(result.value)
        covered += result.low <= truth.mean() <= result.high
    assert np.mean(found) == pytest.approx(0.25, abs=0.03)
    assert covered >= 88
    assert prediction_powered_stratified([1.0], [1.0], [0], [1.0], [1]).undefined


def test_prediction_powered_bradley_terry_ends(rng: np.random.Generator) -> None:
    """Weight 0 is the fit of people's votes; a judge who always agrees makes the fit of all votes."""
    s, n = 5, 3000
    strength = np.linspace(-1, 1, s)
    left = rng.integers(s, size=n)
    right = (left + rng.integers(1, s, size=n)) % s
    outcome = (rng.random(n) < 1 / (1 + np.exp(strength[right] - strength[left]))).astype(float)
    part, rest = slice(0, 400), slice(400, n)
    args = (left[part], right[part], outcome[part], outcome[part], left[rest], right[rest], outcome[rest])
    people = bradley_terry(left[part], right[part], outcome[part], n_systems=s)
    alone = prediction_powered_bradley_terry(*args, n_systems=s, lam=0.0)
    assert alone.log_strengths == pytest.approx(people.log_strengths, abs=1e-8)
    assert alone.standard_error == pytest.approx(people.standard_error, rel=0.01)
    trusted = prediction_powered_bradley_terry(*args, n_systems=s, lam=1.0)
    machine = bradley_terry(left[rest], right[rest], outcome[rest], n_systems=s)
    assert trusted.log_strengths == pytest.approx(machine.log_strengths, abs=1e-8)
    tuned = prediction_powered_bradley_terry(*args, n_systems=s)
    assert tuned.lam > 0.7
    assert tuned.standard_error.sum() < 0.6 * alone.standard_error.sum()
    empty = prediction_powered_bradley_terry([0], [1], [1], [1], [0], [1], [1], n_systems=3)
    assert empty.undefined


def chosen_votes(rng: np.random.Generator) -> tuple[np.ndarray, ...]:
    left = rng.integers(4, size=600)
    right = (left + rng.integers(1, 4, size=600)) % 4
    return left, right, rng.integers(0, 2, size=600).astype(float), rng.uniform(0.2, 0.9, size=600)


def test_chances_weigh_peoples_votes_and_let_the_judge_speak_of_all(rng: np.random.Generator) -> None:
    """Weight 0 is the weighted fit of people's votes; a judge who always agrees makes the plain fit of all votes."""
    left, right, won, chance = chosen_votes(rng)
    args = (left[:200], right[:200], won[:200], won[:200], left[200:], right[200:], won[200:])
    weighted = bradley_terry(left[:200], right[:200], won[:200], n_systems=4, weights=1 / chance[:200])
    for option in ({"propensities": chance[:200]}, {"weights": 1 / chance[:200]}):
        alone = prediction_powered_bradley_terry(*args, n_systems=4, lam=0.0, **option)
        assert alone.log_strengths == pytest.approx(weighted.log_strengths, abs=1e-8)
        assert alone.standard_error == pytest.approx(weighted.standard_error, rel=0.03)
        assert (alone.n_labelled, alone.n_unlabelled) == (200, 400)
    every = bradley_terry(left, right, won, n_systems=4)
    trusted = prediction_powered_bradley_terry(*args, n_systems=4, lam=1.0, propensities=chance[:200])
    assert trusted.log_strengths == pytest.approx(every.log_strengths, abs=1e-8)
    assert trusted.standard_error == pytest.approx(every.standard_error, rel=0.02)
    rest = bradley_terry(left[200:], right[200:], won[200:], n_systems=4)
    apart = prediction_powered_bradley_terry(*args, n_systems=4, lam=1.0, weights=1 / chance[:200])
    assert apart.log_strengths == pytest.approx(rest.log_strengths, abs=1e-8)


def test_equal_weights_change_nothing_and_votes_of_chances_are_their_own_clusters(
    rng: np.random.Generator,
) -> None:
    left, right, won, chance = chosen_votes(rng)
    judge = np.where(rng.random(600) < 0.8, won, 1 - won)
    args = (left[:200], right[:200], won[:200], judge[:200], left[200:], right[200:], judge[200:])
    plain = prediction_powered_bradley_terry(*args, n_systems=4)
    same = prediction_powered_bradley_terry(*args, n_systems=4, weights=[7.0] * 200)
    assert same.log_strengths == pytest.approx(plain.log_strengths, abs=1e-10)
    assert same.covariance == pytest.approx(plain.covariance, abs=1e-12)
    drawn = prediction_powered_bradley_terry(*args, n_systems=4, propensities=chance[:200])
    codes = {"clusters": np.arange(200), "unlabelled_clusters": np.arange(200, 600)}
    grouped = prediction_powered_bradley_terry(*args, n_systems=4, propensities=chance[:200], **codes)
    assert grouped.covariance == pytest.approx(drawn.covariance, abs=1e-14)
    assert drawn.df == np.inf
    assert 40 < grouped.df < 199  # clusters of one vote each, of very uneven weight
    with pytest.raises(InputError, match="not both"):
        prediction_powered_bradley_terry(*args, n_systems=4, propensities=chance[:200], weights=chance[:200])
    with pytest.raises(InputError, match="propensities must lie in"):
        prediction_powered_bradley_terry(*args, n_systems=4, propensities=[0.0] * 200)


def test_a_useless_judge_gets_no_weight(rng: np.random.Generator) -> None:
    n = 2000
    left = rng.integers(3, size=n)
    right = (left + rng.integers(1, 3, size=n)) % 3
    outcome, judge = rng.integers(0, 2, size=(2, n)).astype(float)
    result = prediction_powered_bradley_terry(
        left[:300], right[:300], outcome[:300], judge[:300], left[300:], right[300:], judge[300:], n_systems=3
    )
    assert result.lam < 0.25


def test_position_bias_separates_place_from_merit(rng: np.random.Generator) -> None:
    merit, fickle = rng.random(4000) < 0.7, rng.random(4000) < 0.3
    first = np.where(fickle, 1.0, merit)
    swapped = np.where(fickle, 1.0, ~merit)
    result = position_bias(first, swapped)
    assert result.value == pytest.approx(0.15, abs=0.02)
    assert result.consistency.value == pytest.approx(0.7, abs=0.02)
    assert position_bias([1, 0], [0, 1]).value == 0
    # MT-bench, table 2 (Zheng et al. 2023), GPT-4: 65 % of 80 consistent, 30 % for the first place, 5 % for the second.
    bench = position_bias(np.repeat([1, 1, 0], [52, 24, 4]), np.repeat([0, 1, 0], [52, 24, 4]))
    assert (bench.value, bench.consistency.value) == (0.125, 0.65)
    for _ in range(100):  # the test says what the interval says
        few = position_bias((rng.random(40) < 0.65).astype(float), (rng.random(40) < 0.6).astype(float))
        assert (few.p_value < 0.05) == (not few.low <= 0 <= few.high)
    assert position_bias([], []).undefined


def test_length_bias_against_least_squares_of_statsmodels(rng: np.random.Generator) -> None:
    for n in (8, 40, 300):
        x = rng.exponential(size=n)
        people = (rng.random(n) < 0.5).astype(float)
        judge = (rng.random(n) < 1 / (1 + np.exp(-x))).astype(float)
        fit = sm.OLS(judge - people, sm.add_constant(x)).fit(cov_type="HC2")
        result = length_bias(judge, x, people)
        assert result.value == pytest.approx(fit.params[1], abs=1e-9)
        assert result.standard_error == pytest.approx(fit.bse[1], rel=1e-9)
    assert length_bias([1, 0, 1], [1, 1, 1], [0, 0, 0]).undefined


# 40 comparisons in 9 clusters, made up; R: coef_test(lm(y ~ x), vcov = "CR2", cluster = g) of clubSandwich.
X = np.fromstring(
    "0.755 1.182 0.146 0.14 0.436 2.895 1.23 0.54 0.957 0.147 1.391 0.762 1.238 4.424 1.055 1.035 "
    "1.876 0.655 0.337 0.588 2.365 0.642 0.294 0.566 0.106 0.059 0.579 3.959 1.173 0.997 1.435 0.037 "
    "0.324 1.32 0.204 1.023 0.302 0.725 0.752 0.235 ",
    sep=" ",
)
Y = np.fromstring(
    "-0.611 0.296 1.145 0.88 0.041 0.689 1.14 0.793 -0.327 -0.589 0.856 1.071 -0.33 1.619 0.125 "
    "-0.87 0.769 -1.068 1.399 2.022 0.207 -0.987 1.836 1.213 3.612 1.157 2.042 2.394 0.787 1.666 "
    "-2.898 -0.047 -1.273 1.045 1.131 0.191 1.295 -0.123 -0.434 0.956 ",
    sep=" ",
)
GROUP = np.repeat(range(9), [1, 2, 9, 3, 1, 6, 8, 4, 6])


@pytest.mark.parametrize(
    ("cut", "clustered", "slope", "error", "df"),
    [
        (False, True, 0.109986469722096, 0.0824220069250834, 3.19595484287194),
        (False, False, 0.109986469722096, 0.198573822754966, 4.48599547354359),
        (True, True, -0.270666666666667, 0.310979560686312, 5.94256140535422),
        (True, False, -0.270666666666667, 0.389710002885744, 29.6198347107438),
    ],
)
def test_clustered_slopes_against_club_sandwich(
    cut: bool, clustered: bool, slope: float, error: float, df: float
) -> None:
    x = X > 1 if cut else X
    design = np.column_stack([np.ones(40), x])
    found = coefficient(Y, design, GROUP if clustered else np.arange(40), 1)
    assert (found.value, found.variance**0.5, found.df) == pytest.approx((slope, error, df), rel=1e-10)


def test_self_preference_knows_that_own_outputs_are_few(rng: np.random.Generator) -> None:
    """Three of 300 outputs are the judge's own: Welch's interval rests on two degrees of freedom, not on 302."""
    error = np.append([1.0, 2.0, 4.0], rng.normal(size=300))
    result = self_preference(error, np.zeros(303), [1] * 3 + [0] * 300)
    welch = stats.ttest_ind(error[:3], error[3:], equal_var=False)
    assert result.statistic == pytest.approx(welch.statistic, rel=1e-9)
    assert (result.df, result.p_value) == pytest.approx((welch.df, welch.pvalue), rel=1e-9)


def test_self_preference_by_clusters_is_the_difference_of_two_samples(rng: np.random.Generator) -> None:
    """A large cluster on each side: Bell and McCaffrey's degrees of freedom, of one variance for both, cover .84."""
    group = np.repeat(np.arange(12), [60, 60] + [4] * 10)
    own = np.where(rng.random(len(group)) < 0.1, 1 - group % 2, group % 2)
    error = rng.normal(size=12)[group] * (1 + 2 * own) + rng.normal(size=len(group))
    result = self_preference(error, np.zeros(len(error)), own, clusters=group)
    wanted = difference(
        error[own == 1], error[own == 0], clusters_a=group[own == 1], clusters_b=group[own == 0]
    )
    for name in ("value", "low", "high", "standard_error", "df", "p_value", "n"):
        assert getattr(result, name) == getattr(wanted, name), name
    assert (result.method, result.notes) == ("difference of mean errors (CR2)", ())


def test_self_preference_is_a_welch_like_difference(rng: np.random.Generator) -> None:
    own = rng.integers(0, 2, size=400)
    people = rng.normal(size=400)
    judge = people + 0.4 * own + 0.3 * rng.normal(size=400)
    result = self_preference(judge, people, own)
    assert result.value == pytest.approx(0.4, abs=0.1)
    error = judge - people
    welch = np.sqrt(error[own == 1].var() / (own == 1).sum() + error[own == 0].var() / (own == 0).sum())
    assert result.standard_error == pytest.approx(welch, rel=0.01)
    assert self_preference([1.0, 2.0], [1.0, 2.0], [1, 1]).undefined


def test_next_labels_have_the_chances_they_claim(rng: np.random.Generator) -> None:
    unsure = np.append(rng.random(50), [np.nan, 30.0])
    hits = np.zeros(52)
    for _ in range(2000):
        result = best_next_labels(unsure, n=15, rng=rng)
        assert len(result.chosen) == 15
        hits[result.chosen] += 1
    assert hits / 2000 == pytest.approx(result.propensity, abs=0.06)
    assert result.propensity.sum() == pytest.approx(15)
    assert result.propensity.max() <= 1
    assert best_next_labels(np.zeros(4), n=2).propensity.tolist() == [0.5] * 4
    with pytest.raises(InputError):
        best_next_labels([1.0], n=2)


def test_budget_beats_its_neighbours() -> None:
    plan = budget(total=500, label_cost=1.0, prediction_cost=0.02, correlation=0.85)
    for labels in (plan.labels - 30, plan.labels + 30):
        items = (500 - labels) / 0.02
        assert plan.standard_error <= np.sqrt((1 - 0.85**2) / labels + 0.85**2 / items) + 1e-4
    assert plan.cost <= 500
    useless = budget(total=500, label_cost=1.0, prediction_cost=0.02, correlation=0.0)
    assert (useless.labels, useless.predictions) == (500, 0)


def test_the_judge_must_share_units_with_people() -> None:
    assert alternative_annotator_test([1, 1], [0, 1], [1, 1], [1], [1]).undefined
    with pytest.raises(InputError):
        alternative_annotator_test([1, 1], [0, -1], [1, 1], [1], [1])
    with pytest.raises(InputError):
        alternative_annotator_test([1, 1], [0, 1], [1, 1], [1, 1], [1, 2])


def test_a_machine_that_agrees_with_nobody_replaces_nobody() -> None:
    """Three raters and the machine never say the same: it does as well as people, and passed."""
    units, raters = np.tile(np.arange(40), 3), np.repeat([0, 1, 2], 40)
    found = alternative_annotator_test(units, raters, raters, np.arange(40), np.full(40, 9))
    assert not found.passes
    assert found.undefined is not None
    assert "nobody agrees" in found.undefined
    lone = np.where(
        raters == 2, 5, 0
    )  # two agree with each other and with the machine, the third with nobody
    found = alternative_annotator_test(units, raters, lone, np.arange(40), np.zeros(40))
    assert found.passes
    lost = alternative_annotator_test(units, raters, lone, np.arange(40), np.full(40, 9))
    assert lost.undefined is None
    assert lost.rejected.tolist() == [False, False, False]
    assert lost.p_values[2] == 1.0
