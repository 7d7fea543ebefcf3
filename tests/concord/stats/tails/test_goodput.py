"""Goodput counts requests that keep all limits; its interval is Garwood's."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from concord.stats import InputError
from concord.stats.tails import goodput


def test_goodput_counts_requests_that_keep_all_limits() -> None:
    table = np.array([[0.1, 0.01], [0.3, 0.01], [0.1, 0.09], [np.nan, np.nan]])
    result = goodput(table, limit=[0.2, 0.05], duration=10.0)
    assert result.value == pytest.approx(0.1)
    assert result.n == 4
    assert (result.low, result.high) == pytest.approx((0.00253, 0.5572), abs=1e-4)  # Garwood for a count of 1
    assert goodput([], limit=1.0, duration=1.0).undefined


def test_goodput_refuses_what_cannot_be() -> None:
    for call in (
        lambda: goodput([1.0], limit=1.0, duration="a"),
        lambda: goodput([1.0], limit=1.0, duration=0),
        lambda: goodput([1.0], limit=1.0, duration=1e-320),
        lambda: goodput([1.0], limit=[[1.0], [1.0, 2.0]], duration=1.0),
        lambda: goodput([-1.0], limit=1.0, duration=1.0),
        lambda: goodput(np.ones((3, 0)), limit=[], duration=1.0),
    ):
        with pytest.raises(InputError):
            call()


@pytest.mark.parametrize(
    ("good", "low", "high"),
    [(0, 0.0, 3.69), (1, 0.0253, 5.57), (5, 1.62, 11.67), (10, 4.80, 18.39), (20, 12.22, 30.89), (50, 37.11, 65.92)],
)  # fmt: skip
def test_goodput_interval_against_garwoods_table(good: int, low: float, high: float) -> None:
    result = goodput([0.1] * good + [9.0] * 3, limit=1.0, duration=1.0)
    assert (result.low, result.high) == pytest.approx((low, high), abs=5.1e-3)


def test_goodput_interval_against_the_poisson_definition(rng: np.random.Generator) -> None:
    for good in [0, 1, 2, 10, *rng.integers(3, 500, size=20)]:
        result = goodput(np.ones(int(good) + 3) + 9 * (np.arange(good + 3) >= good), limit=2.0, duration=4.0)
        assert result.value == good / 4
        if good:
            assert stats.poisson.sf(good - 1, 4 * result.low) == pytest.approx(0.025, abs=1e-9)
        assert stats.poisson.cdf(good, 4 * result.high) == pytest.approx(0.025, abs=1e-9)


def test_a_measurement_may_be_shorter_than_a_second() -> None:
    short, long = (goodput([0.2, 0.4, 1.5, 0.3], limit=1.0, duration=d) for d in (0.25, 2.0))
    assert (short.value, short.n) == (12.0, 4)
    assert (short.low, short.high) == pytest.approx((8 * long.low, 8 * long.high))
