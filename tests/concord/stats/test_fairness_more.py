"""Fairness against R, statsmodels and definitions by hand on random sets; what small groups keep to themselves."""

from __future__ import annotations

import json
from itertools import pairwise

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import integrate, optimize, stats
from statsmodels.stats.contingency_tables import StratifiedTable

from concord.stats import InputError
from concord.stats._normal import z_quantile
from concord.stats.comparison import clustered_proportion, difference, mean
from concord.stats.fairness import (
    equalised_odds,
    gap,
    group_estimates,
    in_group_agreement,
    intersections,
    logistic_dif,
    mantel_haenszel_dif,
)
from concord.stats.fairness._cell_noise import cell_noise
from concord.stats.fairness._rate_gaps import Answers, _level, _Shared

# UCBAdmissions of R: department by (men admitted, men rejected, women admitted, women rejected).
BERKELEY = [
    (512, 313, 89, 19),
    (353, 207, 17, 8),
    (120, 205, 202, 391),
    (138, 279, 131, 244),
    (53, 138, 94, 299),
    (22, 351, 24, 317),
]


def berkeley() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rows = [
        (admitted, group, department)
        for department, counts in enumerate(BERKELEY)
        for (group, admitted), times in zip([(1, 1), (1, 0), (0, 1), (0, 0)], counts, strict=True)
        for _ in range(times)
    ]
    admitted, man, department = np.array(rows).T
    return admitted, man, department


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


def test_berkeley_admissions_against_r() -> None:
    """R: mantelhaen.test(UCBAdmissions), and with correct = FALSE."""
    result = mantel_haenszel_dif(*berkeley())
    assert (result.value, result.low, result.high) == pytest.approx(
        (0.904696828259, 0.771907361759, 1.060329764437), abs=1e-11
    )
    assert (result.statistic, result.p_value) == pytest.approx((1.52460666044, 0.216923697056), abs=1e-11)
    corrected = mantel_haenszel_dif(*berkeley(), continuity=True)
    assert (corrected.statistic, corrected.p_value) == pytest.approx(
        (1.42694622859, 0.232263462817), abs=1e-11
    )
    assert result.ets_class == "A"
    assert result.n == 4526


def test_mantel_haenszel_against_statsmodels_on_random_sets(rng: np.random.Generator) -> None:
    """Empty cells, levels with one group only and missing answers included."""
    compared = 0
    for _ in range(250):
        n, levels = int(rng.integers(10, 200)), int(rng.integers(1, 8))
        group, level = rng.integers(0, 2, size=n), rng.integers(0, levels, size=n)
        right = (rng.random(n) < rng.uniform(0.2, 0.8)).astype(float)
        right[rng.random(n) < 0.1] = np.nan
        known = ~np.isnan(right)
        result = mantel_haenszel_dif(right, group, level * 7 - 3)
        tables = [
            [[np.sum(known & (level == s) & (group == g) & (right == y)) for y in (1, 0)] for g in (1, 0)]
            for s in range(levels)
        ]
        used = [table for table in tables if np.sum(table) > 1]
        if not result.defined:
            assert all(t[0][0] * t[1][1] == 0 for t in used) or all(t[0][1] * t[1][0] == 0 for t in used)
            continue
        peer = StratifiedTable([np.array(table, dtype=float) for table in used])
        assert result.value == pytest.approx(peer.oddsratio_pooled, rel=1e-9)
        assert (result.low, result.high) == pytest.approx(peer.oddsratio_pooled_confint(), rel=1e-9)
        away = sum(t[0][0] - (t[0][0] + t[0][1]) * (t[0][0] + t[1][0]) / np.sum(t) for t in used)
        for continuity in (False, True):
            tested = mantel_haenszel_dif(right, group, level, continuity=continuity)
            # Less than half an answer away from chance there is nothing to take off (R), or it would count twice.
            expected = peer.test_null_odds(correction=continuity and abs(away) >= 0.5)
            assert tested.statistic == pytest.approx(expected.statistic, rel=1e-9, abs=1e-12)
        assert result.omitted == ({"missing values": int((~known).sum())} if (~known).any() else {})
        compared += 1
    assert compared >= 200


