"""Results: they print shortly, compare by value, and nothing in them can be changed."""

from dataclasses import fields, is_dataclass, replace

import numpy as np
import pytest

import concord.stats
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
from concord.stats._display import brief


@pytest.fixture
def leaderboard() -> ranking.BradleyTerry:
    rng = np.random.default_rng(1)
    left = rng.integers(0, 40, 2000)
    right = (left + rng.integers(1, 40, 2000)) % 40
    return ranking.bradley_terry(left, right, rng.integers(0, 2, 2000), n_systems=40)


def test_an_estimate_prints_as_one_line_with_its_interval_and_its_notes_counted():
    assert str(comparison.proportion(8, 10)) == "0.8 [0.4902, 0.9433] (95 %, n = 10, Wilson score)"
    assert str(comparison.mean([])) == "undefined: no observation is left to average"
    assert str(comparison.mean([3.0])).startswith("3 (n = 1, ")
    assert str(comparison.mean([3.0])).endswith("; 1 note)")


def test_a_bound_from_above_prints_how_often_it_holds():
    bound = tails.upper_bound([1.0, 2.0, 3.0] * 50, 0.9)
    assert str(bound) == "3 (99 %, n = 150, MLPerf early stopping, 6 over)"


def test_a_probability_prints_the_interval_beside_the_difference_that_it_bounds():
    shown = str(comparison.probability_better([1, 1, 1, 0, 1, 1], [0, 1, 0, 0, 0, 1]))
    assert shown.startswith("probability 0.9")
    assert "; difference 0.5 [" in shown


def test_long_parts_are_shortened_and_short_ones_are_not(leaderboard):
    shown = repr(leaderboard)
    assert len(shown) < 1200
    assert f"log_strengths=[{float(leaderboard.log_strengths[0])!r}, " in shown
    assert "... 40 in all]" in shown
    adjusted = comparison.holm([0.01, 0.04])
    assert repr(adjusted).startswith("Adjusted(p_values=[0.02, 0.04], rejected=[True, True], ")


def test_results_inside_a_result_are_counted():
    units, raters, values = np.repeat(np.arange(20), 3), np.tile([0, 1, 2], 20), np.arange(60) % 2
    shown = repr(agreement.alpha_without_each_rater(units, raters, values, level="nominal"))
    assert "alpha" in shown
    assert len(shown) < 1500
    assert len(aggregation.rater_cards(units, raters, values)) == 3


def test_no_array_of_a_result_can_be_written_and_the_callers_own_still_can(leaderboard):
    with pytest.raises(ValueError, match="read-only"):
        leaderboard.log_strengths[0] = 9.0
    p_values = np.array([0.01, 0.04])
    adjusted = comparison.holm(p_values)
    with pytest.raises(ValueError, match="read-only"):
        adjusted.p_values[0] = 0.0
    p_values[0] = 0.5


def test_results_are_equal_where_every_field_is_nan_being_equal_to_nan(leaderboard):
    same = replace(leaderboard, log_strengths=leaderboard.log_strengths.copy())
    assert same == leaderboard
    assert hash(same) == hash(leaderboard)
    assert replace(leaderboard, log_strengths=leaderboard.log_strengths + 1) != leaderboard
    assert comparison.mean([1.0]) == comparison.mean([1.0])  # without an interval, low and high are nan
    assert comparison.mean([1.0, 2.0]) != comparison.mean([1.0, 4.0])
    assert comparison.mean([1.0]) != "1"


def test_results_that_are_equal_hash_alike_whatever_type_their_numbers_have():
    one = comparison.mean([1.0, 2.0])
    same = replace(one, value=np.float64(1.5), n=2.0, omitted={})
    assert (same == one, hash(same) == hash(one), len({one, same})) == (True, True, 1)
    other = replace(one, n=3)
    assert other != one
    assert {one: 1, other: 2}[other] == 2


def test_an_array_is_no_other_thing_and_dicts_compare_value_by_value(leaderboard):
    assert replace(leaderboard, log_strengths=None) != leaderboard
    assert replace(leaderboard, log_strengths=leaderboard.log_strengths.tolist()) != leaderboard
    one = comparison.mean([1.0])
    assert replace(one, omitted={"share": float("nan")}) == replace(one, omitted={"share": float("nan")})
    assert replace(one, omitted={"share": float("nan")}) != replace(one, omitted={"other": float("nan")})


def test_every_room_can_be_seen_before_it_is_imported():
    assert {"agreement", "tails", "InputError"} <= set(dir(concord.stats))


def test_names_where_codes_belong_are_refused_with_the_way_to_codes():
    with pytest.raises(InputError, match=r"numpy.unique\(units, return_inverse=True\)"):
        agreement.krippendorff_alpha(["a", "a"], [0, 1], [1, 1], level="nominal")


LONG = {  # with an entry for every unit, person, pair of systems, vote or resample
    "resamples", "posterior", "truth", "truth_error", "covariance", "difference_variance", "severity", "severity_errors",
    "shared_examples", "shared_raters", "matrix", "lows", "highs", "habit", "item_codes", "person_codes", "ability",
    "ability_error", "ability_low", "ability_high", "wins",
}  # fmt: skip
LONG_HERE = {
    "Alpha": {"categories", "unit_codes", "per_unit"},
    "Kappa": {"categories"},
    "RaterBias": {"unit_codes", "rater_codes", "log_likelihood"},
    "Glad": {"difficulty", "reliability"},
    "Mace": {"reliability"},
    "DawidSkene": {"confusion"},
    "EValue": {"values"},
    "CrossedEffects": {"rater_codes", "influence", "fit"},
    "Isotonic": {"scores", "probabilities"},
    "WinRates": {"counts"},
}
OF_LABELS = {"unit_codes", "rater_codes", "label", "log_likelihood"}


def test_what_is_as_long_as_the_data_is_not_printed() -> None:
    rooms = agreement, aggregation, calibration, comparison, fairness, joint, ranking, tails
    results = {
        one
        for room in rooms
        for one in vars(room).values()
        if isinstance(one, type) and is_dataclass(one) and "posterior" in one.__dataclass_fields__
    }
    assert {"DawidSkene", "Glad", "Mace"} <= {one.__name__ for one in results}
    for room in rooms:
        for one in vars(room).values():
            if isinstance(one, type) and is_dataclass(one):
                hidden = LONG | LONG_HERE.get(one.__name__, set()) | (OF_LABELS if one in results else set())
                printed = {item.name for item in fields(one) if item.repr}
                assert not printed & hidden, f"{one.__name__} prints {printed & hidden}"


def test_a_part_of_up_to_six_is_shown_in_full() -> None:
    assert brief(np.arange(6)) == "[0, 1, 2, 3, 4, 5]"
    assert brief(np.arange(7)) == "[0, 1, 2, ... 7 in all]"
    assert brief(np.zeros((2, 4))) == "<2 x 4 array>"
    assert brief(np.float64(0.5)) == "0.5"
    assert brief(list(range(7))) == "[0, 1, 2, 3, 4, 5, ... 7 in all]"
    assert brief((1,)) == "(1,)"
    assert brief((1, 2)) == "(1, 2)"
    assert brief({"a": np.arange(7)}) == "{'a': [0, 1, 2, ... 7 in all]}"
    assert brief({str(n): n for n in range(7)}).endswith("'5': 5, ... 7 in all}")
    one = comparison.proportion(1, 2)
    assert brief((one, one)) == "<2 of Estimate>"
    assert brief((one,)) == f"({one!r},)"
