"""Crossed effects where designs have holes: raters who meet one system, missing answers, no variation, and names."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from concord.stats import InputError, comparison
from tests.concord.stats.comparison.crossed_effects.study import generalized_least_squares, study

PARTS = {"example": 0.6, "rater": 0.4, "system_example": 0.4, "system_rater": 0.3, "noise": 0.5}


def test_a_rater_who_never_saw_a_system_stands_where_both_come_to_elsewhere() -> None:
    rows = study(4, (3, 15, 3), system_rater=0.0)
    gone = (rows["systems"] == 2) & (rows["raters"] == 2)
    whole = comparison.crossed_effects(**rows, raters_as="fixed")
    found = comparison.crossed_effects(**{k: v[~gone] for k, v in rows.items()}, raters_as="fixed")
    assert found.means == pytest.approx(whole.means, abs=0.15)
    assert found.standard_errors[2] > whole.standard_errors[2]


def test_a_term_at_zero_takes_no_part_and_the_degrees_of_freedom_stay_those_of_the_rest() -> None:
    shape = (3, 12, 6)
    rows = study(21, shape, system_rater=0.0)
    y = rows["values"].reshape(shape)
    # Take what systems and raters have in common away: its mean square is then nothing, below the noise.
    y = y - y.mean(axis=1, keepdims=True) + y.mean(axis=(1, 2), keepdims=True)
    found = comparison.crossed_effects(**{**rows, "values": y.ravel()})
    assert set(found.at_zero) == {"rater", "system_rater"}
    assert found.variances["system_rater"] == 0.0
    assert "estimated at zero: raters, system x rater." in found.notes
    assert found.converged
    assert found.pairs().df == pytest.approx([22] * 3, rel=1e-3)  # of system x example alone
    assert (found.severity == 0).all() or np.isnan(found.severity).all()


def test_raters_of_one_answer_each_and_anonymous_ones_are_noise() -> None:
    rows = study(8, (2, 15, 4))
    rows["raters"] = np.full(len(rows["values"]), -1)
    anonymous = comparison.crossed_effects(**rows)
    rows["raters"] = np.arange(len(rows["values"]))
    named = comparison.crossed_effects(**rows)
    assert anonymous.means == pytest.approx(named.means)
    assert anonymous.left_out == {"rater": "same as noise", "system_rater": "same as noise"} == named.left_out
    assert anonymous.speaks_of_raters
    assert len(anonymous.rater_codes) == 0
    assert anonymous.n_raters == 120


def test_systems_with_one_rater_each_speak_of_these_raters() -> None:
    rows = study(8, (2, 15, 2))
    own = rows["systems"] == rows["raters"]
    found = comparison.crossed_effects(**{name: column[own] for name, column in rows.items()})
    assert found.left_out["rater"] == "taken up by the systems"
    assert not found.speaks_of_raters
    assert "each system has one rater of its own: the figures hold for these raters." in found.notes


def test_systems_that_share_nothing_are_compared_and_it_is_said() -> None:
    rows = study(6, (2, 12, 6))
    apart = (rows["systems"] == 0) == ((rows["examples"] < 6) & (rows["raters"] < 3))
    apart &= (rows["systems"] == 0) | ((rows["examples"] >= 6) & (rows["raters"] >= 3))
    found = comparison.crossed_effects(**{name: column[apart] for name, column in rows.items()})
    gap = found.difference(0, 1)
    assert np.isfinite(gap.low)
    assert "the two share neither an example nor a rater." in gap.notes
    assert any(note.startswith("2 groups of systems share neither") for note in found.notes)
    assert found.shared_examples.tolist() == [[6, 0], [0, 6]]
    together = comparison.crossed_effects(**rows).difference(0, 1)
    assert gap.standard_error > together.standard_error  # raters and examples no longer drop out


def test_two_raters_of_two_systems_are_held_to_one_degree_of_freedom() -> None:
    rows = study(5, (2, 30, 2), system_rater=0.6)
    found = comparison.crossed_effects(**rows)
    gap, parts = found.difference(0, 1), found.variances
    noise = 2 * parts["noise"] / (30 * 2)
    example, rater = 2 * parts["system_example"] / 30, 2 * parts["system_rater"] / 2
    mean = ((example + noise) * stats.t.ppf(0.975, 29) + (rater + noise) * stats.t.ppf(0.975, 1)) / (
        example + rater + 2 * noise
    )
    alone = stats.t.ppf(0.975, 1) * np.sqrt(rater)
    assert gap.standard_error == pytest.approx(np.sqrt(example + rater + noise), rel=1e-6)
    assert gap.high - gap.value == pytest.approx(max(mean * gap.standard_error, alone), rel=1e-4)
    assert any(note.startswith("two raters: little can be said of others") for note in found.notes)


def test_three_raters_of_two_systems_have_no_less_doubt_than_their_leanings_alone() -> None:
    rows = study(5, (2, 60, 3), system_rater=0.8)
    found = comparison.crossed_effects(**rows)
    gap, rater = found.difference(0, 1), 2 * found.variances["system_rater"] / 3
    assert gap.high - gap.value >= stats.t.ppf(0.975, 2) * np.sqrt(rater) * (1 - 1e-9)
    assert 1.9 < gap.df < 2.6


def test_any_order_of_rows_gives_the_same_to_the_last_bit() -> None:
    rows, rng = study(7, (3, 12, 5), kept=0.7), np.random.default_rng(1)
    rows["values"] = np.round(rows["values"], 1)
    one = comparison.crossed_effects(**rows, influence=True)
    order = rng.permutation(len(rows["values"]))
    other = comparison.crossed_effects(
        **{name: column[order] for name, column in rows.items()}, influence=True
    )
    assert (one.means.tolist(), one.df.tolist(), one.covariance.tolist()) == (
        other.means.tolist(),
        other.df.tolist(),
        other.covariance.tolist(),
    )
    assert one.influence[order] == pytest.approx(other.influence, abs=0)


@pytest.mark.parametrize("scale", [1e-200, 1e-9, 1e9, 1e130])
def test_units_and_origin_change_nothing_but_themselves(scale: float) -> None:
    rows = study(7, (3, 12, 5), kept=0.7)
    one = comparison.crossed_effects(**rows)
    other = comparison.crossed_effects(**{**rows, "values": (rows["values"] + 50) * scale})
    assert other.means / scale - 50 == pytest.approx(one.means, abs=1e-9)
    assert other.standard_errors / scale == pytest.approx(one.standard_errors, rel=1e-6)
    assert other.pairs().df == pytest.approx(one.pairs().df, rel=1e-5)
    assert other.difference(2, 0).p_value == pytest.approx(one.difference(2, 0).p_value, rel=1e-6)


def test_names_of_systems_examples_and_raters_are_only_names() -> None:
    rows = study(7, (3, 12, 5), kept=0.7)
    one = comparison.crossed_effects(**rows)
    named = {
        "systems": 90 - 7 * rows["systems"],
        "examples": 10**12 + 13 * rows["examples"],
        "raters": -5 - rows["raters"],
    }
    other = comparison.crossed_effects(rows["values"], **named)
    assert other.system_codes.tolist() == [76, 83, 90]
    assert other.means[::-1] == pytest.approx(one.means, abs=1e-9)
    assert other.difference(76, 90).df == pytest.approx(one.difference(2, 0).df, rel=1e-6)
    assert other.rater_codes.tolist() == [-9, -8, -7, -6, -5]
    assert other.severity[::-1] == pytest.approx(one.severity, abs=1e-7)


def test_missing_values_are_left_out_and_counted() -> None:
    rows = study(7)
    rows["values"][[3, 50]] = np.nan
    found = comparison.crossed_effects(**rows, influence=True)
    known = ~np.isnan(rows["values"])
    without = comparison.crossed_effects(
        **{name: column[known] for name, column in rows.items()}, influence=True
    )
    assert found.omitted == {"missing values": 2}
    assert found.means.tolist() == without.means.tolist()
    assert (found.influence[[3, 50]] == 0).all()
    assert found.influence[known].tolist() == without.influence.tolist()


def test_an_answer_given_twice_is_two_answers_of_one_cell() -> None:
    rows, rng = study(7, (2, 10, 4)), np.random.default_rng(2)
    twice = {name: np.tile(column, 2) for name, column in rows.items()}
    twice["values"] = twice["values"] + rng.normal(0, 0.3, len(twice["values"]))
    found = comparison.crossed_effects(**twice)
    means, covariance = generalized_least_squares(twice, dict(found.variances))
    assert found.n == 160
    assert found.means == pytest.approx(means, abs=1e-8)
    assert found.covariance == pytest.approx(covariance, rel=1e-6)
    both = comparison.crossed_effects(**twice, influence=True).influence.reshape(2, 80, 2)
    apart = (twice["values"] - found.means[twice["systems"]]).reshape(2, 80)
    assert both[0] / apart[0][:, None] == pytest.approx(
        both[1] / apart[1][:, None], rel=1e-8
    )  # one weight, two distances


def test_values_that_do_not_vary_have_means_and_no_interval() -> None:
    i = np.indices((2, 4, 3)).reshape(3, -1)
    found = comparison.crossed_effects(3.0 + i[0], systems=i[0], examples=i[1], raters=i[2])
    assert found.means.tolist() == [3.0, 4.0]
    assert np.isnan(found.low).all()
    assert np.isnan(found.difference(0, 1).p_value)
    assert found.difference(0, 1).value == -1.0
    assert "an interval cannot be had" in " ".join(found.notes)


def test_raters_who_never_disagree_leave_the_spread_of_the_examples() -> None:
    rng = np.random.default_rng(1)
    per_example = rng.normal(size=(2, 12)) + 2 * rng.normal(size=12)
    i = np.indices((2, 12, 3)).reshape(3, -1)
    found = comparison.crossed_effects(per_example[i[0], i[1]], systems=i[0], examples=i[1], raters=i[2])
    paired = comparison.paired_difference(per_example[0], per_example[1])
    gap = found.difference(0, 1)
    assert (gap.low, gap.high) == pytest.approx((paired.low, paired.high), rel=1e-3)
    assert "noise" in found.at_zero


def test_one_answer_has_a_mean_and_nothing_else() -> None:
    found = comparison.crossed_effects([4.0], systems=[0], examples=[0], raters=[0])
    assert found.means.tolist() == [4.0]
    assert np.isnan(found.high[0])
    assert found.pairs().values.shape == (0,)
    nothing = comparison.crossed_effects([np.nan], systems=[0], examples=[0], raters=[0])
    assert nothing.undefined == "no answer is left to average"
    assert nothing.pairs().values.shape == (0,)


def test_what_cannot_be_answered_is_refused() -> None:
    rows = study(1)
    found = comparison.crossed_effects(**rows)
    with pytest.raises(InputError, match="no system has the code 9"):
        found.difference(0, 9)
    with pytest.raises(InputError, match="a finite weight for each of 3 systems"):
        found.contrasts([[1, -1]])
    with pytest.raises(InputError, match="raters_as must be one of random, fixed"):
        comparison.crossed_effects(**rows, raters_as="both")
    with pytest.raises(InputError, match="rescale"):
        comparison.crossed_effects(**{**rows, "values": rows["values"] * 1e200})
    n = 7000
    many = {"systems": [0] * n * 2, "examples": [*range(n)] * 2, "raters": [*range(n), *range(1, n), 0]}
    with pytest.raises(InputError, match="at most 6,500 levels"):
        comparison.crossed_effects(np.ones(2 * n), **many)
    with pytest.raises(InputError, match="at most 2,000 cells of system x rater can be fixed, got 7,000"):
        comparison.crossed_effects(np.ones(2 * n), **many, raters_as="fixed")


def test_anonymous_raters_have_no_severity_and_take_none_from_those_with_names() -> None:
    """Some rows without a name beside four raters: four severities, those of the raters with a name."""
    rows = study(9, (2, 15, 5))
    rows["raters"] = np.where(rows["raters"] == 4, -1, rows["raters"])
    found = comparison.crossed_effects(**rows)
    assert found.rater_codes.tolist() == [0, 1, 2, 3]
    assert found.severity.shape == found.severity_errors.shape == (4,)
    assert np.isfinite(found.severity).all()
    again = comparison.crossed_effects(
        **{**rows, "raters": np.where(rows["raters"] < 0, -1, 3 - rows["raters"])}
    )
    assert again.severity == pytest.approx(found.severity[::-1])
