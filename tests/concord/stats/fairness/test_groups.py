"""Estimates of groups: real data, small groups kept back, and clusters."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from scipy import optimize, stats

from concord.stats import InputError
from concord.stats._normal import z_quantile
from concord.stats.comparison import clustered_proportion, difference, mean
from concord.stats.fairness import equalised_odds, gap, group_estimates
from concord.stats.fairness._rate_gaps import Answers, _level, _Shared
from concord.stats.fairness.groups import scores
from tests.concord.stats.fairness.crowd import crowd
from tests.concord.stats.real_data import read_rows


def test_group_estimates_are_clustered_means(rng: np.random.Generator) -> None:
    y, group, rater, example = crowd(rng)
    result = group_estimates(y, group, raters=rater, examples=example)
    own = mean(y[group == 0], clusters=rater[group == 0], clusters2=example[group == 0])
    assert (result[0].value, result[0].low) == pytest.approx((own.value, own.low))
    assert (result[0].n_raters, result[0].group) == (30, 0)


def test_small_groups_are_kept_back() -> None:
    result = group_estimates([1.0] * 12, [0] * 11 + [1], raters=[*range(11), 11], minimum=5)
    assert not result[0].suppressed
    assert result[1].suppressed
    assert np.isnan(result[1].value)
    assert "fewer than 5" in str(result[1].undefined)
    assert gap([1.0] * 12, [0] * 11 + [1], of=1, versus=0, minimum=5).undefined
    assert gap([1.0, 0.0], [0, 0], of=1, versus=0, minimum=1).undefined


def test_sizes_of_groups_are_told_and_what_was_not_given_is_none() -> None:
    values, groups = [1.0, 2.0, 3.0, 5.0, 9.0, np.nan], [0, 0, 1, 1, 1, 1]
    found = gap(values, groups, of=1, versus=0, minimum=2)
    assert (found.n_first, found.n_second, found.n) == (3, 2, 5)
    hidden = gap(values, groups, of=1, versus=0, minimum=3)
    assert (hidden.n_first, hidden.n_second) == (0, 0)
    alone = group_estimates(values, groups, minimum=3)
    assert [(g.suppressed, g.n_raters, g.n_examples) for g in alone] == [
        (True, None, None),
        (False, None, None),
    ]
    rated = group_estimates(values, groups, raters=[1, 2, 3, 4, 5, 6], minimum=3)
    assert [(g.n_raters, g.n_examples) for g in rated] == [(0, None), (3, None)]


def test_group_estimates_against_means_by_hand(rng: np.random.Generator) -> None:
    for _ in range(200):
        n = int(rng.integers(1, 120))
        y, group, rater = rng.normal(size=n), rng.integers(-2, 3, size=n), rng.integers(0, 12, size=n)
        y[rng.random(n) < 0.1] = np.nan
        found = {g.group: g for g in group_estimates(y, group, raters=rater, minimum=3)}
        for code in np.unique(group):
            mine = (group == code) & ~np.isnan(y)
            if not mine.any():
                assert code not in found
            elif len(np.unique(rater[mine])) < 3:
                assert found[code].suppressed
            else:
                peer = mean(y[mine], clusters=rater[mine])
                assert (found[code].value, found[code].n) == (pytest.approx(y[mine].mean()), mine.sum())
                assert (found[code].low, found[code].high) == pytest.approx((peer.low, peer.high))
                assert found[code].n_raters == len(np.unique(rater[mine]))


def test_each_group_says_what_it_lacks_and_a_suppressed_one_does_not() -> None:
    found = group_estimates([1, np.nan, 3, 4, np.nan, 6, np.nan], [0, 0, 0, 1, 1, 2, 2], minimum=2)
    assert [dict(group.omitted) for group in found] == [{"missing values": 1}, {}, {}]
    both = group_estimates([1, np.nan, 3, 4, np.nan, 6, 7], [0, 0, 0, 1, 1, 1, 1], minimum=2)
    assert [group.omitted["missing values"] for group in both] == [1, 1]
    assert gap([1, np.nan, 3, 4, np.nan, 6, 7], [0, 0, 0, 1, 1, 1, 1], of=1, versus=0, minimum=2).omitted == {
        "missing values": 2
    }


def test_a_rate_keeps_its_interval_between_0_and_1() -> None:
    rated = group_estimates([1] * 29 + [0], [0] * 30, raters=np.arange(30) // 2)[0]
    peer = clustered_proportion([1] * 29 + [0], clusters=np.arange(30) // 2)
    assert (rated.low, rated.high) == (peer.low, peer.high)
    assert rated.high <= 1
    always = group_estimates([1.0] * 20, [3] * 20)[0]
    assert always.value == always.high == 1.0
    assert 0.8 < always.low < 0.9


def test_gap_spread_against_welch_and_against_two_way_by_hand(rng: np.random.Generator) -> None:
    """Without clusters the spread is Welch's and so are the degrees of freedom; both ways it is V1 + V2 - V12."""
    for _ in range(60):
        n = rng.integers(4, 40, size=2)
        y, group = rng.normal(size=n.sum()) * 3, np.repeat([1, 0], n)
        result = gap(y, group, of=1, versus=0, minimum=2, n_resamples=50)
        welch = stats.ttest_ind(y[group == 1], y[group == 0], equal_var=False)
        assert (result.statistic, result.df) == pytest.approx((welch.statistic, welch.df), rel=1e-9)
        assert result.p_value == pytest.approx(welch.pvalue, rel=1e-9)
    rater, example = (i.ravel() for i in np.indices((30, 12)))
    group = (rater < 15).astype(int)
    y = rng.normal(size=30)[rater] + rng.normal(size=12)[example] * (1 + group) + rng.normal(size=360)
    parts = {
        name: gap(y, group, of=1, versus=0, n_resamples=50, minimum=2, **ways).standard_error ** 2
        for name, ways in {
            "raters": {"raters": rater},
            "examples": {"examples": example},
            "both": {"raters": rater, "examples": example},
            "cells": {"raters": rater * 12 + example},
        }.items()
    }
    assert parts["both"] == pytest.approx(parts["raters"] + parts["examples"] - parts["cells"], rel=1e-9)


