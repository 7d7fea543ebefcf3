"""Datasets and their versions. A version's digest is the SHA-256 over its examples; a frozen version never changes."""

import hashlib
import json
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from concord.accounts.models import Workspace
from concord.accounts.selectors.lookup import require
from concord.accounts.states import Action
from concord.catalog.models import Dataset, DatasetVersion, Example
from concord.core.actors import Actor
from concord.core.errors import Conflict, Invalid
from concord.core.services import audit

COPIED = ("key", "position", "content", "choices", "reference", "slices")


@transaction.atomic
def create_dataset(
    *,
    actor: Actor,
    workspace: Workspace,
    name: str,
    description: str = "",
    licence: str = "",
    source: str = "",
) -> Dataset:
    """A dataset with an empty first version. Raises `Conflict` where the name is taken."""
    require(actor=actor, workspace=workspace, to=Action.DESIGN)
    name = name.strip()
    if not name:
        raise Invalid("Give the dataset a name.", code="bad_name", field="name")
    try:
        with transaction.atomic():
            dataset: Dataset = Dataset.objects.create(
                workspace=workspace, name=name, description=description, licence=licence, source=source
            )
    except IntegrityError as error:
        raise Conflict(
            f"There is already a dataset {name!r} in this workspace.", code="dataset_exists", field="name"
        ) from error
    DatasetVersion.objects.create(dataset=dataset, number=1, digest=digest_of([]))
    audit.record(actor=actor, verb="dataset.created", workspace_id=workspace.pk, obj=dataset, name=name)
    return dataset


def example_digest(example: dict[str, Any]) -> bytes:
    """SHA-256 over what an example says, as JSON with sorted keys and no spaces; its database ids are no part of it."""
    said = {name: example[name] for name in ("key", "content", "choices", "reference", "slices")}
    return hashlib.sha256(
        json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    ).digest()


def digest_of(examples: Any) -> str:
    """SHA-256 over the examples' digests in the order of their keys: order of import does not change it."""
    total = hashlib.sha256()
    for example in examples:
        total.update(example_digest(example))
    return total.hexdigest()


@transaction.atomic
def refresh_version(*, version: DatasetVersion) -> DatasetVersion:
    """Count the examples and compute the digest again; streams, so that any number of examples fits in memory."""
    rows = (
        Example.objects.filter(version=version)
        .order_by("key")
        .values("key", "content", "choices", "reference", "slices")
    )
    version.digest = digest_of(rows.iterator(chunk_size=2_000))
    version.examples_count = Example.objects.filter(version=version).count()
    version.save(update_fields=["digest", "examples_count"])
    return version


@transaction.atomic
def freeze(*, actor: Actor, version: DatasetVersion) -> DatasetVersion:
    """Make the version unchangeable; doing it twice is doing it once."""
    require(actor=actor, workspace=version.dataset.workspace, to=Action.DESIGN)
    version = DatasetVersion.objects.select_for_update().get(pk=version.pk)
    if version.frozen_at is None:
        refresh_version(version=version)
        version.frozen_at = timezone.now()
        version.save(update_fields=["frozen_at"])
        _note(actor, "dataset_version.frozen", version, digest=version.digest)
    return version


@transaction.atomic
def new_version(*, actor: Actor, version: DatasetVersion, copy: bool = True) -> DatasetVersion:
    """The dataset's next version, with the examples of `version` copied unless told otherwise."""
    require(actor=actor, workspace=version.dataset.workspace, to=Action.DESIGN)
    dataset = Dataset.objects.select_for_update().get(pk=version.dataset_id)
    newest = (
        DatasetVersion.objects.filter(dataset=dataset)
        .order_by("-number")
        .values_list("number", flat=True)
        .first()
        or 0
    )
    made = DatasetVersion.objects.create(dataset=dataset, number=newest + 1)
    if copy:
        old = Example.objects.filter(version=version).order_by("position", "pk").values(*COPIED)
        batch: list[Example] = []
        for row in old.iterator(chunk_size=1_000):
            batch.append(Example(version=made, **row))
            if len(batch) == 1_000:
                Example.objects.bulk_create(batch)
                batch.clear()
        Example.objects.bulk_create(batch)
    _note(actor, "dataset_version.created", made, copied_from=version.pk if copy else None)
    return refresh_version(version=made)


def _note(actor: Actor, verb: str, version: DatasetVersion, **details: Any) -> None:
    audit.record(actor=actor, verb=verb, workspace_id=version.dataset.workspace_id, obj=version, **details)
