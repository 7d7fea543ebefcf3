"""Definitions of criteria at their limits: each is good, and one step further is refused at its field."""

import math
from types import SimpleNamespace
from typing import Any

import pytest

from concord.catalog.criteria.definition import MAX_LABELS, criterion_fields, labels_of
from concord.catalog.criteria.templates import TEMPLATES
from concord.catalog.selectors.questions import question_of, usual_estimand, usual_labels, usual_question
from concord.core.errors import Invalid

BASE: dict[str, Any] = {"name": "Help", "question": "Does it help?", "direction": "higher"}
LIKERT = {"template": "likert", **BASE}


def labels(n: int) -> list[dict[str, Any]]:
    return [{"value": value, "label": f"label {value}"} for value in range(n)]


def refused(definition: Any) -> tuple[str, str]:
    with pytest.raises(Invalid) as caught:
        criterion_fields(definition)
    assert caught.value.code == "bad_criterion"
    return caught.value.field, caught.value.message


def test_what_a_template_fills_in_and_what_is_said_beside_it() -> None:
    fields = criterion_fields({**LIKERT, "dimension": " tone ", "help": None})
    assert {name: fields[name] for name in ("slug", "kind", "level", "direction", "dimension", "help")} == {
        "slug": "help",
        "kind": "likert",
        "level": "ordinal",
        "direction": "higher",
        "dimension": "tone",
        "help": "",
    }
    assert [label["value"] for label in fields["labels"]] == [1, 2, 3, 4, 5]
    assert criterion_fields({"template": "safety", "name": "S", "question": "?"})["dimension"] == "safety"
    assert criterion_fields({**LIKERT, "direction": "lower"})["direction"] == "lower"
    fields["labels"].clear()
    assert len(TEMPLATES["likert"]["labels"]) == 5, "a template is never changed by what is made of it"


@pytest.mark.parametrize(
    ("key", "good", "bad"),
    [
        ("name", "x" * 120, "x" * 121),
        ("name", " x ", "  "),
        ("question", "x" * 400, "x" * 401),
        ("slug", "A b", "!!!"),
        ("kind", "choice", "stars"),
        ("level", "ratio", "cardinal"),
        ("direction", "none", "up"),
        ("labels", labels(2), labels(1)),
        ("labels", labels(MAX_LABELS), labels(MAX_LABELS + 1)),
        ("labels", labels(2), {"1": "one"}),
        ("labels", labels(2), [*labels(2), {"value": 5, "label": " "}]),
        ("labels", labels(2), [*labels(2), {"value": True, "label": "x"}]),
        ("labels", labels(2), [*labels(2), {"value": math.nan, "label": "x"}]),
        ("labels", labels(2), [*labels(2), {"value": math.inf, "label": "x"}]),
        ("labels", labels(2), [*labels(2), {"value": 7, "label": "x", "colour": "red"}]),
        ("labels", labels(2), [*labels(2), "x"]),
    ],
)
def test_each_part_at_its_limit(key: str, good: Any, bad: Any) -> None:
    assert criterion_fields({**LIKERT, key: good})
    assert refused({**LIKERT, key: bad})[0] == key


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"minimum": 1, "maximum": 1}, "minimum"),
        ({"minimum": 2, "maximum": 1}, "minimum"),
        ({"minimum": "0"}, "minimum"),
        ({"maximum": True}, "maximum"),
        ({"minimum": math.nan}, "minimum"),
        ({"maximum": math.inf}, "maximum"),
        ({"step": "1"}, "step"),
        ({"step": 0}, "step"),
        ({"step": -1}, "step"),
        ({"labels": labels(2)}, "labels"),
    ],
)
def test_a_range_that_is_none_is_refused(change: dict[str, Any], field: str) -> None:
    assert refused({"template": "numeric", **BASE, **change})[0] == field


def test_a_range_may_be_narrow_or_open_and_has_no_labels() -> None:
    fields = criterion_fields({"template": "numeric", **BASE, "minimum": 0.1, "maximum": 0.2, "step": 0.05})
    assert (fields["minimum"], fields["maximum"], fields["step"], fields["labels"]) == (0.1, 0.2, 0.05, [])
    assert criterion_fields({"template": "numeric", **BASE, "minimum": None})["minimum"] is None


@pytest.mark.parametrize("template", [[], {}, ["likert"], 0])
def test_a_template_is_a_name_or_nothing(template: Any) -> None:
    field, _ = refused({**BASE, "template": template})
    assert field in {"template", "kind"}


