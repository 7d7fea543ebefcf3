"""A scorecard from evidence: the sentence, the limits, the verdicts and the digest."""

import json
from typing import Any

import numpy as np
import pytest

from concord.estimates.enums import Direction, Scope
from concord.scorecards.evidence import Evidence
from concord.scorecards.report.digest import digest
from concord.scorecards.report.scorecard import compute
from tests.concord.estimates.answers import dimension, mean, preference, rate, ratings, scores, votes

NAMES = {1: "Ada", 2: "Bob", 3: "Cleo"}


def evidence(*dimensions: Any, **more: Any) -> Evidence:
    return Evidence(systems=(1, 2, 3), names=NAMES, dimensions=dimensions, **more)


def clear() -> Any:
    """Ada is safe, Bob and Cleo are not, says everyone; the machine agrees about Bob only."""
    people = ratings(
        [(s, e, r, 1.0 if s > 1 and e % 2 else 2.0) for s in (1, 2, 3) for e in range(60) for r in (0, 1)]
    )
    machine = scores([(s, e, 1.0 if s == 2 and e % 2 else 2.0) for s in (1, 2, 3) for e in range(60)])
    return dimension(rate(), people, machine)


def test_the_sentence_names_the_leader_its_figure_and_whom_it_beats() -> None:
    said = compute(evidence(clear()))["sentence"]["answer"]
    assert said.startswith("On unsafe, by people, for these 2 raters, Ada comes first with 0")
    assert said.endswith("and is better than both others.")


def test_the_sentence_says_what_the_data_cannot_tell() -> None:
    rng = np.random.default_rng(0)
    rows = [(s, e, 0, float(v)) for s in (1, 2, 3) for e, v in enumerate(rng.integers(1, 6, 12))]
    said = compute(evidence(dimension(mean(), ratings(rows))))["sentence"]["answer"]
    assert "but the data cannot tell it from" in said


def test_the_sentence_crowns_nobody_where_all_are_level() -> None:
    people = ratings([(s, e, 0, 2.0) for s in (1, 2, 3) for e in range(12)])
    said = compute(evidence(dimension(rate(), people)))["sentence"]["answer"]
    assert (
        said == "On unsafe, by people, for this one rater, all 3 systems are level at 0\N{NO-BREAK SPACE}%."
    )


def liked(examples: int) -> Any:
    """Forty people agree on each example that Ada beats Bob on most, by how much depends on the example."""
    rng = np.random.default_rng(2)
    chance = np.clip(rng.normal(0.65, 0.25, examples), 0.02, 0.98)
    rows = [
        (1, other, e, r, 1.0 if rng.random() < (chance[e] if other == 2 else 0.9) else 3.0)
        for e in range(examples)
        for r in range(40)
        for other in (2, 3)
    ]
    return dimension(preference(scope=Scope.OTHER_RATERS), votes(rows))


def test_few_examples_speak_of_themselves_where_they_cannot_speak_of_others() -> None:
    found = compute(evidence(liked(8)))
    said = found["sentence"]
    assert "cannot tell it from Bob" in said["answer"]
    assert said["here"] == [
        "Only 8 examples were compared on better, too few to say much about others. On these 8 alone, other people like "
        "these raters would find Ada better than both others."
    ]
    assert any("so little can be said of others like them" in limit for limit in found["limits"])


def test_many_examples_speak_of_others() -> None:
    found = compute(evidence(liked(40)))
    assert found["sentence"]["here"] == []
    assert found["dimensions"][0]["on_these_examples"] is None


def test_limits_warn_of_a_machine_that_is_off_for_one_system() -> None:
    found = compute(evidence(clear()))["limits"]
    assert any("off for 1 of 3 systems, most for Cleo" in limit for limit in found)


def test_a_machine_alone_is_not_to_be_trusted_blindly() -> None:
    found = compute(evidence(dimension(rate(), None, clear().scores)))
    assert any("no person judged" in limit for limit in found["limits"])
    assert "by the machine alone" in found["sentence"]["answer"]


def test_the_result_is_json_without_nan() -> None:
    alone = ratings([(1, 1, 0, 3.0)])
    result = compute(
        evidence(clear(), dimension(mean(name="single"), alone), dimension(preference(), votes([])))
    )
    json.dumps(result, allow_nan=False)


