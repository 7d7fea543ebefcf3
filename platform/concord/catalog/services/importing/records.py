"""Systems and outputs as kinds of record."""

from typing import Any

from concord.catalog.models import Example, Output, OutputSet, System
from concord.catalog.services import blocks
from concord.catalog.services.importing.examples import (
    CONTENT,
    CONTENT_COLUMNS,
    EXAMPLE,
    WithExamples,
    content_of,
    dump,
)
from concord.catalog.services.importing.names import write_systems
from concord.catalog.services.importing.registry import INTEGER, JSON, Field, Record, Reject, register_record
from concord.catalog.services.importing.stage import Stage
from concord.catalog.services.importing.undo import Undo
from concord.core.errors import Invalid

TEXT_KINDS = ("markdown", "text", "code")

SYSTEM = Field(
    "system",
    max_length=160,
    help="the system's name",
    synonyms=("system", "model", "model_name", "name", "engine", "llm"),
)
VERSION = Field(
    "system_version",
    required=False,
    max_length=80,
    help="its version, where names are not enough",
    synonyms=("model_version",),
)


@register_record
class Systems(Record):
    kind, label, order, needs_dataset = "systems", "systems", 10, False
    fields = (
        SYSTEM,
        VERSION,
        Field("description", required=False, synonyms=("description", "note", "notes", "org")),
    )
    columns = {"system": "text", "system_version": "text", "description": "text", "kind": "text"}

    def resolve(self, stage: Stage) -> None:
        window = "(PARTITION BY system, system_version ORDER BY line)"
        stage.reject(
            "s.line IN (SELECT line FROM (SELECT line, description IS DISTINCT FROM first_value(description) OVER "
            f"{window} AS other FROM {{table}}) q WHERE other)",
            column="description",
            reason="{system} is described otherwise on an earlier line",
        )
        stage.execute(
            f"DELETE FROM {{table}} t USING (SELECT line, row_number() OVER {window} n FROM {{table}}) q "
            f"WHERE q.line = t.line AND q.n > 1"
        )

    def write(self, stage: Stage) -> int:
        return write_systems(stage, described=True)

    @classmethod
    def undo(cls, undo: Undo) -> None:
        undo.delete_unused(System)


@register_record
class Outputs(WithExamples):
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
        found = [] if self.bound & {"text", "output_content"} else ["outputs need text (or output_content)."]
        if self.spec.get("duplicates", "reject") not in ("reject", "epochs"):
            found.append('"duplicates" is "reject" or "epochs".')
        return found

    def parse(self, row: dict[str, Any]) -> tuple[Any, ...]:
        text, content, kind = row.get("text"), row.get("output_content"), row.get("text_kind") or "markdown"
        if text is None and content is None:
            raise Reject("text", "is empty")
        if kind not in TEXT_KINDS:
            raise Reject("text_kind", f"{kind!r} is none of {', '.join(TEXT_KINDS)}")
        try:
            content = None if content is None else blocks.validate_blocks(content)
        except Invalid as error:
            raise Reject("output_content", error.message) from None
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

    def resolve(self, stage: Stage) -> None:
        self.resolve_examples(stage)
        if self.spec.get("duplicates") == "epochs":
            self._number_epochs(stage)
        else:
            self._merge_repeats(stage)
        self._compare_with_other_entries(stage)

    def _number_epochs(self, stage: Stage) -> None:
        stage.execute(
            "UPDATE {table} t SET epoch = q.n FROM (SELECT line, row_number() OVER (PARTITION BY system, system_version, example "
            "ORDER BY line) n FROM {table}) q WHERE q.line = t.line AND q.n > 1"
        )

    def _merge_repeats(self, stage: Stage) -> None:
        window = "(PARTITION BY system, system_version, example, epoch ORDER BY line)"
        stage.reject(
            f"s.line IN (SELECT line FROM (SELECT line, (text, content) IS DISTINCT FROM (first_value(text) "
            f"OVER w, first_value(content) OVER w) "
            f"AS other FROM {{table}} WINDOW w AS {window}) q WHERE other)",
            column="text",
            reason=(
                "{system} gave another answer to example {example} on an earlier line; map an epoch, or let "
                "repeated answers be epochs"
            ),
        )
        stage.execute(
            f"DELETE FROM {{table}} t USING (SELECT line, row_number() OVER {window} n FROM {{table}}) q "
            f"WHERE q.line = t.line AND q.n > 1"
        )

    def _compare_with_other_entries(self, stage: Stage) -> None:
        """A line may give several outputs (left and right of a pair): across those entries, too, an output is one text."""
        ref, digest = (
            "trim(s.system || ' ' || coalesce(s.system_version, ''))",
            "md5(s.text || coalesce(s.content::text, ''))",
        )
        same = f"o.system = {ref} AND o.example = s.example AND o.epoch = s.epoch"
        stage.reject(
            f"EXISTS (SELECT FROM {{outputs}} o WHERE {same} AND o.digest <> {digest})",
            column="text",
            reason="{system} gave another answer to example {example} in another column",
        )
        stage.execute(f"DELETE FROM {{table}} s USING {{outputs}} o WHERE {same} AND o.digest = {digest}")
        stage.execute(
            f"INSERT INTO {{outputs}} (system, example, epoch, digest) SELECT DISTINCT ON (1, 2, 3) {ref}, "
            f"example, epoch, {digest} "
            "FROM {table} s ON CONFLICT (system, example, epoch) DO UPDATE SET output_id = NULL, digest = excluded.digest"
        )

    def prepare(self, stage: Stage) -> None:
        OutputSet.objects.get_or_create(
            workspace_id=stage.workspace_id,
            batch=stage.batch,
            kind="import",
            defaults={"name": stage.batch.file.name[:200]},
        )

    def write(self, stage: Stage) -> int:
        write_systems(stage, described=False)
        self.write_examples(stage)
        output_set = OutputSet.objects.get(batch=stage.batch)
        return stage.execute(
            "INSERT INTO catalog_output (output_set_id, system_id, example_id, epoch, text, content, "
            "text_kind, batch_id, created_at) "
            "SELECT %s, y.system_id, e.id, s.epoch, s.text, s.content, s.text_kind, %s, now() FROM {table} s "
            "JOIN {systems} y ON y.ref = trim(s.system || ' ' || coalesce(s.system_version, '')) "
            "JOIN catalog_example e ON e.version_id = %s AND e.key = s.example ORDER BY s.line",
            [output_set.pk, stage.batch.pk, stage.version_id],
        )

    @classmethod
    def undo(cls, undo: Undo) -> None:
        undo.delete(Output)
        undo.delete_unused(OutputSet)
        undo.delete(Example)
        undo.delete_unused(System)
