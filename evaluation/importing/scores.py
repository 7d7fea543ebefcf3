"""Scores as a kind of record: a machine's answers, about one output or about a pair."""

from typing import Any

from concord.catalog.importing.fields import INTEGER, NUMBER, Field, Reject
from concord.catalog.importing.records import Record, register_record
from evaluation.states import ScorerKind


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
