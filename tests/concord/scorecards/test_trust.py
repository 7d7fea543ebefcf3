"""How far a machine may stand in for people, against tables worked by hand."""

import pytest

from concord.scorecards.services.trust import trust
from tests.concord.scorecards.arrays import mean, preference, rate, ratings, scores, verdicts, votes


def test_agreement_kappa_and_table_against_cohens_arithmetic() -> None:
    """20 outputs: both comply 8, both refuse 6, people comply and the machine refuses 4, the other way round 2."""
    pairs = [(1.0, 1.0)] * 8 + [(2.0, 2.0)] * 6 + [(1.0, 2.0)] * 4 + [(2.0, 1.0)] * 2
    people = ratings([(1, e, 0, ours) for e, (ours, _) in enumerate(pairs)])
    machine = scores([(1, e, theirs) for e, (_, theirs) in enumerate(pairs)])
    labels = trust(people, machine, rate(), (1,))["labels"]
    assert labels["table"] == [[8, 4], [2, 6]]
    assert labels["agreement"]["value"] == 0.7
    expected = 0.6 * 0.5 + 0.4 * 0.5
    assert labels["kappa"]["value"] == pytest.approx((0.7 - expected) / (1 - expected))


def test_the_machines_error_is_its_rate_less_the_peoples_on_the_same_outputs() -> None:
    people = ratings([(1, e, 0, 1.0 if e < 2 else 2.0) for e in range(10)])
    machine = scores([(1, e, 1.0 if e < 5 else 2.0) for e in range(10)] + [(1, 50, 1.0)])
    row = trust(people, machine, rate(), (1,))["per_system"][0]
    assert (row["people"], row["machine"], row["error"]["n"]) == (0.2, 0.5, 10)
    assert row["error"]["value"] == pytest.approx(0.3)


def test_outputs_on_which_people_are_split_are_left_out_and_counted() -> None:
    people = ratings([(1, 1, 0, 1.0), (1, 1, 1, 2.0), (1, 2, 0, 1.0), (1, 2, 1, 1.0)])
    labels = trust(people, scores([(1, 1, 1.0), (1, 2, 1.0)]), rate(), (1,))["labels"]
    assert (labels["split"], labels["agreement"]["n"]) == (1, 1)


def test_a_split_vote_on_a_pair_is_a_tie() -> None:
    people = votes([(1, 2, 1, 0, 1.0), (1, 2, 1, 1, 3.0), (1, 2, 2, 0, 1.0)])
    report = trust(people, verdicts([(1, 2, 1, 2.0), (1, 2, 2, 1.0)]), preference(), (1, 2))
    assert report["labels"]["agreement"]["value"] == 1.0
    assert report["without_ties"]["n"] == 1


def test_the_side_on_which_the_machine_saw_an_output_changes_nothing() -> None:
    people = votes([(1, 2, e, 0, 1.0 if e % 3 else 3.0) for e in range(30)])
    same = verdicts([(1, 2, e, 1.0 if e % 2 else 3.0) for e in range(30)])
    turned = verdicts([(2, 1, e, 3.0 if e % 2 else 1.0) for e in range(30)])
    first, second = (trust(people, each, preference(), (1, 2))["labels"] for each in (same, turned))
    assert first == second


def test_ordered_labels_have_correlations_and_a_weighted_kappa() -> None:
    people = ratings([(1, e, 0, float(1 + e % 5)) for e in range(25)])
    report = trust(people, scores([(1, e, float(max(1, e % 5))) for e in range(25)]), mean(), (1,))
    assert report["numbers"]["correlations"]["pearson"]["value"] == pytest.approx(
        8 / 68**0.5
    )  # x 1..5 against y 1, 1, 2, 3, 4
    assert report["labels"]["kappa"]["weighted"]["value"] > report["labels"]["kappa"]["value"]


def test_nothing_in_common_is_said_in_words() -> None:
    report = trust(ratings([(1, 1, 0, 1.0)]), scores([(1, 2, 1.0)]), rate(), (1,))
    assert report["labels"]["agreement"]["undefined"] == "people and machine judged nothing in common"
    assert report["per_system"][0]["error"]["undefined"] == "nothing was judged by both"
