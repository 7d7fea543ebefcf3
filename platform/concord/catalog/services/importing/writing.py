"""From staging tables to the real ones, in one transaction that is either there or not.

Running twice is harmless: the batch's state is read under a lock before writing.
"""

from django.db import connection, transaction

from concord.catalog.criteria.definition import criterion_fields
from concord.catalog.importing.outputs import Outputs
from concord.catalog.models import Criterion, Dataset, DatasetVersion, Example, Output
from concord.catalog.selectors.importing import version_named
from concord.catalog.services.criteria import create_criterion
from concord.catalog.services.importing.names import load_outputs
from concord.catalog.services.importing.stage import OUTPUTS
from concord.catalog.services.importing.staging import Staged, load_criteria
from concord.core.actors import BACKGROUND
from concord.core.services.statistics import refresh_statistics


def write(result: Staged) -> dict[str, int]:
    """Move everything staged into the real tables; the caller holds the transaction. Returns rows written by kind."""
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("an import is written in one transaction")
    version = _make_containers(result)
    result.set_version(version.pk if version else None)
    load_criteria(result)
    written: dict[str, int] = {}
    seen_outputs = False
    for part in result.parts:
        if part.entry.record.order > Outputs.order and not seen_outputs:
            load_outputs(part.stage)
            result.cursor.execute(f"ANALYZE {OUTPUTS}")
            seen_outputs = True
        part.writer.prepare(part.stage)
        written[part.kind] = written.get(part.kind, 0) + part.writer.write(part.stage)
    refresh_statistics(Example, Output, rows=max(written.values(), default=0))
    return written


def _make_containers(result: Staged) -> DatasetVersion | None:
    batch = result.batch
    taken = set(Criterion.objects.filter(workspace_id=batch.workspace_id).values_list("slug", flat=True))
    for definition in batch.mapping.get("criteria", []):
        if criterion_fields(definition)["slug"] not in taken:
            create_criterion(actor=BACKGROUND, workspace=batch.workspace, definition=definition, batch=batch)
    if not result.plan.needs_dataset:
        return None
    found = version_named(batch.workspace_id, batch.mapping)
    if found is not None:
        version: DatasetVersion = DatasetVersion.objects.select_for_update().get(pk=found)
        return version
    dataset, _ = Dataset.objects.get_or_create(
        workspace_id=batch.workspace_id,
        name=batch.mapping["dataset"].strip(),
        defaults={"batch": batch, "source": batch.file.name[:400]},
    )
    return DatasetVersion.objects.create(dataset=dataset, number=batch.mapping.get("version") or 1)
