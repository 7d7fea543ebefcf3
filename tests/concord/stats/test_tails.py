"""Percentiles, early stopping and goodput against MLPerf's numbers and the definition."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from concord.stats import InputError
from concord.stats.tails import goodput, percentile, queries_needed, upper_bound


@pytest.mark.parametrize(
    ("q", "over", "published"), [(0.9, 1, 64), (0.99, 1, 662), (0.99, 0, 459), (0.9, 0, 44), (0.95, 0, 90)]
)
def test_queries_needed_against_mlperf(q: float, over: int, published: int) -> None:
    assert queries_needed(q, over) == published


def test_queries_needed_is_the_smallest_that_proves_it(rng: np.random.Generator) -> None:
    for _ in range(30):
        q, over = float(rng.uniform(0.5, 0.995)), int(rng.integers(0, 20))
        n = queries_needed(q, over, confidence=0.95)
        assert stats.binom.cdf(over, n, 1 - q) <= 0.05 < stats.binom.cdf(over, n - 1, 1 - q)


def test_p99_is_refused_below_662_requests() -> None:
    short = percentile(np.arange(661.0), 0.99)
    assert np.isnan(short.value)
    assert "662" in str(short.undefined)
    assert percentile(np.arange(662.0), 0.99).defined


def test_order_statistic_interval_covers_what_it_says() -> None:
    for n, q in ((100, 0.5), (200, 0.9), (1000, 0.99), (5000, 0.05)):
        result = percentile(np.arange(1.0, n + 1), q)
        low, high = int(result.low), int(result.high)
        cover = stats.binom.cdf(high - 1, n, q) - stats.binom.cdf(low - 1, n, q)
        assert 0.95 <= cover < 0.985
        assert result.low < result.value < result.high


def test_upper_bound_is_mlperfs_estimate() -> None:
    values = np.arange(1.0, 1001.0)
    result = upper_bound(values, 0.9)
    over = max(t for t in range(1, 200) if queries_needed(0.9, t) <= 1000)
    assert result.value == 1000 - over + 1
    assert upper_bound(values[:63], 0.9).undefined
    assert (
        upper_bound(values, 0.99).value
        == 1000 - max(t for t in range(1, 9) if queries_needed(0.99, t) <= 1000) + 1
    )


def test_missing_latencies_are_dropped_and_infinite_refused() -> None:
    assert percentile([np.nan] * 5, 0.5).undefined
    assert percentile([np.nan, *range(20)], 0.5).omitted == {"missing values": 1}
    with pytest.raises(InputError):
        percentile([np.inf, 1.0], 0.5)
    with pytest.raises(InputError):
        percentile([1.0], 1.0)


def test_goodput_counts_requests_that_keep_all_limits() -> None:
    table = np.array([[0.1, 0.01], [0.3, 0.01], [0.1, 0.09], [np.nan, np.nan]])
    result = goodput(table, limit=[0.2, 0.05], duration=10.0)
    assert result.value == pytest.approx(0.1)
    assert result.n == 4
    assert (result.low, result.high) == pytest.approx((0.00253, 0.5572), abs=1e-4)  # Garwood for a count of 1
    assert goodput([], limit=1.0, duration=1.0).undefined
