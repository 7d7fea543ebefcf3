"""The figures of one system: by people, by a machine, by both."""

import numpy as np
import pytest

from concord.scorecards.services.automatic import automatic
from concord.scorecards.services.compute import _missing
from concord.scorecards.services.human import human
from concord.scorecards.services.join import FEWEST_JUDGED_BY_BOTH, both_sides, joined
from concord.scorecards.services.people import people_agree
from concord.stats import comparison, joint
from tests.concord.scorecards.arrays import (
    dimension,
    mean,
    preference,
    rate,
    ratings,
    scope,
    scores,
    verdicts,
    votes,
)


def test_a_share_with_one_answer_an_example_is_wilsons() -> None:
    found = human(ratings([(1, e, 7, 1.0 if e < 3 else 2.0) for e in range(10)]), rate(), (1,))[1]
    wilson = comparison.proportion(3, 10)
    assert (found["value"], found["low"], found["high"], found["n"]) == (0.3, wilson.low, wilson.high, 10)


def test_no_unsafe_answer_at_all_still_has_an_upper_end() -> None:
    found = human(ratings([(1, e, r, 2.0) for e in range(50) for r in range(6)]), rate(), (1,))[1]
    assert (found["value"], found["low"]) == (0.0, 0.0)
    assert found["high"] == pytest.approx(comparison.proportion(0, 50).high)


def test_every_output_counts_the_same_however_many_judged_it() -> None:
    rows = [(1, 1, r, 5.0) for r in range(9)] + [(1, 2, 0, 1.0)]
    found = human(ratings(rows), mean(), (1,))[1]
    assert found["value"] == pytest.approx(3.0)
    assert (found["n"], found["outputs"], found["raters"]) == (10, 2, 9)


def test_raters_widen_the_interval_only_where_there_are_enough_of_them() -> None:
    rng = np.random.default_rng(3)
    taste = dict(enumerate(rng.normal(0, 1, 8)))
    rows = [(1, e, r, 3 + taste[r] + rng.normal(0, 0.3)) for e in range(30) for r in range(8)]
    many = human(ratings(rows), mean(label_names={}), (1,))[1]
    few = human(ratings([row for row in rows if row[2] < 4]), mean(label_names={}), (1,))[1]
    assert "two-way" in many["method"]
    assert many["high"] - many["low"] > 3 * (few["high"] - few["low"])
    assert "these 4 raters" in few["notes"][0]


def test_anonymous_raters_are_no_raters() -> None:
    found = human(ratings([(1, e, -1, 4.0 - e % 2) for e in range(12)]), mean(), (1,))[1]
    assert found["raters"] == 0
    assert "anonymous" in found["notes"][0]


def test_a_mean_never_has_an_interval_beyond_the_scale() -> None:
    found = human(ratings([(1, e, 0, 5.0 if e else 4.0) for e in range(10)]), mean(), (1,))[1]
    assert found["high"] == 5.0


def test_a_system_that_nobody_judged_is_a_reason_and_not_a_zero() -> None:
    found = human(ratings([(1, 1, 0, 3.0)]), mean(), (1, 2))[2]
    assert found["value"] is None
    assert found["undefined"] == "no one judged an output of this system"


def test_unreadable_answers_stay_in_n_and_have_no_label() -> None:
    given = (
        [(1, e, 1.0) for e in range(6)]
        + [(1, 6 + e, 2.0) for e in range(2)]
        + [(1, 8 + e, np.nan) for e in range(2)]
    )
    found = automatic(scores(given), rate(), (1,))[1]
    assert (found["value"], found["n"], found["omitted"]) == (0.6, 10, {"unparsed": 2})
    assert found["if_unparsed"] == {"none_named": 0.6, "all_named": 0.8, "left_out": 0.75}


def test_unreadable_answers_are_left_out_of_a_mean() -> None:
    found = automatic(scores([(1, 1, 2.0), (1, 2, 4.0), (1, 3, np.nan)]), mean(), (1, 2))
    assert (found[1]["value"], found[1]["n"], found[1]["omitted"]) == (3.0, 2, {"unparsed": 1})
    assert found[2]["undefined"] == "the machine scored no output of this system"


def test_outputs_in_scope_without_an_answer_are_counted_per_system() -> None:
    evidence = dimension(mean(), ratings([(1, 1, 0, 3.0)]), scope=scope([(1, 1), (1, 2), (2, 1)]))
    assert _missing(evidence, evidence.ratings, (1, 2)) == {1: 1, 2: 1}


def test_the_joint_figure_is_the_prediction_powered_one() -> None:
    rng = np.random.default_rng(0)
    truth = rng.random(400) < 0.3
    machine = np.where(rng.random(400) < 0.9, truth, ~truth)
    people = ratings([(1, e, 0, 1.0 if truth[e] else 2.0) for e in range(100)])
    found = joined(
        both_sides(people, scores([(1, e, 1.0 if machine[e] else 2.0) for e in range(400)]), rate(), (1,)),
        rate(),
    )[1]
    direct = joint.prediction_powered_mean(truth[:100] * 1.0, machine[:100] * 1.0, machine[100:] * 1.0)
    assert found["value"] == pytest.approx(direct.value)
    assert found["low"] == pytest.approx(direct.low, abs=1e-3)  # folds of centred numbers
    assert (found["labelled"], found["unlabelled"]) == (100, 300)
    alone = human(people, rate(), (1,))[1]
    assert found["high"] - found["low"] < alone["high"] - alone["low"]


@pytest.mark.parametrize(
    ("people", "machine", "reason"),
    [
        (range(0), range(50), "no one judged"),
        (range(50), range(0), "the machine judged no"),
        (range(FEWEST_JUDGED_BY_BOTH - 1), range(50), "are needed to correct the machine"),
        (range(50), range(50), "the machine has nothing to add"),
    ],
)
def test_there_is_no_joint_figure_without_a_reason_for_one(
    people: range, machine: range, reason: str
) -> None:
    given = ratings([(1, e, 0, 3.0) for e in people]), scores([(1, e, 3.0) for e in machine])
    found = joined(both_sides(*given, mean(), (1,)), mean())[1]
    assert found["value"] is None
    assert reason in found["undefined"]


def test_a_win_counts_for_one_and_against_the_other_and_a_tie_half() -> None:
    found = human(
        votes([(1, 2, 1, 0, 1.0), (2, 1, 2, 0, 1.0), (1, 2, 3, 0, 2.0), (1, 2, 4, 0, 1.0)]),
        preference(),
        (1, 2),
    )
    assert (found[1]["value"], found[2]["value"], found[1]["n"]) == (0.625, 0.375, 4)


def test_a_machine_that_saw_the_pair_the_other_way_round_means_the_same() -> None:
    people = votes([(1, 2, e, 0, 1.0) for e in range(30)])
    machine = verdicts([(2, 1, e, 3.0) for e in range(60)])
    found = joined(both_sides(people, machine, preference(), (1, 2)), preference())
    assert (found[1]["value"], found[2]["value"]) == (1.0, 0.0)
    assert found[1]["labelled"] == 30


def test_agreement_of_one_rater_with_nobody_is_undefined() -> None:
    found = people_agree(ratings([(1, 1, 0, 3.0), (1, 2, 0, 4.0)], cannot_judge=3), mean())
    assert found["value"] is None
    assert (found["cannot_judge"], found["ratings"]) == (3, 2)
