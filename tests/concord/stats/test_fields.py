"""Results repeat what was asked and count what was behind it: the parts that stand beside value and interval."""

from __future__ import annotations

import inspect
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from concord.stats import (
    InputError,
    aggregation,
    agreement,
    calibration,
    comparison,
    fairness,
    joint,
    ranking,
    tails,
)
from tests.concord.stats.calls import CALLS, Call

UNITS, RATERS = (code.ravel() for code in np.indices((24, 4)))
COLUMNS = UNITS + 2, RATERS + 2, 1.0 + (UNITS + RATERS * UNITS) % 3
ASKED: dict[str, list[Call]] = {}
for one in CALLS:
    if "confidence" in inspect.signature(one.function).parameters:
        ASKED.setdefault(one.name.split()[0], []).append(one)


def confidences(call: Call, confidence: float) -> set[float]:
    """Return what the results say, none where these columns do not do for the call."""
    given = {k: v for k, v in call.options.items() if k != "confidence"}
    if "confidence" in call.tried - set(call.options):
        return set()  # given by its place
    try:
        result = replace(call, options=given | {"confidence": confidence})(COLUMNS)
    except InputError:
        return set()
    found = result if isinstance(result, tuple | list) else [result]
    return {one.confidence for one in found if hasattr(one, "confidence")}


@pytest.mark.parametrize("name", ASKED)
def test_the_confidence_is_the_one_that_was_asked_for(name: str) -> None:
    said = set().union(*(confidences(call, 0.81) for call in ASKED[name]))
    assert said <= {0.81}


def test_nearly_all_functions_were_asked() -> None:
    silent = [name for name, calls in ASKED.items() if not any(confidences(call, 0.81) for call in calls)]
    assert len(silent) < len(ASKED) / 4, silent


def test_the_counts_behind_a_mcnemar_test() -> None:
    a, b = [1, 1, 1, 0, 0, 1, 0, np.nan], [1, 0, 0, 1, 0, 1, 0, 1]
    for found in (comparison.mcnemar(a, b), comparison.mcnemar([[2, 1], [2, 2]])):
        assert (found.only_a, found.only_b, found.both, found.neither) == (2, 1, 2, 2)
        assert (found.n, found.value) == (7, pytest.approx(1 / 7))


def test_the_means_behind_a_difference() -> None:
    a, b = [1.0, 4.0, 4.0], [2.0, 2.0, 5.0]
    for found in (comparison.difference(a, b), comparison.paired_difference(a, b)):
        assert (found.mean_a, found.mean_b) == (pytest.approx(3.0), pytest.approx(3.0))
    apart = comparison.paired_difference([1.0, 4.0, np.nan], [2.0, 6.0, 100.0])
    assert (apart.mean_a, apart.mean_b) == (2.5, 4.0)


def test_margins_and_levels_that_were_asked_for() -> None:
    found = comparison.equivalence([1.0, 2.0, 3.0], [1.1, 2.2, 2.9], margin=0.7, alpha=0.1)
    assert (found.margin, found.alpha) == (0.7, 0.1)
    better = comparison.non_inferiority([1.0, 2.0, 3.0], [1.1, 2.2, 2.9], margin=0.4)
    assert (better.margin, better.alpha) == (0.4, 0.025)


def test_abilities_and_difficulties_with_normal_intervals() -> None:
    rng = np.random.default_rng(1)
    person, item = (code.ravel() for code in np.indices((60, 6)))
    easy = np.linspace(-1, 1, 6)
    right = rng.random(360) < 1 / (1 + np.exp(-(rng.normal(size=60)[person] + easy[item])))
    found = comparison.irt_2pl(person * 3 + 1, item * 2, right.astype(int), confidence=0.9)
    assert found.item_codes.tolist() == list(range(0, 12, 2))
    assert found.person_codes.tolist() == list(range(1, 181, 3))
    z = stats.norm.isf(0.05)
    assert (found.ability_high - found.ability_low) / 2 == pytest.approx(z * found.ability_error)
    assert (found.ability_high + found.ability_low) / 2 == pytest.approx(found.ability)
    assert (found.discrimination_high + found.discrimination_low) / 2 == pytest.approx(found.discrimination)
    assert (found.discrimination_low < found.discrimination).all()
    bounded = np.isfinite(found.difficulty_low + found.difficulty_high)
    assert bounded.sum() == 5  # of an item that hardly tells persons apart anything may be the difficulty
    assert (found.difficulty_low < found.difficulty)[bounded].all()
    assert (found.difficulty < found.difficulty_high)[bounded].all()
    assert found.difficulty == pytest.approx(-found.intercept / found.discrimination)
    assert (found.ability_error < 1).all()
    totals = np.bincount(person, right)
    assert stats.spearmanr(totals, found.ability).statistic > 0.85
    assert found.n == 360