def test_no_evidence_at_all_is_a_scorecard_of_reasons() -> None:
    result = compute(evidence(dimension(mean(), ratings([])), dimension(rate(), None, scores([]))))
    assert all(cell["human"]["undefined"] for cell in result["dimensions"][0]["cells"])
    assert all(cell["automatic"]["undefined"] for cell in result["dimensions"][1]["cells"])
    assert "no system leads" in result["sentence"]["answer"]


def test_the_digest_changes_with_any_value_and_with_nothing_else() -> None:
    first = digest({"name": "x"}, evidence(clear()))
    assert first == digest({"name": "x"}, evidence(clear()))
    assert first != digest({"name": "y"}, evidence(clear()))
    moved = clear()
    moved.ratings.values[7] = 1.0
    assert first != digest({"name": "x"}, evidence(moved))


def said(*dimensions: Any, **more: Any) -> str:
    return str(compute(evidence(*dimensions, **more))["sentence"]["answer"])


def test_all_at_0_percent_are_level_and_nobody_comes_first_with_it() -> None:
    people = ratings([(s, e, 0, 2.0) for s in (1, 2, 3) for e in range(12)])
    assert "comes first" not in said(dimension(rate(), people))


def test_systems_with_the_same_best_figure_share_the_first_place() -> None:
    people = ratings([(s, e, 0, 1.0 if s == 3 and e % 2 else 2.0) for s in (1, 2, 3) for e in range(12)])
    assert "Ada and Bob share the first place at 0\N{NO-BREAK SPACE}%" in said(dimension(rate(), people))


def test_against_a_baseline_the_sentence_speaks_of_the_baseline_alone() -> None:
    rng = np.random.default_rng(1)
    level = {1: 4.2, 2: 3.0, 3: 2.9}
    rows = [(s, e, 0, float(np.clip(rng.normal(level[s], 0.7), 1, 5))) for s in level for e in range(60)]
    text = said(dimension(mean(), ratings(rows)), baseline=2)
    assert "; against the baseline Bob, Ada is better, the data cannot tell Cleo from it" in text
    assert "others" not in text


def test_a_baseline_whose_rows_have_no_test_is_beaten_by_nobody() -> None:
    rows = [(s, e, 0, float(s)) for s in (1, 2, 3) for e in range(20)]
    text = said(dimension(mean(), ratings(rows)), baseline=1)
    assert "better" not in text
    assert "there is no test of Cleo or Bob" in text


def test_without_a_test_nobody_is_called_better_and_the_sentence_says_that_there_is_none() -> None:
    rows = [(s, e, 0, float(s)) for s in (1, 2, 3) for e in range(20)]
    text = said(dimension(mean(), ratings(rows)))
    assert text.endswith("Cleo comes first with 3; there is no test against Bob or Ada.")


def test_what_is_quoted_is_what_ranked() -> None:
    """Ada wins less often than Cleo, but against Bob, whom nobody else beats: strengths put Ada first, so these are quoted."""
    rng = np.random.default_rng(5)
    rows = [(1, 2, e, e % 7, 1.0 if rng.random() < 0.6 else 3.0) for e in range(300)]
    rows += [(3, 2, 300 + e, e % 7, 1.0 if rng.random() < 0.3 else 3.0) for e in range(60)]
    rows += [(1, 3, 400 + e, e % 7, 1.0 if rng.random() < 0.8 else 3.0) for e in range(60)]
    found = compute(evidence(dimension(preference(), votes(rows))))
    board = found["dimensions"][0]["leaderboard"]["human"]["rows"]
    assert board[0]["system"] == 1
    value = board[0]["win_rate_average"]["value"]
    assert f"comes first with {100 * value:.0f}\N{NO-BREAK SPACE}%" in found["sentence"]["answer"]
    assert "of comparisons won against the average system" in found["sentence"]["answer"]


def test_the_sentence_and_the_table_have_the_same_digits() -> None:
    rng = np.random.default_rng(6)
    rows = [(s, e, 0, 1.0 if rng.random() < 0.1 * s else 2.0) for s in (1, 2, 3) for e in range(400)]
    found = compute(evidence(dimension(rate(), ratings(rows))))
    shown = [row["value"] for row in (cell["human"] for cell in found["dimensions"][0]["cells"])]
    assert f"with {100 * shown[0]:.0f}\N{NO-BREAK SPACE}%" in found["sentence"]["answer"]


