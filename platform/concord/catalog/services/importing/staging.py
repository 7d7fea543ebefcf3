"""From a file to staging tables, with all that it names looked up; check and write go the same way.

Staging tables are temporary and belong to the connection: a killed process leaves nothing behind.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection

from concord.catalog.criteria.definition import criterion_fields
from concord.catalog.importing.fields import Reject
from concord.catalog.importing.files import opened
from concord.catalog.importing.plan import Entry, Plan, make_plan
from concord.catalog.importing.readers import Source
from concord.catalog.importing.sources import excerpt
from concord.catalog.models import Criterion, ImportBatch
from concord.catalog.selectors.importing import version_named
from concord.catalog.services.importing.names import load_outputs, load_systems
from concord.catalog.services.importing.stage import (
    CRITERIA,
    LABELS,
    OUTPUTS,
    REJECTIONS,
    SYSTEMS,
    Stage,
    stage_table,
)
from concord.catalog.services.importing.writers import Writer, writer_of
from concord.core.errors import Invalid

Progress = Callable[[int, int, str], None]
CHUNK_ROWS = 5_000
CHUNK_CHARACTERS = 8_000_000  # long outputs: flush before many rows are together

TABLES = {
    REJECTIONS: "line bigint, record text, \"column\" text, reason text, excerpt text DEFAULT ''",
    SYSTEMS: "ref text PRIMARY KEY, system_id bigint",
    OUTPUTS: "system text, example text, epoch smallint, output_id bigint, example_id bigint, system_id bigint, "
    "digest text, PRIMARY KEY (system, example, epoch)",
    CRITERIA: "ref text PRIMARY KEY, criterion_id bigint, kind text, minimum float8, maximum float8",
    LABELS: "ref text, value float8, PRIMARY KEY (ref, value)",
}


@dataclass(frozen=True)
class Part:
    """One entry of the mapping: its plan, its staging table, and who writes what stands in it."""

    entry: Entry
    stage: Stage
    writer: Writer[Any]

    @property
    def kind(self) -> str:
        return self.stage.kind


class Staged:
    """The file of a batch in staging tables."""

    def __init__(self, batch: ImportBatch, plan: Plan) -> None:
        self.batch = batch
        self.plan = plan
        self.rows = 0
        self.cursor = connection.cursor()
        self.parts = [
            Part(entry, self._stage(index, entry), writer_of(entry.record))
            for index, entry in enumerate(plan.entries)
        ]

    def _stage(self, index: int, entry: Entry) -> Stage:
        kind = entry.record.kind
        alike = [place for place, other in enumerate(self.plan.entries[:index]) if other.record.kind == kind]
        return Stage(
            cursor=self.cursor,
            batch=self.batch,
            kind=kind,
            index=index,
            columns=entry.columns,
            earlier=tuple(map(stage_table, alike)),
        )

    @property
    def first(self) -> Stage:
        """Any stage: names are loaded for all of them at once."""
        return self.parts[0].stage

    def set_version(self, version_id: int | None) -> None:
        for part in self.parts:
            part.stage.version_id = version_id

    def rejected(self) -> int:
        self.cursor.execute(f"SELECT count(DISTINCT line) FROM {REJECTIONS}")
        return int(self.cursor.fetchone()[0])

    def counts(self) -> dict[str, int]:
        """Staged rows by kind of record."""
        found: dict[str, int] = {}
        for part in self.parts:
            part.stage.execute("SELECT count(*) FROM {table}")
            found[part.kind] = found.get(part.kind, 0) + int(self.cursor.fetchone()[0])
        return found


@contextmanager
def staged(batch: ImportBatch, progress: Progress) -> Iterator[Staged]:
    """Read the whole file into staging tables and resolve what it names. Raises `Invalid` for an unusable mapping or file."""
    with opened(batch) as source:
        plan = make_plan(batch.mapping, source.columns())
        result = Staged(batch, plan)
        _create_tables(result)
        try:
            _read(source, result, progress)
            progress(source.size, source.size, f"{result.rows:,} lines read; looking up names")
            _resolve(result)
            yield result
        finally:
            _drop_tables(result)


def _create_tables(result: Staged) -> None:
    _drop_tables(result)
    for name, columns in TABLES.items():
        result.cursor.execute(f"CREATE TEMP TABLE {name} ({columns})")
    for part in result.parts:
        columns = ", ".join(f'"{name}" {kind}' for name, kind in part.entry.record.columns.items())
        part.stage.execute(f"CREATE TEMP TABLE {{table}} (line bigint, {columns})")


def _drop_tables(result: Staged) -> None:
    if connection.in_atomic_block and connection.needs_rollback:
        return  # a broken transaction takes its temporary tables with it
    names = [*TABLES, *(part.stage.table for part in result.parts)]
    result.cursor.execute(f"DROP TABLE IF EXISTS {', '.join(f'pg_temp.{name}' for name in names)}")


class _Buffers:
    """Rows on their way into the staging tables; PostgreSQL takes one COPY at a time, so they go in turns."""

    def __init__(self, result: Staged) -> None:
        self._result = result
        self.rows: list[list[tuple[Any, ...]]] = [[] for _ in result.parts]
        self.rejections: list[tuple[Any, ...]] = []

    def flush(self) -> None:
        for part, rows in zip(self._result.parts, self.rows, strict=True):
            names = ", ".join(f'"{name}"' for name in part.entry.record.columns)
            _copy(self._result.cursor, f"COPY {part.stage.table} (line, {names}) FROM STDIN", rows)
            rows.clear()
        _copy(
            self._result.cursor,
            f'COPY {REJECTIONS} (line, record, "column", reason, excerpt) FROM STDIN',
            self.rejections,
        )
        self.rejections.clear()


def _copy(cursor: Any, sql: str, rows: list[tuple[Any, ...]]) -> None:
    if not rows:
        return
    with cursor.copy(sql) as copy:
        for row in rows:
            copy.write_row(row)


def _read(source: Source, result: Staged, progress: Progress) -> None:
    buffers, entries, pending = _Buffers(result), list(enumerate(result.plan.entries)), 0
    plan, characters = result.plan, 0
    for line in source.lines(plan.wanted):
        result.rows += 1
        if line.error:
            buffers.rejections.append((line.number, "", "", line.error, line.excerpt))
        else:
            _take(line.number, line.values, entries, buffers, plan)
            held = sum(len(value) for value in line.values if isinstance(value, str))
            pending, characters = pending + held, characters + held
        _refuse_too_much(result.rows, characters)
        if result.rows % CHUNK_ROWS == 0 or pending > CHUNK_CHARACTERS:
            buffers.flush()
            pending = 0
            progress(source.position(), source.size, f"{result.rows:,} lines read")
    buffers.flush()
    for part in result.parts:
        part.stage.execute("ANALYZE {table}")


def _refuse_too_much(lines: int, characters: int) -> None:
    if lines > settings.IMPORT_MAX_LINES:
        words = f"more than {settings.IMPORT_MAX_LINES:,} lines (IMPORT_MAX_LINES)"
    elif characters > settings.IMPORT_MAX_CHARACTERS:
        words = f"more than {settings.IMPORT_MAX_CHARACTERS // 1024**2:,} MB of text when it is unpacked (IMPORT_MAX_MB)"
    else:
        return
    raise Invalid(f"The file holds {words}; cut it into several.", code="too_much", field="file")


def _take(
    number: int, values: list[Any], entries: list[tuple[int, Entry]], buffers: _Buffers, plan: Plan
) -> None:
    """All records of one line. A reason that two records share is said once."""
    said: set[tuple[str, str]] = set()
    for index, entry in entries:
        try:
            row = entry.read(values)
        except Reject as reject:
            column = entry.columns.get(reject.column, reject.column)
            if (column, reject.reason) not in said:
                said.add((column, reject.reason))
                excerpt = _cell(values, plan.wanted, column)
                buffers.rejections.append((number, entry.record.kind, column[:200], reject.reason, excerpt))
        else:
            if row is not None:
                buffers.rows[index].append((number, *row))


def _cell(values: list[Any], wanted: list[str], column: str) -> str:
    return excerpt(values[wanted.index(column)]) if column in wanted else ""


def _resolve(result: Staged) -> None:
    result.set_version(version_named(result.batch.workspace_id, result.batch.mapping))
    load_systems(result.first)
    load_outputs(result.first)
    load_criteria(result)
    result.cursor.execute(f"ANALYZE {OUTPUTS}")
    for part in result.parts:
        part.writer.resolve(part.stage)


def load_criteria(result: Staged) -> None:
    """Fill `import_criteria` and `import_labels` with what the mapping may name."""
    rows, labels = [], []
    for ref, criterion in criteria_of(result.batch).items():
        rows.append((ref, criterion.pk, criterion.kind, criterion.minimum, criterion.maximum))
        labels += [(ref, label["value"]) for label in criterion.labels]
    for table in (CRITERIA, LABELS):
        result.cursor.execute(f"TRUNCATE {table}")
    _copy(result.cursor, f"COPY {CRITERIA} (ref, criterion_id, kind, minimum, maximum) FROM STDIN", rows)
    _copy(result.cursor, f"COPY {LABELS} (ref, value) FROM STDIN", labels)


def criteria_of(batch: ImportBatch) -> dict[str, Criterion]:
    """Every criterion under its slug and, where that is free, its name; those that the mapping defines are there already.

    A criterion of the workspace goes before one that the mapping defines under the same slug.
    """
    known = list(Criterion.objects.filter(workspace_id=batch.workspace_id).order_by("slug"))
    taken = {criterion.slug for criterion in known}
    defined = map(criterion_fields, batch.mapping.get("criteria", []))
    known += [Criterion(**fields) for fields in defined if fields["slug"] not in taken]
    found = {criterion.slug: criterion for criterion in known}
    for criterion in known:
        found.setdefault(criterion.name, criterion)
    return found
