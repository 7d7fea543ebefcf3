"""Intervals from resamples: percentiles with Student's tails, and Efron's correction for bias and skewness."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from concord.stats._intervals import acceleration, bca_interval, percentile_interval, too_little, widened_z
from concord.stats._normal import t_quantile, t_two_sided, z_quantile


def test_quantiles_and_tails_are_scipys() -> None:
    assert z_quantile(0.9) == pytest.approx(stats.norm.isf(0.05))
    assert t_quantile(0.9, 3.5) == pytest.approx(stats.t.isf(0.05, 3.5))
    assert t_quantile(0.9, math.inf) == z_quantile(0.9)
    assert t_two_sided(-2.0, 5.0) == pytest.approx(2 * stats.t.sf(2.0, 5))
    assert t_two_sided(2.0, math.inf) == pytest.approx(2 * stats.norm.sf(2.0))
    assert math.isnan(t_two_sided(math.nan, 5.0))
    assert math.isnan(t_two_sided(2.0, math.nan))


def test_few_units_widen_the_tails_as_hesterberg_says() -> None:
    assert widened_z(0.95, 10) == pytest.approx(math.sqrt(10 / 9) * stats.t.isf(0.025, 9))
    assert widened_z(0.95, 2) == pytest.approx(math.sqrt(2) * stats.t.isf(0.025, 1))
    assert widened_z(0.95, None) == widened_z(0.95, 1.9) == z_quantile(0.95)


def test_percentiles_of_what_is_finite() -> None:
    drawn = np.array([*range(1001), np.nan, np.inf, -np.inf], dtype=float)
    assert percentile_interval(drawn, 0.9) == pytest.approx((50, 950))
    tail = stats.norm.cdf(-math.sqrt(6 / 5) * stats.t.isf(0.05, 5))
    assert percentile_interval(drawn, 0.9, n=6) == pytest.approx((1000 * tail, 1000 - 1000 * tail))
    assert percentile_interval(np.array([1.0, 3.0]), 0.5) == pytest.approx((1.5, 2.5))
    assert np.isnan(percentile_interval(np.array([1.0, np.nan]), 0.5)).all()
    assert too_little(1, 100, "example") == "one example: no interval."
    assert too_little(2, 2) is None
    assert too_little(2, 1) == "fewer than two resamples to go by: no interval."


def test_acceleration_is_a_sixth_of_the_skewness_of_what_units_do() -> None:
    """Efron (1987): the sum of cubes over six times the sum of squares to 3/2, of the mean less each value without a unit."""
    without = np.array([1.0, 2.0, 2.5, 7.0])
    away = without.mean() - without
    assert acceleration(without) == pytest.approx((away**3).sum() / (6 * (away**2).sum() ** 1.5))
    assert acceleration(without * 1e120) == pytest.approx(acceleration(without))
    times = np.array([3, 1, 2, 1])
    assert acceleration(without, times) == pytest.approx(acceleration(np.repeat(without, times)))
    assert acceleration(np.append(without, np.nan), np.append(times, 5)) == pytest.approx(
        acceleration(without, times)
    )
    assert acceleration(np.array([3.0, 3.0])) == 0.0
    assert acceleration(np.array([3.0])) == acceleration(np.array([np.nan, 1.0])) == 0.0


@pytest.mark.parametrize("skew", [0.0, 0.08, -0.05])
def test_efrons_interval_by_its_formula(skew: float) -> None:
    rng = np.random.default_rng(2)
    drawn = rng.gamma(4, size=4001)
    value = 3.5
    bias = stats.norm.ppf((drawn < value).mean())
    ends = [bias + (bias + z) / (1 - skew * (bias + z)) for z in (-1.644854, 1.644854)]
    expected = np.quantile(drawn, stats.norm.cdf(ends))
    assert bca_interval(value, np.append(drawn, np.nan), 0.9, skew=skew) == pytest.approx(expected, rel=1e-6)
    assert np.isnan(bca_interval(value, drawn[:1], 0.9, skew=skew)).all()


def test_resamples_that_are_the_value_lie_half_below_it() -> None:
    """Counts: most resamples are the value itself, some but for rounding."""
    drawn = np.repeat([2.0, 3.0, 4.0], [100, 800, 100]) + np.tile([0.0, 1e-15], 500)
    assert bca_interval(3.0, drawn, 0.9, skew=0.0) == pytest.approx(
        np.quantile(drawn, [0.05, 0.95]), abs=1e-9
    )
    apart = np.repeat([3 - 1e-8, 3 + 1e-8], [300, 700])  # no rounding, where resamples hardly differ at all
    found = bca_interval(3.0, apart, 0.5, skew=0.0)
    bias = stats.norm.ppf(0.3)
    tails = stats.norm.cdf([2 * bias - 0.674490, 2 * bias + 0.674490])
    assert found == pytest.approx(np.quantile(apart, tails), abs=1e-12)
