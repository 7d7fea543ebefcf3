"""Groups, gaps, odds, intersections, DIF and in-group agreement."""

from __future__ import annotations

import numpy as np
import pytest

from concord.stats import InputError
from concord.stats.comparison import mean
from concord.stats.fairness import (
    equalised_odds,
    gap,
    group_estimates,
    in_group_agreement,
    intersections,
    logistic_dif,
    mantel_haenszel_dif,
)


def crowd(rng: np.random.Generator, raters: int = 60, each: int = 20, shift: float = 0.0):
    rater = np.repeat(np.arange(raters), each)
    group = (rater >= raters // 2).astype(int)
    example = rng.integers(0, 100, size=len(rater))
    y = rng.normal(size=raters)[rater] + 0.5 * rng.normal(size=len(rater)) + shift * group
    return y, group, rater, example


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


def test_gap_resamples_raters_not_ratings(rng: np.random.Generator) -> None:
    y, group, rater, example = crowd(rng)
    by_rater = gap(y, group, of=1, versus=0, raters=rater)
    naive = gap(y, group, of=1, versus=0)
    both = gap(y, group, of=1, versus=0, raters=rater, examples=example)
    assert by_rater.value == pytest.approx(y[group == 1].mean() - y[group == 0].mean())
    assert by_rater.high - by_rater.low > 2.5 * (naive.high - naive.low)
    assert both.standard_error > 0.95 * by_rater.standard_error
    means = [y[rater == r].mean() for r in range(60)]
    error = np.sqrt(np.var(means[:30], ddof=1) / 30 + np.var(means[30:], ddof=1) / 30)
    assert by_rater.standard_error == pytest.approx(error, rel=0.1)


def test_ratio_by_hand_and_its_refusals() -> None:
    values, groups = [1, 1, 1, 0] * 10, [1, 1, 0, 0] * 10
    result = gap(values, groups, of=1, versus=0, measure="ratio")
    assert result.value == pytest.approx(2.0)
    assert 1 < result.low < 2 < result.high
    assert gap([0.0] * 40, groups, of=1, versus=0, measure="ratio").undefined


def test_equalised_odds_by_hand() -> None:
    actual = np.tile([1, 1, 0, 0], 20)
    predicted = np.where(np.arange(80) < 40, actual, np.tile([1, 0, 1, 0], 20))
    result = equalised_odds(predicted, actual, np.repeat([0, 1], 40))
    assert (result.true_positive_gap, result.false_positive_gap, result.difference) == (0.5, 0.5, 0.5)
    assert result.demographic_parity_gap == 0.0
    assert equalised_odds([1], [1], [0]).undefined
    with pytest.raises(InputError):
        equalised_odds([2], [1], [0])


def test_partial_pooling_beats_raw_means(rng: np.random.Generator) -> None:
    raw_error = pooled_error = covered = total = 0.0
    for _ in range(60):
        truth = rng.normal(0, 0.5, size=(2, 4))
        size = rng.integers(3, 20, size=(2, 4))
        rows = [(a, b) for a in range(2) for b in range(4) for _ in range(size[a, b])]
        groups = np.array(rows)
        y = truth[groups[:, 0], groups[:, 1]] + rng.normal(size=len(rows))
        result = intersections(y, groups)
        flat = truth[result.cells[:, 0], result.cells[:, 1]]
        raw_error += np.square(result.raw - flat).sum()
        pooled_error += np.square(result.value - flat).sum()
        covered += ((result.low <= flat) & (flat <= result.high)).sum()
        total += len(flat)
    assert pooled_error < 0.85 * raw_error
    assert covered / total > 0.85
    assert intersections([], np.empty((0, 2))).undefined
    assert intersections([1.0, 2.0], [[0], [1]]).undefined


def test_mantel_haenszel_against_statsmodels(rng: np.random.Generator) -> None:
    tables = pytest.importorskip("statsmodels.stats.contingency_tables")
    for _ in range(30):
        counts = rng.integers(1, 15, size=(4, 2, 2))
        level, group, right = (np.repeat(i.ravel(), counts.ravel()) for i in np.indices(counts.shape))
        strata = [[[t[1, 1], t[1, 0]], [t[0, 1], t[0, 0]]] for t in counts]
        expected = tables.StratifiedTable(np.array(strata, dtype=float).transpose(1, 2, 0))
        result = mantel_haenszel_dif(right, group, level)
        assert result.value == pytest.approx(expected.oddsratio_pooled, rel=1e-9)
        low, high = expected.oddsratio_pooled_confint()
        assert (result.low, result.high) == pytest.approx((low, high), rel=1e-9)
        assert result.p_value == pytest.approx(expected.test_null_odds(correction=False).pvalue, rel=1e-6)
    assert mantel_haenszel_dif([1, 1], [0, 1], [0, 0]).undefined


def test_ets_classes() -> None:
    level = np.tile(np.arange(5), 400)
    group = np.repeat([0, 1], 1000)
    rng = np.random.default_rng(3)
    chance = 1 / (1 + np.exp(-(level - 2 - 1.2 * group)))
    result = mantel_haenszel_dif((rng.random(2000) < chance).astype(float), group, level)
    assert result.ets_class == "C"
    assert result.delta == pytest.approx(-2.35 * np.log(result.value))
    fair = mantel_haenszel_dif((rng.random(2000) < 0.5).astype(float), group, level)
    assert fair.ets_class == "A"


def test_logistic_dif_against_statsmodels(rng: np.random.Generator) -> None:
    sm = pytest.importorskip("statsmodels.api")
    score, group = rng.normal(size=500), rng.integers(0, 2, size=500)
    y = (rng.random(500) < 1 / (1 + np.exp(-(score + 0.8 * group)))).astype(float)
    fits = [
        sm.Logit(y, sm.add_constant(np.column_stack([score, group, score * group][:k]))).fit(disp=0)
        for k in (1, 2, 3)
    ]
    fits[0] = sm.Logit(y, sm.add_constant(score)).fit(disp=0)
    result = logistic_dif(y, group, score)
    assert result.log_odds == pytest.approx(fits[1].params[2], abs=1e-6)
    from scipy import stats

    assert result.uniform_p == pytest.approx(stats.chi2.sf(2 * (fits[1].llf - fits[0].llf), 1), rel=1e-4)
    assert result.non_uniform_p == pytest.approx(stats.chi2.sf(2 * (fits[2].llf - fits[1].llf), 1), rel=1e-4)
    assert logistic_dif([1, 1, 1, 0, 0, 0], [0, 1, 0, 1, 0, 1], [6, 5, 4, 3, 2, 1]).undefined


def test_in_group_agreement_finds_camps_and_keeps_its_level(rng: np.random.Generator) -> None:
    camp = np.repeat([0, 1], 8)
    unit, rater = (i.ravel() for i in np.indices((60, 16)))
    view = rng.integers(0, 3, size=(2, 60))
    value = np.where(rng.random(960) < 0.6, view[camp[rater], unit], rng.integers(0, 3, size=960))
    for level in ("nominal", "interval"):
        result = in_group_agreement(unit, rater, value, np.arange(16), camp, level=level, n_permutations=199)
        assert result.p_value <= 0.01
        assert result.overall_in_group > result.overall_cross_group
    rejections = 0
    for _ in range(60):
        random = rng.integers(0, 3, size=960)
        found = in_group_agreement(unit, rater, random, np.arange(16), camp, n_permutations=99, rng=rng)
        rejections += found.p_value <= 0.05
    assert rejections <= 9
    lone = in_group_agreement([1, 1], [0, 1], [1, 1], [0, 1], [0, 1])
    assert lone.undefined
