"""The catalog's own kinds of record: systems, examples, outputs."""

import json
from typing import Any

from concord.catalog.models import Example, Output, OutputSet, System
from concord.catalog.services import blocks
from concord.catalog.services.importing.registry import (
    ANY,
    INTEGER,
    JSON,
    SLICES,
    Field,
    Record,
    Reject,
    register_record,
)
from concord.catalog.services.importing.stage import OUTPUTS, SYSTEMS, Stage
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


def _dump(value: Any) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False)


def _content(row: dict[str, Any]) -> tuple[str | None, ...]:
    """The example's own part of a line, in the order of `CONTENT_COLUMNS`."""
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
    return _dump(prompt), _dump(choices), _dump(row.get("reference")), _dump(row.get("slices") or None)


class _Examples(Record):
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
            "s.line IN (SELECT line FROM (SELECT line, shape IS DISTINCT FROM first_value(shape) OVER (PARTITION BY example ORDER BY line) "
            f"AS other FROM (SELECT line, example, {shape} AS shape FROM {{table}}) a) b WHERE other)",
            column="example",
            reason="example {example} says something else on an earlier line (prompt, choices, reference or slices)",
        )
        stage.reject(
            "EXISTS (SELECT FROM catalog_example e WHERE e.version_id = %s AND e.key = s.example AND ("
            "(s.prompt IS NOT NULL AND e.content <> s.prompt) OR (s.choices IS NOT NULL AND e.choices IS DISTINCT FROM s.choices) "
            "OR (s.reference IS NOT NULL AND e.reference IS DISTINCT FROM s.reference) "
            "OR (s.slices IS NOT NULL AND NOT e.slices @> s.slices)))",
            column="example",
            reason="example {example} is already in this dataset version and says something else; import into another dataset or version",
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


def write_systems(stage: Stage, *, described: bool) -> int:
    """Make the systems that are staged and unknown; `described` where the staging table says more than their names."""
    extra = ("coalesce(description, '')", "coalesce(kind, 'recorded')") if described else ("''", "'recorded'")
    made = stage.execute(
        "INSERT INTO catalog_system (workspace_id, name, version, kind, config, prices, description, batch_id, created_at) "
        f"SELECT DISTINCT ON (system, system_version) %s, system, coalesce(system_version, ''), {extra[1]}, jsonb_build_object(), "
        f"jsonb_build_object(), {extra[0]}, %s, now() FROM {{table}} s WHERE NOT EXISTS (SELECT FROM {{systems}} y "
        "WHERE y.ref = trim(s.system || ' ' || coalesce(s.system_version, '')) AND y.system_id IS NOT NULL) "
        "ORDER BY system, system_version, line ON CONFLICT DO NOTHING",
        [stage.workspace_id, stage.batch.pk],
    )
    load_systems(stage)
    return made


def load_systems(stage: Stage) -> None:
    """Fill `import_systems`: each system under its full name, and under its bare name where that is unambiguous."""
    stage.cursor.execute(f"TRUNCATE {SYSTEMS}")
    for name, only in (("trim(name || ' ' || version)", ""), ("name", "HAVING count(*) = 1")):
        stage.cursor.execute(
            f"INSERT INTO {SYSTEMS} (ref, system_id) SELECT {name}, min(id) FROM catalog_system "
            f"WHERE workspace_id = %s GROUP BY 1 {only} ON CONFLICT DO NOTHING",
            [stage.workspace_id],
        )


def load_outputs(stage: Stage) -> None:
    """Fill `import_outputs` with the outputs of the dataset version, the newest set first."""
    stage.cursor.execute(f"TRUNCATE {OUTPUTS}")
    stage.cursor.execute(
        f"INSERT INTO {OUTPUTS} (system, example, epoch, output_id, example_id, system_id) "
        "SELECT DISTINCT ON (o.system_id, o.example_id, o.epoch, y.ref) y.ref, e.key, o.epoch, o.id, e.id, o.system_id "
        f"FROM catalog_example e JOIN catalog_output o ON o.example_id = e.id JOIN {SYSTEMS} y ON y.system_id = o.system_id "
        "WHERE e.version_id = %s ORDER BY o.system_id, o.example_id, o.epoch, y.ref, o.output_set_id DESC",
        [stage.version_id],
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
            f"DELETE FROM {{table}} t USING (SELECT line, row_number() OVER {window} n FROM {{table}}) q WHERE q.line = t.line AND q.n > 1"
        )

    def write(self, stage: Stage) -> int:
        return write_systems(stage, described=True)

    @classmethod
    def undo(cls, undo: Undo) -> None:
        undo.delete_unused(System)


@register_record
class Examples(_Examples):
    kind, label, order = "examples", "examples", 20
    fields = (EXAMPLE, *CONTENT)
    columns = {"example": "text", **CONTENT_COLUMNS}

    def parse(self, row: dict[str, Any]) -> tuple[Any, ...]:
        return (row["example"], *_content(row))

    def resolve(self, stage: Stage) -> None:
        self.resolve_examples(stage)

    def write(self, stage: Stage) -> int:
        return self.write_examples(stage)

    @classmethod
    def undo(cls, undo: Undo) -> None:
        undo.delete(Example)


@register_record
class Outputs(_Examples):
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
            _dump(content),
            kind,
            *_content(row),
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
            f"s.line IN (SELECT line FROM (SELECT line, (text, content) IS DISTINCT FROM (first_value(text) OVER w, first_value(content) OVER w) "
            f"AS other FROM {{table}} WINDOW w AS {window}) q WHERE other)",
            column="text",
            reason="{system} gave another answer to example {example} on an earlier line; map an epoch, or let repeated answers be epochs",
        )
        stage.execute(
            f"DELETE FROM {{table}} t USING (SELECT line, row_number() OVER {window} n FROM {{table}}) q WHERE q.line = t.line AND q.n > 1"
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
            f"INSERT INTO {{outputs}} (system, example, epoch, digest) SELECT DISTINCT ON (1, 2, 3) {ref}, example, epoch, {digest} "
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
            "INSERT INTO catalog_output (output_set_id, system_id, example_id, epoch, text, content, text_kind, batch_id, created_at) "
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
