"""How far a machine may stand in for people, against tables worked by hand."""

from typing import Any

import numpy as np
import pytest
from scipy import stats

from concord.estimates import machine
from concord.estimates.agreement import among_people
from concord.estimates.correlation import correlations
from concord.estimates.enums import Scope
from concord.estimates.observations import observe
from concord.estimates.question import Question
from concord.estimates.ratings import Ratings
from concord.estimates.scores import Scores
from tests.concord.estimates.answers import mean, preference, rate, ratings, scores, verdicts, votes


def trust(people: Ratings, scored: Scores, question: Question, systems: tuple[int, ...]) -> dict[str, Any]:
    sides = observe(people, question).readable(), observe(scored, question).readable()
    return machine.trust(people, scored, *sides, systems, question)


def test_agreement_kappa_and_table_against_cohens_arithmetic() -> None:
    """20 outputs: both comply 8, both refuse 6, people comply and the machine refuses 4, the other way round 2."""
    pairs = [(1.0, 1.0)] * 8 + [(2.0, 2.0)] * 6 + [(1.0, 2.0)] * 4 + [(2.0, 1.0)] * 2
    people = ratings([(1, e, 0, ours) for e, (ours, _) in enumerate(pairs)])
    scored = scores([(1, e, theirs) for e, (_, theirs) in enumerate(pairs)])
    labels = trust(people, scored, rate(), (1,))["labels"]
    assert labels["table"] == [[8, 4], [2, 6]]
    assert labels["agreement"]["value"] == 0.7
    expected = 0.6 * 0.5 + 0.4 * 0.5
    assert labels["kappa"]["value"] == pytest.approx((0.7 - expected) / (1 - expected))


def test_the_machines_error_is_its_rate_less_the_peoples_on_the_same_outputs() -> None:
    people = ratings([(1, e, 0, 1.0 if e < 2 else 2.0) for e in range(10)])
    scored = scores([(1, e, 1.0 if e < 5 else 2.0) for e in range(10)] + [(1, 50, 1.0)])
    row = trust(people, scored, rate(), (1,))["per_system"][0]
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


def shared_examples(rng: np.random.Generator, examples: int, outputs: int):
    """Outputs of one example share its quality and the machine's error on it."""
    quality, error = rng.normal(0, 1, (2, examples, 1))
    people = np.round(2 * (quality + rng.normal(0, 1, (examples, outputs))))
    machine = np.round(people + 2 * error + rng.normal(0, 1, (examples, outputs)))
    return people.ravel(), machine.ravel(), np.arange(examples).repeat(outputs)


def test_correlations_of_outputs_that_share_examples_against_simulation() -> None:
    """Fisher's interval for independent outputs covers 60 to 75 % here."""
    rng = np.random.default_rng(0)
    people, scored, _ = shared_examples(rng, 40_000, 8)
    truth, repeats = np.corrcoef(people, scored)[0, 1], 120
    covered = naive = 0
    for _ in range(repeats):
        ours, theirs, examples = shared_examples(rng, 40, 8)
        found = correlations(ours, theirs, examples, confidence=0.95)["pearson"]
        covered += found.low <= truth <= found.high
        naive += abs(np.arctanh(found.value) - np.arctanh(truth)) <= 1.96 / np.sqrt(len(ours) - 3)
    assert 0.89 <= covered / repeats <= 0.99
    assert naive / repeats < 0.88


def test_correlations_against_scipy() -> None:
    rng = np.random.default_rng(1)
    a = rng.integers(1, 6, 200).astype(float)
    b = np.clip(a + rng.integers(-2, 3, 200), 1, 5)
    found = correlations(a, b, np.arange(200), confidence=0.95)
    assert found["spearman"].value == pytest.approx(stats.spearmanr(a, b).statistic)
    assert found["kendall"].value == pytest.approx(stats.kendalltau(a, b).statistic)
    many = correlations(rng.normal(size=150), rng.normal(size=150), np.arange(150), confidence=0.95)
    assert all(figure.low < figure.value < figure.high for figure in many.values())


def test_kappa_and_alpha_are_wider_where_outputs_share_examples() -> None:
    """The same answers, on 20 examples or each on its own: an example is answered alike throughout, so it is one observation."""
    rng = np.random.default_rng(2)
    ours, theirs = rng.integers(1, 3, (2, 20)).astype(float)
    theirs = np.where(rng.random(20) < 0.6, ours, theirs)
    rows = [(s, e, r, (ours if r else theirs)[e]) for e in range(20) for s in range(1, 9) for r in (0, 1)]
    alone = [(1, 100 * s + e, r, v) for s, e, r, v in rows]
    together, apart = (
        among_people(ratings(each), level="nominal", scope=Scope.THESE_RATERS).alpha for each in (rows, alone)
    )
    assert together.value == pytest.approx(apart.value)
    assert together.high - together.low > 2 * (apart.high - apart.low)
    assert "20 examples" in together.method
    kappas = []
    for each in (rows, alone):
        people = ratings([row for row in each if row[2]])
        scored = scores([(s, e, v) for s, e, r, v in each if not r])
        kappas.append(trust(people, scored, rate(), tuple(range(1, 9)))["labels"]["kappa"])
    assert kappas[0]["value"] == pytest.approx(kappas[1]["value"])
    assert kappas[0]["high"] - kappas[0]["low"] > 2 * (kappas[1]["high"] - kappas[1]["low"])


