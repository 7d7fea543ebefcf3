"""Requests that MLPerf's early stopping needs, against LoadGen and exact arithmetic."""

from __future__ import annotations

from math import comb

import numpy as np
import pytest
from scipy import stats

from concord.stats import InputError
from concord.stats.tails import queries_needed, upper_bound


@pytest.mark.parametrize(
    ("q", "over", "published"),
    [
        (0.9, 1, 64),
        (0.95, 1, 130),
        (0.97, 1, 219),
        (0.99, 1, 662),
        (0.999, 1, 6636),
        (0.99, 0, 459),
        (0.9, 0, 44),
        (0.95, 0, 90),
    ],
)
def test_queries_needed_against_mlperf(q: float, over: int, published: int) -> None:
    assert queries_needed(q, over) == published


# What LoadGen printed in summaries that were published with MLPerf results and bug reports: "Processed at least 64 queries
# (2048). Would discard 172 highest latency queries.", "Processed 100 queries. Would need to run at least 12471 more".
DISCARDED = [(201, 9), (659, 47), (708, 51), (2048, 172), (2116, 178), (79944, 7796), (4776846, 476158)]
SERVER = [(21, 0, 438), (300, 0, 159), (100, 100, 12471)]


@pytest.mark.parametrize(("processed", "discarded"), DISCARDED)
def test_requests_discarded_against_published_loadgen_summaries(processed: int, discarded: int) -> None:
    assert queries_needed(0.9, discarded + 1) <= processed < queries_needed(0.9, discarded + 2)
    if processed < 100_000:
        latencies = np.arange(1.0, processed + 1)
        assert upper_bound(latencies, 0.9).value == processed - discarded


@pytest.mark.parametrize(("processed", "over", "more"), SERVER)
def test_more_requests_needed_against_published_loadgen_summaries(
    processed: int, over: int, more: int
) -> None:
    assert queries_needed(0.99, over) == processed + more


@pytest.mark.parametrize(("above", "of"), [(1, 10), (1, 20), (3, 100), (1, 100)])
def test_queries_needed_against_exact_arithmetic(above: int, of: int) -> None:
    """LoadGen's h(t), the fewest requests under the limit, by whole numbers: no rounding can move a row of the table."""

    def proves(h: int, t: int) -> bool:
        n, under = h + t, of - above
        ways = sum(comb(n, x) * above**x * under ** (n - x) for x in range(t + 1))
        return 100 * ways <= of**n

    for t in (0, 1, 2, 3, 5, 10, 20):
        h = queries_needed(1 - above / of, t) - t
        assert proves(h, t)
        assert not proves(h - 1, t)


def test_queries_needed_beyond_32_bits() -> None:
    for over in (10**6, 10**9):
        expected = over + 2.3263 * np.sqrt(over * 0.99)  # the normal approximation of 1 % of the requests
        assert queries_needed(0.99, over) * 0.01 == pytest.approx(expected, rel=1e-5)
    assert queries_needed(1 - 1e-10, 0) == pytest.approx(np.log(100) * 1e10, rel=1e-6)
    with pytest.raises(InputError):
        queries_needed(0.99, 2**60)


def test_queries_needed_is_the_smallest_that_proves_it(rng: np.random.Generator) -> None:
    for _ in range(30):
        q, over = float(rng.uniform(0.5, 0.995)), int(rng.integers(0, 20))
        n = queries_needed(q, over, confidence=0.95)
        assert stats.binom.cdf(over, n, 1 - q) <= 0.05 < stats.binom.cdf(over, n - 1, 1 - q)


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


def test_exact_bound_is_the_smallest_order_statistic_that_holds(rng: np.random.Generator) -> None:
    for _ in range(200):
        q, confidence = float(rng.uniform(0.5, 0.99)), float(rng.uniform(0.8, 0.999))
        n = queries_needed(q, 0, confidence=confidence) + int(rng.integers(0, 200))
        rank = int(upper_bound(np.arange(1.0, n + 1), q, confidence=confidence, rule="exact").value)
        holds = [stats.binom.cdf(k - 1, n, q) >= confidence for k in (rank - 1, rank)]
        assert holds == [False, True]
    with pytest.raises(InputError):
        upper_bound([1.0], 0.9, rule="exactly")


def test_queries_needed_against_wilks_sample_sizes() -> None:
    """Wilks (1941): one-sided tolerance limits from the largest, second and third largest of 59, 93 and 124, as for reactors."""
    assert [queries_needed(0.95, over, confidence=0.95) for over in (0, 1, 2)] == [59, 93, 124]
    assert [queries_needed(0.99, over, confidence=0.95) for over in (0, 1)] == [299, 473]
    assert queries_needed(0.9, 0, confidence=0.95) == 29


@pytest.mark.parametrize(
    ("rule", "method"),
    [("mlperf", "MLPerf early stopping, 1 over"), ("exact", "order statistic, one-sided, 1 over")],
)
def test_a_bound_says_by_which_rule_it_was_made(rule: str, method: str) -> None:
    found = upper_bound(range(1, 65), 0.9, rule=rule)
    assert found.method == method
    assert found.value == found.high == (64 if rule == "mlperf" else 63)
