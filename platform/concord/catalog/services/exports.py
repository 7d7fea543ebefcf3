"""Examples and outputs as CSV, row by row; cells that a spreadsheet would take for a formula are neutralised."""

import json
from collections.abc import Iterator
from typing import Any

from concord.accounts.selectors.lookup import require
from concord.accounts.states import Action
from concord.catalog.models import DatasetVersion, Example, ImportBatch, ImportRejection, Output
from concord.catalog.selectors.slices import slice_names
from concord.core.actors import Actor
from concord.core.services import audit
from concord.core.services.csv_cells import lines
from concord.core.services.render import plain_text


def examples_csv(*, actor: Actor, version: DatasetVersion) -> Iterator[str]:
    """key, prompt, reference, then one column for each slice."""
    _allow(actor, version, "examples.exported")
    names = slice_names(version.pk)
    found = Example.objects.filter(version=version).order_by("position", "pk").iterator(chunk_size=1_000)
    rows = (
        [e.key, plain_text(e.content), _text(e.reference), *(e.slices.get(name, "") for name in names)]
        for e in found
    )
    return lines(["example", "prompt", "reference", *names], rows)


def outputs_csv(*, actor: Actor, version: DatasetVersion) -> Iterator[str]:
    """One row for each output to the version's examples."""
    _allow(actor, version, "outputs.exported")
    found = (
        Output.objects.filter(example__version=version)
        .select_related("system", "example")
        .only("text", "content", "epoch", "output_set_id", "system__name", "system__version", "example__key")
        .order_by("example__position", "system_id", "output_set_id", "epoch")
        .iterator(chunk_size=1_000)
    )
    rows = (
        [str(o.system), o.example.key, o.epoch, o.output_set_id, o.text or plain_text(o.content or [])]
        for o in found
    )
    return lines(["system", "example", "epoch", "output_set", "output"], rows)


def rejections_csv(*, actor: Actor, batch: ImportBatch) -> Iterator[str]:
    """Every rejected line with its reason: for designers, since a file may hold what raters must not see."""
    require(actor=actor, workspace=batch.workspace, to=Action.DESIGN)
    audit.record(actor=actor, verb="rejections.exported", workspace_id=batch.workspace_id, obj=batch)
    found = ImportRejection.objects.filter(batch=batch).order_by("line", "id").iterator(chunk_size=2_000)
    rows = ([r.line, r.record, r.column, r.reason, r.excerpt] for r in found)
    return lines(["line", "record", "column", "reason", "excerpt"], rows)


def _allow(actor: Actor, version: DatasetVersion, verb: str) -> None:
    workspace = version.dataset.workspace
    require(actor=actor, workspace=workspace, to=Action.READ)
    audit.record(actor=actor, verb=verb, workspace_id=workspace.pk, obj=version)


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
