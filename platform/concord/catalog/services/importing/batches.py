"""Imports as a person sees them: uploaded, checked, written, undone. Each step is a service; the long ones are jobs."""

from typing import Any

from django.db import IntegrityError, connection, transaction

from concord.accounts.models import Workspace
from concord.accounts.selectors.lookup import require
from concord.accounts.states import Action
from concord.catalog.importing.check import check_shape, mapping_problems
from concord.catalog.importing.files import opened
from concord.catalog.importing.plan import make_plan
from concord.catalog.importing.readers import FORMATS
from concord.catalog.importing.records import kinds
from concord.catalog.models import (
    Criterion,
    Dataset,
    DatasetVersion,
    ImportBatch,
    ImportRejection,
    SavedMapping,
)
from concord.catalog.selectors.importing import version_named
from concord.catalog.services.datasets import refresh_version
from concord.catalog.services.importing import staging, writing
from concord.catalog.services.importing.stage import REJECTIONS
from concord.catalog.services.importing.undo import Undo, in_use
from concord.catalog.services.importing.writers import writers
from concord.catalog.states import IMPORT_MOVES, ImportState
from concord.core import jobs
from concord.core.actors import Actor, person_of
from concord.core.errors import Conflict, DomainError, Invalid
from concord.core.models import Job, StoredFile
from concord.core.services import audit
from concord.core.states import move

EDITABLE = (ImportState.UPLOADED, ImportState.CHECKED, ImportState.FAILED, ImportState.UNDONE)


def in_order(written: dict[str, int]) -> list[tuple[str, int]]:
    """Counts by kind in the order of writing (a JSON column does not keep one)."""
    return [(kind, written[kind]) for kind in kinds() if kind in written]


def quiet(done: int, total: int, message: str) -> None:
    """Progress that nobody watches."""


@transaction.atomic
def create_import(
    *, actor: Actor, workspace: Workspace, file: StoredFile, mapping: dict[str, Any] | None = None
) -> ImportBatch:
    """A new import of a stored file. Raises `Invalid` where nothing can be read from the file."""
    require(actor=actor, workspace=workspace, to=Action.DESIGN)
    batch = ImportBatch(workspace=workspace, file=file, mapping=mapping or {}, created_by=person_of(actor))
    with opened(batch) as source:
        source.columns()
        batch.format = source.format
    batch.save()
    _note(actor, "import.created", batch, file=file.name)
    return batch


@transaction.atomic
def discard_import(*, actor: Actor, batch: ImportBatch) -> None:
    """Forget an import that was never begun."""
    require(actor=actor, workspace=batch.workspace, to=Action.DESIGN)
    if batch.state != ImportState.UPLOADED:
        raise Conflict(f"This import is {batch.state}; it is undone, not forgotten.", code="illegal_move")
    _note(actor, "import.discarded", batch)
    batch.delete()


def _note(actor: Actor, verb: str, batch: ImportBatch, **details: Any) -> None:
    audit.record(actor=actor, verb=verb, workspace_id=batch.workspace_id, obj=batch, **details)


@transaction.atomic
def set_mapping(*, actor: Actor, batch: ImportBatch, mapping: dict[str, Any]) -> list[str]:
    """Take a mapping, complete or not, and say what it still lacks; the import must be checked (again) after it."""
    require(actor=actor, workspace=batch.workspace, to=Action.DESIGN)
    batch_ = ImportBatch.objects.select_for_update().get(pk=batch.pk)
    if batch_.state not in EDITABLE:
        raise Conflict(
            f"This import is {batch_.state}; its mapping cannot be changed now.",
            code="illegal_move",
            state=batch_.state,
        )
    check_shape(mapping)
    if mapping.get("format", batch_.format) not in FORMATS:
        raise Invalid(f"The format is one of {', '.join(FORMATS)}.", code="bad_mapping", field="format")
    ImportRejection.objects.filter(batch=batch_).delete()
    fresh = {"mapping": mapping, "rows": 0, "rejected": 0, "written": {}, "error": ""}
    if batch_.state == ImportState.CHECKED:
        move(batch_, ImportState.UPLOADED, moves=IMPORT_MOVES, actor=actor, why="another mapping")
    ImportBatch.objects.filter(pk=batch.pk).update(**fresh)
    _note(actor, "import.mapped", batch)
    batch.refresh_from_db()
    return problems_of(batch)


