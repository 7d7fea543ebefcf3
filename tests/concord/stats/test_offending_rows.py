"""Malformed entries are named: what they are, and where they stand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from concord.stats import InputError, agreement, calibration, comparison, fairness, joint, ranking

NAN = np.nan
MESSAGES: list[tuple[Any, str]] = [
    (lambda: comparison.mcnemar([0, 1, NAN, 2], [0, 1, 1, 0]), "a must be 0 or 1, got 2.0 at position 3"),
    (lambda: comparison.mcnemar([0, 1, NAN], [0, 0.5, 1]), "b must be 0 or 1, got 0.5 at position 1"),
    (
        lambda: fairness.mantel_haenszel_dif([NAN, 1, 1, 0], [0, 1, 7, 1], [0] * 4),
        "groups must be 0 or 1, got 7 at position 2",
    ),
    (
        lambda: fairness.logistic_dif([1, 1, 1, -1], [0, 1, 0, 1], [NAN, 1, 2, 3]),
        "correct must be 0 or 1, got -1.0 at position 3",
    ),
    (
        lambda: fairness.equalised_odds([1, 0, 1], [1, 0, 3], [0, 1, 0]),
        "actual must be 0 or 1, got 3.0 at position 2",
    ),
    (
        lambda: fairness.in_group_agreement(
            [0, 0], [5, 6], [1, 1], rater_codes=[5, 6, 8, 6], rater_groups=[0, 1, 0, 1], level="nominal"
        ),
        "rater_codes must be distinct, got 6 at position 3",
    ),
    (
        lambda: calibration.brier([0.5, NAN, 1.5], [1, 0, 1]),
        "probabilities must lie between 0 and 1, got 1.5 at position 2",
    ),
    (lambda: calibration.platt([1, 2, 3], [0, 1, 9]), "outcomes must be 0 or 1, got 9.0 at position 2"),
    (
        lambda: joint.self_preference([1, 2, 3], [1, 2, 3], [0, 1, 2]),
        "own must be 0 or 1, got 2 at position 2",
    ),
    (
        lambda: joint.prediction_powered_win_rate([1, 0, 1], [1, 0, 2], [1, 0]),
        "judged must lie between 0 and 1, got 2.0 at position 2",
    ),
    (
        lambda: agreement.span_agreement([1, 1, 1], [0, 1, 1], [0, NAN, 10], [5, 4, 12]),
        "every span needs a start before its end (or nan in both, for nothing marked), got nan to 4 at position 1",
    ),
    (
        lambda: agreement.span_agreement([1, 1], [0, 1], [0, 9], [5, 3]),
        "every span needs a start before its end (or nan in both, for nothing marked), got 9 to 3 at position 1",
    ),
]


@pytest.mark.parametrize(("call", "message"), MESSAGES, ids=[message[:40] for _, message in MESSAGES])
def test_refusals_name_the_entry_and_its_place(call: Any, message: str) -> None:
    with pytest.raises(InputError) as error:
        call()
    assert str(error.value) == message


def test_a_proportion_of_answers_is_that_of_their_counts() -> None:
    found = comparison.proportion([1, 0, 1, NAN, 1])
    wanted = comparison.proportion(3, 4)
    assert (found.value, found.low, found.high, found.n) == (wanted.value, wanted.low, wanted.high, 4)
    assert found.omitted == {"missing values": 1}
    assert comparison.proportion(np.array([True, False]), method="jeffreys").value == 0.5
    assert comparison.proportion([]).undefined
    for call, message in (
        (lambda: comparison.proportion([1, 0, 2]), "k must be 0 or 1, got 2.0 at position 2"),
        (lambda: comparison.proportion([1, 0], 2), "for answers of 0 and 1 leave n out"),
        (lambda: comparison.proportion(3), "k of 3 needs an n"),
        (lambda: comparison.proportion(11, 10), "k must not exceed n, got k=11 of n=10"),
    ):
        with pytest.raises(InputError, match=message):
            call()


def test_what_is_dropped_need_not_be_right() -> None:
    """A group of -1 stands where there is no answer."""
    found = fairness.mantel_haenszel_dif([1, 0, 1, 0, NAN], [0, 0, 1, 1, -1], [0] * 5)
    assert (found.value, found.n) == (1.0, 4)


def refusal(call: Any) -> str:
    with pytest.raises(InputError) as error:
        call()
    return str(error.value)


def test_the_recipe_for_names_gives_both_sides_of_a_vote_one_numbering() -> None:
    left, right = ["old", "old", "tiny"], ["new", "tiny", "new"]
    message = refusal(lambda: ranking.bradley_terry(left, right, [0, 0.5, 1], n_systems=3))
    names, codes = np.unique([*left, *right], return_inverse=True)
    assert "numpy.unique([*left, *right], return_inverse=True)" in message
    assert "left, right = numpy.split(codes, 2)" in message
    assert [names[side].tolist() for side in np.split(codes, 2)] == [left, right]


def test_no_recipe_makes_numbers_of_words_whose_number_means_something() -> None:
    """In alphabetical order "right" would be 0 and "wrong" 1, and "left" a vote for the right."""
    words = "must hold numbers, got"
    for call in (
        lambda: comparison.mcnemar(["right", "wrong"], ["right", "right"]),
        lambda: ranking.bradley_terry([0, 1], [1, 0], ["left", "right"], n_systems=2),
        lambda: calibration.brier([0.9, 0.2], ["right", "wrong"]),
    ):
        message = refusal(call)
        assert words in message
        assert "numpy.unique" not in message
        assert message.endswith("give the number that each word stands for")
    coded = refusal(lambda: agreement.krippendorff_alpha(["a", "a"], [0, 1], [1, 1], level="nominal"))
    assert coded.endswith(
        "`names, codes = numpy.unique(units, return_inverse=True)` turns names into codes, in alphabetical order"
    )


def test_a_gap_tells_a_group_that_is_not_there_from_a_small_one() -> None:
    values, groups = [0, 1] * 15, [0] * 20 + [1] * 6 + [2] * 4
    assert fairness.gap(values, groups, of=7, versus=0).undefined == "group 7 has no values"
    small = fairness.gap(values, groups, of=2, versus=0)
    assert small.undefined == "group 2: suppressed: fewer than 10 cases"


def test_the_note_of_no_spread_speaks_of_clusters_only_where_there_are_some() -> None:
    for clusters, seen in (
        (None, "no spread between answers could be seen: taken for 4 independent answers."),
        ([0, 0, 1, 1], "no spread between clusters could be seen: taken for 2 independent answers."),
        ([0] * 4, "no spread between clusters could be seen: taken for one answer."),
    ):
        assert comparison.clustered_proportion([1] * 4, clusters=clusters).notes == (seen,)


def test_a_skewed_difference_of_right_and_wrong_answers_is_sent_to_mcnemar() -> None:
    better, worse = [1] * 40, [1] * 35 + [0] * 5
    assert comparison.paired_difference(better, worse).notes[0].endswith("for 0 and 1 take `mcnemar`.")
    assert comparison.mean(worse).notes[0].endswith("for 0 and 1 take `clustered_proportion`.")
    scores = comparison.paired_difference([score + 3 for score in better], [score + 3 for score in worse])
    assert scores.notes[0].endswith('a "skewed" one errs less.')


def test_observations_that_vary_inside_alike_clusters_are_not_said_to_be_constant() -> None:
    alike = comparison.mean([0.0, 1.0, 0.0, 1.0], clusters=[0, 0, 1, 1])
    assert alike.notes == ("the clusters do not vary: an interval cannot be had from them.",)
    constant = comparison.mean([0.5] * 4, clusters=[0, 0, 1, 1])
    assert constant.notes == ("the observations do not vary: an interval cannot be had from them.",)
