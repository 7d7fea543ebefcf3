"""Examples as a kind of record; outputs bring theirs along and share the fields."""

import json
from typing import Any

from concord.catalog.content import blocks
from concord.catalog.importing.fields import ANY, JSON, SLICES, Field, Reject
from concord.catalog.importing.records import Record, register_record
from concord.core.errors import Invalid

EXAMPLE = Field(
    "example",
    max_length=200,
    help="the example's own name, unique in the dataset",
    synonyms=(
        "example",
        "example_id",
        "prompt_id",
        "doc_id",
        "item",
        "item_id",
        "question_id",
        "id",
        "key",
        "instance",
    ),
)
CONTENT = (
    Field(
        "prompt",
        required=False,
        help="what was asked, as text",
        synonyms=("prompt", "input", "question", "instruction", "source"),
    ),
    Field(
        "messages",
        JSON,
        required=False,
        help="a conversation: a list of role and content",
        synonyms=("messages", "conversation", "chat"),
    ),
    Field("content", JSON, required=False, help="blocks, for whatever is more than text"),
    Field("choices", JSON, required=False, help="answer options, a list", synonyms=("choices", "options")),
    Field(
        "reference",
        ANY,
        required=False,
        help="the right answer",
        synonyms=("reference", "target", "gold", "answer_key"),
    ),
    Field("slices", SLICES, required=False, help="language, topic, hazard...: one binding for each"),
)
CONTENT_COLUMNS = {"prompt": "jsonb", "choices": "jsonb", "reference": "jsonb", "slices": "jsonb"}


def dump(value: Any) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False)


def content_of(row: dict[str, Any]) -> tuple[str | None, ...]:
    """The example's own part of a line, in the order of `CONTENT_COLUMNS`."""
    prompt: list[dict[str, Any]] | None
    try:
        if row.get("content") is not None:
            prompt = blocks.validate_blocks(row["content"])
        elif row.get("messages") is not None:
            prompt = blocks.chat(row["messages"])
        else:
            prompt = blocks.text_block(row["prompt"]) if row.get("prompt") is not None else None
    except Invalid as error:
        raise Reject("content" if row.get("content") is not None else "messages", error.message) from None
    choices = row.get("choices")
    if choices is not None and not (isinstance(choices, list) and choices):
        raise Reject("choices", "is not a list of answer options")
    return dump(prompt), dump(choices), dump(row.get("reference")), dump(row.get("slices") or None)


@register_record
class Examples(Record):
    """What systems are asked, where a file brings examples alone."""

    kind, label, order = "examples", "examples", 20
    fields = (EXAMPLE, *CONTENT)
    columns = {"example": "text", **CONTENT_COLUMNS}

    def parse(self, row: dict[str, Any]) -> tuple[Any, ...]:
        return (row["example"], *content_of(row))


def describes_examples(record: Record) -> bool:
    """Whether an entry says anything of its examples but their names."""
    return bool(record.bound & {field.name for field in CONTENT})
