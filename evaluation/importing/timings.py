"""Timings as a kind of record."""

from typing import Any

from concord.catalog.importing.fields import INTEGER, NUMBER, Field, Reject
from concord.catalog.importing.records import Record, register_record
from concord.catalog.importing.systems import FULL_NAME, VERSION, full_name

MAX_COUNT = 2**31 - 1


@register_record
class Timings(Record):
    """How long an output took, what it consumed and what it cost."""

    kind, label, order = "timings", "timings", 40
    fields = (
        Field("system", max_length=FULL_NAME, synonyms=("system", "model")),
        VERSION,
        Field("example", max_length=200, synonyms=("example", "id", "prompt_id", "doc_id")),
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
        named = {**row, "system": full_name(row["system"], row.get("system_version"))}
        return tuple(named.get(name) for name in self.columns)
