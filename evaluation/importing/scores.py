"""Scores as a kind of record: a machine's answers, about one output or about a pair."""

from typing import Any

from concord.catalog.importing.fields import INTEGER, NUMBER, Empty, Field
from concord.catalog.importing.judged import JUDGED_FIELDS, Judged
from concord.catalog.importing.records import register_record
from evaluation.states import ScorerKind


@register_record
class Scores(Judged):
    """A machine's answer. An answer that could not be read keeps its words and has no value: it is counted, not guessed."""

    kind, label, order = "scores", "scores by a machine", 50
    options = ("scorer_kind",)
    fields = (
        Field("scorer", max_length=160, synonyms=("scorer", "judge", "metric")),
        Field("criterion", synonyms=("criterion", "dimension", "aspect")),
        *JUDGED_FIELDS,
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

    def problems(self) -> list[str]:
        found = []
        if self.spec.get("scorer_kind", ScorerKind.METRIC) not in ScorerKind.values:
            ask = (
                "Say who answered: a person's answers are ratings; of a machine's, " if self._is_open else ""
            )
            found.append(f"{ask}scorer_kind is one of {', '.join(ScorerKind.values)}.")
        return found + self.problems_of_sides()

    @property
    def _is_open(self) -> bool:
        """Whether a proposal could not tell people from machines."""
        return self.spec.get("scorer_kind", "") is None

    def parse(self, row: dict[str, Any]) -> tuple[Any, ...]:
        system, other = self.systems(row)
        value, raw = row.get("value"), str(row.get("value__raw") or "")
        if value is None and not raw.strip():
            raise Empty("value")
        return row["scorer"], row["criterion"], system, other, row["example"], row.get("epoch"), value, raw