def problems_of(batch: ImportBatch) -> list[str]:
    """What the batch's mapping still lacks, in sentences; empty when every line can be checked."""
    try:
        with opened(batch) as source:
            return mapping_problems(batch.mapping, source.columns())
    except DomainError as error:
        return [error.message]


@transaction.atomic
def save_mapping(*, actor: Actor, workspace: Workspace, name: str, mapping: dict[str, Any]) -> SavedMapping:
    """Keep a mapping under a name for the next file; the same name again replaces it."""
    require(actor=actor, workspace=workspace, to=Action.DESIGN)
    name = name.strip()[:120]
    if not name:
        raise Invalid("Give the mapping a name.", code="bad_name", field="name")
    saved, _ = SavedMapping.objects.update_or_create(
        workspace=workspace, name=name, defaults={"mapping": mapping}
    )
    audit.record(actor=actor, verb="mapping.saved", workspace_id=workspace.pk, obj=saved, name=name)
    return saved


@transaction.atomic
def start_check(*, actor: Actor, batch: ImportBatch) -> ImportBatch:
    """Begin to read all lines in the background; nothing is written yet.

    Raises `Invalid` for a mapping that lacks something.
    """
    _begin_check(actor, batch)
    return _enqueue(batch, "catalog.check_import")


def check_here(*, actor: Actor, batch: ImportBatch, progress: staging.Progress = quiet) -> None:
    """The same in this process, for commands."""
    with transaction.atomic():
        _begin_check(actor, batch)
    check(batch_id=batch.pk, progress=progress)
    batch.refresh_from_db()


def _begin_check(actor: Actor, batch: ImportBatch) -> None:
    require(actor=actor, workspace=batch.workspace, to=Action.DESIGN)
    _free_if_abandoned(batch)
    with opened(batch) as source:
        make_plan(batch.mapping, source.columns())
    move(batch, ImportState.CHECKING, moves=IMPORT_MOVES, actor=actor, error="")


@transaction.atomic
def start_write(*, actor: Actor, batch: ImportBatch, keep_good_rows: bool = False) -> ImportBatch:
    """Begin to write. Raises `Conflict` where lines were rejected and the designer did not say to keep the good ones."""
    _begin_write(actor, batch, keep_good_rows)
    return _enqueue(batch, "catalog.write_import")


def write_here(
    *, actor: Actor, batch: ImportBatch, keep_good_rows: bool = False, progress: staging.Progress = quiet
) -> None:
    """The same in this process, for commands."""
    with transaction.atomic():
        _begin_write(actor, batch, keep_good_rows)
    write(batch_id=batch.pk, progress=progress)
    batch.refresh_from_db()


def _begin_write(actor: Actor, batch: ImportBatch, keep_good_rows: bool) -> None:
    require(actor=actor, workspace=batch.workspace, to=Action.DESIGN)
    batch.refresh_from_db()
    if batch.state == ImportState.CHECKED:
        _refuse_rejected(batch.rejected, keep_good_rows)
    move(batch, ImportState.WRITING, moves=IMPORT_MOVES, actor=actor, keep_good_rows=keep_good_rows, error="")


def _refuse_rejected(rejected: int, keep_good_rows: bool) -> None:
    if rejected and not keep_good_rows:
        lines = "line was" if rejected == 1 else "lines were"
        raise Conflict(
            f"{rejected:,} {lines} rejected. Mend the file or the mapping, or say that the good rows are to be kept.",
            code="rejected_rows",
            rejected=rejected,
        )