def test_logistic_dif_against_r() -> None:
    """R: glm(case ~ spontaneous + (induced > 0), binomial, infert) and likelihood-ratio tests; here without the data set:
    the table of infert by spontaneous, induced > 0 and case.
    """
    table = {
        (0, 0): (47, 6),
        (0, 1): (66, 22),
        (1, 0): (26, 28),
        (1, 1): (14, 3),
        (2, 0): (10, 15),
        (2, 1): (2, 9),
    }
    rows = [
        (case, g, s)
        for (s, g), (no, yes) in table.items()
        for case, times in ((0, no), (1, yes))
        for _ in range(times)
    ]
    y, g, s = np.array(rows).T
    fits = [
        sm.Logit(y, sm.add_constant(np.column_stack(columns))).fit(disp=0, tol=1e-13)
        for columns in ([s], [s, g], [s, g, s * g])
    ]
    result = logistic_dif(y, g, s)
    assert result.log_odds == pytest.approx(fits[1].params[2], abs=1e-9)
    assert (result.low, result.high) == pytest.approx(tuple(fits[1].conf_int()[2]), abs=1e-8)
    assert result.both_p == pytest.approx(stats.chi2.sf(2 * (fits[2].llf - fits[0].llf), 2), rel=1e-8)


def test_logistic_dif_against_statsmodels_on_random_sets(rng: np.random.Generator) -> None:
    compared = 0
    for _ in range(220):
        n = int(rng.integers(40, 300))
        score = rng.normal(rng.uniform(-5, 5), rng.uniform(0.1, 20), size=n)
        group = rng.integers(0, 2, size=n)
        z = (score - score.mean()) / score.std()
        y = (rng.random(n) < 1 / (1 + np.exp(-(z + rng.normal() * group)))).astype(float)
        missing = rng.random(n) < 0.1
        y[missing] = np.nan
        result = logistic_dif(y, group, score)
        kept, z, g = y[~missing], z[~missing], group[~missing]
        if not result.undefined:
            fits = [
                sm.Logit(kept, sm.add_constant(np.column_stack(columns))).fit(
                    disp=0, method="newton", tol=1e-13
                )
                for columns in ([z], [z, g], [z, g, z * g])
            ]
            assert result.log_odds == pytest.approx(fits[1].params[2], abs=1e-9)
            assert (result.low, result.high) == pytest.approx(tuple(fits[1].conf_int()[2]), abs=1e-9)
            chi = [2 * (b.llf - a.llf) for a, b in pairwise(fits)]
            assert result.uniform_p == pytest.approx(stats.chi2.sf(chi[0], 1), abs=1e-9)
            assert result.non_uniform_p == pytest.approx(stats.chi2.sf(chi[1], 1), abs=1e-9)
            assert result.n == len(kept)
            compared += 1
    assert compared >= 200


