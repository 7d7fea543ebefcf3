"""What a reader should not conclude: each sentence on the smallest dimension that calls for it, and none where nothing does."""

from __future__ import annotations

from typing import Any

import pytest

from concord.scorecards.report.limits import RESTS_ON, limits, simulated

NAMES = {1: "Ada", 2: "Bob", 3: "Cleo"}


def figure(**changes: Any) -> dict[str, Any]:
    return {"undefined": None, "examples": 30, "omitted": {}, "notes": [], **changes}


def cell(system: int, **sides: Any) -> dict[str, Any]:
    return {"system": system, "human": None, "automatic": None, "joint": None, **sides}


def dimension(**changes: Any) -> dict[str, Any]:
    """Nothing to warn of: thirty examples, people who agree, no machine."""
    plain: dict[str, Any] = {
        "name": "unsafe",
        "scope_notes": [],
        "choice": {"how": "drawn", "why": ""},
        "trust": None,
        "automatic_given": False,
        "human_given": True,
        "people": {"undefined": None, "value": 0.9, "cannot_judge": 0},
        "is_pairwise": False,
        "is_share": True,
        "estimand": "rate",
        "cells": [cell(1, human=figure())],
        "leaderboard": {},
        "standing": {"side": "human"},
    }
    return plain | changes


def said(**changes: Any) -> list[str]:
    return limits([dimension(**changes)], NAMES)


def trust(kappa: Any, errors: tuple[tuple[int, float, bool], ...] = ()) -> dict[str, Any]:
    return {
        "items": "outputs",
        "labels": None if kappa is None else {"kappa": kappa, "agreement": {"value": 0.625, "n": 1040}},
        "per_system": [{"system": s, "error": {"value": v, "differs": d}} for s, v, d in errors],
    }


def test_where_there_is_nothing_to_warn_of_nothing_is_said() -> None:
    assert said() == []
    assert limits([], NAMES) == []


def test_a_sentence_is_said_once_with_the_dimensions_it_holds_for() -> None:
    note = {"scope_notes": [{"text": "two raters only."}, {"text": "two raters only."}]}
    first, second, plain = dimension(name="a", **note), dimension(name="b", **note), dimension(name="c")
    assert limits([first], NAMES) == ["two raters only."]
    assert limits([first, second], NAMES) == ["Every dimension: two raters only."]
    assert limits([first, second, plain], NAMES) == ["a · b: two raters only."]


def test_people_who_are_programs_are_named() -> None:
    studies = {"a": None, "b": {"simulated": False}, "c": {"simulated": True}}
    assert simulated([{"name": name, "study": study} for name, study in studies.items()]) == [
        "c: the people's answers are simulated; no person gave them."
    ]


@pytest.mark.parametrize(
    ("machine", "people", "warned"), [(True, False, True), (True, True, False), (False, False, False)]
)
def test_a_machine_that_nobody_checked(machine: bool, people: bool, warned: bool) -> None:
    found = said(automatic_given=machine, human_given=people, people=None)
    assert found == (
        ["no person judged these outputs, so nobody knows how far the machine is off."] if warned else []
    )


def kappa(value: float, **more: Any) -> dict[str, Any]:
    return {"undefined": None, "value": value, **more}


def test_a_machine_that_agrees_little_beyond_chance_is_no_stand_in() -> None:
    words = (
        "the machine is no stand-in for people: beyond chance they agree little "
        "(kappa 0.39; the same answer on 62.5 % of 1,040 outputs)."
    )
    assert said(trust=trust(kappa(0.39))) == [words]
    assert said(trust=trust(kappa(0.4))) == []
    assert said(trust=trust({"undefined": "one label", "value": None})) == []
    assert said(trust=trust(None)) == []


def test_of_ordered_labels_it_is_the_weighted_kappa_that_counts() -> None:
    assert said(trust=trust(kappa(0.1, weighted=kappa(0.8)))) == []
    assert "kappa 0.20" in said(trust=trust(kappa(0.8, weighted=kappa(0.2))))[0]


def test_the_machine_is_off_for_as_many_systems_as_the_table_shows_and_most_for_the_worst() -> None:
    errors = ((1, 0.05, True), (2, -0.216, True), (3, 0.5, False))
    words = "the machine is off for 2 of 3 systems, most for Bob ({}): do not rank systems by it alone."
    assert said(trust=trust(None, errors)) == [words.format("\u221221.6 points")]
    assert said(trust=trust(None, errors), is_share=False) == [words.format("\u22120.22")]
    assert said(trust=trust(None, ((3, 0.5, False),))) == []


