"""What an import asks of the workspace: its criteria, and the datasets that its examples may be of."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db.models import Count

from concord.catalog.models import Criterion, DatasetVersion, Example, Output


@dataclass(frozen=True)
class Holding:
    """How many of the examples asked for a dataset's newest version has, and how many it has in all."""

    name: str
    shared: int
    size: int


def criteria_labels(workspace_id: int) -> dict[str, list[dict[str, Any]]]:
    """The criteria that the workspace has, by slug, with their labels."""
    return dict(Criterion.objects.filter(workspace=workspace_id).values_list("slug", "labels"))


def datasets_holding(workspace_id: int, *, keys: Collection[str], systems: Collection[str]) -> list[Holding]:
    """The datasets that have examples with these keys, answered by one of these systems (by any, where none is named)."""
    newest = DatasetVersion.objects.filter(dataset__workspace=workspace_id).order_by("dataset_id", "-number")
    versions = {version.pk: version for version in newest.distinct("dataset_id").select_related("dataset")}
    mine = Example.objects.filter(version__in=list(versions), key__in=keys)
    shared = mine.values("version").annotate(n=Count("pk")).values_list("version", "n")
    return [
        Holding(versions[pk].dataset.name, n, versions[pk].examples_count)
        for pk, n in sorted(shared)
        if not systems or _answered_by(pk, keys, systems)
    ]


def _answered_by(version_id: int, keys: Collection[str], systems: Collection[str]) -> bool:
    rows = Output.objects.filter(example__version=version_id, example__key__in=keys)
    names = rows.values_list("system__name", "system__version").distinct()
    return any({name, f"{name} {version}".strip()} & set(systems) for name, version in names)


def version_named(workspace_id: int, mapping: dict[str, Any]) -> int | None:
    """The dataset version that a mapping names, if it is there: the newest where no number is given."""
    name, number = str(mapping.get("dataset") or "").strip(), mapping.get("version")
    versions = DatasetVersion.objects.filter(dataset__workspace_id=workspace_id, dataset__name=name)
    if number:
        versions = versions.filter(number=number)
    return versions.order_by("-number").values_list("pk", flat=True).first()
