"""Intraclass correlations: Shrout and Fleiss, psych, mean squares of random tables, and edges."""

from __future__ import annotations

import math

import numpy as np
import pytest

from concord.stats import InputError, agreement
from concord.stats.agreement import icc
from concord.stats.agreement._icc.squares import one_way, two_way
from concord.stats.agreement._ratings import ratings
from tests.concord.stats.agreement.tables import long_form

pytestmark = pytest.mark.filterwarnings("error")


UNITS, RATERS, VALUES = [1, 1, 2, 2, 3, 3], [0, 1] * 3, [1, 1, 2, 2, 1, 2]


def test_icc_of_values_far_from_zero() -> None:
    far = agreement.icc(UNITS, RATERS, 1e9 + 1e-3 * np.array([1, 2, 4, 4, 7, 9]), form="ICC(3,1)")
    near = agreement.icc(UNITS, RATERS, [1, 2, 4, 4, 7, 9], form="ICC(3,1)")
    assert far.value == pytest.approx(near.value, abs=1e-3)
    many = np.arange(400)
    sparse = agreement.icc(
        np.repeat(many, 2), np.stack([many, (many + 1) % 400], axis=1).ravel(), np.tile([1, 2, 4], 267)[:800]
    )
    assert sparse.defined


NAN = np.nan
# Shrout & Fleiss (1979), table 2: six targets, four judges.
TARGETS = np.array(
    [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]], dtype=float
).T


@pytest.mark.parametrize(
    ("form", "published"),
    [
        ("ICC(1,1)", 0.17),
        ("ICC(2,1)", 0.29),
        ("ICC(3,1)", 0.71),
        ("ICC(1,k)", 0.44),
        ("ICC(2,k)", 0.62),
        ("ICC(3,k)", 0.91),
    ],
)
def test_icc_against_shrout_and_fleiss(form: str, published: float) -> None:
    assert icc(*long_form(TARGETS), form=form).value == pytest.approx(published, abs=5e-3)


@pytest.mark.parametrize(
    ("form", "low", "high"),
    [
        ("ICC(1,1)", -0.133, 0.723),
        ("ICC(2,1)", 0.019, 0.761),
        ("ICC(3,1)", 0.342, 0.946),
        ("ICC(1,k)", -0.884, 0.912),
        ("ICC(2,k)", 0.071, 0.927),
        ("ICC(3,k)", 0.676, 0.986),
    ],
)
def test_icc_intervals_against_the_psych_package(form: str, low: float, high: float) -> None:
    """R's psych::ICC prints these limits for Shrout and Fleiss' data."""
    result = icc(*long_form(TARGETS), form=form, interval="satterthwaite")
    assert (result.low, result.high) == pytest.approx((low, high), abs=2e-3)


def test_unbalanced_icc_is_unbiased_and_reduces_to_the_balanced_one(rng: np.random.Generator) -> None:
    found = []
    for _ in range(60):
        y = rng.normal(size=80)[None, :] * 1.5 + rng.normal(size=8)[:, None] + rng.normal(size=(8, 80))
        y[rng.random(y.shape) < 0.4] = NAN
        result = icc(*long_form(y), form="ICC(2,1)")
        found.append((result.unit_variance, result.rater_variance, result.residual_variance))
    assert np.mean(found, axis=0) == pytest.approx([2.25, 1.0, 1.0], rel=0.2)


def test_raters_of_unequal_shares_are_worth_fewer_degrees_of_freedom() -> None:
    """One of eight raters gives half of all ratings. A mean square's relative variance is two over its degrees of freedom."""
    rng = np.random.default_rng(4)
    units = np.repeat(np.arange(80), 2)
    raters = np.stack([np.zeros(80, dtype=int), rng.integers(1, 8, 80)], axis=1).ravel()
    drawn = [
        two_way(ratings(units, raters, y), y)
        for y in rng.normal(0, 0.6, (4_000, 8))[:, raters] + rng.normal(0, 0.8, (4_000, 160))
    ]
    squares = np.array([found.raters for found in drawn if found is not None])
    real = 2 * squares.mean() ** 2 / squares.var()
    assert real < 5
    assert np.median([found.df_raters for found in drawn if found is not None]) == pytest.approx(
        real, rel=0.1
    )
    complete = np.repeat(np.arange(10), 4), np.tile(np.arange(4), 10), rng.normal(size=40)
    found = two_way(ratings(*complete), complete[2])
    assert found is not None
    assert found.df_raters == 3


def test_icc_edges() -> None:
    assert icc([1, 1], [0, 1], [1, 2]).undefined
    assert icc([1, 1, 2, 2], [0, 1, 0, 1], [3, 3, 3, 3]).undefined
    assert icc([1, 1, 2, 2], [0, 1, 2, 3], [1, 2, 3, 4], form="ICC(2,1)").undefined
    assert icc([1, 1, 2, 2], [-1] * 4, [1, 2, 3, 4], form="ICC(1,1)").defined
    with pytest.raises(InputError):
        icc([1, 1, 2, 2], [-1] * 4, [1, 2, 3, 4], form="ICC(2,1)")


