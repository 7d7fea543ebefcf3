"""Imports in the tests of the catalog: bytes and a mapping in, the batch out."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from concord.catalog.models import ImportBatch

LABELS = [{"value": n, "label": str(n)} for n in (1, 2, 3)]
CLARITY = {
    "slug": "clarity",
    "name": "Clarity",
    "question": "Is it clear?",
    "kind": "likert",
    "level": "ordinal",
    "direction": "higher",
    "labels": LABELS,
}
OUTPUTS = {
    "kind": "outputs",
    "fields": {"system": {"column": "model"}, "example": {"column": "id"}, "text": {"column": "answer"}},
}
RATINGS = {
    "kind": "ratings",
    "study": "Clarity study",
    "criterion": "clarity",
    "fields": {
        "system": {"column": "model"},
        "example": {"column": "id"},
        "rater": {"column": "who"},
        "value": {"column": "rating"},
    },
}


@pytest.fixture
def outputs_mapping() -> dict[str, Any]:
    return {"dataset": "Small", "records": [OUTPUTS]}


@pytest.fixture
def ratings_mapping() -> dict[str, Any]:
    """One long table with the output repeated on every line, as such tables often are."""
    return {"dataset": "Small", "criteria": [CLARITY], "records": [OUTPUTS, RATINGS]}


@pytest.fixture
def upload(workspace: Any, designer: Any) -> Callable[..., "ImportBatch"]:
    """A new import of these bytes with this mapping."""

    def make(content: bytes, mapping: dict[str, Any], name: str = "table.csv") -> "ImportBatch":
        from concord.catalog.services.importing import batches
        from concord.catalog.services.importing.uploads import store_upload

        file = store_upload(actor=designer, workspace=workspace, source=content, name=name)
        batch = batches.create_import(actor=designer, workspace=workspace, file=file)
        batches.set_mapping(actor=designer, batch=batch, mapping=mapping)
        return batch

    return make


@pytest.fixture
def checked(upload: Callable[..., "ImportBatch"]) -> Callable[..., "ImportBatch"]:
    """The same, with every line checked."""

    def make(content: bytes, mapping: dict[str, Any], name: str = "table.csv") -> "ImportBatch":
        from concord.catalog.services.importing import batches
        from concord.core.actors import BACKGROUND

        batch = batches.start_check(actor=BACKGROUND, batch=upload(content, mapping, name))
        batches.check(batch_id=batch.pk)
        batch.refresh_from_db()
        return batch

    return make


@pytest.fixture
def written(checked: Callable[..., "ImportBatch"]) -> Callable[..., "ImportBatch"]:
    """The same, written; with `keep` the good rows only."""

    def make(
        content: bytes, mapping: dict[str, Any], name: str = "table.csv", *, keep: bool = False
    ) -> "ImportBatch":
        from concord.catalog.services.importing import batches
        from concord.core.actors import BACKGROUND

        batch = batches.start_write(
            actor=BACKGROUND, batch=checked(content, mapping, name), keep_good_rows=keep
        )
        batches.write(batch_id=batch.pk)
        batch.refresh_from_db()
        return batch

    return make


@pytest.fixture
def reasons() -> Callable[["ImportBatch"], list[tuple[int, str, str]]]:
    """(line, column, reason) of everything that was rejected."""

    def listed(batch: "ImportBatch") -> list[tuple[int, str, str]]:
        rows = batch.rejections.order_by("line", "id").values_list("line", "column", "reason")
        return [tuple(row) for row in rows]

    return listed
