"""Outputs as a kind of record: a text or blocks, an epoch, and what comes along of the example."""

import json
from typing import Any

import pytest

from concord.catalog.importing.fields import Reject
from concord.catalog.importing.outputs import Outputs

LINE = {"system": "a", "example": "e", "text": "yes"}


def row(**line: Any) -> dict[str, Any]:
    found = Outputs({}, frozenset()).parse({**LINE, **line})
    return dict(zip(Outputs.columns, found, strict=True))


def test_a_line_becomes_a_row_in_the_order_of_the_staging_table() -> None:
    assert row(system_version="2", epoch=3, text_kind="code", prompt="Why?", slices={"t": "x"}) == {
        "system": "a", "system_version": "2", "example": "e", "epoch": 3, "text": "yes", "content": None, "text_kind": "code",
        "prompt": '[{"type": "text", "text": "Why?"}]', "choices": None, "reference": None, "slices": '{"t": "x"}',
    }  # fmt: skip
    assert (row()["epoch"], row()["text_kind"], row()["system_version"]) == (1, "markdown", None)


def test_an_empty_answer_is_an_answer_and_none_is_not() -> None:
    assert row(text="")["text"] == ""
    blocks = [{"type": "code", "text": "x"}]
    found = row(text=None, output_content=blocks)
    assert (found["text"], found["content"]) == ("", '[{"type": "code", "text": "x"}]')
    with pytest.raises(Reject, match="is empty") as caught:
        row(text=None)
    assert caught.value.column == "text"


def test_a_conversation_is_an_answer_and_blocks_go_before_it() -> None:
    turns = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Ho"}]
    found = row(text=None, output_messages=turns)["content"]
    assert json.loads(found) == [{"type": "chat", "turns": turns}]
    blocks = [{"type": "code", "text": "x"}]
    assert json.loads(row(output_content=blocks, output_messages=turns)["content"]) == blocks


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ({"output_messages": [{"role": "robot", "content": "x"}]}, "output_messages"),
        ({"text_kind": "html"}, "text_kind"),
        ({"output_content": [{"type": "html"}]}, "output_content"),
        ({"epoch": -1}, "epoch"),
        ({"epoch": 32_768}, "epoch"),
        ({"choices": "a"}, "choices"),
    ],
)
def test_what_is_no_output_is_rejected_with_its_column(line: dict[str, Any], column: str) -> None:
    with pytest.raises(Reject) as caught:
        row(**line)
    assert caught.value.column == column


def test_epochs_reach_from_one_to_what_the_database_holds() -> None:
    assert [row(epoch=epoch)["epoch"] for epoch in (1, 32_767, None)] == [1, 32_767, 1]


@pytest.mark.parametrize(
    ("spec", "bound", "said"),
    [
        ({}, {"system", "example"}, "need text"),
        ({"duplicates": "merge"}, {"text"}, '"duplicates"'),
    ],
)
def test_an_entry_that_makes_no_sense_is_refused(spec: dict[str, Any], bound: set[str], said: str) -> None:
    (problem,) = Outputs(spec, frozenset(bound)).problems()
    assert said in problem


@pytest.mark.parametrize("spec", [{}, {"duplicates": "reject"}, {"duplicates": "epochs"}])
@pytest.mark.parametrize("bound", [{"text"}, {"output_content"}, {"output_messages"}])
def test_an_entry_that_makes_sense_has_no_problem(spec: dict[str, Any], bound: set[str]) -> None:
    assert Outputs(spec, frozenset(bound)).problems() == []


def test_what_a_file_must_say_of_an_output() -> None:
    assert [field.name for field in Outputs.fields if field.required] == ["system", "example"]
    assert [field.name for field in Outputs.fields if field.empty_is_value] == ["text"]
    assert {field.name: field.max_length for field in Outputs.fields if field.max_length} == {
        "system": 160, "system_version": 80, "example": 200, "text_kind": 10,
    }  # fmt: skip