@pytest.mark.parametrize(("raters", "nested"), [(4, True), (6, True), (3, False)])
def test_a_gap_of_few_raters_is_covered_and_agrees_with_its_test(
    rng: np.random.Generator, raters: int, nested: bool
) -> None:
    """Resamples of two raters have three values, and percentiles of these no tails: .75 was held."""
    rater, held = np.repeat(np.arange(raters), 15), []
    for _ in range(150):
        group = rater % 2 if nested else rng.integers(0, 2, size=len(rater))
        y = rng.normal(size=raters)[rater] + rng.normal(size=len(rater))
        found = gap(y, group, of=1, versus=0, raters=rater, minimum=1, n_resamples=300, rng=rng)
        held.append(found.low <= 0 <= found.high)
        assert found.p_value < 0.05 or held[-1]
    assert np.mean(held) > 0.92


def test_rates_differ_by_one_at_most(rng: np.random.Generator) -> None:
    rater, group = np.repeat(np.arange(4), 10), np.repeat([0, 1], 20)
    y = np.repeat([0, 1, 0, 1, 1, 0, 1, 1], 5)
    found = gap(y, group, of=1, versus=0, raters=rater, minimum=1, rng=rng)
    assert (found.low, found.high) == (-1.0, 1.0)
    ten = gap(y * 10, group, of=1, versus=0, raters=rater, minimum=1, rng=rng)
    assert ten.low < -10 < 10 < ten.high


def test_gap_refuses_and_says_why_there_is_none() -> None:
    y, group = np.array([1.0, 2.0, 3.0, 4.0]), [0, 0, 1, 1]
    with pytest.raises(InputError):
        gap(y, group, of=1, versus=1)
    with pytest.raises(InputError):
        gap(y, group, of=1.5, versus=0)
    assert np.isnan(gap(y, group, of=1, versus=0, raters=[0, 0, 1, 2], minimum=1).low)  # one rater alone
    assert gap([1.0, 1.0, 2.0, 2.0], group, of=1, versus=0, minimum=1).notes
    far = gap([1e139, 1e139, 1e-139, 1e-139], group, of=0, versus=1, minimum=1, measure="ratio")
    assert far.undefined
    assert gap(-y, group, of=1, versus=0, minimum=1, measure="ratio").undefined


