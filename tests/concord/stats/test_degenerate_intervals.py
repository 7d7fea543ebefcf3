"""No interval of no width: where the data hold no variation, an estimator says so or falls back on what it can know."""

from __future__ import annotations

import math

import numpy as np
import pytest

from concord.stats import InputError
from concord.stats.agreement import icc, krippendorff_alpha
from concord.stats.joint import budget, prediction_powered_bradley_terry, rogan_gladen
from concord.stats.ranking import bradley_terry, plackett_luce

FORMS = ("ICC(1,1)", "ICC(2,1)", "ICC(3,1)", "ICC(1,k)", "ICC(2,k)", "ICC(3,k)")
THREE = [0, 0, 1, 1, 2, 2], [0, 1] * 3


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("interval", ["generalized", "satterthwaite"])
def test_perfect_agreement_leaves_an_intraclass_correlation_without_interval(
    form: str, interval: str
) -> None:
    found = icc(*THREE, [1, 1, 2, 2, 3, 3], form=form, interval=interval)
    assert found.value == pytest.approx(1.0)
    assert math.isnan(found.low)
    assert math.isnan(found.high)
    assert "no interval" in found.notes[-1]


@pytest.mark.parametrize("form", ["ICC(1,1)", "ICC(2,1)", "ICC(2,k)"])
def test_units_with_the_same_means_leave_no_interval_of_no_width(form: str) -> None:
    found = icc(*THREE, [1, 2, 1, 2, 1, 2], form=form)
    assert found.value <= 1e-12
    assert math.isnan(found.low)
    assert "no interval" in found.notes[-1]


def test_resamples_of_nothing_but_ties_do_not_make_strengths_certain() -> None:
    votes = [0, 1, 0] * 5, [1, 2, 2] * 5, [0.5] * 15
    drawn = bradley_terry(*votes, n_systems=3, n_resamples=50, rng=np.random.default_rng(0))
    plain = bradley_terry(*votes, n_systems=3)
    np.testing.assert_allclose(drawn.low, plain.low)
    assert drawn.high.min() > 0.5
    assert drawn.method == "sandwich"
    assert "all resamples are alike" in drawn.notes[-1]


def test_clusters_whose_rankings_cancel_do_not_make_strengths_certain() -> None:
    rankings, clusters = [[0, 1], [1, 0]] * 4, np.arange(8) // 2
    found = plackett_luce(rankings, n_systems=2, clusters=clusters)
    # Eight even votes say 1 / sqrt(8 / 4) about the difference, half of it about each strength.
    np.testing.assert_allclose(found.standard_error, np.sqrt(1 / 2) / 2)
    assert found.high.min() > 1.0


def test_nothing_but_ties_leaves_the_prediction_powered_strengths_open() -> None:
    a, b, tie = [0, 0, 1, 1] * 5, [1, 1, 0, 0] * 5, [0.5] * 20
    found = prediction_powered_bradley_terry(a, b, tie, tie, a, b, tie, n_systems=2)
    np.testing.assert_allclose(found.log_strengths, 0.0, atol=1e-12)
    assert np.isnan(found.low).all()
    assert found.rank_high.tolist() == [2.0, 2.0]
    assert "every vote says exactly what the strengths expect" in found.notes[0]


def test_error_rates_that_cannot_hold_are_said_aloud() -> None:
    found = rogan_gladen(5, 1000, sensitivity=(90, 100), specificity=(85, 100))
    assert found.value == 0.0
    assert math.isnan(found.low)
    assert math.isnan(found.high)
    assert any("cannot hold" in note for note in found.notes)
    above = rogan_gladen(100, 100, sensitivity=(90, 100), specificity=(85, 100))
    assert above.value == 1.0
    assert math.isnan(above.high)
    likely = rogan_gladen(14, 100, sensitivity=(90, 100), specificity=(85, 100))
    assert not any("cannot hold" in note for note in likely.notes)


def test_no_whole_numbers_of_labels_and_predictions_are_more_precise_than_the_plan() -> None:
    rng = np.random.default_rng(4)
    for _ in range(60):
        total, price, r = 10 ** rng.uniform(0.7, 2.5), 10 ** rng.uniform(-4, 0.3), rng.uniform(-1, 1)
        plan = budget(total=total, label_cost=1.0, prediction_cost=price, correlation=r)
        errors = [1 / math.sqrt(math.floor(total))]
        for n in range(2, int(total) + 1):
            items = math.floor((total - n) / price)
            if items >= n:
                errors.append(math.sqrt((1 - r * r) / n + r * r / items))
        assert plan.standard_error == pytest.approx(min(errors), rel=1e-9)
        assert plan.cost <= total * (1 + 1e-9)


def test_rankings_of_unlike_length_are_refused_with_a_word_on_rows() -> None:
    with pytest.raises(InputError, match="rankings must be a list of numbers, or rows of equal length"):
        plackett_luce([[0, 1, 2], [1, 0]], n_systems=3)  # type: ignore[list-item]


def test_two_raters_give_no_interval_that_speaks_of_others() -> None:
    ratings = [1, 1, 2, 2, 3, 3], [0, 1] * 3, [0, 1, 1, 1, 0, 0]
    found = krippendorff_alpha(*ratings, level="nominal", resample="units+raters")
    assert np.isnan(found.low)
    assert "two raters do not tell what others would say" in found.notes[-1]


@pytest.mark.parametrize("level", ["nominal", "ordinal", "interval"])
def test_two_units_of_one_value_each_leave_nothing_without_either(level: str) -> None:
    data = ([0, 0, 0, 1, 1, 1], [0, 1, 2] * 2, [0.0, 0.0, 0.0, 1.0, 1.0, 1.0])
    found = krippendorff_alpha(*data, level=level, resample="units+raters")
    assert found.value == 1
    assert np.isnan(found.low)
    assert found.notes[-1] == "without one unit or rating only one value is left: no interval."


def test_an_icc_outside_its_interval_says_why() -> None:
    """Raters who differ less than their noise: the variance of raters comes out negative."""
    found = icc(*THREE, [0, 1, 0, 1, 1, 0])
    assert found.value < found.low
    assert found.rater_variance < 0
    assert found.notes == ("a variance component came out negative: the estimate lies outside its interval.",)