SHROUT_FLEISS = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
SECOND = [[3, 4, 3], [5, 6, 6], [2, 2, 1], [7, 9, 8], [4, 4, 6], [8, 7, 9], [5, 5, 4]]
# R 4, psych::ICC(x, lmer = FALSE)$results, ten digits: value, lower, upper.
PSYCH = {
    "ICC(1,1)": ((0.1657417684, -0.13293232487, 0.7225600623), (0.8859728507, 0.6645372475, 0.9770577243)),
    "ICC(2,1)": ((0.2897637795, 0.01878651337, 0.7610843696), (0.8857142857, 0.6598269040, 0.9770915168)),
    "ICC(3,1)": ((0.7148407148, 0.34246476503, 0.9458582600), (0.8797297297, 0.6320813309, 0.9760234273)),
    "ICC(1,k)": ((0.4427971337, -0.88444215524, 0.9124154203), (0.9588638590, 0.8559673582, 0.9922337918)),
    "ICC(2,k)": ((0.6200505476, 0.07113681530, 0.9272320402), (0.9587628866, 0.8533517826, 0.9922454083)),
    "ICC(3,k)": ((0.9093155424, 0.67567471382, 0.9858916782), (0.9564152791, 0.8375034289, 0.9918779837)),
}


@pytest.mark.parametrize("form", PSYCH)
def test_icc_and_its_f_intervals_against_psych(form: str) -> None:
    for table, golden in zip((SHROUT_FLEISS, SECOND), PSYCH[form], strict=True):
        result = icc(*long_form(np.array(table, dtype=float).T), form=form, interval="satterthwaite")
        assert (result.value, result.low, result.high) == pytest.approx(golden, abs=1e-9)


@pytest.mark.parametrize("form", PSYCH)
def test_icc_against_the_mean_squares_of_random_tables(form: str, rng: np.random.Generator) -> None:
    """Shrout and Fleiss' own formulas, on 200 complete tables."""
    for _ in range(200):
        n, k = int(rng.integers(2, 15)), int(rng.integers(2, 7))
        y = rng.normal(size=(n, 1)) * rng.uniform(0, 3) + rng.normal(size=(1, k)) + rng.normal(size=(n, k))
        y = y * 10.0 ** int(rng.integers(-8, 9)) + rng.choice([0, 50])
        centre = y.mean()
        bms = k * np.square(y.mean(axis=1) - centre).sum() / (n - 1)
        jms = n * np.square(y.mean(axis=0) - centre).sum() / (k - 1)
        wms = np.square(y - y.mean(axis=1, keepdims=True)).sum() / (n * (k - 1))
        ems = (wms * n * (k - 1) - jms * (k - 1)) / ((n - 1) * (k - 1))
        expected = {
            "ICC(1,1)": (bms - wms) / (bms + (k - 1) * wms),
            "ICC(2,1)": (bms - ems) / (bms + (k - 1) * ems + k * (jms - ems) / n),
            "ICC(3,1)": (bms - ems) / (bms + (k - 1) * ems),
            "ICC(1,k)": (bms - wms) / bms,
            "ICC(2,k)": (bms - ems) / (bms + (jms - ems) / n),
            "ICC(3,k)": (bms - ems) / bms,
        }[form]
        result = icc(*long_form(y.T), form=form)
        rounding = 1e-9 + 1e-13 * (np.abs(y).max() / y.std()) ** 2
        if result.defined and abs(expected) < 1e3:
            assert result.value == pytest.approx(expected, abs=rounding, rel=rounding)


def coded(rows: list[str]) -> np.ndarray:
    return np.array([[NAN if c == "*" else float(c) for c in row] for row in rows])


# The data set `anxiety` of R's irr: three raters, twenty people.
ANXIETY = coded(["33345523522615221243", "36462424332333221334", "21443216111233113322"])
ANXIETY_ICC = {  # psych::ICC(anxiety, lmer = FALSE); irr prints .198 and -.039 to .494 for ICC(2,1)
    "ICC(1,1)": (0.175022381379, -0.0774465748655, 0.484336093819),
    "ICC(2,1)": (0.197998259356, -0.0389106260932, 0.493573945972),
    "ICC(3,1)": (0.216049382716, -0.0462578853236, 0.522259078396),
    "ICC(1,k)": (0.388925729443, -0.2749234898787, 0.738065123580),
    "ICC(2,k)": (0.425498753117, -0.1265827027095, 0.745149288545),
    "ICC(3,k)": (0.452586206897, -0.1529212866541, 0.766330800234),
}