def text_of(*results) -> str:
    return json.dumps([result.as_dict() for result in results])


def test_nothing_gives_the_numbers_of_a_small_group_away() -> None:
    """Seven people say 0.123 in a crowd of others: neither 7 nor the figure stands anywhere, nor can it be worked out."""
    values = np.concatenate([np.tile([0.0, 0.5, 1.0], 14), np.full(7, 0.123)])
    groups, raters = np.repeat([0, 1], [42, 7]), np.arange(49)
    told = group_estimates(values, groups, raters=raters)
    assert (told[1].n, told[1].n_raters, told[1].n_examples) == (0, 0, None)
    between = gap(values, groups, of=1, versus=0, raters=raters)
    assert between.n == 0
    for text in (text_of(told[1]), text_of(between)):
        assert "7" not in text
        assert "0.123" not in text
    assert between.undefined == "group 1: suppressed: fewer than 10 raters"


def test_equalised_odds_keeps_back_what_a_kept_back_rate_would_follow_from() -> None:
    actual = np.concatenate([np.tile([1, 0], 20), np.ones(3), np.zeros(30)])
    predicted = np.concatenate([np.tile([1, 0], 20), [1, 0, 0], np.zeros(30)])
    groups = np.repeat([0, 1], [40, 33])
    small = equalised_odds(predicted, actual, groups).groups[1]
    assert small.true_positive_rate.undefined == "suppressed: fewer than 10 positives"
    assert (small.n, small.true_positive_rate.n, small.positive_rate.n) == (0, 0, 0)
    assert np.isnan(small.positive_rate.value)
    assert small.false_positive_rate.n == 30
    whole = equalised_odds(predicted, actual, groups, minimum=3).groups[1]
    assert (whole.n, whole.positive_rate.value) == (33, pytest.approx(1 / 33))


def test_equalised_odds_against_rates_by_hand(rng: np.random.Generator) -> None:
    """Hardt, Price & Srebro (2016): differences and ratios of true and false positive rates."""
    for _ in range(200):
        n = int(rng.integers(20, 200))
        said, real, group = rng.integers(0, 2, n), rng.integers(0, 2, n), rng.integers(0, 4, n)
        result = equalised_odds(said, real, group, minimum=1)
        rates = [
            [
                said[(group == g) & (real == y)].mean()
                for g in np.unique(group)
                if ((group == g) & (real == y)).any()
            ]
            for y in (1, 0)
        ]
        spread = [max(r) - min(r) for r in rates if len(r) > 1]
        if spread:
            assert result.difference == pytest.approx(max(spread))
        if len(rates[0]) > 1:
            assert result.true_positive_gap == pytest.approx(spread[0])


def test_gaps_of_two_groups_are_newcombes(rng: np.random.Generator) -> None:
    """Newcombe (1998), method 10: 56/70 against 48/80 is .0524 to .3339; the size of a gap has no sign."""
    said = np.repeat([1, 0, 1, 0], [56, 14, 48, 32])
    group = np.repeat([0, 1], [70, 80])
    extra_said, extra_group = rng.integers(0, 2, 40), np.tile([0, 1], 20)
    found = equalised_odds(
        np.append(said, extra_said), np.repeat([1, 0], [150, 40]), np.append(group, extra_group)
    )
    assert found.true_positive_interval == pytest.approx((0.0524, 0.3339), abs=5e-5)
    turned = equalised_odds(
        np.append(said, extra_said), np.repeat([1, 0], [150, 40]), 1 - np.append(group, extra_group)
    )
    assert turned.true_positive_interval == found.true_positive_interval
    low, high = found.difference_interval
    assert low <= found.difference <= high


