"""Ratings as a kind of record: what an entry must bind, and what a line becomes."""

from typing import Any

import pytest

from annotation.importing.ratings import Ratings
from concord.catalog.importing.fields import Reject

ONE = frozenset({"study", "criterion", "example", "system", "value"})
PAIR = ONE - {"system"} | {"left_system", "right_system"}
LINE = {"study": "S", "criterion": "help", "example": "e", "system": "a", "value": 4.0, "value__raw": "4"}
SIDES = {**LINE, "left_system": "a", "right_system": "b"}


@pytest.mark.parametrize(
    ("bound", "said"),
    [
        (ONE - {"system"}, "Ratings need a system"),
        (PAIR - {"right_system"}, "both left_system and right_system"),
        (PAIR - {"left_system"}, "both left_system and right_system"),
        (PAIR | {"system"}, "not of both"),
    ],
)
def test_an_entry_that_makes_no_sense_is_refused(bound: frozenset[str], said: str) -> None:
    (problem,) = Ratings({}, bound).problems()
    assert said in problem


def test_an_entry_is_of_outputs_or_of_pairs() -> None:
    assert [Ratings({}, bound).problems() for bound in (ONE, PAIR)] == [[], []]
    assert [Ratings({}, bound).study_kind for bound in (ONE, PAIR)] == ["scale", "side_by_side"]


def test_a_line_becomes_a_row_in_the_order_of_the_staging_table() -> None:
    said = {"epoch": 2, "rater": "ann", "comment": "fine", "seconds": 86_400.0}
    row = dict(zip(Ratings.columns, Ratings({}, ONE).parse({**LINE, **said}), strict=True))
    assert {name: row[name] for name in said} == said
    assert (row["system"], row["other_system"], row["value"]) == ("a", None, 4.0)
    pair = dict(zip(Ratings.columns, Ratings({}, PAIR).parse(SIDES), strict=True))
    assert (pair["system"], pair["other_system"], pair["rater"], pair["comment"]) == ("a", "b", None, "")


def test_an_answer_without_a_value_says_why() -> None:
    def reason(**line: Any) -> Any:
        return dict(
            zip(Ratings.columns, Ratings({}, ONE).parse({**LINE, "value": None, **line}), strict=True)
        )["reason"]

    assert reason(value__raw=" I refuse ") == "answered: I refuse"
    assert reason(value__raw="", reason="blurred") == "blurred"
    assert reason(value__raw="x", reason="y" * 500) == "y" * 400
    with pytest.raises(Reject, match="no reason why"):
        reason(value__raw=" ", reason=None)


@pytest.mark.parametrize(
    ("bound", "line", "column"),
    [
        (ONE, {**LINE, "system": ""}, "system"),
        (PAIR, {**SIDES, "left_system": None}, "left_system"),
        (PAIR, {**SIDES, "right_system": ""}, "right_system"),
        (PAIR, {**SIDES, "right_system": "a"}, "right_system"),
        (ONE, {**LINE, "seconds": -0.1}, "seconds"),
        (ONE, {**LINE, "seconds": 86_401.0}, "seconds"),
    ],
)
def test_a_line_that_cannot_be_a_rating_is_rejected(
    bound: frozenset[str], line: dict[str, Any], column: str
) -> None:
    with pytest.raises(Reject) as caught:
        Ratings({}, bound).parse(line)
    assert caught.value.column == column


def test_repeated_answers_are_rejected_unless_the_last_one_counts() -> None:
    assert [Ratings({"duplicates": said}, ONE).problems() for said in ("reject", "last")] == [[], []]
    assert '"duplicates"' in Ratings({"duplicates": "epochs"}, ONE).problems()[0]
    assert [Ratings(spec, ONE).corrects for spec in ({}, {"duplicates": "reject"}, {"duplicates": "last"})] == [
        False, False, True,
    ]  # fmt: skip
    assert dict(zip(Ratings.columns, Ratings({}, ONE).parse(LINE), strict=True))["current"] is True


EXPORT = ["rating", "unit", "example", "epoch", "criterion", "system", "other_system", "rater", "value", "label", "reason",
          "comment", "shown_swapped", "seconds", "current", "given_at"]  # fmt: skip


def exported(**cells: Any) -> list[Any]:
    return [cells.get(name, "") for name in EXPORT]


def test_a_studys_own_export_is_recognised_by_its_columns() -> None:
    entry = Ratings.recognise(EXPORT, [exported(system="A")], "Mine")
    assert entry is not None
    assert (entry["kind"], entry["study"]) == ("ratings", "Mine")
    assert entry["when"] == {"column": "current", "equals": ["True", "true"]}
    columns = {field: binding["column"] for field, binding in entry["fields"].items()}
    assert columns == {
        name: name
        for name in (
            "system",
            "example",
            "epoch",
            "criterion",
            "rater",
            "value",
            "reason",
            "comment",
            "seconds",
        )
    }
    assert Ratings({}, frozenset(entry["fields"]) | {"study"}).problems() == []
    pairs = Ratings.recognise(EXPORT, [exported(system="A"), exported(system="A", other_system="B")], "Mine")
    assert pairs is not None
    assert (pairs["fields"]["left_system"], pairs["fields"]["right_system"]) == (
        {"column": "system"},
        {"column": "other_system"},
    )
    assert "system" not in pairs["fields"]
    older = [name for name in EXPORT if name != "epoch"]
    found = Ratings.recognise(older, [], "Mine")
    assert found is not None
    assert "epoch" not in found["fields"]


@pytest.mark.parametrize("missing", ["rating", "unit", "current", "given_at", "other_system"])
def test_another_table_is_not_taken_for_an_export(missing: str) -> None:
    assert Ratings.recognise([name for name in EXPORT if name != missing], [], "x") is None
