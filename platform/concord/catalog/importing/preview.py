"""The first lines of a file as the mapping reads them, before all of them are checked."""

from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from concord.catalog.importing.fields import Reject
from concord.catalog.importing.files import opened
from concord.catalog.importing.plan import Entry, make_plan
from concord.catalog.importing.sources import shown
from concord.catalog.models import ImportBatch

SHOWN = 12
SHOWN_OF_MANY = 4  # where one line gives many records, fewer lines say as much
CELL = 160


@dataclass
class Table:
    """One kind of record: its fields as columns, one row a line; `error` says why a line gives none."""

    label: str
    headers: list[str]
    rows: list[dict[str, Any]] = field(default_factory=list)


def preview(batch: ImportBatch, limit: int | None = None) -> list[Table]:
    """A table for each entry of the mapping. Raises `Invalid` where the mapping cannot be used."""
    with opened(batch) as source:
        plan = make_plan(batch.mapping, source.columns())
        limit = limit or (SHOWN if len(plan.entries) < 3 else SHOWN_OF_MANY)
        lines = list(islice(source.lines(plan.wanted), limit))
    return [_table(entry, lines) for entry in plan.entries]


def _table(entry: Entry, lines: list[Any]) -> Table:
    headers = [name for name, _ in entry.getters if not name.endswith("__raw")]
    table = Table(entry.record.label, headers)
    for line in lines:
        row: dict[str, Any] = {"line": line.number, "cells": [], "error": line.error}
        if not line.error:
            row["cells"], row["error"] = _cells(entry, line.values)
        table.rows.append(row)
    return table


def _cells(entry: Entry, values: list[Any]) -> tuple[list[str], str]:
    """What each field would get; a value that the mapping cannot read is said, and the others are shown all the same."""
    if entry.keep is not None and not entry.keep(values):
        return [], "gives none"
    cells, error = [], ""
    for name, getter in entry.getters:
        if name.endswith("__raw"):
            continue
        try:
            cells.append(_shown(getter(values)))
        except Reject as reject:
            cells.append("")
            error = error or f"{entry.columns.get(reject.column, reject.column)} {reject.reason}"
    return cells, error


def _shown(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, dict):
        return shown(", ".join(f"{key}: {inner}" for key, inner in value.items())[:CELL])
    text = shown(str(value))
    return text if len(text) <= CELL else f"{text[:CELL]}…"