def test_rates_by_the_same_few_raters_do_not_differ_by_chance(rng: np.random.Generator) -> None:
    """Three raters of both groups: .13 of the intervals had left 0 out. By hand Student's limits, of two groups."""
    rater, away = np.repeat(np.arange(3), 20), []
    for _ in range(200):
        said = (rng.random(60) < rng.beta(1.2, 0.8, size=3)[rater]).astype(float)
        group = rng.integers(0, 2, size=60)
        found = equalised_odds(said, np.ones(60), group, clusters=rater, minimum=1)
        away.append(found.true_positive_interval[0] > 0)
    assert np.mean(away) < 0.07
    added, df = [], []
    for side in (0, 1):
        own, values = rater[group == side], said[group == side]
        sums = np.array([(values[own == r] - values.mean()).sum() for r in range(3)])
        share = np.bincount(own, minlength=3) / len(own)
        added.append(sums / np.sqrt(1 - share) / len(own))
        df.append(1 / (share @ share) - 1)
    half = stats.t.ppf(0.975, min(df)) * np.linalg.norm(added[0] - added[1])
    assert found.true_positive_interval[1] >= min(found.true_positive_gap + half, 1.0) - 1e-9


def test_levels_of_pairs_are_those_of_the_range() -> None:
    """R: qtukey(.95, k, Inf) / sqrt(2) for 2, 3, 10 and 40 groups."""
    for k, quantile in ((2, 1.959964), (3, 2.343701), (10, 3.163684), (40, 3.887627)):
        assert z_quantile(_level(0.95, k)) == pytest.approx(quantile, abs=2e-5)


def test_a_gap_of_many_equal_groups_includes_zero_and_clusters_widen_it(rng: np.random.Generator) -> None:
    group = np.repeat(np.arange(12), 40)
    person = np.arange(480) // 8
    lean = rng.normal(size=60)[person]
    said = (rng.normal(size=480) + lean > 0).astype(float)
    alone = equalised_odds(said, np.ones(480), group)
    clustered = equalised_odds(said, np.ones(480), group, clusters=person, minimum=5)
    assert alone.true_positive_gap == clustered.true_positive_gap
    assert clustered.true_positive_interval[0] == 0.0
    assert clustered.true_positive_interval[1] > alone.true_positive_interval[1]
    assert np.isnan(alone.false_positive_interval).all()
    kept = equalised_odds(said, np.ones(480), group, clusters=person, minimum=6)
    assert kept.groups[0].true_positive_rate.undefined == "suppressed: fewer than 6 clusters of positives"
    assert np.isnan(kept.true_positive_interval).all()


def test_the_normal_limit_of_a_gap_agrees_with_its_resamples(rng: np.random.Generator) -> None:
    import importlib

    module = importlib.import_module("concord.stats.fairness.gap")

    group = rng.integers(0, 2, size=60_000)
    values = rng.gamma(2.0, size=60_000) + group
    limit = module.gap(values, group, of=1, versus=0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "normal_limit_holds", lambda _: False)
        drawn = module.gap(values, group, of=1, versus=0, n_resamples=400)
    assert limit.standard_error == drawn.standard_error
    assert limit.low == pytest.approx(drawn.low, abs=0.4 * drawn.standard_error)
    assert limit.high == pytest.approx(drawn.high, abs=0.4 * drawn.standard_error)


def test_a_gap_over_raters_and_examples_weighs_each_value_by_both_draws(rng: np.random.Generator) -> None:
    from concord.stats.fairness.gap import _resampled, _Sample

    value, second = rng.normal(size=300), rng.integers(0, 2, size=300)
    rater, example = rng.integers(0, 9, size=300), rng.integers(0, 40, size=300)
    rater[:9], example[:40] = np.arange(9), np.arange(40)
    sample = _Sample(value, second, (("raters", rater), ("examples", example)))
    found = _resampled(sample, 20, np.random.default_rng(3))
    again = np.random.default_rng(3)
    for row in found:
        by_rater = np.bincount(again.integers(9, size=9), minlength=9)
        by_example = np.bincount(again.integers(40, size=40), minlength=40)
        weight = by_rater[rater] * by_example[example]
        means = [np.average(value[second == g], weights=weight[second == g]) for g in (0, 1)]
        assert row == pytest.approx(np.array(means), rel=1e-12)


