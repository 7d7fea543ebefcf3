"""How far a machine may stand in for people, against tables worked by hand."""

from typing import Any

import numpy as np
import pytest
from scipy import stats

from concord.estimates import correlation, machine
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


def test_correlations_of_outputs_that_share_examples_against_simulation(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Fisher's interval for independent outputs covers 60 to 75 % here."""
    monkeypatch.setattr(correlation, "RESAMPLES", 200)
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