def test_a_gap_shows_both_groups_and_its_resamples() -> None:
    values, groups = np.array([1.0, 2, 3, 4, 6, 8]), np.array([0, 0, 0, 1, 1, 1])
    plain = fairness.gap(values, groups, of=1, versus=0, minimum=2, n_resamples=50)
    assert (plain.first, plain.second, plain.n_first, plain.n_second) == (6.0, 2.0, 3, 3)
    assert (plain.null, plain.value, plain.n) == (0.0, 4.0, 6)
    assert len(plain.resamples) <= 50
    assert plain.method == "bootstrap over values, 50 resamples"
    ratio = fairness.gap(values, groups, of=1, versus=0, minimum=2, measure="ratio", raters=np.arange(6) % 3)
    assert (ratio.null, ratio.value) == (1.0, pytest.approx(3.0))
    assert ratio.method == "t interval of the logarithm over raters, opened for skewness (Hall)"
    assert (ratio.resamples > 0).all()


def test_what_an_intraclass_correlation_and_a_concordance_were_made_of() -> None:
    uneven = agreement.icc(
        [1, 1, 1, 2, 2, 3, 3], [0, 1, 2, 0, 1, 0, 1], [1.0, 2, 2, 4, 5, 3, 3], form="ICC(1,1)"
    )
    assert (uneven.n_raters, uneven.n_ratings, uneven.n) == (3, 7, 3)
    # The harmonic mean of 3, 2 and 2 ratings, or Henderson's: between the smallest and the plain mean.
    assert 2 <= uneven.ratings_per_unit <= 7 / 3
    even = agreement.icc([1, 1, 2, 2, 3, 3], [0, 1] * 3, [1.0, 2, 4, 5, 3, 3])
    assert even.ratings_per_unit == 2
    w = agreement.kendall_w([1, 1, 2, 2, 3, 3], [0, 1] * 3, [1.0, 2, 4, 5, 3, 3])
    assert w.null == 0.0


def test_bins_say_where_they_end_and_which_kind_they_are() -> None:
    p, y = np.array([0.05, 0.2, 0.45, 0.55, 0.9, 1.0]), np.array([0, 1, 0, 1, 1, 1])
    wide = calibration.reliability_bins(p, y, n_bins=4, confidence=0.9)
    assert wide.lower == pytest.approx([0, 0.25, 0.5, 0.75])
    assert wide.upper == pytest.approx([0.25, 0.5, 0.75, 1])
    assert wide.n.tolist() == [2, 1, 1, 2]
    assert (wide.bins, wide.confidence) == ("width", 0.9)
    assert wide.mean_probability == pytest.approx([0.125, 0.45, 0.55, 0.95])
    assert wide.observed.tolist() == [0.5, 0.0, 1.0, 1.0]
    error = calibration.ece(p, y, n_bins=4)
    assert (error.n_bins, error.bins, error.debiased) == (4, "width", False)
    assert error.value == pytest.approx((2 * 0.375 + 0.45 + 0.45 + 2 * 0.05) / 6)
    assert error.largest == pytest.approx(0.45)
    assert calibration.ece(p, y, n_bins=2, bins="mass", debiased=True).debiased
    line = calibration.isotonic(p, y)
    assert (np.diff(line.scores) > 0).all()
    assert (np.diff(line.probabilities) >= 0).all()