@pytest.mark.parametrize("raters", [3, 4, 5, 6, 12])
@pytest.mark.parametrize(
    ("scope", "words"),
    [(Scope.THESE_RATERS, "for these {} raters"), (Scope.OTHER_RATERS, "for raters like these {}")],
)
def test_the_scope_never_switches_with_the_number_of_raters(raters: int, scope: Scope, words: str) -> None:
    rng = np.random.default_rng(raters)
    rows = [
        (s, e, r, 2.5 + 0.5 * s + rng.normal(0, 0.5))
        for s in (1, 2, 3)
        for e in range(40)
        for r in range(raters)
    ]
    found = compute(evidence(dimension(mean(label_names={}, scope=scope), ratings(rows))))
    words = words.format(raters)
    assert words in found["sentence"]["answer"]
    dimension_ = found["dimensions"][0]
    for figure in (*(cell["human"] for cell in dimension_["cells"]), *dimension_["differences"]["rows"]):
        assert figure["population"]["words"] == words
    assert dimension_["people"]["population"]["words"] == words


def test_a_headline_of_several_dimensions_is_one_family() -> None:
    rng = np.random.default_rng(7)
    people = [
        ratings([(s, e, 0, float(v)) for e in range(30) for s, v in enumerate(rng.normal(3, 1, 3), 1)])
        for _ in range(4)
    ]
    several = compute(
        evidence(*(dimension(mean(name=f"d{i}", label_names={}), one) for i, one in enumerate(people)))
    )
    alone = compute(evidence(dimension(mean(name="d0", label_names={}), people[0])))
    assert (several["family"]["size"], alone["family"]["size"]) == (12, 3)
    wide, narrow = (found["dimensions"][0]["differences"]["rows"][0] for found in (several, alone))
    assert wide["high"] - wide["low"] > narrow["high"] - narrow["low"]


def test_a_dimension_declared_primary_has_the_headline_and_its_family_to_itself() -> None:
    rng = np.random.default_rng(8)
    people = [
        ratings([(s, e, 0, float(v)) for e in range(30) for s, v in enumerate(rng.normal(3, 1, 3), 1)])
        for _ in range(3)
    ]
    found = compute(
        evidence(
            *(
                dimension(mean(name=f"d{i}", label_names={}), one, primary=i == 1)
                for i, one in enumerate(people)
            )
        )
    )
    assert found["family"]["size"] == 3
    assert found["sentence"]["answer"].startswith("On d1")
    assert [d["differences"]["family"]["size"] for d in found["dimensions"]] == [6, 3, 6]


def test_a_verdict_is_said_exactly_where_the_tables_interval_leaves_out_0() -> None:
    rng = np.random.default_rng(9)
    for _ in range(20):
        gap = rng.uniform(0.1, 0.6)
        rows = [(s, e, 0, 3 + gap * s + rng.normal(0, 1)) for s in (1, 2, 3) for e in range(30)]
        found = compute(evidence(dimension(mean(label_names={}), ratings(rows))))["dimensions"][0]
        for row in found["differences"]["rows"]:
            assert row["differs"] == (row["low"] > 0 or row["high"] < 0) == (row["p_adjusted"] <= 0.05)


def test_equal_systems_on_six_dimensions_hardly_ever_hold_a_false_better() -> None:
    rng, false, repeats = np.random.default_rng(10), 0, 60
    for _ in range(repeats):
        dimensions = [
            dimension(
                mean(name=f"d{i}"),
                ratings(
                    [(s, e, 0, float(v)) for e in range(25) for s, v in enumerate(rng.integers(1, 6, 3), 1)]
                ),
            )
            for i in range(6)
        ]
        found = compute(evidence(*dimensions))["dimensions"]
        false += any(row["differs"] for d in found for row in d["differences"]["rows"])
    assert false <= 8  # at .05, nine or more of sixty come once in 500


def test_lower_is_better_where_it_is_declared() -> None:
    rows = [(s, e, 0, 1.0 if e < (5 if s == 1 else 60) else 2.0) for s in (1, 2) for e in range(100)]
    found = compute(evidence(dimension(rate(), ratings(rows))))["dimensions"][0]
    assert found["order"] == [1, 2]
    assert found["standing"]["better_than"] == [2]


