"""Ratings as a kind of record: of one output, or of a pair."""

from typing import Any

from concord.catalog.importing.fields import NUMBER, Field, Reject
from concord.catalog.importing.records import Record, register_record

SECONDS_IN_A_DAY = 86_400


@register_record
class Ratings(Record):
    """A person's answer. Without a rater it is anonymous, and left out of every claim about raters."""

    kind, label, order = "ratings", "ratings by people", 60
    fields = (
        Field("study", max_length=160, help="made, and closed, where there is none of this name"),
        Field("criterion", synonyms=("criterion", "dimension", "aspect", "question")),
        Field("system", required=False, synonyms=("system", "model")),
        Field("left_system", required=False, synonyms=("left", "model_a", "system_a", "left_system")),
        Field("right_system", required=False, synonyms=("right", "model_b", "system_b", "right_system")),
        Field("example", synonyms=("example", "id", "doc_id", "prompt_id", "item")),
        Field("epoch", "integer", required=False),
        Field("rater", required=False, max_length=160, synonyms=("rater", "annotator", "worker", "rater_id")),
        Field(
            "value", NUMBER, required=False, keep_raw=True, synonyms=("rating", "value", "winner", "label")
        ),
        Field("reason", required=False, help="why it could not be judged, where there is no value"),
        Field("comment", required=False, synonyms=("comment", "remark", "rationale")),
        Field("seconds", NUMBER, required=False, help="time taken", synonyms=("seconds", "time_taken")),
    )
    columns = {
        "study": "text",
        "criterion": "text",
        "system": "text",
        "other_system": "text",
        "example": "text",
        "epoch": "smallint",
        "rater": "text",
        "value": "float8",
        "reason": "text",
        "comment": "text",
        "seconds": "float8",
    }

    @property
    def pairwise(self) -> bool:
        return "left_system" in self.bound or "right_system" in self.bound

    @property
    def study_kind(self) -> str:
        """The kind of study that can hold such ratings."""
        return "side_by_side" if self.pairwise else "scale"

    def problems(self) -> list[str]:
        sides = {"left_system", "right_system"} & self.bound
        if len(sides) == 1:
            return ["Ratings of pairs need both left_system and right_system."]
        if not sides and "system" not in self.bound:
            return ["Ratings need a system, or left_system and right_system."]
        if sides and "system" in self.bound:
            return ["Ratings are of one system or of a pair, not of both."]
        return []

    def parse(self, row: dict[str, Any]) -> tuple[Any, ...]:
        system, other = self._systems(row)
        value, raw = row.get("value"), str(row.get("value__raw") or "").strip()
        reason = str(row.get("reason") or "") or (f"answered: {raw}" if raw else "")
        if value is None and not reason:
            raise Reject("value", "is empty, and there is no reason why it could not be judged")
        seconds = row.get("seconds")
        if seconds is not None and not 0 <= seconds <= SECONDS_IN_A_DAY:
            raise Reject("seconds", f"{seconds:g} is not a time between 0 and {SECONDS_IN_A_DAY} seconds")
        return (
            row["study"], row["criterion"], system, other, row["example"], row.get("epoch"), row.get("rater") or None,
            value, reason[:400], row.get("comment") or "", seconds,
        )  # fmt: skip

    def _systems(self, row: dict[str, Any]) -> tuple[str, str | None]:
        if not self.pairwise:
            if not row.get("system"):
                raise Reject("system", "is empty")
            return str(row["system"]), None
        for side in ("left_system", "right_system"):
            if not row.get(side):
                raise Reject(side, "is empty")
        if row["left_system"] == row["right_system"]:
            raise Reject("right_system", "is the same system as on the left")
        return str(row["left_system"]), str(row["right_system"])
