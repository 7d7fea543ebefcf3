"""Shares of clustered answers: bounded, right where the answer is known, and covering what they say."""

from __future__ import annotations

import numpy as np
import pytest

from concord.stats import InputError
from concord.stats._binomial import effective_number_of_clusters, wilson
from concord.stats.comparison import clustered_proportion, mean, proportion


def test_without_clusters_it_is_close_to_wilsons_interval() -> None:
    values = np.repeat([1.0, 0.0], [30, 70])
    mine, wilson = clustered_proportion(values), proportion(30, 100)
    assert mine.value == pytest.approx(0.3)
    assert (mine.low, mine.high) == pytest.approx((wilson.low, wilson.high), abs=0.004)


def test_answers_repeated_within_a_cluster_bring_nothing() -> None:
    once = np.array([1.0, 0, 0, 1, 0, 0, 1, 0, 0, 0] * 5)
    mine = clustered_proportion(np.repeat(once, 4), clusters=np.repeat(np.arange(50), 4))
    alone = clustered_proportion(once)
    assert (mine.low, mine.high) == pytest.approx((alone.low, alone.high), abs=1e-9)


@pytest.mark.parametrize("same", [0.0, 1.0])
def test_where_nothing_varies_each_cluster_is_one_answer(same: float) -> None:
    mine = clustered_proportion(np.full(40, same), clusters=np.repeat(np.arange(8), 5))
    wilson = proportion(int(8 * same), 8)
    assert (mine.value, mine.low, mine.high) == pytest.approx((same, wilson.low, wilson.high))


def test_slips_alone_are_worth_no_more_answers_than_there_are_examples() -> None:
    """12 raters, 60 examples none of which is truly rare, 4 slips: their spread would be worth 720 answers, and miss .02."""
    values = np.zeros((60, 12))
    values[[0, 1, 2, 3], [0, 1, 2, 3]] = 1
    examples, raters = (axis.ravel() for axis in np.indices(values.shape))
    seen = 4 / 720
    for found in (
        clustered_proportion(values.ravel(), clusters=examples),
        clustered_proportion(values.ravel(), clusters=examples, clusters2=raters),
        clustered_proportion(values.mean(axis=1)),
    ):
        assert (found.value, "effective n 60" in found.method) == (pytest.approx(seen), True)
        centre = (seen + 1.959964**2 / 120) / (1 + 1.959964**2 / 60)  # Wilson's at 60
        assert (found.low + found.high) / 2 == pytest.approx(centre, abs=1e-6)
        assert found.high > 0.02


@pytest.mark.parametrize(("yes", "fade"), [(1, 1.0), (3, 1.0), (4.5, 0.5), (6, 0.0), (12, 0.0)])
def test_many_answers_to_an_example_count_where_both_were_often_seen(yes: float, fade: float) -> None:
    """Of 24 on each of 32 examples, `yes` say so, give or take one: V = s^2 / 32, and half an example where that is rare."""
    each = (yes + np.tile([-1.0, 1.0], 16)) / 24 + 0.0
    found = clustered_proportion(each)
    share = yes / 24
    variance = (32 / 31 / 576) / 32 + fade / 2 * (1 - share) ** 2 / 32**2
    t = 2.039513  # of 31 degrees of freedom
    n = max(share * (1 - share) / variance * (1.959964 / t) ** 2, 32)
    half = np.sqrt(share * (1 - share) / n + 1.959964**2 / (4 * n * n)) * 1.959964 / (1 + 1.959964**2 / n)
    assert found.value == pytest.approx(share)
    assert found.high - found.low == pytest.approx(2 * half, rel=1e-5)


def test_it_stays_within_0_and_1_where_a_t_interval_does_not() -> None:
    mine = clustered_proportion([1, 1, 0, 0, 0, 0], clusters=[0, 0, 1, 1, 2, 2])
    assert 0 <= mine.low < mine.value < mine.high <= 1


def test_nothing_is_undefined_and_a_percentage_is_refused() -> None:
    assert clustered_proportion([np.nan]).undefined
    with pytest.raises(InputError, match="0, 1"):
        clustered_proportion([30, 70])


@pytest.mark.parametrize(("clusters", "share"), [(30, 0.1), (30, 0.5), (100, 0.03)])
def test_its_coverage_against_simulation(clusters: int, share: float) -> None:
    """Beta-binomial clusters of five with an intraclass correlation of 0.3: the true share is inside about 95 % of intervals."""
    rng = np.random.default_rng(5)
    spread = 1 / 0.3 - 1
    inside = 0
    for _ in range(400):
        each = rng.beta(share * spread, (1 - share) * spread, clusters)
        found = clustered_proportion(
            (rng.random((clusters, 5)) < each[:, None]).astype(float).ravel(),
            clusters=np.repeat(np.arange(clusters), 5),
        )
        inside += found.low <= share <= found.high
    assert 0.92 <= inside / 400 <= 0.99


@pytest.mark.parametrize(("n_examples", "n_raters"), [(40, 5), (4, 60), (30, 2)])
def test_two_ways_lack_a_sixth_of_a_rater_who_always_says_the_rarer(n_examples: int, n_raters: int) -> None:
    """Put together by hand: the two-way error, what it lacks where raters differ, and Wilson's interval at what that is worth."""
    rng = np.random.default_rng(n_raters)
    example, rater = (axis.ravel() for axis in np.indices((n_examples, n_raters)))
    chance = 0.25 + 0.2 * rng.normal(size=n_raters)[rater] + 0.1 * rng.normal(size=n_examples)[example]
    values = (rng.random(len(example)) < chance).astype(float)
    plain = mean(values, clusters=example, clusters2=rater)
    share, (few, g) = plain.value, min(((rater, n_raters), (example, n_examples)), key=lambda way: way[1])
    by_few = mean(values, clusters=few).standard_error ** 2
    lacking = max(share, 1 - share) * np.sqrt(by_few / (6 * g * share * (1 - share)))
    error = np.hypot(plain.standard_error, lacking)
    worth = effective_number_of_clusters(share, error, plain.df, n_examples, 0.95)
    found = clustered_proportion(values, clusters=example, clusters2=rater)
    assert (found.low, found.high) == pytest.approx(wilson(share, worth, 0.95))
    assert f"effective n {worth:.0f}" in found.method
    assert found.standard_error == pytest.approx(plain.standard_error)
    alone = clustered_proportion(values, clusters2=rater)
    one_way = mean(values, clusters2=rater)
    worth = effective_number_of_clusters(share, one_way.standard_error, one_way.df, n_raters, 0.95)
    assert (alone.low, alone.high) == pytest.approx(wilson(share, worth, 0.95))


def test_what_was_taken_for_how_many_answers_is_said() -> None:
    every = clustered_proportion(np.ones(6), clusters=[0, 0, 0, 1, 1, 1])
    assert every.notes == ("no spread between clusters could be seen: taken for 2 independent answers.",)
    one = clustered_proportion(np.ones(3), clusters=[4, 4, 4])
    assert one.notes == ("no spread between clusters could be seen: taken for one answer.",)
    plain = clustered_proportion(np.zeros(5))
    assert plain.notes == ("no spread between answers could be seen: taken for 5 independent answers.",)
    ways = clustered_proportion(np.ones(12), clusters=np.arange(12) // 2, clusters2=np.arange(12) % 2)
    assert "2 independent answers" in ways.notes[-1]  # of two raters these count, not six examples
    three = clustered_proportion(np.ones(12), clusters=np.arange(12) // 2, clusters2=np.arange(12) % 3)
    assert "6 independent answers" in three.notes[-1]