def test_a_ratio_of_groups_by_hand_on_the_log_scale_with_halls_bend(rng: np.random.Generator) -> None:
    own = rng.lognormal(size=24)
    rater, group = np.repeat(np.arange(24), 5), np.repeat(np.arange(24) % 3 == 0, 5).astype(int)
    found = gap(np.repeat(own, 5), group, of=1, versus=0, raters=rater, measure="ratio", minimum=2, rng=rng)
    parts = [own[np.arange(24) % 3 == 0], own[np.arange(24) % 3 > 0]]
    squares = [p.var(ddof=1) / len(p) / p.mean() ** 2 for p in parts]
    df = sum(squares) ** 2 / sum(v**2 / (len(p) - 1) for v, p in zip(squares, parts, strict=True))
    error, t = np.sqrt(sum(squares)), stats.t.ppf(0.975, df)
    assert (found.standard_error, found.df) == pytest.approx((error, df))
    added = np.concatenate(
        [(p - p.mean()) / len(p) / p.mean() * s for p, s in zip(parts, (1, -1), strict=True)]
    )
    k = (added**3).sum() / (added**2).sum() ** 1.5

    def bent(log_ratio: float) -> float:
        statistic = (np.log(found.value) - log_ratio) / error
        return statistic + k / 3 * statistic**2 + k**2 / 27 * statistic**3 + k / 6

    centre = np.log(found.value)
    low = optimize.brentq(lambda r: bent(r) - t, centre - 30 * error, centre)
    high = optimize.brentq(lambda r: bent(r) + t, centre, centre + 30 * error)
    ends = min(low, centre - t * error), max(high, centre + t * error)
    assert np.log([found.low, found.high]) == pytest.approx(ends)


def test_limits_of_rates_with_shared_raters_reach_as_far_as_the_fewer_of_them_tell() -> None:
    said = np.array([1.0, 0, 1, 1, 0, 1]), np.array([0.0, 0, 1, 0, 0, 1, 0, 1, 1, 0])
    by = np.array([0, 0, 1, 1, 2, 2]), np.array([0, 0, 1, 2, 2, 3, 3, 4, 4, 4])
    error = difference(*said, clusters_a=by[0], clusters_b=by[1], method="t").standard_error
    both = _Shared.of([Answers(*side) for side in zip(said, by, strict=True)])
    assert both.df == pytest.approx([2.0, 1 / 0.22 - 1])
    assert both.reach(0.95)[0, 1] == pytest.approx(stats.t.ppf(0.975, 2) * error)
    alone = _Shared.of([Answers(said[0], np.zeros(6, dtype=int)), Answers(said[1], by[1])])
    assert alone.df[0] == 0
    assert alone.reach(0.95)[0, 1] == pytest.approx(stats.t.ppf(0.975, 1 / 0.22 - 1) * alone.error[0, 1])


@pytest.mark.real_data
def test_popquorn_means_by_race(shared_data: Path) -> None:
    rows = read_rows(shared_data / "popquorn_offensiveness" / "ratings.csv.gz")
    races = sorted({row["race"] for row in rows})
    people = {user: i for i, user in enumerate({row["user_id"] for row in rows})}
    found = group_estimates(
        [float(row["offensiveness"]) for row in rows],
        [races.index(row["race"]) for row in rows],
        raters=[people[row["user_id"]] for row in rows],
    )
    means = {races[group.group]: group for group in found}
    published = {"Black or African American": (2.110, 34), "Asian": (1.903, 19), "White": (1.846, 197)}
    for race, (value, n_raters) in published.items():
        assert means[race].value == pytest.approx(value, abs=5.1e-4)
        assert means[race].n_raters == n_raters


def test_every_anonymous_rating_is_of_a_rater_of_its_own() -> None:
    found = scores([1.0, 2.0, np.nan, 4.0, 5.0], [0, 0, 0, 1, 1], [7, -1, -1, 2, -1], None)
    assert found.rater is not None
    assert len(set(found.rater.tolist())) == 4
    assert found.rater[[0, 2]].tolist() == [7, 2]
    assert min(found.rater[[1, 3]]) > 7
    assert found.missing.tolist() == [0]
    assert found.example is None
    known = scores([1.0, 2.0], [0, 1], [3, 4], [5, 6])
    assert known.rater is not None
    assert known.example is not None
    assert (known.rater.tolist(), known.example.tolist()) == ([3, 4], [5, 6])
