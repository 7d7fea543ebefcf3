"""From a file to staging tables to the real ones. Check and write go the same way; a check stops before anything is written.

Staging tables are temporary and belong to the connection: a killed process leaves nothing behind, and the one transaction
that writes is either there or not. Running twice is harmless: the batch's state is read under a lock before writing.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, cast

from django.core.files.storage import default_storage
from django.db import connection, transaction

from concord.catalog.models import Criterion, Dataset, DatasetVersion, ImportBatch
from concord.catalog.services.criteria import create_criterion, criterion_fields, labels_of
from concord.catalog.services.importing.names import load_outputs, load_systems
from concord.catalog.services.importing.plan import Entry, Plan, make_plan
from concord.catalog.services.importing.readers import Source, open_source
from concord.catalog.services.importing.registry import Reject
from concord.catalog.services.importing.sources import excerpt
from concord.catalog.services.importing.stage import CRITERIA, LABELS, OUTPUTS, REJECTIONS, SYSTEMS, Stage

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


class Staged:
    """The file of a batch in staging tables."""

    def __init__(self, batch: ImportBatch, plan: Plan) -> None:
        self.batch = batch
        self.plan = plan
        self.rows = 0
        self.cursor = connection.cursor()
        self.stages = [
            Stage(cursor=self.cursor, batch=batch, record=entry.record, index=index, columns=entry.columns)
            for index, entry in enumerate(plan.entries)
        ]

    def set_version(self, version_id: int | None) -> None:
        for stage in self.stages:
            stage.version_id = version_id

    def rejected(self) -> int:
        self.cursor.execute(f"SELECT count(DISTINCT line) FROM {REJECTIONS}")
        return int(self.cursor.fetchone()[0])

    def counts(self) -> dict[str, int]:
        """Staged rows by kind of record."""
        found: dict[str, int] = {}
        for stage in self.stages:
            stage.execute("SELECT count(*) FROM {table}")
            found[stage.record.kind] = found.get(stage.record.kind, 0) + int(self.cursor.fetchone()[0])
        return found


@contextmanager
def opened(batch: ImportBatch) -> Iterator[Source]:
    """The batch's file, ready to be read as its mapping says."""
    mapping = batch.mapping if isinstance(batch.mapping, dict) else {}
    options = {key: str(mapping[key]) for key in ("encoding", "delimiter") if mapping.get(key)}
    with default_storage.open(batch.file.path, "rb") as raw:
        yield open_source(
            cast(BinaryIO, raw),
            name=batch.file.name,
            size=batch.file.size,
            format=str(mapping.get("format") or batch.format),
            **options,
        )


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
    for stage in result.stages:
        columns = ", ".join(f'"{name}" {kind}' for name, kind in stage.record.columns.items())
        stage.execute(f"CREATE TEMP TABLE {{table}} (line bigint, {columns})")


def _drop_tables(result: Staged) -> None:
    if connection.in_atomic_block and connection.needs_rollback:
        return  # a broken transaction takes its temporary tables with it
    names = [*TABLES, *(stage.table for stage in result.stages)]
    result.cursor.execute(f"DROP TABLE IF EXISTS {', '.join(f'pg_temp.{name}' for name in names)}")


class _Buffers:
    """Rows on their way into the staging tables; PostgreSQL takes one COPY at a time, so they go in turns."""

    def __init__(self, result: Staged) -> None:
        self._result = result
        self.rows: list[list[tuple[Any, ...]]] = [[] for _ in result.stages]
        self.rejections: list[tuple[Any, ...]] = []

    def flush(self) -> None:
        for stage, rows in zip(self._result.stages, self.rows, strict=True):
            names = ", ".join(f'"{name}"' for name in stage.record.columns)
            _copy(self._result.cursor, f"COPY {stage.table} (line, {names}) FROM STDIN", rows)
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
    plan = result.plan
    for line in source.lines(plan.wanted):
        result.rows += 1
        if line.error:
            buffers.rejections.append((line.number, "", "", line.error, line.excerpt))
        else:
            _take(line.number, line.values, entries, buffers, plan)
            pending += sum(len(value) for value in line.values if isinstance(value, str))
        if result.rows % CHUNK_ROWS == 0 or pending > CHUNK_CHARACTERS:
            buffers.flush()
            pending = 0
            progress(source.position(), source.size, f"{result.rows:,} lines read")
    buffers.flush()
    for stage in result.stages:
        stage.execute("ANALYZE {table}")


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
    result.set_version(find_version(result.batch))
    load_systems(result.stages[0])
    load_outputs(result.stages[0])
    _load_criteria(result)
    result.cursor.execute(f"ANALYZE {OUTPUTS}")
    for stage in result.stages:
        stage.record.resolve(stage)


def find_version(batch: ImportBatch) -> int | None:
    """The dataset version that the mapping names, if it is there: the newest where no number is given."""
    name, number = batch.mapping.get("dataset"), batch.mapping.get("version")
    versions = DatasetVersion.objects.filter(dataset__workspace_id=batch.workspace_id, dataset__name=name)
    if number:
        versions = versions.filter(number=number)
    return versions.order_by("-number").values_list("pk", flat=True).first()


def _load_criteria(result: Staged) -> None:
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


def labels_by_criterion(batch: ImportBatch) -> dict[str, list[dict[str, Any]]]:
    """The labels of each criterion that the mapping may name; none while its definitions are incomplete."""
    known = list(Criterion.objects.filter(workspace_id=batch.workspace_id))
    found = {
        str(d.get("slug", "")): labels_of(d) for d in batch.mapping.get("criteria", []) if isinstance(d, dict)
    }
    return found | {criterion.slug: criterion.labels for criterion in known}


def write(result: Staged, progress: Progress) -> dict[str, int]:
    """Move everything staged into the real tables; the caller holds the transaction. Returns rows written by kind."""
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("an import is written in one transaction")
    version = _make_containers(result)
    result.set_version(version.pk if version else None)
    _load_criteria(result)
    written: dict[str, int] = {}
    seen_outputs = False
    for stage in result.stages:
        if stage.record.order > 30 and not seen_outputs:
            load_outputs(stage)
            result.cursor.execute(f"ANALYZE {OUTPUTS}")
            seen_outputs = True
        stage.record.prepare(stage)
        written[stage.record.kind] = written.get(stage.record.kind, 0) + stage.record.write(stage)
    return written


def _make_containers(result: Staged) -> DatasetVersion | None:
    batch = result.batch
    taken = set(Criterion.objects.filter(workspace_id=batch.workspace_id).values_list("slug", flat=True))
    for definition in batch.mapping.get("criteria", []):
        if criterion_fields(definition)["slug"] not in taken:
            create_criterion(workspace=batch.workspace, definition=definition, batch=batch)
    if not result.plan.needs_dataset:
        return None
    found = find_version(batch)
    if found is not None:
        version: DatasetVersion = DatasetVersion.objects.select_for_update().get(pk=found)
        return version
    dataset, _ = Dataset.objects.get_or_create(
        workspace_id=batch.workspace_id,
        name=batch.mapping["dataset"].strip(),
        defaults={"batch": batch, "source": batch.file.name[:400]},
    )
    return DatasetVersion.objects.create(dataset=dataset, number=batch.mapping.get("version") or 1)