def test_that_a_machine_is_off_must_be_more_than_chance_for_all_systems_of_the_table() -> None:
    """Forty systems for which it is not off: intervals that hold together, so none of them leaves out 0 but by rare chance."""
    rng = np.random.default_rng(3)
    rows = [(s, e, 0, rng.normal(3, 1)) for s in range(1, 41) for e in range(30)]
    scored = scores([(s, e, v + rng.normal(0, 1)) for s, e, _, v in rows])
    found = trust(ratings(rows), scored, mean(label_names={}), tuple(range(1, 41)))["per_system"]
    t = [abs(row["error"]["value"] / row["error"]["standard_error"]) for row in found]
    assert max(t) > 2.05
    assert not any(row["error"]["differs"] for row in found)


def test_off_is_said_exactly_where_the_tables_interval_leaves_out_0() -> None:
    rng = np.random.default_rng(4)
    shift = {s: (s - 1) * 0.12 for s in range(1, 8)}
    rows = [(s, e, 0, rng.normal(3, 1)) for s in shift for e in range(60)]
    scored = scores([(s, e, v + shift[s] + rng.normal(0, 0.7)) for s, e, _, v in rows])
    found = trust(ratings(rows), scored, mean(label_names={}), tuple(shift))["per_system"]
    off = [row["error"]["differs"] for row in found]
    assert off == [row["error"]["low"] > 0 or row["error"]["high"] < 0 for row in found]
    assert 0 < sum(off) < 7


def report_of(pairs: list[tuple[float, float]], question: Question) -> dict[str, Any]:
    """People's and the machine's answer to each output of one system, each on an example of its own."""
    people = ratings([(1, e, 0, ours) for e, (ours, _) in enumerate(pairs)])
    return trust(people, scores([(1, e, theirs) for e, (_, theirs) in enumerate(pairs)]), question, (1,))


def test_numbers_are_means_and_distances_of_the_outputs_both_judged() -> None:
    people = ratings([(1, e, r, 1.0 + e % 3 + r) for e in range(6) for r in (0, 1)] + [(1, 90, 0, 5.0)])
    report = trust(people, scores([(1, e, 1.0 + e % 2) for e in range(6)] + [(1, 91, 5.0)]), mean(), (1,))
    ours = np.array([1.5 + e % 3 for e in range(6)])
    theirs = np.array([1.0 + e % 2 for e in range(6)])
    numbers = report["numbers"]
    assert (report["judged_by_both"], report["items"], numbers["n"]) == (6, "outputs", 6)
    assert numbers["people_mean"] == pytest.approx(ours.mean())
    assert numbers["machine_mean"] == pytest.approx(theirs.mean())
    assert numbers["mean_absolute_difference"] == pytest.approx(np.abs(ours - theirs).mean())
    assert numbers["correlations"]["pearson"]["value"] == pytest.approx(
        stats.pearsonr(ours, theirs).statistic
    )
    assert numbers["correlations"]["pearson"]["estimator"] == "agreement.correlation"


@pytest.mark.parametrize(
    ("pairs", "reason"),
    [
        ([(1.0, 2.0), (2.0, 3.0), (3.0, 3.0), (4.0, 5.0)], "fewer than 5 outputs were judged by both"),
        ([(float(e), 3.0) for e in range(1, 6)], "one side gave the same answer throughout"),
        ([(3.0, float(e)) for e in range(1, 6)], "one side gave the same answer throughout"),
    ],
)
def test_where_there_are_no_correlations_it_says_why(pairs: list[tuple[float, float]], reason: str) -> None:
    assert report_of(pairs, mean())["numbers"] == {"n": len(pairs), "undefined": reason}


def test_five_outputs_are_enough_for_correlations_and_labels_without_order_have_none() -> None:
    pairs = [(1.0, 2.0), (2.0, 1.0), (3.0, 3.0), (4.0, 5.0), (5.0, 4.0)]
    found = report_of(pairs, mean())["numbers"]
    assert found["undefined"] is None
    assert found["correlations"]["kendall"]["value"] == pytest.approx(0.6)
    assert report_of([(1.0, 2.0)] * 6, rate())["numbers"] is None


