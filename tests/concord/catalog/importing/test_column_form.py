"""The mapping as a form of columns: read from it, and built from it again."""

from typing import Any

import pytest

from concord.catalog.importing.column_form import (
    KNOWN,
    roles_of,
    study_name,
    value_tables,
    with_answers,
    with_roles,
)
from concord.catalog.importing.proposal import mapping_from
from concord.catalog.importing.sample import Sample

COLUMNS = ["id", "model", "prompt", "answer", "topic", "who", "mark", "auto"]
ROWS = [
    ["1", "A", "Why is that?", "So", "geo", "ann", "good", "0.5"],
    ["2", "B", "How is that?", "Thus", "bio", "ben", "bad", "0.25"],
]
TABLE = Sample(COLUMNS, [list(row) for row in ROWS])
ROLES = {
    "id": "example", "model": "system", "prompt": "prompt", "answer": "output", "topic": "slice", "who": "rater",
    "mark": "rating", "auto": "score",
}  # fmt: skip
PAIRED = {
    "a": "left_system", "b": "right_system", "a_out": "left_output", "b_out": "right_output", "q": "example", "won": "rating",
}  # fmt: skip
PAIRS = Sample(list(PAIRED), [["A", "B", "yes", "no", "1", "left"], ["B", "A", "no", "yes", "1", "tie"]])


def test_roles_are_read_back_from_what_they_made() -> None:
    assert roles_of(mapping_from(ROLES, TABLE, name="x")) == ROLES
    assert roles_of(mapping_from(PAIRED, PAIRS, name="x")) == PAIRED
    assert set(ROLES.values()) | set(PAIRED.values()) <= KNOWN
    assert roles_of({}) == {}
    assert roles_of({"records": [{}]}) == {}


def test_the_columns_of_a_pair_are_its_sides_in_whatever_order_the_entries_stand() -> None:
    mapping = mapping_from(PAIRED, PAIRS, name="x")
    mapping["records"].reverse()
    assert {column: role for column, role in roles_of(mapping).items() if "system" in role} == {
        "a": "left_system", "b": "right_system",
    }  # fmt: skip
    alone = {column: role for column, role in ROLES.items() if role in ("system", "example", "output")}
    assert roles_of(mapping_from(alone, TABLE, name="x")) == alone


def test_constants_and_fields_without_a_role_are_no_columns() -> None:
    fields = {
        "system": {"value": "A"},
        "comment": {"column": "note"},
        "slices": {"t": "topic", "u": {"column": "u"}},
        "example": "id",
    }
    assert roles_of({"records": [{"kind": "ratings", "fields": fields}]}) == {"u": "slice"}


def rebuilt(mapping: dict[str, Any], roles: dict[str, str], **names: str) -> dict[str, Any]:
    return with_roles(mapping, roles, TABLE, names=names, taken={})


def test_a_mapping_is_built_anew_from_roles_and_names() -> None:
    made = rebuilt({}, ROLES, dataset="D", study="S")
    assert made["dataset"] == "D"
    assert study_name(made) == "S"
    assert rebuilt({"dataset": "Before"}, ROLES)["dataset"] == "Before"
    assert rebuilt({}, ROLES)["dataset"] == "Dataset"
    assert study_name(rebuilt({}, ROLES, dataset="D")) == "D"
    assert (
        study_name({"records": [{"kind": "outputs", "study": "no"}, {"kind": "ratings", "study": "yes"}]})
        == "yes"
    )
    assert study_name({}) == study_name({"records": [{"kind": "outputs"}]}) == ""


def test_roles_that_nobody_knows_and_columns_that_are_not_there_are_left_out() -> None:
    made = rebuilt({}, {**ROLES, "who": "king", "ghost": "rater"})
    assert "rater" not in [*made["records"][1]["fields"]]


def test_how_the_file_is_read_stays_said() -> None:
    said = {
        "format": "csv",
        "delimiter": ";",
        "skip_lines": 2,
        "header": False,
        "decimal": ",",
        "empty": ["NA"],
        "version": 3,
    }
    made = rebuilt({**said, "name": "old", "dataset": "D", "colour": 1}, ROLES)
    assert {key: made[key] for key in said} == said
    assert made["name"] == "D"
    assert "colour" not in made


