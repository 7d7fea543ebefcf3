"""Percentiles, early stopping and goodput against MLPerf's numbers and the definition."""

from __future__ import annotations

from math import comb

import numpy as np
import pytest
from scipy import stats

from concord.stats import InputError
from concord.stats.tails import goodput, percentile, queries_needed, upper_bound


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


def test_queries_needed_against_wilks_sample_sizes() -> None:
    """Wilks (1941): one-sided tolerance limits from the largest, second and third largest of 59, 93 and 124, as for reactors."""
    assert [queries_needed(0.95, over, confidence=0.95) for over in (0, 1, 2)] == [59, 93, 124]
    assert [queries_needed(0.99, over, confidence=0.95) for over in (0, 1)] == [299, 473]
    assert queries_needed(0.9, 0, confidence=0.95) == 29


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
