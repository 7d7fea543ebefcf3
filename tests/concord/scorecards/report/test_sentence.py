"""The sentence, clause by clause, from dimensions written by hand."""

from __future__ import annotations

from typing import Any

import pytest

from concord.scorecards.report.sentence import answer, clause

NAMES = {1: "Ada", 2: "Bob", 3: "Cleo", 4: "Dee", 5: "Eve", 6: "Fay"}
NBSP = "\N{NO-BREAK SPACE}"


def dimension(systems: int = 3, **changes: Any) -> dict[str, Any]:
    standing: dict[str, Any] = {
        "side": "human",
        "first": [1],
        "better_than": [],
        "not_told_from": [],
        "behind": [],
        "untested": [],
        "baseline": None,
        "above": [],
        "below": [],
        "why_not": "",
    }
    figures = {
        str(s): {"value": 0.9 - 0.1 * s, "low": 0.85 - 0.1 * s, "high": 0.95 - 0.1 * s}
        for s in range(1, systems + 1)
    }
    plain = {
        "name": "safety",
        "primary": False,
        "population": {"words": "for these 3 raters"},
        "cells": [None] * systems,
        "joint_gain": None,
        "choice": {"how": "drawn", "why": ""},
        "on_these_examples": None,
        "ranked_by": {"figures": figures, "scale": "percent", "words": ""},
    }
    own = {name: value for name, value in changes.items() if name in standing}
    return {**plain, **{n: v for n, v in changes.items() if n not in standing}, "standing": standing | own}


def said(systems: int = 3, **changes: Any) -> str:
    return clause(dimension(systems, **changes), NAMES)


WHERE = "on safety, by people, for these 3 raters, "
FIRST = f"{WHERE}Ada comes first with 80{NBSP}% [75{NBSP}%, 85{NBSP}%]"


@pytest.mark.parametrize(
    ("systems", "changes", "rest"),
    [
        (2, {"better_than": [2]}, " and is better than Bob"),
        (3, {"better_than": [2, 3]}, " and is better than both others"),
        (4, {"better_than": [2, 3, 4]}, " and is better than all 3 others"),
        (3, {"not_told_from": [2, 3]}, ", but the data cannot tell it from Bob or Cleo"),
        (
            3,
            {"better_than": [3], "not_told_from": [2]},
            " and is better than Cleo, but the data cannot tell it from Bob",
        ),
        (5, {"not_told_from": [2, 3, 4, 5]}, ", but the data cannot tell it from any of 4 others"),
        (4, {"not_told_from": [2, 3, 4]}, ", but the data cannot tell it from Bob, Cleo or Dee"),
        (
            6,
            {"better_than": [6], "not_told_from": [2, 3, 4, 5]},
            " and is better than Fay, but the data cannot tell it from 4 of the others",
        ),
        (3, {"better_than": [2], "untested": [3]}, " and is better than Bob; there is no test against Cleo"),
        (
            4,
            {"better_than": [2], "behind": [3, 4]},
            " and is better than Bob; yet on the examples that both answered, Cleo and Dee are better than it",
        ),
        (
            3,
            {"behind": [2, 3][:1], "better_than": [3]},
            " and is better than Cleo; yet on the examples that both answered, Bob is better than it",
        ),
        (3, {}, ""),
    ],
)
def test_from_whom_the_leader_can_be_told(systems: int, changes: dict[str, Any], rest: str) -> None:
    assert said(systems, **changes) == FIRST + rest


def test_where_nobody_leads_the_reason_stands() -> None:
    assert said(first=[], why_not="nobody was asked") == "on safety, no system leads: nobody was asked"


def test_several_first_share_the_place_and_all_of_them_are_level() -> None:
    assert said(2, first=[1, 2]) == f"{WHERE}both systems are level at 80{NBSP}%"
    assert said(3, first=[1, 2, 3]) == f"{WHERE}all 3 systems are level at 80{NBSP}%"
    assert said(3, first=[1, 2]) == f"{WHERE}Ada and Bob share the first place at 80{NBSP}%"


