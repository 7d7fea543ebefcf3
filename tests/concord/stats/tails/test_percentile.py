"""Percentiles with order-statistic intervals, alone and in clusters."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from concord.stats import InputError
from concord.stats.tails import percentile, queries_needed


@pytest.mark.real_data
def test_llmfao_latencies(shared_data: Path) -> None:
    path = shared_data / "llmfao" / "results.jsonl.gz"
    if not path.exists():
        pytest.skip(f"LLMFAO is not here: {path}")
    with gzip.open(path, "rt") as file:
        duration = [json.loads(line)["duration"] for line in file]
    half, tail = (percentile(duration, q) for q in (0.5, 0.95))
    assert (half.n, half.value, tail.value) == (1133, 5107, pytest.approx(21129))
    assert half.low < 5107 < half.high < tail.low < 21129 < tail.high


def test_p99_is_refused_below_662_requests() -> None:
    short = percentile(np.arange(661.0), 0.99)
    assert np.isnan(short.value)
    assert "662" in str(short.undefined)
    assert percentile(np.arange(662.0), 0.99).defined


def test_fewer_requests_are_given_where_one_asks_for_it() -> None:
    some = np.arange(1.0, 301)
    found = percentile(some, 0.99, minimum=1)
    assert (found.value, found.high, found.n_needed) == (pytest.approx(297.01), 300.0, 299)
    assert found.notes == (
        "MLPerf's early stopping asks for 662 requests before it gives p99, here are 300.",
    )
    few = percentile(some[:298], 0.99, minimum=1)  # .99**298 is .0500
    assert (few.defined, np.isnan(few.low), few.n_needed) == (True, True, 299)
    assert "298 requests hold no interval at 95% confidence: 299 are needed" in few.notes[1]
    half = percentile([3, 1, 2, 5, 4], 0.5, minimum=5)
    assert (half.value, half.n_needed, np.isnan(half.low)) == (3.0, 6, True)  # 1 - 2 / 2**6 is .969
    assert percentile([7.0], 0.5, minimum=1).value == 7.0
    assert percentile([1.0, 2.0], 0.5, minimum=3).undefined == (
        "p50 needs at least 3 requests (as `minimum` says), got 2"
    )
    with pytest.raises(InputError, match="minimum must be at least 1"):
        percentile([1.0], 0.5, minimum=0)


def test_requests_needed_are_the_fewest_with_an_interval(rng: np.random.Generator) -> None:
    for _ in range(60):
        q, confidence = float(rng.uniform(0.02, 0.98)), float(rng.choice([0.5, 0.9, 0.95, 0.999]))
        n = percentile([1.0], q, minimum=1, confidence=confidence).n_needed
        one, two = (percentile(np.arange(m), q, minimum=1, confidence=confidence) for m in (n, n - 1))
        assert np.isfinite(one.low)
        assert np.isnan(two.low)
    assert percentile(range(1000), 0.99, confidence=0.9999).n_needed == 917  # more than MLPerf's 662


def test_order_statistic_interval_covers_what_it_says() -> None:
    for n, q in ((100, 0.5), (200, 0.9), (1000, 0.99), (5000, 0.05)):
        result = percentile(np.arange(1.0, n + 1), q)
        low, high = int(result.low), int(result.high)
        cover = stats.binom.cdf(high - 1, n, q) - stats.binom.cdf(low - 1, n, q)
        assert 0.95 <= cover < 0.985
        assert result.low < result.value < result.high


def test_percentile_ranks_against_every_pair(rng: np.random.Generator) -> None:
    """The interval is the narrowest pair of ranks that covers enough; SciPy's equal-tailed one is never narrower."""
    for _ in range(200):
        q, confidence = float(rng.uniform(0.05, 0.95)), float(rng.choice([0.8, 0.9, 0.95, 0.99]))
        n = queries_needed(max(q, 1 - q)) + int(rng.integers(0, 150))
        result = percentile(np.arange(1.0, n + 1), q, confidence=confidence)
        below = stats.binom.cdf(np.arange(0, n + 1), n, q)
        cover = below[None, :] - below[:, None]  # of ranks i + 1 and j + 1
        i, j = np.nonzero(np.triu(cover >= confidence, 1)[: n - 1, :n])
        if not len(i):
            assert np.isnan(result.low)
            assert result.notes
            continue
        low, high = int(result.low), int(result.high)
        assert high - low == (j - i).min()
        narrow = (j - i) == high - low
        assert cover[low - 1, high - 1] == pytest.approx(cover[i[narrow], j[narrow]].max(), abs=1e-12)
        peer = stats.quantile_test(np.arange(1.0, n + 1), p=q).confidence_interval(confidence)
        if np.isfinite([peer.low, peer.high]).all():
            assert high - low <= peer.high - peer.low


