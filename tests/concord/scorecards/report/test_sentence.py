"""The sentences of a headline, each from the places that it speaks of and word for word."""

from typing import Any

import pytest

from concord.scorecards.report.sentence import answer, clause

NAMES = {1: "Ada", 2: "Bob", 3: "Cyd", 4: "Dan", 5: "Eve"}
ALONE = {"size": 1, "confidence": 0.95}
MANY = {"size": 1234, "confidence": 0.95}
PLACES = (
    "first", "better_than", "not_told_from", "behind", "untested", "above", "below", "may_be_best",
)  # fmt: skip
START = "on Safety, by people, for these 3 raters, "


def dimension(systems: int = 3, name: str = "Safety", **told: Any) -> dict[str, Any]:
    """A dimension of shares: 80 % [71, 87] for the first system and 10 points less for each one after it."""
    places = {place: [] for place in PLACES} | {"side": "human", "baseline": None, "why_not": ""}
    figures = {
        str(s): {"value": 0.9 - 0.1 * s, "low": 0.81 - 0.1 * s, "high": 0.97 - 0.1 * s}
        for s in range(1, systems + 1)
    }
    return {
        "name": name,
        "primary": False,
        "cells": [{"system": s} for s in range(1, systems + 1)],
        "population": {"words": "for these 3 raters"},
        "joint_gain": None,
        "ranked_by": {"figures": figures, "scale": "percent", "words": ""},
        "on_these_examples": None,
        "standing": places | told,
    }


def said(systems: int = 3, **told: Any) -> str:
    """The clause without what starts each, with plain spaces."""
    found = clause(dimension(systems, **told), NAMES).replace("\u00a0", " ")
    assert found.startswith(START)
    return found.removeprefix(START)


FIRST = "Ada comes first with 80 % [71 %, 87 %]"


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ({"better_than": [2, 3]}, f"{FIRST} and is better than both others"),
        ({"not_told_from": [2, 3]}, f"{FIRST}, but the data cannot tell it from Bob or Cyd"),
        (
            {"better_than": [3], "not_told_from": [2]},
            f"{FIRST} and is better than Cyd, but the data cannot tell it from Bob",
        ),
        (
            {"better_than": [2], "untested": [3]},
            f"{FIRST} and is better than Bob; there is no test against Cyd",
        ),
        ({"untested": [2, 3]}, f"{FIRST}; there is no test against Bob or Cyd"),
        (
            {"better_than": [3], "behind": [2]},
            f"{FIRST} and is better than Cyd; yet on the examples that both answered, Bob is better than it",
        ),
        (
            {"behind": [2, 3]},
            f"{FIRST}; yet on the examples that both answered, Bob and Cyd are better than it",
        ),
    ],
)
def test_a_leader_of_three(told: dict[str, Any], sentence: str) -> None:
    assert said(first=[1], leader=1, **told) == sentence


def test_everybody_else_is_counted_and_never_called_all_where_one_is_missing() -> None:
    assert said(2, first=[1], better_than=[2]) == f"{FIRST} and is better than Bob"
    assert said(5, first=[1], better_than=[2, 3, 4, 5]) == f"{FIRST} and is better than all 4 others"
    some = said(5, first=[1], better_than=[2, 3, 4], not_told_from=[5])
    assert some == f"{FIRST} and is better than Bob, Cyd and Dan, but the data cannot tell it from Eve"
    none = said(5, first=[1], not_told_from=[2, 3, 4, 5])
    assert none == f"{FIRST}, but the data cannot tell it from any of 4 others"


def test_a_shared_place_is_quoted_without_an_interval() -> None:
    assert said(2, first=[1, 2]) == "both systems are level at 80 %"
    assert said(3, first=[1, 2, 3]) == "all 3 systems are level at 80 %"
    assert said(3, first=[1, 2]) == "Ada and Bob share the first place at 80 %"
    assert said(5, first=[1, 2, 3, 4]) == "4 of 5 systems share the first place at 80 %"


def test_nobody_leads_and_the_reason_is_said() -> None:
    found = clause(dimension(first=[], why_not="fewer than two systems have a figure"), NAMES)
    assert found == "on Safety, no system leads: fewer than two systems have a figure"


def test_against_a_baseline() -> None:
    told = {"first": [1], "baseline": 2, "above": [1], "below": [3]}
    assert said(3, **told) == f"{FIRST}; against the baseline Bob, Ada is better, Cyd is worse"
    told = {"first": [1], "baseline": 2, "above": [1, 3], "not_told_from": [4], "untested": [5]}
    assert said(5, **told) == (
        f"{FIRST}; against the baseline Bob, Ada and Cyd are better, the data cannot tell Dan from it, "
        "there is no test of Eve"
    )


def test_the_source_says_what_the_machine_adds_only_where_both_lead() -> None:
    joint = dimension(first=[1], better_than=[2, 3], side="joint") | {"joint_gain": 1.34}
    words = "on Safety, by people and machine together (people alone would need 1.3 times as many rated outputs), "
    assert clause(joint, NAMES).startswith(words)
    people = dimension(first=[1], better_than=[2, 3]) | {"joint_gain": 1.34}
    assert "times as many" not in clause(people, NAMES)
    machine = dimension(first=[1], better_than=[2, 3], side="automatic")
    assert clause(machine, NAMES).startswith("on Safety, by the machine alone, ")


def test_the_sentence_is_of_the_primary_dimensions_else_of_the_first_two() -> None:
    three = [dimension(name=name, first=[1], better_than=[2, 3]) for name in ("Safety", "Help", "Tone")]
    found = answer(three, NAMES, ALONE)
    assert found["answer"].startswith("On Safety, ")
    assert "; on Help, " in found["answer"]
    assert "Tone" not in found["answer"]
    assert [one[:8] for one in found["also"]] == ["On Tone,"]
    three[2]["primary"] = True
    found = answer(three, NAMES, ALONE)
    assert found["answer"].startswith("On Tone, ")
    assert "Safety" not in found["answer"]
    assert [one.split(",")[0] for one in found["also"]] == ["On Safety", "On Help"]
    assert len(found["clauses"]) == 3


def test_what_better_means_is_said_of_one_interval_and_of_all_together() -> None:
    one = answer([], NAMES, ALONE)
    assert one["answer"] == "There is nothing to compare yet."
    assert "the 95\u00a0% interval of the difference leaves out none" in one["certainty"]
    together = answer([], NAMES, MANY)["certainty"]
    assert (
        "the 1,234 intervals of all comparisons that this page may state hold together at 95\u00a0%"
        in together
    )


def test_what_holds_on_the_examples_judged_is_said_where_it_is_more() -> None:
    few = {"examples": 4, "leader": 1, "better_than": [2, 3]}
    one = dimension(first=[1], not_told_from=[2, 3]) | {"on_these_examples": few}
    assert answer([one], NAMES, ALONE)["here"] == [
        "Only 4 examples were compared on Safety, too few to say much about others. On these 4 alone, other people like these "
        "raters would find Ada better than both others."
    ]
    one["on_these_examples"] = few | {"better_than": [3]}
    assert answer([one], NAMES, ALONE)["here"][0].endswith("would find Ada better than Cyd.")
    one["standing"] |= {"better_than": [3], "not_told_from": [2]}
    assert answer([one], NAMES, ALONE)["here"] == [], "nothing more is known of these than of others"