def side(value: float, outcome: str, mirror: Any) -> dict[str, Any]:
    return {"value": value, "label": f"{outcome} {value}", "outcome": outcome, "mirror": mirror}


GOOD = [side(1, "left", 2), side(2, "right", 1), side(3, "tie", 3)]


@pytest.mark.parametrize(
    ("sides", "good"),
    [
        (GOOD, True),
        (GOOD[:2], True),
        ([*GOOD, side(4, "tie", 5), side(5, "tie", 4)], True),
        ([side(1, "left", 2), side(2, "right", 3), side(3, "right", 2)], False),
        ([side(1, "left", 1), side(2, "right", 2)], False),
        ([side(1, "left", 2), side(2, "left", 1)], False),
        ([side(1, "left", 2), side(2, "tie", 1)], False),
        ([*GOOD[:2], side(3, "tie", None)], False),
        ([*GOOD[:2], side(3, "tie", 9)], False),
        ([*GOOD[:2], side(3, "tie", [3])], False),
        ([*GOOD[:2], side(3, "draw", 3)], False),
        ([*GOOD[:2], {"value": 3, "label": "x", "mirror": 3}], False),
    ],
)
def test_mirrors_are_each_others_with_the_sides_exchanged(sides: list[dict[str, Any]], good: bool) -> None:
    definition = {**BASE, "template": "preference", "labels": sides}
    if good:
        assert criterion_fields(definition)["labels"] == sides
    else:
        assert refused(definition)[0] == "labels"


def test_labels_of_what_is_still_unfinished() -> None:
    assert labels_of({"template": "yes_no"}) == TEMPLATES["yes_no"]["labels"]
    assert labels_of({"template": "yes_no", "labels": [{"value": 1, "label": "x"}, {"value": 2}, "y"]}) == [
        {"value": 1, "label": "x"}
    ]
    assert labels_of({}) == labels_of({"template": "stars"}) == []


def criterion(template: str, **more: Any) -> Any:
    fields: dict[str, Any] = {"minimum": None, "maximum": None, **TEMPLATES[template], "name": "C", **more}
    fields.setdefault("direction", "higher")
    kept = fields["labels"]
    outcomes = {
        one["value"]: {"left": 1.0, "right": 0.0, "tie": 0.5}[one["outcome"]]
        for one in kept
        if "outcome" in one
    }
    return SimpleNamespace(**fields, is_pairwise=fields["kind"] == "preference", outcomes=outcomes)


@pytest.mark.parametrize(
    ("template", "change", "estimand", "counted"),
    [
        ("likert", {}, "mean", ()),
        ("yes_no", {}, "rate", (1.0,)),
        ("safety", {}, "rate", (1.0,)),
        ("numeric", {}, "mean", ()),
        ("preference", {}, "win_rate", ()),
        ("graded_preference", {}, "win_rate", ()),
        (
            "likert",
            {"labels": [{"value": 4, "label": "x", "unsafe": True}, {"value": 5, "label": "y"}]},
            "rate",
            (4.0,),
        ),
        (
            "yes_no",
            {"labels": [{"value": 1, "label": "x", "unsafe": True}, {"value": 2, "label": "y"}]},
            "rate",
            (1.0,),
        ),
        ("safety", {"labels": labels(3)}, "mean", ()),  # labels without order of which none is marked
    ],
)
def test_what_is_usually_asked_of_answers(
    template: str, change: dict[str, Any], estimand: str, counted: tuple[float, ...]
) -> None:
    asked = criterion(template, **change)
    found = usual_question(asked)
    assert (str(found.estimand), found.labels) == (estimand, counted)
    if template != "safety":
        assert usual_estimand(asked) == estimand
    assert usual_labels(criterion("yes_no")) == [1.0]


def test_a_question_is_the_criterions_own_unless_told_otherwise() -> None:
    asked = criterion("numeric", direction="lower")
    own = question_of(asked)
    assert (own.name, own.direction, own.minimum, own.maximum, own.confidence) == ("C", "lower", 0, 100, 0.95)
    told = question_of(asked, name="D", direction="higher", confidence=0.9, labels=(1.0,), estimand="rate")
    assert (told.name, told.direction, told.confidence, told.labels, told.estimand) == (
        "D",
        "higher",
        0.9,
        (1.0,),
        "rate",
    )
    assert question_of(criterion("yes_no")).label_names == {1.0: "Yes", 0.0: "No"}
