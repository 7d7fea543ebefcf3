"""Hall's bend: its polynomial and inverse, the skewness that it takes off, and ends that are never drawn in."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from concord.stats._clustered import Variance
from concord.stats._skewness import Bend, bend_of, bend_of_parts, opened, opened_p_value


def test_the_bend_is_halls_polynomial_and_its_inverse() -> None:
    bend = Bend(0.2)
    assert bend.forth(1.5) == pytest.approx(1.5 + 0.2 * 2.25 + 0.04 * 3.375 / 3 + 0.1)
    assert bend.forth(-1.5) == pytest.approx(-1.5 + 0.2 * 2.25 - 0.04 * 3.375 / 3 + 0.1)
    for statistic in (-4.0, -0.3, 0.0, 2.5):
        assert bend.back(bend.forth(statistic)) == pytest.approx(statistic)
    assert Bend(0.0).back(1.7) == Bend(1e-9).back(1.7) == 1.7
    assert Bend(1e-6).back(1.7) != 1.7
    assert Bend(-0.2).forth(-1.5) == pytest.approx(-bend.forth(1.5))


def test_the_slope_is_a_third_of_the_skewness_of_the_mean() -> None:
    rng = np.random.default_rng(1)
    values = rng.exponential(size=50)
    skewness = stats.skew(values) / math.sqrt(50)
    assert bend_of(values, np.ones(50), None).slope == pytest.approx(skewness / 3)
    assert bend_of(values * 1e130, np.full(50, 3.0), None).slope == pytest.approx(skewness / 3)
    weight, cluster = rng.uniform(1, 2, 50), rng.integers(0, 9, 50)
    part = weight / weight.sum()
    sums = np.bincount(cluster, part * (values - part @ values))
    slope = (sums**3).sum() / (sums**2).sum() ** 1.5 / 3
    assert bend_of(values, weight, cluster * 5).slope == pytest.approx(slope)
    assert bend_of_parts(np.zeros(4)).slope == 0.0


@pytest.mark.parametrize("slope", [0.15, -0.15, 0.0])
def test_no_end_is_drawn_in(slope: float) -> None:
    bend, variance = Bend(slope), Variance(0.25, 9.0, 10)
    t = stats.t.isf(0.025, 9)
    low, high = opened(3.0, variance, bend, 0.95)
    assert low == pytest.approx(3 - 0.5 * max(t, bend.back(t)))
    assert high == pytest.approx(3 + 0.5 * max(t, -bend.back(-t)))
    assert (low < 3 - 0.5 * t - 1e-9) == (slope < 0)
    assert (high > 3 + 0.5 * t + 1e-9) == (slope > 0)
    # A null at an end has the p-value of the end.
    for null in (low, high):
        assert opened_p_value((3 - null) / 0.5, variance, bend) == pytest.approx(0.05)
    assert opened_p_value(0.7, variance, bend) >= 2 * stats.t.sf(0.7, 9)
