"""Scores as a kind of record: a machine's answers, about one output or about a pair."""

from typing import Any

from concord.catalog.importing.fields import INTEGER, NUMBER, Empty, Field, Reject
from concord.catalog.importing.records import Record, register_record
from concord.catalog.importing.systems import FULL_NAME, LEFT_VERSION, RIGHT_VERSION, VERSION, full_name
from evaluation.states import ScorerKind


@register_record
class Scores(Record):
    """A machine's answer. An answer that could not be read keeps its words and has no value: it is counted, not guessed."""

    kind, label, order = "scores", "scores by a machine", 50
    options = ("scorer_kind",)
    fields = (
        Field("scorer", max_length=160, synonyms=("scorer", "judge", "metric")),
        Field("criterion", synonyms=("criterion", "dimension", "aspect")),
        Field("system", required=False, max_length=FULL_NAME, synonyms=("system", "model")),
        VERSION,
        Field(
            "left_system",
            required=False,
            max_length=FULL_NAME,
            synonyms=("left", "model_a", "system_a", "left_system"),
        ),
        LEFT_VERSION,
        Field(
            "right_system",
            required=False,
            max_length=FULL_NAME,
            synonyms=("right", "model_b", "system_b", "right_system"),
        ),
        RIGHT_VERSION,
        Field("example", max_length=200, synonyms=("example", "id", "prompt_id", "doc_id")),
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
            ask = (
                "Say who answered: a person's answers are ratings; of a machine's, " if self._is_open else ""
            )
            found.append(f"{ask}scorer_kind is one of {', '.join(ScorerKind.values)}.")
        sides = {"left_system", "right_system"} & self.bound
        if len(sides) == 1:
            found.append("Scores of pairs need both left_system and right_system.")
        elif not sides and "system" not in self.bound:
            found.append("Scores need a system, or left_system and right_system.")
        elif sides and "system" in self.bound:
            found.append("Scores are of one system or of a pair, not of both.")
        return found

    @property
    def _is_open(self) -> bool:
        """Whether a proposal could not tell people from machines."""
        return self.spec.get("scorer_kind", "") is None

    def parse(self, row: dict[str, Any]) -> tuple[Any, ...]:
        sides = ["left_system", "right_system"] if self.pairwise else ["system"]
        for side in sides:
            if not row.get(side):
                raise Reject(side, "is empty")
        names = [full_name(row[side], row.get(f"{side}_version")) for side in sides]
        system, other = names[0], names[1] if self.pairwise else None
        if system == other:
            raise Reject("right_system", "is the same system as on the left")
        value, raw = row.get("value"), str(row.get("value__raw") or "")
        if value is None and not raw.strip():
            raise Empty("value")
        return row["scorer"], row["criterion"], system, other, row["example"], row.get("epoch"), value, raw
