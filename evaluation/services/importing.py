"""Scores and timings as kinds of record that the import engine takes in."""

from typing import Any

from concord.catalog.services.importing.registry import (
    INTEGER,
    NUMBER,
    Field,
    Record,
    Reject,
    register_record,
)
from concord.catalog.services.importing.stage import Stage
from concord.catalog.services.importing.undo import Undo
from evaluation.models import Score, Scorer, Timing
from evaluation.states import ScorerKind

MAX_COUNT = 2**31 - 1
OUTPUT = "JOIN {outputs} o ON (o.system, o.example, o.epoch) = (s.system, s.example, coalesce(s.epoch, 1)) "
OTHER = "LEFT JOIN {outputs} p ON (p.system, p.example, p.epoch) = (s.other_system, s.example, coalesce(s.epoch, 1)) "


@register_record
class Timings(Record):
    """How long an output took, what it consumed and what it cost."""

    kind, label, order = "timings", "timings", 40
    fields = (
        Field("system", synonyms=("system", "model")),
        Field("example", synonyms=("example", "id", "prompt_id", "doc_id")),
        Field("epoch", INTEGER, required=False),
        Field(
            "duration_ms",
            NUMBER,
            help="milliseconds",
            synonyms=("duration_ms", "latency_ms", "duration", "latency"),
        ),
        Field("input_tokens", INTEGER, required=False, synonyms=("input_tokens", "prompt_tokens")),
        Field(
            "output_tokens",
            INTEGER,
            required=False,
            synonyms=("output_tokens", "completion_tokens", "tokens"),
        ),
        Field("batch_size", INTEGER, required=False, synonyms=("batch_size",)),
        Field("cost", NUMBER, required=False, synonyms=("cost", "price")),
    )
    columns = {
        "system": "text",
        "example": "text",
        "epoch": "smallint",
        "duration_ms": "float8",
        "input_tokens": "bigint",
        "output_tokens": "bigint",
        "batch_size": "bigint",
        "cost": "float8",
    }

    def parse(self, row: dict[str, Any]) -> tuple[Any, ...]:
        if row["duration_ms"] < 0:
            raise Reject("duration_ms", f"{row['duration_ms']:g} ms is below zero")
        for name in ("input_tokens", "output_tokens", "batch_size"):
            value = row.get(name)
            if value is not None and not 0 <= value <= MAX_COUNT:
                raise Reject(name, f"{value} is not a count")
        return tuple(row.get(name) for name in self.columns)

    def resolve(self, stage: Stage) -> None:
        stage.reject_unknown_outputs()
        stage.reject(
            "s.line IN (SELECT line FROM (SELECT line, row_number() OVER "
            "(PARTITION BY system, example, coalesce(epoch, 1) ORDER BY line) AS n FROM {table}) q WHERE n > 1)",
            column="duration_ms",
            reason="a second timing of {system} for example {example}",
        )
        stage.reject(
            f"EXISTS (SELECT FROM {{outputs}} o JOIN evaluation_timing t ON t.output_id = o.output_id WHERE {_SAME})",
            column="duration_ms",
            reason="the output of {system} for example {example} is timed already",
        )

    def write(self, stage: Stage) -> int:
        return stage.execute(
            "INSERT INTO evaluation_timing (output_id, duration_ms, input_tokens, output_tokens, batch_size, cost, batch_id) "
            "SELECT o.output_id, s.duration_ms, s.input_tokens, s.output_tokens, s.batch_size, s.cost, %s FROM {table} s "
            + OUTPUT,
            [stage.batch.pk],
        )

    @classmethod
    def undo(cls, undo: Undo) -> None:
        undo.delete(Timing)


_SAME = "(o.system, o.example, o.epoch) = (s.system, s.example, coalesce(s.epoch, 1))"