def test_who_took_part_in_the_annotator_test() -> None:
    unit, rater = (code.ravel() for code in np.indices((40, 3)))
    value = (unit + (rater == 2) * unit % 3) % 2
    few = rater != 2
    few[2] = True  # one answer of the third
    found = joint.alternative_annotator_test(
        unit[few], rater[few] + 5, value[few], np.arange(40), np.arange(40) % 2, epsilon=0.15, alpha=0.04
    )
    assert found.rater_codes.tolist() == [5, 6]
    assert (found.skipped_raters, found.n_units, found.epsilon, found.alpha) == (1, 40, 0.15, 0.04)
    assert found.n.tolist() == [40, 40]


def test_best_and_worst_are_counted() -> None:
    shown = [[0, 1, 2], [0, 2, 3], [1, 2, 3]]
    found = ranking.best_worst(shown, [0, 0, 1], [2, 3, 3], n_systems=4)
    assert found.n_best.tolist() == [2, 1, 0, 0]
    assert found.n_worst.tolist() == [0, 0, 1, 2]
    rated = ranking.plackett_luce([[0, 1, 2], [2, 0, -1], [1, 0, -1], [0, 2, 1]], n_systems=3)
    assert rated.n_rankings.tolist() == [4, 3, 3]
    assert "no interval" in ranking.elo([0, 1], [1, 0], [1, 0.5], n_systems=2).note


def test_coefficients_have_symmetric_intervals() -> None:
    rng = np.random.default_rng(0)
    left, longer = rng.integers(0, 3, 300), rng.normal(size=300)
    right = (left + rng.integers(1, 3, 300)) % 3
    won = (rng.random(300) < 1 / (1 + np.exp(-0.5 * longer))).astype(float)
    found = ranking.bradley_terry(left, right, won, n_systems=3, covariates=longer, confidence=0.9)
    half = stats.norm.isf(0.05) * found.coefficient_standard_error
    assert found.coefficient_high - found.coefficients == pytest.approx(half, rel=0.02)
    assert found.coefficients - found.coefficient_low == pytest.approx(half, rel=0.02)
    assert found.coefficients[0] == pytest.approx(0.5, abs=0.4)


def test_judged_strengths_come_with_ranks_and_counts() -> None:
    rng = np.random.default_rng(3)
    left = rng.integers(0, 3, 240)
    right = (left + rng.integers(1, 3, 240)) % 3
    won = (rng.random(240) < 1 / (1 + np.exp(left - right))).astype(float)
    judge = np.where(rng.random(240) < 0.8, won, 1 - won)
    n = 120
    found = joint.prediction_powered_bradley_terry(
        left[:n], right[:n], won[:n], judge[:n], left[n:], right[n:], judge[n:], n_systems=3
    )
    assert found.rank.tolist() == [1, 2, 3]
    assert found.n_votes.tolist() == [((left[:n] == s) | (right[:n] == s)).sum() for s in range(3)]
    gaps = found.difference_variance
    assert np.diag(gaps) == pytest.approx(0, abs=1e-12)
    c = found.covariance
    assert gaps[0, 1] == pytest.approx(c[0, 0] + c[1, 1] - 2 * c[0, 1])
    assert len(found.system_df) == 3


def test_shares_behind_a_corrected_share() -> None:
    found = joint.rogan_gladen(30, 100, sensitivity=(45, 50), specificity=(38, 40))
    assert (found.apparent, found.sensitivity, found.specificity) == (0.3, 0.9, 0.95)
    assert found.value == pytest.approx((0.3 + 0.95 - 1) / (0.9 + 0.95 - 1))


def test_a_percentile_of_a_sample_is_a_part_of_it() -> None:
    found = tails.percentile(np.arange(1.0, 201.0), 0.9, confidence=0.8)
    assert found.confidence == 0.8
    assert found.low < found.value < found.high


def test_the_models_name_themselves() -> None:
    data = [1, 1, 2, 2, 3, 3], [0, 1] * 3, [0, 0, 1, 1, 0, 1]
    names = {
        getattr(aggregation, name)(*data).method
        for name in ("dawid_skene", "one_coin", "mace", "glad", "majority_vote")
        if hasattr(getattr(aggregation, name)(*data), "method")
    }
    assert len(names) >= 4
    bias = aggregation.rater_bias(data[0], data[1], [1.0, 2, 3, 5, 2, 4], confidence=0.7)
    assert (bias.confidence, bias.method) == (0.7, "normal rater model, EM")