def _enqueue(batch: ImportBatch, name: str) -> ImportBatch:
    batch.job = jobs.enqueue(name, key=f"{name}:{batch.pk}", workspace=batch.workspace_id, batch_id=batch.pk)
    batch.save(update_fields=["job"])
    return batch


def _free_if_abandoned(batch: ImportBatch) -> None:
    """A check or write whose job gave up (or whose command was killed) may be started again."""
    batch.refresh_from_db()
    if batch.state in (ImportState.CHECKING, ImportState.WRITING) and not is_live(batch):
        move(batch, ImportState.FAILED, moves=IMPORT_MOVES, why="its job is gone")


def is_live(batch: ImportBatch) -> bool:
    """Whether a job still works on this import."""
    return batch.job is not None and batch.job.state in (Job.State.QUEUED, Job.State.RUNNING)


@jobs.register("catalog.check_import")
def check_job(job: jobs.Handle, *, batch_id: int) -> None:
    check(batch_id=batch_id, progress=lambda done, total, message: job.progress(done, total, message))


@jobs.register("catalog.write_import")
def write_job(job: jobs.Handle, *, batch_id: int) -> None:
    write(batch_id=batch_id, progress=lambda done, total, message: job.progress(done, total, message))


def check(*, batch_id: int, progress: staging.Progress = quiet) -> ImportBatch | None:
    """Read every line and keep all rejections. An import that is not being checked (any more) is left alone."""
    batch: ImportBatch | None = (
        ImportBatch.objects.select_related("file", "workspace")
        .filter(pk=batch_id, state=ImportState.CHECKING)
        .first()
    )
    if batch is None:
        return None
    try:
        _refuse_second_import(batch)
        with staging.staged(batch, progress) as result:
            _keep_check(batch, result)
    except DomainError as error:
        _fail(batch, error, during=ImportState.CHECKING)
        raise
    return batch


def _refuse_second_import(batch: ImportBatch) -> None:
    same = ImportBatch.objects.filter(
        workspace_id=batch.workspace_id, state=ImportState.DONE, file__digest=batch.file.digest
    )
    for other in same.exclude(pk=batch.pk):
        if _meaning(other.mapping) == _meaning(batch.mapping):
            raise Conflict(
                f"The same file was already imported in the same way, as import {other.pk}; undo that one first.",
                code="imported_before",
            )


def _meaning(mapping: dict[str, Any]) -> dict[str, Any]:
    return {
        key: value for key, value in mapping.items() if key not in ("name", "format", "encoding", "delimiter")
    }


def _keep_check(batch: ImportBatch, result: staging.Staged) -> None:
    with transaction.atomic():
        if not _still(batch, ImportState.CHECKING):
            return  # another worker was quicker, and the import may be further on by now
        _keep_rejections(batch, result)
        found: dict[str, Any] = {
            "rows": result.rows,
            "rejected": result.rejected(),
            "written": result.counts(),
        }
        move(batch, ImportState.CHECKED, moves=IMPORT_MOVES, **found)


def _keep_rejections(batch: ImportBatch, result: staging.Staged) -> None:
    ImportRejection.objects.filter(batch=batch).delete()
    result.cursor.execute(
        'INSERT INTO catalog_importrejection (batch_id, line, record, "column", reason, excerpt) '
        f"SELECT %s, line, left(record, 40), left(\"column\", 200), reason, coalesce(excerpt, '') FROM "
        f"{REJECTIONS} ORDER BY line",
        [batch.pk],
    )


