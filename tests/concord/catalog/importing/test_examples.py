"""Examples as a kind of record: what a line says of one."""

import json
from typing import Any

import pytest

from concord.catalog.importing.examples import (
    CONTENT,
    EXAMPLE,
    Examples,
    content_of,
    describes_examples,
    dump,
)
from concord.catalog.importing.fields import Reject

TURNS = [{"role": "user", "content": "Hi"}]


def test_nothing_is_null_and_text_keeps_its_letters() -> None:
    assert dump(None) is None
    assert dump({"a": "ä"}) == '{"a": "ä"}'
    assert dump(0) == "0"


def test_a_prompt_is_text_or_a_conversation_or_blocks_the_richest_first() -> None:
    text = [{"type": "text", "text": "Why?"}]
    chat = [{"type": "chat", "turns": TURNS}]
    code = [{"type": "code", "text": "x"}]
    row: dict[str, Any] = {"prompt": "Why?"}
    assert json.loads(content_of(row)[0] or "") == text
    assert json.loads(content_of({**row, "messages": TURNS})[0] or "") == chat
    assert json.loads(content_of({**row, "messages": TURNS, "content": code})[0] or "") == code
    assert content_of({}) == (None, None, None, None)
    assert content_of({"prompt": ""})[0] == '[{"type": "text", "text": ""}]'


def test_choices_reference_and_slices() -> None:
    row = {"choices": ["a", "b"], "reference": 0, "slices": {"topic": "x"}}
    assert content_of(row)[1:] == ('["a", "b"]', "0", '{"topic": "x"}')
    assert content_of({"slices": {}})[3] is None


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ({"content": [{"type": "html"}]}, "content"),
        ({"messages": [{"role": "robot", "content": "x"}]}, "messages"),
        ({"messages": []}, "messages"),
        ({"choices": "a"}, "choices"),
        ({"choices": []}, "choices"),
    ],
)
def test_what_is_no_content_is_rejected_with_its_column(row: dict[str, Any], column: str) -> None:
    with pytest.raises(Reject) as caught:
        content_of(row)
    assert caught.value.column == column


def test_a_line_becomes_a_row_in_the_order_of_the_staging_table() -> None:
    row = Examples({}, frozenset()).parse({"example": "e", "prompt": "Why?", "reference": "So."})
    assert dict(zip(Examples.columns, row, strict=True)) == {
        "example": "e", "prompt": '[{"type": "text", "text": "Why?"}]', "choices": None, "reference": '"So."', "slices": None,
    }  # fmt: skip


def test_only_its_name_is_required_of_an_example() -> None:
    assert [field.name for field in Examples.fields if field.required] == ["example"]
    assert EXAMPLE.max_length == 200
    assert {field.name: field.type for field in CONTENT} == {
        "prompt": "text", "messages": "json", "content": "json", "choices": "json", "reference": "any", "slices": "slices",
    }  # fmt: skip


def test_an_entry_that_names_examples_only_says_nothing_of_them() -> None:
    assert not describes_examples(Examples({}, frozenset({"example"})))
    assert describes_examples(Examples({}, frozenset({"example", "slices"})))
