"""What the catalog's pages show: lists with their counts, and the outputs of one example side by side."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from concord.accounts.models import Workspace
from concord.catalog.models import Dataset, DatasetVersion, Example, Output, System


def _count(rows: QuerySet[Any], by: str) -> Coalesce:
    """How many of `rows` point here: a subquery, so that several counts do not multiply each other."""
    counted = rows.filter(**{by: OuterRef("pk")}).order_by().values(by).annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def systems_of(workspace: Workspace, *, archived: bool = False, search: str = "") -> QuerySet[System]:
    """The workspace's systems with how many outputs each has."""
    rows: QuerySet[System] = System.objects.filter(workspace=workspace, archived_at__isnull=not archived)
    if search:
        rows = rows.filter(name__icontains=search)
    return rows.annotate(outputs_count=_count(Output.objects.all(), "system"))


def datasets_of(workspace: Workspace) -> QuerySet[Dataset]:
    """The workspace's datasets with their newest version's number and size."""
    newest = DatasetVersion.objects.filter(dataset=OuterRef("pk")).order_by("-number")
    rows: QuerySet[Dataset] = Dataset.objects.filter(workspace=workspace).annotate(
        newest=Subquery(newest.values("number")[:1]),
        examples_count=Subquery(newest.values("examples_count")[:1]),
        frozen_at=Subquery(newest.values("frozen_at")[:1]),
    )
    return rows


def examples_of(version: DatasetVersion, where: dict[str, str], search: str = "") -> QuerySet[Example]:
    """The version's examples in order, narrowed to slices and to keys that hold `search`."""
    rows = Example.objects.filter(version=version)
    for name, value in where.items():
        rows = rows.filter(slices__contains={name: value})
    if search:
        rows = rows.filter(key__icontains=search)
    return rows.order_by("position", "pk")


@dataclass(frozen=True)
class Neighbours:
    """The examples before and after one, in the order of the dataset; None at the ends."""

    before: int | None
    after: int | None


def neighbours(example: Example) -> Neighbours:
    """By position and, where examples share one, by id: the order of `examples_of`."""
    rows = Example.objects.filter(version_id=example.version_id).values_list("pk", flat=True)
    same = Q(position=example.position)
    before = rows.filter(Q(position__lt=example.position) | same & Q(pk__lt=example.pk))
    after = rows.filter(Q(position__gt=example.position) | same & Q(pk__gt=example.pk))
    return Neighbours(
        before.order_by("-position", "-pk").first(),
        after.order_by("position", "pk").first(),
    )


def outputs_of(example: Example) -> QuerySet[Output]:
    """All outputs to the example, by system; the newest set of each system first."""
    rows = Output.objects.filter(example=example).select_related("system", "output_set")
    return rows.order_by("system__name", "system__version", "-output_set_id", "epoch")