def test_logistic_dif_tells_separation_from_steep_and_says_what_is_missing(rng: np.random.Generator) -> None:
    x, g = rng.normal(size=60), np.arange(60) % 2
    for y in (x > 0, (x > 0) | (g == 1), g, np.where(g == 1, 1, rng.integers(0, 2, 60))):
        assert "separated" in str(logistic_dif(y, g, x).undefined)
    score = np.tile([-40.0, -30.0, -1.0, -0.5, 0.5, 1.0, 30.0, 40.0], 8)
    steep = np.tile(
        [0, 0, 0, 1, 0, 1, 1, 1], 8
    )  # overlaps around 0 only: log-odds beyond 20 at the ends, yet a maximum
    assert logistic_dif(steep, np.arange(64) // 8 % 2, score).log_odds == pytest.approx(0.0, abs=1e-9)
    assert "both groups" in str(logistic_dif(rng.integers(0, 2, 60), g * 0, x).undefined)
    assert "scores" in str(logistic_dif(rng.integers(0, 2, 60), g, np.where(g == 1, 1.0, x)).undefined)


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


def test_noise_of_cells_by_an_analysis_of_variance_written_out(rng: np.random.Generator) -> None:
    """Both components by their expected squares, and what clusters in several cells do to all; even clusters are v / m."""
    from concord.stats.fairness._cell_noise import cell_noise

    cell, cluster = rng.integers(0, 3, size=80), rng.integers(0, 6, size=80) ** 2 // 4
    y = rng.normal(size=80) + 2 * rng.normal(size=7)[cluster]
    units = sorted({(int(h), int(g)) for h, g in zip(cell, cluster, strict=True)})
    own = {unit: y[(cell == unit[0]) & (cluster == unit[1])] for unit in units}
    raw = [y[cell == h].mean() for h in range(3)]
    inside = sum(((v - v.mean()) ** 2).sum() for v in own.values()) / (80 - len(units))
    squares = sum(len(v) * (v.mean() - raw[h]) ** 2 for (h, _), v in own.items())
    share = np.array([[np.mean(cluster[cell == h] == g) for g in range(7)] for h in range(3)])
    n = np.bincount(cell)
    between = (squares - (len(units) - 3) * inside) / (n * (1 - (share**2).sum(axis=1))).sum()
    assert between > 0
    together = np.mean([share[i] @ share[j] for i in range(3) for j in range(3) if i != j])
    found = cell_noise(y, cell, cluster, 3)
    assert found.common == pytest.approx(between * together)
    assert found.own == pytest.approx(inside / n + between * ((share**2).sum(axis=1) - together))
    even = np.repeat(np.arange(12), 4)
    z = rng.normal(size=12)[even] * 3 + rng.normal(size=48)
    means = z.reshape(12, 4).mean(axis=1).reshape(3, 4)
    same = cell_noise(z, even // 4, even, 3)
    assert same.own == pytest.approx(means.var(axis=1, ddof=1).mean() / 4)
    assert (same.common, same.df) == (0.0, pytest.approx(9.0))


@pytest.mark.parametrize("crossed", [False, True])
def test_cells_of_one_large_rater_are_covered(rng: np.random.Generator, crossed: bool) -> None:
    """The rater with most answers decides the cell (.68 was held), or moves all cells together (.52)."""
    held = []
    rater = np.repeat(np.arange(12), [100] + [5] * 11)
    for _ in range(60):
        cell = rng.integers(6, size=len(rater)) if crossed else rater % 6
        y = rng.normal(0, 0.55, size=12)[rater] + rng.normal(0, 0.85, size=len(rater))
        found = intersections(y, cell[:, None], clusters=rater)
        held.append(np.mean((found.low <= 0) & (found.high >= 0)))
    assert np.mean(held) > 0.91


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


def test_suppressed_cells_take_no_part(rng: np.random.Generator) -> None:
    cell = np.repeat([0, 1, 2, 3, 4, 5], [12, 15, 20, 3, 11, 30])
    y = rng.normal(size=len(cell)) + cell
    groups = np.column_stack([cell // 3, cell % 3])
    result = intersections(y, groups, minimum=10)
    without = intersections(y[cell != 3], groups[cell != 3])
    assert result.suppressed.tolist() == [False, False, False, True, False, False]
    assert (result.n[3], result.n_clusters[3]) == (0, 0)
    for name in ("raw", "value", "low", "high", "weight"):
        every = getattr(result, name)
        assert np.isnan(every[3])
        assert every[~result.suppressed] == pytest.approx(getattr(without, name))
    assert (result.overall, result.spread) == pytest.approx((without.overall, without.spread))
    assert "every cell" in str(intersections([1.0, 2.0], [[0], [0]], minimum=10).undefined)


def test_pooling_against_the_formula_by_hand(rng: np.random.Generator) -> None:
    """DerSimonian & Laird (1986) on cell means with the pooled variance inside cells."""
    for _ in range(200):
        c = int(rng.integers(3, 12))
        cell = np.repeat(np.arange(c), rng.integers(2, 15, size=c))
        y = rng.normal(0, 1, size=c)[cell] + rng.normal(size=len(cell))
        result = intersections(y, cell[:, None])
        m = np.bincount(cell)
        raw = np.array([y[cell == i].mean() for i in range(c)])
        noise = sum(((y[cell == i] - raw[i]) ** 2).sum() for i in range(c)) / (len(y) - c) / m
        w = 1 / noise
        q = (w * (raw - (w * raw).sum() / w.sum()) ** 2).sum()
        spread = max(0.0, (q - (c - 1)) / (w.sum() - (w**2).sum() / w.sum()))
        overall = (raw / (noise + spread)).sum() / (1 / (noise + spread)).sum()
        kept = spread / (spread + noise)
        assert result.spread == pytest.approx(spread**0.5, abs=1e-9)
        assert result.value == pytest.approx(overall + kept * (raw - overall), abs=1e-9)


def test_in_group_agreement_against_pairs_by_hand(rng: np.random.Generator) -> None:
    for _ in range(60):
        n, r = int(rng.integers(3, 15)), int(rng.integers(4, 9))
        table = rng.integers(0, 3, size=(n, r)).astype(float)
        table[rng.random((n, r)) < 0.3] = np.nan
        group = rng.integers(0, 2, size=r)
        unit, rater = (i.ravel() for i in np.indices((n, r)))
        found = in_group_agreement(unit, rater, table.ravel(), np.arange(r), group, n_permutations=1)
        if found.undefined:
            continue
        same: dict[bool, list[float]] = {True: [], False: []}
        for i in range(r):
            for j in range(i):
                both = ~np.isnan(table[:, i]) & ~np.isnan(table[:, j])
                same[bool(group[i] == group[j])] += list(table[both, i] == table[both, j])
        assert found.overall_in_group == pytest.approx(np.mean(same[True]))
        assert found.overall_cross_group == pytest.approx(np.mean(same[False]))


def test_shuffles_without_pairs_do_not_count_against_the_null() -> None:
    """Two of six raters form a group and only some pairs ever met: most shuffles give that group no pair."""
    unit = [0, 0, 1, 1, 2, 2, 3, 3]
    rater = [0, 1, 2, 3, 4, 5, 0, 2]
    value = [1, 1, 1, 2, 1, 2, 1, 2]
    found = in_group_agreement(unit, rater, value, range(6), [0, 0, 1, 1, 1, 1], n_permutations=2000)
    # Of the 15 pairs 4 met; the group's gap is seen only where it is one of them, and each then agrees or not.
    assert found.p_values[0] > 0.2


def test_in_group_differences_stand_over_the_errors_that_raters_make(rng: np.random.Generator) -> None:
    """The derivative of each difference by the weight of each rater, by small steps."""
    from concord.stats.fairness.in_group_agreement import _compared

    pairs = np.triu(rng.integers(1, 6, size=(9, 9)), 1)
    agree = np.triu(rng.random((9, 9)) * pairs, 1)
    agree, pairs = agree + agree.T, (pairs + pairs.T).astype(float)
    group = np.array([0, 0, 0, 1, 1, 1, 1, 2, 2])
    found = _compared(agree, pairs, group[None], 3)

    def difference(weight: np.ndarray, inside: np.ndarray, across: np.ndarray) -> float:
        both = np.outer(weight, weight)
        return float(
            (both * agree)[inside].sum() / (both * pairs)[inside].sum()
            - (both * agree)[across].sum() / (both * pairs)[across].sum()
        )

    same = group[:, None] == group
    for code in (0, 1, 2, None):
        mine = group == code
        inside = same if code is None else np.outer(mine, mine)
        across = ~same if code is None else np.outer(mine, ~mine) | np.outer(~mine, mine)
        step = 1e-6 * np.eye(9)
        moved = np.array(
            [(difference(1 + s, inside, across) - difference(1 - s, inside, across)) / 2e-6 for s in step]
        )
        k = mine.sum()
        sizes = np.full(9, 9 / 8) if code is None else np.where(mine, k / (k - 1), (9 - k) / (8 - k))
        value, place = difference(np.ones(9), inside, across), 3 if code is None else code
        assert found.inside[0, place] - found.across[0, place] == pytest.approx(value)
        assert found.over_error[0, place] == pytest.approx(
            value / np.sqrt((sizes * moved**2).sum()), rel=1e-5
        )


def test_a_group_that_rates_little_is_not_told_apart_for_that(rng: np.random.Generator) -> None:
    """Raters of one group rate 90 % of the units, those of the other 20 %: .39 was rejected at .05."""
    found = []
    for _ in range(120):
        ease, (unit, rater) = rng.normal(size=40), (i.ravel() for i in np.indices((40, 12)))
        kept = rng.random(480) < np.where(rater % 2, 0.9, 0.2)
        unit, rater = unit[kept], rater[kept]
        value = rng.normal(size=len(unit)) + ease[unit] + rng.normal(0, 0.4, size=12)[rater] > 0
        found.append(
            in_group_agreement(
                unit, rater, value.astype(int), range(12), np.arange(12) % 2, n_permutations=99, rng=rng
            ).p_values
        )
    assert (np.mean(np.array(found) <= 0.05, axis=0) < 0.14).all()


def test_groups_of_few_raters_stay_out_of_every_figure(rng: np.random.Generator) -> None:
    unit, rater = (i.ravel() for i in np.indices((40, 14)))
    value = rng.integers(0, 3, size=len(unit))
    group = np.array([0] * 6 + [1] * 6 + [2] * 2)
    found = in_group_agreement(unit, rater, value, np.arange(14), group, minimum=3, n_permutations=99)
    rest = in_group_agreement(unit, rater, value, np.arange(12), group[:12], n_permutations=99)
    assert found.suppressed.tolist() == [False, False, True]
    assert found.n_raters.tolist() == [6, 6, 0]
    assert np.isnan([found.in_group[2], found.cross_group[2], found.differences[2], found.p_values[2]]).all()
    assert (found.difference, found.p_value) == (rest.difference, rest.p_value)
    assert found.in_group[:2] == pytest.approx(rest.in_group)


@pytest.mark.parametrize(
    ("delta", "expected"), [(-0.9, "A"), (-1.2, "B"), (1.2, "B"), (-2.0, "C"), (2.0, "C")]
)
def test_classes_of_ets_by_size_where_all_is_certain(delta: float, expected: str) -> None:
    """Many answers at one level with a given odds ratio, so that only the size decides."""
    odds = np.exp(-delta / 2.35)
    right = {1: odds / (1 + odds), 0: 0.5}
    n = 200_000
    rows = [(y, g) for g in (0, 1) for y in (0, 1)]
    times = [round(n * (right[g] if y else 1 - right[g])) for y, g in rows]
    y, g = np.repeat(np.array(rows), times, axis=0).T
    result = mantel_haenszel_dif(y, g, np.zeros(len(y), dtype=int))
    assert result.delta == pytest.approx(delta, abs=1e-3)
    assert result.ets_class == expected


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


def test_pooled_intervals_against_integration_over_the_spread(rng: np.random.Generator) -> None:
    """The posterior of a cell's mean, uniform in the spread and the overall mean, by quadrature."""
    cell = np.repeat(np.arange(6), [4, 6, 3, 9, 5, 30])
    y = np.array([0.0, 0.4, 1.0, -0.3, 0.2, 0.1])[cell] + rng.normal(size=len(cell))
    found = intersections(y, cell[:, None])
    n = np.bincount(cell)
    df = len(cell) - 6
    noise = sum(y[cell == c].var() * n[c] for c in range(6)) / df / n
    wide = stats.t.ppf(0.975, df) / stats.norm.ppf(0.975)

    def at(spread: float) -> tuple[float, float, float]:
        total = noise + spread**2
        overall = (found.raw / total).sum() / (1 / total).sum()
        log = -0.5 * (
            np.log(total).sum() + np.log((1 / total).sum()) + (np.square(found.raw - overall) / total).sum()
        )
        kept = spread**2 / total[2]
        sd = np.sqrt(kept * noise[2] + (1 - kept) ** 2 / (1 / total).sum())
        return np.exp(log), overall + kept * (found.raw[2] - overall), wide * sd

    whole = integrate.quad(lambda s: at(s)[0], 0, 12, limit=200)[0]
    for end, share in ((found.low[2], 0.025), (found.high[2], 0.975)):
        below = integrate.quad(
            lambda s, e=end: at(s)[0] * stats.norm.cdf((e - at(s)[1]) / at(s)[2]), 0, 12, limit=200
        )
        assert below[0] / whole == pytest.approx(share, abs=2e-3)


def test_many_cells_and_cells_of_any_scale_are_pooled_alike(rng: np.random.Generator) -> None:
    cell = np.repeat(np.arange(3000), 4)
    y = rng.normal(0, 0.5, size=3000)[cell] + rng.normal(size=len(cell))
    many = intersections(y, cell[:, None])
    half = (many.high - many.low) / 2
    kept = many.spread**2 / (many.spread**2 + 0.25)
    assert half.mean() == pytest.approx(1.96 * np.sqrt(kept * 0.25), rel=0.05)
    few = slice(0, 48)
    one, far = (intersections(scale * y[few], cell[few][:, None]) for scale in (1.0, 1e-90))
    np.testing.assert_allclose(far.low * 1e90, one.low, rtol=1e-6)
    assert ((one.low <= one.value) & (one.value <= one.high)).all()


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


def test_what_cells_have_in_common_is_known_by_the_clusters_less_one(rng: np.random.Generator) -> None:
    """Four raters give each of six cells two answers: all cells move with four raters, whatever they hold."""
    cell, rater, _ = (code.ravel() for code in np.indices((6, 4, 2)))
    noise = cell_noise(rng.normal(size=48) + 2 * rater, cell, rater, 6)
    assert noise.common > 0
    assert noise.df > 3
    assert noise.common_df == 3


def test_raters_of_one_answer_a_cell_move_all_cells(rng: np.random.Generator) -> None:
    """Their variance shows in what answers in several cells have in common: beside it the noise of answers is small."""
    rater, cell = np.repeat(np.arange(40), 6), np.tile(np.arange(6), 40)
    y = np.repeat(rng.normal(size=40), 6) + 0.1 * rng.normal(size=240)
    noise = cell_noise(y, cell, rater, 6)
    assert noise.common == pytest.approx(np.var(y.reshape(40, 6).mean(axis=1), ddof=1) / 40, rel=0.02)
    assert noise.own == pytest.approx(np.full(6, 0.01 / 40), rel=0.4)
    alone = cell_noise(y, cell, np.arange(240), 6)
    assert alone.common == 0
    assert alone.own == pytest.approx(noise.own + noise.common, rel=0.05)