def write(*, batch_id: int, progress: staging.Progress = quiet) -> ImportBatch | None:
    """Write a checked import, all or nothing. An import that is not being written (any more) is left alone."""
    batch: ImportBatch | None = (
        ImportBatch.objects.select_related("file", "workspace")
        .filter(pk=batch_id, state=ImportState.WRITING)
        .first()
    )
    if batch is None:
        return None
    try:
        with staging.staged(batch, progress) as result:
            _refuse_rejected(result.rejected(), batch.keep_good_rows)
            total = sum(result.counts().values())
            progress(batch.file.size, batch.file.size, f"writing {total:,} records")
            _write_all(batch, result)
    except DomainError as error:
        _fail(batch, error, during=ImportState.WRITING)
        raise
    except IntegrityError as error:  # the check could not see it coming; trying again would change nothing
        refusal = _refusal_by(error)
        _fail(batch, refusal, during=ImportState.WRITING)
        raise refusal from error
    return batch


def _refusal_by(error: IntegrityError) -> Conflict:
    diag = getattr(error.__cause__, "diag", None)
    rule = getattr(diag, "constraint_name", None) or "a rule of the database"
    return Conflict(
        f"Nothing was written: two records are the same thing, or one is there already ({rule}).",
        code="import_conflict",
    )


def _write_all(batch: ImportBatch, result: staging.Staged) -> None:
    with transaction.atomic():
        if not _still(batch, ImportState.WRITING):
            return  # another worker, thought dead, was quicker
        _one_write_at_a_time(batch)
        _refuse_second_import(batch)
        written = writing.write(result)
        _refresh_digest(version_named(batch.workspace_id, batch.mapping))
        _keep_rejections(batch, result)
        found: dict[str, Any] = {"rows": result.rows, "rejected": result.rejected(), "written": written}
        move(batch, ImportState.DONE, moves=IMPORT_MOVES, **found)


def _one_write_at_a_time(batch: ImportBatch) -> None:
    """Until the transaction ends: the same file, checked twice at once, must see the other one's end before it writes."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, %s))", [batch.file.digest, batch.workspace_id]
        )


def _still(batch: ImportBatch, state: str) -> bool:
    """Whether the import is where this worker found it: with the same mapping, under a lock until the transaction ends."""
    return (
        ImportBatch.objects.select_for_update(of=("self",))
        .filter(pk=batch.pk, state=state, mapping=batch.mapping)
        .exists()
    )


def _refresh_digest(version_id: int | None) -> None:
    if version_id is None:
        return
    version = DatasetVersion.objects.filter(pk=version_id, frozen_at=None).first()
    if version is not None:
        refresh_version(version=version)


def _fail(batch: ImportBatch, error: DomainError, *, during: str) -> None:
    """Keep the reason, unless another worker has brought this import further: then it has not failed."""
    found = error.details.get("problems")
    text = "\n".join(found) if found else error.message
    with transaction.atomic():
        if not _still(batch, during):
            return
        move(batch, ImportState.FAILED, moves=IMPORT_MOVES, error=text[:20_000], why=error.message[:400])


@transaction.atomic
def undo_import(*, actor: Actor, batch: ImportBatch) -> ImportBatch:
    """Take back everything that the import wrote. Raises `Conflict` with the reason where later work stands on it."""
    require(actor=actor, workspace=batch.workspace, to=Action.DESIGN)
    move(batch, ImportState.UNDONE, moves=IMPORT_MOVES, actor=actor)
    version_id = version_named(batch.workspace_id, batch.mapping)
    used = {entry.get("kind") for entry in batch.mapping.get("records", [])}
    with connection.cursor() as cursor:
        undo = Undo(cursor=cursor, batch=batch)
        for kind, writer in reversed(writers().items()):
            if kind in used:
                writer.undo(undo)
        undo.delete_unused(Criterion)
    _undo_dataset(batch, version_id)
    return batch


def _undo_dataset(batch: ImportBatch, version_id: int | None) -> None:
    for version in DatasetVersion.objects.filter(dataset__batch=batch):
        if not in_use(version):
            version.delete()
    Dataset.objects.filter(batch=batch, versions=None).delete()
    Dataset.objects.filter(batch=batch).update(batch=None)
    _refresh_digest(version_id)