def people(**changes: Any) -> dict[str, Any]:
    return {"undefined": None, "value": 0.9, "cannot_judge": 0, **changes}


def test_people_who_agree_little_are_believed_on_average_only() -> None:
    words = (
        "people agree little on single {} (Krippendorff's alpha 0.66); trust averages, not single verdicts."
    )
    assert said(people=people(value=0.66)) == [words.format("outputs")]
    assert said(people=people(value=0.66), is_pairwise=True) == [words.format("pairs")]
    assert said(people=people(value=0.667)) == []
    assert said(people=people(value=None, undefined="one rater")) == [
        "how far people agree is not known: one rater."
    ]


def test_what_is_not_in_the_figures_is_counted_over_systems_and_sides() -> None:
    cells = [
        cell(1, human=figure(omitted={"unrated outputs": 3}), automatic=figure(omitted={"unparsed": 2})),
        cell(2, human=figure(omitted={"unrated outputs": 1500}), automatic=figure(omitted={"unparsed": 5})),
    ]
    assert said(cells=cells, people=people(cannot_judge=4)) == [
        "7 answers of the machine are no label: counted in n, as none of the named labels.",
        "not in the figures: 1,503 unrated outputs, 4 answers “cannot judge”.",
    ]
    assert said(cells=cells, estimand="mean") == ["not in the figures: 1,503 unrated outputs, 7 unparsed."]


def test_few_examples_are_told_by_the_largest_defined_figure() -> None:
    few = [
        cell(1, human=figure(examples=12), automatic=figure(examples=29)),
        cell(2, human=figure(examples=400, undefined="all unreadable")),
    ]
    assert said(cells=few) == [
        "at most 29 different examples stand behind a figure, so little can be said of others like them: "
        "systems that cannot be told apart here need not be equal, and other examples may give another order."
    ]
    assert said(cells=[*few, cell(3, human=figure(examples=30))]) == []
    assert said(cells=[cell(1, human=figure(undefined="nobody"))]) == []


def test_groups_that_never_met_are_named_once() -> None:
    board = {"never_compared": [[1, 2], [3]]}
    assert said(leaderboard={"human": board, "automatic": board}) == [
        "never compared with each other, so not ranked across: Ada, Bob | Cleo."
    ]
    assert said(leaderboard={"human": {"never_compared": [[1, 2, 3]]}}) == []


def test_a_joint_figure_says_what_it_assumes_where_it_leads_and_for_whom_that_failed() -> None:
    note = {"code": "rated_unlike_rest", "text": "the rated outputs are unlike the rest."}
    other = {"code": "wide", "text": "wide."}
    cells = [cell(system, human=figure(), joint=figure(notes=[other, note])) for system in (1, 2, 3)]
    told = [f"{name}: the rated outputs are unlike the rest." for name in ("Ada", "Bob")]
    assert said(cells=cells) == told, "two at most"
    assert said(cells=cells, standing={"side": "joint"}) == [RESTS_ON["drawn"], *told]
    hidden = [cell(1, human=figure(), joint=figure(notes=[note], undefined="too few"))]
    assert said(cells=hidden) == []


@pytest.mark.parametrize("how", ["drawn", "declared", "unknown"])
def test_what_a_joint_figure_rests_on_is_said_where_it_leads(how: str) -> None:
    cells = [cell(1, human=figure(), joint=figure())]
    given = {"cells": cells, "choice": {"how": how, "why": ""}}
    assert said(**given, standing={"side": "joint"})[0] == RESTS_ON[how]
    assert RESTS_ON[how] not in said(**given)


def test_that_nobody_drew_the_outputs_is_said_where_the_machine_judged_more() -> None:
    both, alone = [cell(1, human=figure(), joint=figure())], [cell(1, human=figure())]
    unknown = {"how": "unknown", "why": "the study was imported"}
    assert said(cells=both, choice=unknown) == [
        "nobody can show that the outputs people judged were drawn at random (the study was imported): "
        "what people say holds for outputs like these."
    ]
    assert said(cells=alone, choice=unknown) == []
    assert said(cells=both, choice={"how": "declared", "why": ""}) == []


def test_two_notes_of_peoples_figures_at_most_each_once() -> None:
    notes = [{"text": text} for text in ("b.", "a.", "b.", "c.")]
    assert said(cells=[cell(1), cell(2, human=figure(notes=notes))]) == ["b.", "a."]