def test_what_was_said_of_a_question_or_a_columns_values_stays_said() -> None:
    before = rebuilt({}, ROLES, dataset="D")
    before["criteria"][0] |= {"direction": "higher", "name": "Mine"}
    before["records"][1]["fields"]["value"] = {"column": "mark", "map": {"good": 9}}
    before["records"][1]["fields"]["rater"] = {"column": "who", "prefix": "A "}
    again = rebuilt(before, {**ROLES, "topic": ""}, dataset="E")
    assert again["criteria"][0]["name"] == "Mine"
    assert again["criteria"][0]["direction"] == "higher"
    assert again["records"][1]["fields"]["value"] == {"column": "mark", "map": {"good": 9}}
    assert again["records"][1]["fields"]["rater"] == {"column": "who", "prefix": "A "}
    moved = rebuilt(before, {**ROLES, "who": "", "topic": "rater"})
    assert moved["records"][1]["fields"]["rater"] == {"column": "topic"}


def test_bindings_are_kept_within_their_kind_of_record_only() -> None:
    odd = {
        "records": [
            {"kind": "scores", "fields": {"system": {"column": "model", "prefix": "x"}}},
            {"kind": "outputs"},
        ]
    }
    made = rebuilt(odd, {name: role for name, role in ROLES.items() if role != "score"})
    assert [entry["fields"]["system"] for entry in made["records"]] == [{"column": "model"}] * 2


def test_tables_of_values_with_the_labels_to_choose_from() -> None:
    mapping = mapping_from(ROLES, TABLE, name="x")
    labels = {"label": [{"value": 1, "label": "bad"}]}
    (table,) = [one for one in value_tables(mapping, labels) if one["kind"] == "ratings"]
    assert table == {
        "place": 1, "kind": "ratings", "column": "mark", "map": mapping["records"][1]["fields"]["value"]["map"],
        "labels": labels["label"],
    }  # fmt: skip
    constant = {
        "records": [
            {
                "kind": "ratings",
                "criterion": "help",
                "fields": {"value": {"map": {}}, "criterion": {"column": "q"}},
            }
        ]
    }
    assert value_tables(constant, {"help": [{"value": 1}]})[0]["labels"] == [{"value": 1}]
    assert value_tables(constant)[0] == {"place": 0, "kind": "ratings", "column": "", "map": {}, "labels": []}
    assert value_tables({"records": [{"fields": {"value": {"map": []}}}, {"fields": {"value": 1}}, {}]}) == []
    assert value_tables({}) == []


def test_answers_of_the_form_go_where_they_were_asked() -> None:
    labels = [{"value": 1, "label": "bad"}, {"value": 2, "label": "good", "unsafe": True}]
    mapping = {
        "dataset": "D",
        "criteria": [
            {"slug": "a", "labels": []},
            {"slug": "b", "name": "B", "direction": None, "labels": labels},
        ],
        "records": [
            {"kind": "outputs", "fields": {}},
            {
                "kind": "ratings",
                "fields": {"value": {"column": "mark", "map": {"bad": 1, "good": 2, "ugly": 3}}},
            },
        ],
    }
    answers = {
        "criterion-1-direction": " higher ", "criterion-1-name": "", "criterion-0-question": "Good?", "label-1-0": " awful ",
        "label-1-1": " ", "unsafe-1-0": "on", "value-1-0": "4", "value-1-1": "2.5", "value-1-2": "none", "value-0-0": "9",
    }  # fmt: skip
    made = with_answers(mapping, answers)
    assert made["dataset"] == "D"
    assert made["criteria"] == [
        {"slug": "a", "labels": [], "question": "Good?"},
        {
            "slug": "b", "name": "B", "direction": "higher",
            "labels": [{"value": 1, "label": "awful", "unsafe": True}, {"value": 2, "label": "good", "unsafe": False}],
        },
    ]  # fmt: skip
    value = made["records"][1]["fields"]["value"]
    assert value == {"column": "mark", "map": {"bad": 4, "good": 2.5}}
    assert [type(number) for number in value["map"].values()] == [int, float]
    assert made["records"][0] == mapping["records"][0]
    assert mapping["records"][1]["fields"]["value"]["map"]["bad"] == 1, "the old mapping is as it was"


def test_without_questions_none_are_made_up() -> None:
    assert with_answers({"records": []}, {}) == {"records": []}


@pytest.mark.parametrize("ticked", [{}, {"unsafe-0-0": "on"}])
def test_a_label_is_unsafe_only_where_it_was_ticked_or_asked(ticked: dict[str, str]) -> None:
    label = {"value": 1, "label": "x"}
    made = with_answers({"criteria": [{"slug": "a", "labels": [label]}]}, ticked)
    assert made["criteria"][0]["labels"] == [{**label, "unsafe": True} if ticked else label]