def test_nobody_leads_where_neither_end_is_better() -> None:
    rows = [(s, e, 0, float(s)) for s in (1, 2) for e in range(10)]
    found = compute(evidence(dimension(mean(direction=Direction.NONE), ratings(rows))))["dimensions"][0]
    assert found["standing"]["leader"] is None
    assert "neither end" in found["standing"]["why_not"]


def test_a_leader_that_loses_where_both_were_asked_is_not_called_better() -> None:
    """System 1 also answered easy examples and so has the higher mean; on the shared ones system 2 is always better."""
    rows = [(1, e, 0, 5.0) for e in range(200, 300)]
    rows += [(s, e, 0, 2.0 + (s == 2) * 0.5 + (e * s % 5) / 10) for s in (1, 2) for e in range(40)]
    rows += [(3, e, 0, 1.0 + (e % 3) / 10) for e in range(40)]
    found = compute(evidence(dimension(mean(label_names={}), ratings(rows))))
    standing = found["dimensions"][0]["standing"]
    assert (standing["leader"], standing["better_than"], standing["behind"]) == (1, [3], [2])
    words = "is better than Cleo; yet on the examples that both answered, Bob is better than it"
    assert words in found["sentence"]["answer"]


def test_losing_leads_where_a_win_is_bad() -> None:
    """Asked which answer is more harmful, the system that is chosen least comes first."""
    rows = [(1, 2, e, e % 7, 1.0 if e % 4 else 3.0) for e in range(80)]
    people = dimension(preference(direction=Direction.LOWER), votes(rows))
    found = compute(Evidence(systems=(1, 2), names=NAMES, dimensions=(people,)))["dimensions"][0]
    assert found["order"] == [2, 1]
    assert found["standing"]["better_than"] == [1]


def test_anonymous_raters_are_not_0_raters() -> None:
    rows = [(s, e, -1, 3.0 + (s + e) % 2) for s in (1, 2, 3) for e in range(20)]
    text = said(dimension(mean(), ratings(rows)))
    assert "for the people who answered here, who are not known apart" in text
    assert "0 raters" not in text


def test_groups_that_never_met_are_named_once_and_nobody_leads() -> None:
    rows = [(1, 2, e, e % 9, 1.0 if e % 3 else 3.0) for e in range(40)]
    found = compute(evidence(dimension(preference(), votes(rows))))
    board = found["dimensions"][0]["leaderboard"]["human"]
    assert board["never_compared"] == [[1, 2], [3]] or board["never_compared"] == []
    rows4 = rows + [(3, 4, e, e % 9, 1.0 if e % 4 else 3.0) for e in range(40)]
    four = Evidence(
        systems=(1, 2, 3, 4), names={**NAMES, 4: "Dee"}, dimensions=(dimension(preference(), votes(rows4)),)
    )
    found = compute(four)
    assert found["dimensions"][0]["order"] == []
    assert "never compared" in found["sentence"]["answer"]
    told = [limit for limit in found["limits"] if "never compared" in limit]
    assert told == ["never compared with each other, so not ranked across: Ada, Bob | Cleo, Dee."]


def test_an_undefeated_newcomer_leads_nothing_and_leaves_the_others_ranked() -> None:
    ring = [(1, 2), (2, 3), (3, 1), (1, 2)] * 10
    rows = [(left, right, e, e % 9, 1.0) for e, (left, right) in enumerate([*ring, (4, 1), (4, 2)])]
    four = Evidence(
        systems=(1, 2, 3, 4), names={**NAMES, 4: "Newt"}, dimensions=(dimension(preference(), votes(rows)),)
    )
    found = compute(four)
    board = found["dimensions"][0]["leaderboard"]["human"]
    assert [(row["system"], row["rank"]) for row in board["rows"]] == [(4, None), (1, 1), (3, 2), (2, 3)]
    assert [(one["system"], one["votes"]) for one in board["undefeated"]] == [(4, 2)]
    assert found["dimensions"][0]["standing"]["leader"] == 1
    assert "there is no test against Newt" in found["sentence"]["answer"]


def test_progress_counts_every_dimension_and_two_steps_more() -> None:
    told: list[tuple[int, int, str]] = []
    compute(evidence(clear()), progress=lambda done, total, message: told.append((done, total, message)))
    assert [(done, total) for done, total, _ in told[:3]] == [(0, 3), (1, 3), (2, 3)]
    assert [message for *_, message in told[1:3]] == ["comparisons", "latency and cost"]
    assert all(total == 3 and done <= 3 for done, total, _ in told)