def test_percentile_says_where_no_interval_holds_the_confidence() -> None:
    result = percentile(range(64), 0.9, confidence=0.9999)
    assert result.value == pytest.approx(56.7)
    assert np.isnan([result.low, result.high]).all()
    assert "99.99%" in result.notes[0]


@pytest.mark.parametrize(
    ("n", "lower", "upper"), [(12, 3, 10), (17, 5, 13), (20, 6, 15), (25, 8, 18), (30, 10, 21), (40, 14, 27)]
)
def test_median_interval_against_the_table_of_the_sign_test(n: int, lower: int, upper: int) -> None:
    """The ranks that tables of the sign test give for a 95 % interval of the median (Dixon & Massey, Hahn & Meeker)."""
    result = percentile(np.arange(1.0, n + 1), 0.5)
    assert (result.low, result.high) == (lower, upper)


def test_missing_latencies_are_dropped_and_infinite_refused() -> None:
    assert percentile([np.nan] * 5, 0.5).undefined
    assert percentile([np.nan, *range(20)], 0.5).omitted == {"missing values": 1}
    with pytest.raises(InputError):
        percentile([np.inf, 1.0], 0.5)
    with pytest.raises(InputError):
        percentile([1.0], 1.0)


def test_repeats_that_are_all_alike_are_worth_one_request_each() -> None:
    """Five times the same latency of 200 prompts say what 200 latencies say, within a rank."""
    once = np.random.default_rng(4).lognormal(size=200)
    for q in (0.5, 0.9):
        alone = percentile(once, q, minimum=1)
        five = percentile(np.repeat(once, 5), q, clusters=np.repeat(np.arange(200), 5))
        ordered = np.sort(once)
        ranks = np.searchsorted(ordered, [alone.low, alone.high, five.low, five.high])
        assert abs(ranks[0] - ranks[2]) <= 2
        assert abs(ranks[1] - ranks[3]) <= 2
        assert "worth 200 independent requests" in five.method


def test_independent_requests_lose_little_by_clusters_and_clusters_know_no_order() -> None:
    rng = np.random.default_rng(5)
    values, prompt = rng.lognormal(size=600), np.repeat(np.arange(120), 5)
    alone, by_prompt = percentile(values, 0.9), percentile(values, 0.9, clusters=prompt)
    assert 0.8 < (by_prompt.high - by_prompt.low) / (alone.high - alone.low) < 1.4
    order = rng.permutation(600)
    again = percentile(values[order], 0.9, clusters=1000 - prompt[order])
    assert (again.low, again.high) == pytest.approx((by_prompt.low, by_prompt.high))
    assert again.method == by_prompt.method


def test_clusters_too_few_to_bound_a_quantile_leave_its_end_open() -> None:
    rng = np.random.default_rng(6)
    values, prompt = rng.lognormal(size=800), np.repeat(np.arange(40), 20)
    found = percentile(values, 0.99, clusters=prompt)
    assert np.isfinite(found.low)
    assert np.isnan(found.high)
    assert found.notes == ("40 clusters are too few to bound this quantile: no upper end.",)
    assert percentile(values, 0.01, clusters=prompt).notes[0].endswith("no lower end.")
    four = percentile(values, 0.5, clusters=prompt % 4)
    assert np.isnan([four.low, four.high]).all()
    assert four.notes == ("4 clusters: too few for an interval.",)
    with pytest.raises(InputError, match="clusters"):
        percentile(values, 0.5, clusters=[1, 2])


def test_percentiles_of_repeats_hold_what_they_say_against_simulation() -> None:
    """Without clusters the same studies hold the median .68 of the time."""
    rng, prompt = np.random.default_rng(7), np.repeat(np.arange(60), 5)
    covered = {0.5: [0, 0], 0.9: [0, 0]}
    for _ in range(300):
        values = np.exp(rng.normal(0, 0.5, 60)[prompt] + rng.normal(0, 0.2, 300))
        for q, times in covered.items():
            truth = float(np.exp(stats.norm.ppf(q) * np.hypot(0.5, 0.2)))
            for at, clusters in enumerate((prompt, None)):
                found = percentile(values, q, clusters=clusters)
                times[at] += found.low <= truth <= found.high
    assert all(times[0] / 300 > 0.91 for times in covered.values())
    assert covered[0.5][1] / 300 < 0.8


@pytest.mark.parametrize("q", [0.01, 0.05, 0.1])
def test_low_percentiles_need_as_many_requests_as_the_high_ones_opposite(q: float) -> None:
    """MLPerf publishes 662 for p99, 130 for p95, 64 for p90."""
    enough = {0.01: 662, 0.05: 130, 0.1: 64}[q]
    values = np.arange(float(enough))
    assert f"needs at least {enough} requests" in str(percentile(values[:-1], q).undefined)
    assert percentile(values, q).defined
    below = percentile(values[:-1], q, minimum=1)
    assert any(f"asks for {enough} requests" in note for note in below.notes)
    assert not any("asks for" in note for note in percentile(values, q, minimum=1).notes)
