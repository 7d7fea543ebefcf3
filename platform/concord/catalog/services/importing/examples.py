"""Examples as a kind of record; outputs bring theirs along and share the rules."""

import json
from typing import Any

from concord.catalog.models import Example
from concord.catalog.services import blocks
from concord.catalog.services.importing.registry import (
    ANY,
    JSON,
    SLICES,
    Field,
    Record,
    Reject,
    register_record,
)
from concord.catalog.services.importing.stage import Stage
from concord.catalog.services.importing.undo import Undo
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
SHAPE = "jsonb_build_array({0}prompt, {0}choices, {0}reference, {0}slices)"


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


class WithExamples(Record):
    """What examples and outputs share: both may bring examples in."""

    def _describes(self) -> bool:
        return bool(self.bound & {field.name for field in CONTENT})

    def resolve_examples(self, stage: Stage) -> None:
        if self._describes():
            self._reject_contradictions(stage)
        stage.reject(
            "EXISTS (SELECT FROM catalog_datasetversion v WHERE v.id = %s AND v.frozen_at IS NOT NULL) "
            "AND NOT EXISTS (SELECT FROM catalog_example e WHERE e.version_id = %s AND e.key = s.example)",
            column="example",
            reason="the dataset version is frozen and has no example {example}",
            params=[stage.version_id, stage.version_id],
        )

    def _reject_contradictions(self, stage: Stage) -> None:
        """An example means one thing: neither the file nor an earlier import may say two things about it."""
        shape = SHAPE.format("")
        stage.reject(
            "s.line IN (SELECT line FROM (SELECT line, shape IS DISTINCT FROM first_value(shape) OVER "
            "(PARTITION BY example ORDER BY line) "
            f"AS other FROM (SELECT line, example, {shape} AS shape FROM {{table}}) a) b WHERE other)",
            column="example",
            reason="example {example} says something else on an earlier line (prompt, choices, reference or slices)",
        )
        stage.reject(
            "EXISTS (SELECT FROM catalog_example e WHERE e.version_id = %s AND e.key = s.example AND ("
            "(s.prompt IS NOT NULL AND e.content <> s.prompt) OR (s.choices IS NOT NULL AND e.choices IS "
            "DISTINCT FROM s.choices) "
            "OR (s.reference IS NOT NULL AND e.reference IS DISTINCT FROM s.reference) "
            "OR (s.slices IS NOT NULL AND NOT e.slices @> s.slices)))",
            column="example",
            reason=(
                "example {example} is already in this dataset version and says something else; import into "
                "another dataset or version"
            ),
            params=[stage.version_id],
        )

    def write_examples(self, stage: Stage) -> int:
        stage.cursor.execute(
            "SELECT coalesce(max(position) + 1, 0) FROM catalog_example WHERE version_id = %s",
            [stage.version_id],
        )
        base = stage.cursor.fetchone()[0]
        return stage.execute(
            "INSERT INTO catalog_example (version_id, key, position, content, choices, reference, slices, batch_id) "
            "SELECT %s, example, %s + row_number() OVER (ORDER BY line) - 1, coalesce(prompt, '[]'), choices, reference, "
            "coalesce(slices, '{}'), %s FROM (SELECT DISTINCT ON (example) * FROM {table} s WHERE NOT EXISTS "
            "(SELECT FROM catalog_example e WHERE e.version_id = %s AND e.key = s.example) ORDER BY example, line) fresh",
            [stage.version_id, base, stage.batch.pk, stage.version_id],
        )


@register_record
class Examples(WithExamples):
    kind, label, order = "examples", "examples", 20
    fields = (EXAMPLE, *CONTENT)
    columns = {"example": "text", **CONTENT_COLUMNS}

    def parse(self, row: dict[str, Any]) -> tuple[Any, ...]:
        return (row["example"], *content_of(row))

    def resolve(self, stage: Stage) -> None:
        self.resolve_examples(stage)

    def write(self, stage: Stage) -> int:
        return self.write_examples(stage)

    @classmethod
    def undo(cls, undo: Undo) -> None:
        undo.delete(Example)
