"""Ratings as a kind of record: of one output, or of a pair."""

from typing import Any

from concord.catalog.importing.fields import NUMBER, Empty, Field, Reject
from concord.catalog.importing.judged import JUDGED_FIELDS, Judged
from concord.catalog.importing.records import register_record

SECONDS_IN_A_DAY = 86_400
EXPORTED = {
    "rating",
    "unit",
    "example",
    "criterion",
    "system",
    "other_system",
    "rater",
    "value",
    "current",
    "given_at",
}


@register_record
class Ratings(Judged):
    """A person's answer. Without a rater it is anonymous, and left out of every claim about raters."""

    kind, label, order = "ratings", "ratings by people", 60
    options = ("duplicates",)
    fields = (
        Field("study", max_length=160, help="made, and closed, where there is none of this name"),
        Field("criterion", synonyms=("criterion", "dimension", "aspect", "question")),
        *JUDGED_FIELDS,
        Field("example", max_length=200, synonyms=("example", "id", "doc_id", "prompt_id", "item")),
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
        "current": "boolean",
    }

    @classmethod
    def recognise(cls, columns: list[str], rows: list[list[Any]], name: str) -> dict[str, Any] | None:
        """A study's own export: its `rating` is a number of a row, and only current rows are answers."""
        if not set(columns) >= EXPORTED:
            return None
        other = columns.index("other_system")
        pairs = any(row[other] not in (None, "") for row in rows)
        names = {"left_system": "system", "right_system": "other_system"} if pairs else {"system": "system"}
        same = ("example", "epoch", "criterion", "rater", "value", "reason", "comment", "seconds")
        fields = {**names, **{field: field for field in same if field in columns}}
        return {
            "kind": cls.kind,
            "study": name,
            "when": {"column": "current", "equals": ["True", "true"]},
            "fields": {field: {"column": column} for field, column in fields.items()},
        }

    @property
    def corrects(self) -> bool:
        """Whether a later line supersedes an earlier one instead of being rejected."""
        return bool(self.spec.get("duplicates") == "last")

    @property
    def study_kind(self) -> str:
        """The kind of study that can hold such ratings."""
        return "side_by_side" if self.pairwise else "scale"

    def problems(self) -> list[str]:
        if self.spec.get("duplicates", "reject") not in ("reject", "last"):
            return ['"duplicates" is "reject", or "last": a later line of a rater corrects an earlier one.']
        return self.problems_of_sides()

    def parse(self, row: dict[str, Any]) -> tuple[Any, ...]:
        system, other = self.systems(row)
        value, raw = row.get("value"), str(row.get("value__raw") or "").strip()
        reason = str(row.get("reason") or "") or (f"answered: {raw}" if raw else "")
        if value is None and not reason:
            raise Empty("value", "is empty, and there is no reason why it could not be judged")
        seconds = row.get("seconds")
        if seconds is not None and not 0 <= seconds <= SECONDS_IN_A_DAY:
            raise Reject("seconds", f"{seconds:g} is not a time between 0 and {SECONDS_IN_A_DAY} seconds")
        return (
            row["study"], row["criterion"], system, other, row["example"], row.get("epoch"), row.get("rater") or None,
            value, reason[:400], row.get("comment") or "", seconds, True,
        )  # fmt: skip