def test_the_weighted_kappa_of_ordered_labels_against_its_arithmetic() -> None:
    """1 less the squared distances seen over those expected of the margins."""
    rng = np.random.default_rng(5)
    pairs = [(float(a), float(np.clip(a + rng.integers(-1, 2), 1, 5))) for a in rng.integers(1, 6, 40)]
    labels = report_of(pairs, mean())["labels"]
    ours, theirs = np.array(pairs).T
    seen = np.square(ours - theirs).mean()
    expected = np.square(ours[:, None] - theirs[None, :]).mean()
    assert labels["kappa"]["weighted"]["value"] == pytest.approx(1 - seen / expected)
    assert (labels["kappa"]["weights"], labels["kappa"]["weighted"]["weights"]) == ("none", "quadratic")
    assert labels["categories"] == ["1", "2", "3", "4", "5"]
    assert labels["agreement"]["agreeing"] == int((ours == theirs).sum())
    assert np.array(labels["table"]).sum() == 40
    assert labels["table"][2][2] == int(((ours == 3) & (theirs == 3)).sum())
    assert "weighted" not in report_of([(1.0, 2.0), (2.0, 2.0), (1.0, 1.0)], rate())["labels"]["kappa"]


def test_unreadable_answers_of_the_machine_are_counted_and_in_no_table() -> None:
    report = report_of([(1.0, 1.0), (2.0, float("nan")), (1.0, 2.0)], rate())
    assert report["unparsed"] == 1
    assert report["labels"]["table"] == [[1, 1], [0, 0]]
    assert report["labels"]["agreement"]["n"] == 2


def test_pairs_are_turned_to_the_side_on_which_people_saw_them() -> None:
    """People: 1 beats 2 thrice, loses once, ties once. The machine saw all the other way round, and is wrong once."""
    people = votes([(1, 2, e, 0, v) for e, v in enumerate((1.0, 1.0, 1.0, 3.0, 2.0))])
    machine_says = verdicts(
        [(2, 1, e, v) for e, v in enumerate((3.0, 3.0, 1.0, 1.0, 3.0))] + [(1, 2, 9, 2.0)]
    )
    report = trust(people, machine_says, preference(), (1, 2))
    labels = report["labels"]
    assert (report["items"], report["judged_by_both"]) == ("pairs", 5)
    assert labels["categories"] == ["right", "tie", "left"]
    assert labels["table"] == [[1, 0, 0], [0, 0, 1], [1, 0, 2]]
    assert labels["agreement"]["value"] == pytest.approx(3 / 5)
    assert (report["without_ties"]["value"], report["without_ties"]["n"]) == (pytest.approx(3 / 4), 4)
    assert "without_ties" not in report_of([(1.0, 1.0)], rate())


def test_a_tie_of_either_side_is_not_decided() -> None:
    people = votes([(1, 2, e, 0, v) for e, v in enumerate((1.0, 2.0, 1.0, 3.0))])
    report = trust(
        people, verdicts([(1, 2, e, v) for e, v in enumerate((2.0, 1.0, 1.0, 1.0))]), preference(), (1, 2)
    )
    assert (report["without_ties"]["n"], report["without_ties"]["agreeing"]) == (2, 1)


def test_a_pair_that_the_machine_could_not_read_is_left_out() -> None:
    people = votes([(1, 2, 0, 0, 1.0), (1, 2, 1, 0, 3.0)])
    report = trust(people, verdicts([(1, 2, 0, 1.0), (1, 2, 1, float("nan"))]), preference(), (1, 2))
    assert (report["judged_by_both"], report["unparsed"], report["labels"]["agreement"]["n"]) == (1, 1, 1)
    odd = verdicts([(1, 2, 0, 1.0), (1, 2, 1, 7.0)])  # no outcome is declared for this label
    assert trust(people, odd, preference(), (1, 2))["judged_by_both"] == 1


def test_means_of_the_error_table_are_of_what_both_judged_and_none_where_that_is_nothing() -> None:
    people = ratings([(1, 0, 0, 1.0), (1, 1, 0, 4.0), (2, 5, 0, 3.0)])
    rows = trust(people, scores([(1, 1, 2.0), (1, 2, 5.0), (2, 6, 1.0)]), mean(), (1, 2))["per_system"]
    assert [(row["system"], row["people"], row["machine"]) for row in rows] == [
        (1, 4.0, 2.0),
        (2, None, None),
    ]


@pytest.mark.parametrize(
    ("values", "answer"),
    [([1.0, 2.0, 2.0], 2.0), ([2.0, 1.0], None), ([3.0], 3.0), ([1.0, 1.0, 2.0, 2.0, 3.0], None)],
)
def test_the_most_frequent_answer_or_none_where_two_lead(values: list[float], answer: float | None) -> None:
    items, found = machine.plurality(np.array([7] * len(values) + [9]), np.array([*values, 5.0]))
    assert items.tolist() == [7, 9]
    assert found[1] == 5.0
    assert np.isnan(found[0]) if answer is None else found[0] == answer