@register_record
class Scores(Record):
    """A machine's answer. An answer that could not be read keeps its words and has no value: it is counted, not guessed."""

    kind, label, order = "scores", "scores by a machine", 50
    options = ("scorer_kind",)
    fields = (
        Field("scorer", max_length=160, synonyms=("scorer", "judge", "metric")),
        Field("criterion", synonyms=("criterion", "dimension", "aspect")),
        Field("system", required=False, synonyms=("system", "model")),
        Field("left_system", required=False, synonyms=("left", "model_a", "system_a", "left_system")),
        Field("right_system", required=False, synonyms=("right", "model_b", "system_b", "right_system")),
        Field("example", synonyms=("example", "id", "prompt_id", "doc_id")),
        Field("epoch", INTEGER, required=False),
        Field(
            "value", NUMBER, required=False, keep_raw=True, synonyms=("score", "value", "verdict", "label")
        ),
    )
    columns = {
        "scorer": "text",
        "criterion": "text",
        "system": "text",
        "other_system": "text",
        "example": "text",
        "epoch": "smallint",
        "value": "float8",
        "raw": "text",
    }

    @property
    def pairwise(self) -> bool:
        return "left_system" in self.bound or "right_system" in self.bound

    def problems(self) -> list[str]:
        found = []
        if self.spec.get("scorer_kind", ScorerKind.METRIC) not in ScorerKind.values:
            found.append(f"scorer_kind is one of {', '.join(ScorerKind.values)}.")
        sides = {"left_system", "right_system"} & self.bound
        if len(sides) == 1:
            found.append("Scores of pairs need both left_system and right_system.")
        elif not sides and "system" not in self.bound:
            found.append("Scores need a system, or left_system and right_system.")
        elif sides and "system" in self.bound:
            found.append("Scores are of one system or of a pair, not of both.")
        return found

    def parse(self, row: dict[str, Any]) -> tuple[Any, ...]:
        sides = ["left_system", "right_system"] if self.pairwise else ["system"]
        for side in sides:
            if not row.get(side):
                raise Reject(side, "is empty")
        system, other = str(row[sides[0]]), str(row[sides[1]]) if self.pairwise else None
        if system == other:
            raise Reject("right_system", "is the same system as on the left")
        value, raw = row.get("value"), str(row.get("value__raw") or "")
        if value is None and not raw.strip():
            raise Reject("value", "is empty")
        return row["scorer"], row["criterion"], system, other, row["example"], row.get("epoch"), value, raw

    def resolve(self, stage: Stage) -> None:
        stage.reject_unknown_criteria(pairwise=self.pairwise)
        stage.reject_unknown_outputs()
        if self.pairwise:
            stage.reject_unknown_outputs(system="other_system")
        stage.reject_bad_values()
        stage.reject(
            "s.line IN (SELECT line FROM (SELECT line, row_number() OVER "
            "(PARTITION BY scorer, criterion, system, other_system, example, coalesce(epoch, 1) ORDER BY line) AS n "
            "FROM {table}) q WHERE n > 1)",
            column="value",
            reason="{scorer} answers {criterion} about {system} on {example} more than once",
        )
        stage.reject(
            "EXISTS (SELECT FROM evaluation_scorer k JOIN {criteria} c ON c.ref = s.criterion "
            f"JOIN {{outputs}} o ON {_SAME} "
            "LEFT JOIN {outputs} p ON (p.system, p.example, p.epoch) = (s.other_system, s.example, coalesce(s.epoch, 1)) "
            "JOIN evaluation_score g ON g.scorer_id = k.id AND g.criterion_id = c.criterion_id AND g.output_id = o.output_id "
            "AND g.other_output_id IS NOT DISTINCT FROM p.output_id WHERE k.workspace_id = %s AND k.name = s.scorer)",
            column="value",
            reason="{scorer} has answered {criterion} about {system} on {example} already",
            params=[stage.workspace_id],
        )

    def prepare(self, stage: Stage) -> None:
        stage.execute(
            "INSERT INTO evaluation_scorer (workspace_id, name, kind, method, parameters, batch_id, created_at) "
            "SELECT DISTINCT %s::bigint, s.scorer, %s, 'imported', jsonb_build_object(), %s::bigint, now() FROM {table} s "
            "ON CONFLICT (workspace_id, name) DO NOTHING",
            [stage.workspace_id, self.spec.get("scorer_kind", ScorerKind.METRIC), stage.batch.pk],
        )

    def write(self, stage: Stage) -> int:
        return stage.execute(
            "INSERT INTO evaluation_score "
            "(scorer_id, criterion_id, output_id, other_output_id, value, raw, batch_id, created_at) "
            "SELECT k.id, c.criterion_id, o.output_id, p.output_id, s.value, s.raw, %s, now() FROM {table} s "
            "JOIN evaluation_scorer k ON k.workspace_id = %s AND k.name = s.scorer "
            "JOIN {criteria} c ON c.ref = s.criterion " + OUTPUT + OTHER + "ORDER BY s.line",
            [stage.batch.pk, stage.workspace_id],
        )

    @classmethod
    def undo(cls, undo: Undo) -> None:
        undo.delete(Score)
        undo.delete_unused(Scorer)
