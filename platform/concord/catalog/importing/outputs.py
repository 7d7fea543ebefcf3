"""Outputs as a kind of record."""

from typing import Any

from concord.catalog.content import blocks
from concord.catalog.importing.examples import CONTENT, CONTENT_COLUMNS, EXAMPLE, content_of, dump
from concord.catalog.importing.fields import INTEGER, JSON, Field, Reject
from concord.catalog.importing.records import Record, register_record
from concord.catalog.importing.systems import SYSTEM, VERSION
from concord.core.errors import Invalid

TEXT_KINDS = ("markdown", "text", "code")


@register_record
class Outputs(Record):
    """Answers of systems. Examples and systems that are new come in with them.

    Repeated lines: a long table often repeats an output once per rating, so equal ones are one output; different answers
    to the same (system, example, epoch) are rejected, unless `"duplicates": "epochs"` says that they are repeated draws.
    """

    kind, label, order = "outputs", "outputs", 30
    options = ("duplicates",)
    fields = (
        SYSTEM,
        VERSION,
        EXAMPLE,
        Field(
            "epoch",
            INTEGER,
            required=False,
            help="which of several answers, from 1",
            synonyms=("epoch", "sample", "trial"),
        ),
        Field(
            "text",
            required=False,
            empty_is_value=True,
            help="what the system answered",
            synonyms=(
                "output",
                "completion",
                "response",
                "answer",
                "text",
                "result",
                "generation",
                "summary",
                "prediction",
            ),
        ),
        Field("output_content", JSON, required=False, help="blocks, where the answer is more than text"),
        Field("output_messages", JSON, required=False, help="a conversation: a list of role and content"),
        Field(
            "text_kind",
            required=False,
            max_length=10,
            help="markdown (as it comes), text or code: how it is shown",
        ),
        *CONTENT,
    )
    columns = {
        "system": "text",
        "system_version": "text",
        "example": "text",
        "epoch": "smallint",
        "text": "text",
        "content": "jsonb",
        "text_kind": "text",
        **CONTENT_COLUMNS,
    }

    def problems(self) -> list[str]:
        answers = {"text", "output_content", "output_messages"}
        found = [] if self.bound & answers else ["outputs need text (or output_content, or output_messages)."]
        if self.spec.get("duplicates", "reject") not in ("reject", "epochs"):
            found.append('"duplicates" is "reject" or "epochs".')
        return found

    def parse(self, row: dict[str, Any]) -> tuple[Any, ...]:
        text, content, kind = row.get("text"), _content_of(row), row.get("text_kind") or "markdown"
        if text is None and content is None:
            raise Reject("text", "is empty")
        if kind not in TEXT_KINDS:
            raise Reject("text_kind", f"{kind!r} is none of {', '.join(TEXT_KINDS)}")
        epoch = row.get("epoch") or 1
        if not 1 <= epoch <= 32767:
            raise Reject("epoch", f"{epoch} is not between 1 and 32,767")
        return (
            row["system"],
            row.get("system_version"),
            row["example"],
            epoch,
            text or "",
            dump(content),
            kind,
            *content_of(row),
        )


def _content_of(row: dict[str, Any]) -> list[dict[str, Any]] | None:
    """The answer as blocks, where it is more than text."""
    field = "output_content" if row.get("output_content") is not None else "output_messages"
    found = row.get(field)
    try:
        if found is None:
            return None
        return blocks.validate_blocks(found) if field == "output_content" else blocks.chat(found)
    except Invalid as error:
        raise Reject(field, error.message) from None
