"""Biases of judges: position, length and self-preference, with clusters."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats

from concord.stats.comparison import difference
from concord.stats.joint import length_bias, position_bias, self_preference
from concord.stats.joint._regression import coefficient

pytestmark = pytest.mark.filterwarnings("error")


def test_biases_at_their_limits() -> None:
    always = position_bias([1] * 12, [1] * 12)
    assert (always.value, always.high) == (0.5, 0.5)
    assert 0.2 < always.low < 0.5
    assert length_bias([1.0] * 5, [1.0, 2, 3, 4, 5], [1.0] * 5).notes
    one_document = self_preference([1.0, 2, 3, 4], [0.0] * 4, [1, 1, 0, 0], clusters=[0, 0, 0, 0])
    assert np.isnan(one_document.low)
    assert one_document.notes


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
