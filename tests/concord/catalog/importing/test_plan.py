"""A mapping compiled: what each line gives, and what it does not."""

from typing import Any

import pytest

from concord.catalog.importing.fields import Empty, Reject
from concord.catalog.importing.plan import make_plan
from concord.core.errors import Invalid

COLUMNS = ["model", "id", "answer", "who", "mark", "round"]
OUTPUTS: dict[str, Any] = {
    "kind": "outputs",
    "fields": {"system": {"column": "model"}, "example": {"column": "id"}, "text": {"column": "answer"}},
}
RATINGS: dict[str, Any] = {
    "kind": "ratings", "study": "S", "criterion": "help",
    "fields": {
        "system": {"column": "model"}, "example": {"column": "id"}, "rater": {"column": "who"}, "value": {"column": "mark"},
    },
}  # fmt: skip
LINE = {"model": "a", "id": "1", "answer": "yes", "who": "ann", "mark": "3", "round": "1"}


def plan(*entries: dict[str, Any], **more: Any) -> Any:
    return make_plan({"dataset": "D", "records": list(entries), **more}, COLUMNS)


def read(entry: dict[str, Any], mapping: dict[str, Any] | None = None, **cells: Any) -> Any:
    made = plan(entry, **(mapping or {}))
    row = made.entries[0].read([{**LINE, **cells}[name] for name in made.wanted])
    return None if row is None else dict(zip(made.entries[0].record.columns, row, strict=True))


def test_entries_come_in_the_order_of_writing_and_read_each_column_once() -> None:
    made = plan(RATINGS, OUTPUTS, RATINGS)
    assert [entry.record.kind for entry in made.entries] == ["outputs", "ratings", "ratings"]
    assert made.wanted == ["answer", "id", "mark", "model", "who"]
    assert made.needs_dataset
    systems = {"kind": "systems", "fields": {"system": {"column": "model"}}}
    assert not plan(systems).needs_dataset
    assert plan(systems, OUTPUTS).needs_dataset


def test_a_line_becomes_a_row() -> None:
    assert {key: read(RATINGS)[key] for key in ("study", "criterion", "system", "example", "rater", "value", "reason")} == {
        "study": "S", "criterion": "help", "system": "a", "example": "1", "rater": "ann", "value": 3.0, "reason": "answered: 3",
    }  # fmt: skip
    assert read(OUTPUTS)["text"] == "yes"


def test_messages_name_the_files_columns() -> None:
    entry = plan({**RATINGS, "fields": {**RATINGS["fields"], "comment": {"value": "x"}}}).entries[0]
    assert (entry.columns["value"], entry.columns["study"], entry.columns["comment"]) == (
        "mark",
        "study",
        "comment",
    )
    won = {"column": "mark", "same_as": {"left": "who"}}
    assert (
        plan({**RATINGS, "fields": {**RATINGS["fields"], "value": won}}).entries[0].columns["value"]
        == "mark, who"
    )


@pytest.mark.parametrize(
    ("equals", "cell", "kept"),
    [
        ("1", "1", True), (1, "1", True), (1, "1.0", True), ("1", 1.0, True), (["2", 1], " 1 ", True),
        ("1", "2", False), ("1", None, False), (True, True, True), ("true", True, True), (True, "True", False), ([], "1", False),
    ],
)  # fmt: skip
def test_when_a_line_gives_a_record(equals: Any, cell: Any, kept: bool) -> None:
    entry = {**RATINGS, "when": {"column": "round", "equals": equals}}
    assert (read(entry, round=cell) is not None) is kept


def test_a_list_where_a_condition_looks_is_a_reason_not_an_accident() -> None:
    with pytest.raises(Reject):
        read({**RATINGS, "when": {"column": "round", "equals": 1}}, round=[1])


def test_lines_without_an_answer_are_skipped_where_the_entry_says_so() -> None:
    for cells in ({"mark": ""}, {"id": " "}, {"mark": None}):
        with pytest.raises(Empty):
            read(RATINGS, **cells)
        with pytest.raises(Empty):
            read({**RATINGS, "skip_empty": False}, **cells)
        assert read({**RATINGS, "skip_empty": True}, **cells) is None
    with pytest.raises(Reject):
        read({**RATINGS, "skip_empty": True}, mark="good")
    with pytest.raises(Reject):  # an answer about nothing is a line to look at
        read({**RATINGS, "skip_empty": True}, model="")


def test_what_a_mapping_says_of_all_cells_holds_where_a_binding_says_nothing_else() -> None:
    all_cells = {"empty": ["NA"], "decimal": ","}
    assert read(RATINGS, all_cells, mark="2,5")["value"] == 2.5
    assert read({**RATINGS, "skip_empty": True}, all_cells, mark="NA") is None
    own = {
        **RATINGS,
        "fields": {**RATINGS["fields"], "value": {"column": "mark", "decimal": ".", "empty": []}},
    }
    assert read(own, all_cells, mark="2.5")["value"] == 2.5
    with pytest.raises(Reject, match="'NA' is not a number"):
        read(own, all_cells, mark="NA")


def test_an_answer_may_read_like_an_empty_cell() -> None:
    assert read(OUTPUTS, {"empty": ["None"]}, answer="None")["text"] == "None"
    sliced = {
        **OUTPUTS,
        "fields": {**OUTPUTS["fields"], "slices": {"t": {"column": "who"}, "u": {"column": "mark"}}},
    }
    assert read(sliced, {"empty": ["ann"]})["slices"] == '{"u": "3"}'


def test_constants_are_no_cells() -> None:
    fixed = {**RATINGS, "fields": {**RATINGS["fields"], "value": {"value": "2.5"}, "rater": {"value": "NA"}}}
    row = read(fixed, {"decimal": ",", "empty": ["NA"]})
    assert (row["value"], row["rater"]) == (2.5, "NA")


def test_a_mapping_that_cannot_be_used_says_everything() -> None:
    with pytest.raises(Invalid) as caught:
        plan({**RATINGS, "colour": 1})
    assert caught.value.message == "The mapping cannot be used: record 1: ratings have no 'colour'."
    with pytest.raises(Invalid, match=r"\(and 2 more\)") as caught:
        plan({"kind": "poems"}, {"kind": "odes"}, {"kind": "songs"})
    assert (caught.value.code, len(caught.value.details["problems"])) == ("bad_mapping", 3)
    with pytest.raises(Invalid, match=r"\(and 1 more\)"):
        plan({"kind": "poems"}, {"kind": "odes"})