@pytest.mark.parametrize("form", ANXIETY_ICC)
def test_reliability_of_anxiety_ratings(form: str) -> None:
    result = icc(*long_form(ANXIETY), form=form, interval="satterthwaite")
    assert (result.value, result.low, result.high) == pytest.approx(ANXIETY_ICC[form], abs=1e-10)


FORMS = ("ICC(1,1)", "ICC(2,1)", "ICC(3,1)", "ICC(1,k)", "ICC(2,k)", "ICC(3,k)")
THREE = [0, 0, 1, 1, 2, 2], [0, 1] * 3


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("interval", ["generalized", "satterthwaite"])
def test_perfect_agreement_leaves_an_intraclass_correlation_without_interval(
    form: str, interval: str
) -> None:
    found = icc(*THREE, [1, 1, 2, 2, 3, 3], form=form, interval=interval)
    assert found.value == pytest.approx(1.0)
    assert math.isnan(found.low)
    assert math.isnan(found.high)
    assert "no interval" in found.notes[-1]


@pytest.mark.parametrize("form", ["ICC(1,1)", "ICC(2,1)", "ICC(2,k)"])
def test_units_with_the_same_means_leave_no_interval_of_no_width(form: str) -> None:
    found = icc(*THREE, [1, 2, 1, 2, 1, 2], form=form)
    assert found.value <= 1e-12
    assert math.isnan(found.low)
    assert "no interval" in found.notes[-1]


def test_an_icc_outside_its_interval_says_why() -> None:
    """Raters who differ less than their noise: the variance of raters comes out negative."""
    found = icc(*THREE, [0, 1, 0, 1, 1, 0])
    assert found.value < found.low
    assert found.rater_variance < 0
    assert found.notes == ("a variance component came out negative: the estimate lies outside its interval.",)


@pytest.mark.parametrize(("table", "confidence"), [(SHROUT_FLEISS, 0.95), (SECOND, 0.8), (ANXIETY.T, 0.95)])
def test_the_generalized_interval_against_draws_of_its_chi_squares(table: list, confidence: float) -> None:
    """Each mean square is its expectation times a chi-square over its degrees of freedom: many draws of all three."""
    y = np.array(table, dtype=float)
    n, k = y.shape
    centre = y.mean()
    between = k * np.square(y.mean(axis=1) - centre).sum()
    raters = n * np.square(y.mean(axis=0) - centre).sum()
    residual = np.square(y - centre).sum() - between - raters
    rng = np.random.default_rng(0)
    b, r, e = (
        square / rng.chisquare(df, 400_000)
        for square, df in ((between, n - 1), (raters, k - 1), (residual, (n - 1) * (k - 1)))
    )
    unit, rater = (b - e) / k, (r - e) / n
    correlation = unit / (unit + rater + e)
    ends = np.quantile(correlation, [(1 - confidence) / 2, (1 + confidence) / 2])
    found = icc(*long_form(y.T), form="ICC(2,1)", confidence=confidence)
    assert (found.low, found.high) == pytest.approx(ends, abs=5e-3)
    mean = icc(*long_form(y.T), form="ICC(2,k)", confidence=confidence)
    assert (mean.low, mean.high) == pytest.approx(
        [k * c / (1 + (k - 1) * c) for c in (found.low, found.high)]
    )


def test_raters_of_two_circles_are_not_told_from_their_units() -> None:
    """Raters 0 and 1 saw three units and raters 2 and 3 three others: which circle is stricter nobody knows."""
    units, raters = np.repeat(np.arange(6), 2), np.tile([0, 1, 0, 1, 0, 1, 2, 3, 2, 3, 2, 3], 1)
    values = np.array([1.0, 2, 3, 5, 2, 2, 7, 8, 9, 9, 6, 8])
    assert two_way(ratings(units, raters, values), values) is None
    assert icc(units, raters, values, form="ICC(2,1)").undefined
    joined = two_way(ratings([*units, 0], [*raters, 2], [*values, 4.0]), np.append(values, 4.0))
    assert joined is not None


def test_mean_squares_of_one_way_are_about_the_mean_wherever_it_lies() -> None:
    """Two units of two and three ratings, 3 and 5 on average; 4.2 in all."""
    values = np.array([2.0, 4.0, 4.0, 5.0, 6.0])
    found = one_way(ratings([0, 0, 1, 1, 1], [0, 1, 0, 1, 2], values), values)
    assert found.between == pytest.approx(2 * 1.2**2 + 3 * 0.8**2)
    assert found.residual == pytest.approx((2 + 2) / 3)
    assert (found.df_between, found.df_residual, found.balanced) == (1, 3, False)
    assert found.k == pytest.approx(5 - 13 / 5)
    assert found.harmonic == pytest.approx(2 / (1 / 2 + 1 / 3))
    assert found.between_means == pytest.approx(found.harmonic * 2)
