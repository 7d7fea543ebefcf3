"""What an import asks of the workspace: its criteria, and the datasets that its examples may be of."""

from typing import Any

from django.db.models import Count

from concord.catalog.models import Criterion, Dataset, DatasetVersion


def criteria_labels(workspace_id: int) -> dict[str, list[dict[str, Any]]]:
    """The criteria that the workspace has, by slug, with their labels."""
    return dict(Criterion.objects.filter(workspace=workspace_id).values_list("slug", "labels"))


def dataset_with(workspace_id: int, *, keys: list[str]) -> str:
    """The name of the dataset that has most of the examples with these keys; "" where none has any."""
    rows = Dataset.objects.filter(workspace=workspace_id, versions__examples__key__in=keys)
    found = rows.annotate(shared=Count("versions__examples")).order_by("-shared", "-pk").first()
    return found.name if found is not None else ""


def version_named(workspace_id: int, mapping: dict[str, Any]) -> int | None:
    """The dataset version that a mapping names, if it is there: the newest where no number is given."""
    name, number = mapping.get("dataset"), mapping.get("version")
    versions = DatasetVersion.objects.filter(dataset__workspace_id=workspace_id, dataset__name=name)
    if number:
        versions = versions.filter(number=number)
    return versions.order_by("-number").values_list("pk", flat=True).first()