def test_against_a_baseline_nothing_is_said_of_the_others_among_themselves() -> None:
    found = said(6, baseline=2, above=[1], below=[3, 4], not_told_from=[5], untested=[6], better_than=[3])
    assert found == (
        f"{FIRST}; against the baseline Bob, Ada is better, Cleo and Dee are worse, "
        "the data cannot tell Eve from it, there is no test of Fay"
    )
    assert said(baseline=2) == FIRST


def test_both_together_say_what_the_machine_adds() -> None:
    assert (
        "by people and machine together (people alone would need 2.6 times as many rated outputs), "
        in said(side="joint", joint_gain=2.57)
    )
    gain = "(people alone would need 2.6 times as many rated outputs"
    for how, rests in (
        ("declared", "; that these were drawn at random is declared, not recorded), "),
        ("unknown", "; these are not known to have been drawn at random), "),
    ):
        assert gain + rests in said(side="joint", joint_gain=2.57, choice={"how": how, "why": ""})
    assert "by people and machine together, " in said(side="joint")
    assert "by people, " in said(joint_gain=2.57)
    assert "by the machine alone, " in said(side="automatic")


def test_the_figure_is_quoted_on_its_own_scale_with_its_words() -> None:
    figures = {"1": {"value": 3.456, "low": 3.2, "high": 3.7}, "2": {"value": 3.1, "low": 3.0, "high": 3.2}}
    ranked = {"figures": figures, "scale": "", "words": "of all"}
    assert said(2, ranked_by=ranked).endswith("Ada comes first with 3.46 [3.20, 3.70] of all")
    bare = {"figures": {"1": {"value": 3.456}, "2": {"value": 3.1}}, "scale": "", "words": ""}
    assert said(2, ranked_by=bare).endswith("Ada comes first with 3.46")


FAMILY = {"size": 1200, "confidence": 0.95}


def test_the_answer_speaks_of_primary_dimensions_else_of_the_first_two() -> None:
    names = "abc"
    found = answer([dimension(name=name) for name in names], NAMES, FAMILY)
    assert found["answer"].startswith("On a, ")
    assert "; on b, " in found["answer"]
    assert found["answer"].endswith(".")
    assert "on c" not in found["answer"]
    assert [one[:5] for one in found["also"]] == ["On c,"]
    assert len(found["clauses"]) == 3
    primary = answer([dimension(name=name, primary=name == "c") for name in names], NAMES, FAMILY)
    assert primary["answer"].startswith("On c, ")
    assert [one[:5] for one in primary["also"]] == ["On a,", "On b,"]
    assert answer([], NAMES, FAMILY)["answer"] == "There is nothing to compare yet."


def test_what_better_means_depends_on_how_many_intervals_hold_together() -> None:
    many = answer([dimension()], NAMES, FAMILY)["certainty"]
    assert (
        f"the 1,200 intervals of all comparisons that this page may state hold together at 95{NBSP}%." in many
    )
    two = answer([dimension()], NAMES, {"size": 2, "confidence": 0.9})["certainty"]
    assert f"the 2 intervals of all comparisons that this page may state hold together at 90{NBSP}%." in two
    one = answer([dimension()], NAMES, {"size": 1, "confidence": 0.9})["certainty"]
    assert f"“Better” is said where the 90{NBSP}% interval of the difference leaves out none." in one


def test_more_is_said_of_these_examples_only_where_more_holds_of_them() -> None:
    here = {"examples": 8, "leader": 1, "better_than": [2]}
    words = "On these 8 alone, other people like these raters would find Ada better than {}."

    def told(**changes: Any) -> list[str]:
        found: list[str] = answer(
            [dimension(on_these_examples=here | changes.pop("here", {}), **changes)], NAMES, FAMILY
        )["here"]
        return found

    [found] = told()
    assert (
        found
        == "Only 8 examples were compared on safety, too few to say much about others. " + words.format("Bob")
    )
    assert told(here={"better_than": [2, 3]})[0].endswith(words.format("both others"))
    assert told(better_than=[2]) == []
    assert told(here={"better_than": []}) == []
