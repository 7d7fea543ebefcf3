"""The API of the catalog: systems, datasets, examples, outputs, criteria."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from concord.accounts.api.scope import workspace_named_in
from concord.catalog.api.base import WorkspaceViewSet
from concord.catalog.api.serializers import (
    CriterionSerializer,
    DatasetSerializer,
    ExampleSerializer,
    OutputSerializer,
    SystemSerializer,
    VersionSerializer,
)
from concord.catalog.models import Criterion, Dataset, DatasetVersion, Example, Output, System
from concord.catalog.services import criteria, datasets, systems
from concord.core.errors import Invalid, Missing

PARTS = ("name", "version", "kind", "config", "prices", "description")


class SystemViewSet(WorkspaceViewSet):
    """Systems: models with their version, settings and way of being called."""

    model = System
    serializer_class = SystemSerializer
    filterset_fields = ("kind",)

    def create(self, request: Request) -> Response:
        """A new system. Keys of endpoints are references, never the keys themselves."""
        workspace = workspace_named_in(request)
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        made = systems.create_system(actor=request.user, workspace=workspace, **serializer.validated_data)
        return Response(self.get_serializer(made).data, status=status.HTTP_201_CREATED)

    def partial_update(self, request: Request, pk: str) -> Response:
        """Change what is given; the whole is checked again."""
        found = self.one(request, pk)
        serializer = self.get_serializer(found, data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        changes = {key: value for key, value in serializer.validated_data.items() if key in PARTS}
        return Response(
            self.get_serializer(systems.change_system(actor=request.user, system=found, **changes)).data
        )

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def archive(self, request: Request, pk: str) -> Response:
        """Put it away: it keeps its outputs and is no longer offered for new work."""
        put_away = systems.archive_system(actor=request.user, system=self.one(request, pk))
        return Response(self.get_serializer(put_away).data)


class CriterionViewSet(WorkspaceViewSet):
    """Criteria: questions that people and machines answer alike."""

    model = Criterion
    serializer_class = CriterionSerializer
    filterset_fields = ("kind", "dimension", "slug")
    http_method_names = ["get", "post", "head", "options"]

    def create(self, request: Request) -> Response:
        """A new criterion from a definition, which may start from a `template`."""
        workspace = workspace_named_in(request)
        definition = {key: value for key, value in dict(request.data).items() if key != "workspace"}
        made = criteria.create_criterion(actor=request.user, workspace=workspace, definition=definition)
        return Response(self.get_serializer(made).data, status=status.HTTP_201_CREATED)


class DatasetViewSet(WorkspaceViewSet):
    """Datasets with their versions."""

    model = Dataset
    serializer_class = DatasetSerializer
    filterset_fields = ("name",)
    http_method_names = ["get", "post", "head", "options"]

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().prefetch_related("versions")

    def create(self, request: Request) -> Response:
        """A dataset with an empty first version; imports fill it."""
        workspace = workspace_named_in(request)
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        made = datasets.create_dataset(actor=request.user, workspace=workspace, **serializer.validated_data)
        return Response(self.get_serializer(made).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses=VersionSerializer)
    @action(detail=True, methods=["post"])
    def freeze(self, request: Request, pk: str) -> Response:
        """Freeze the newest version: it never changes again, and its digest names its content."""
        version = self._newest(self.one(request, pk))
        return Response(VersionSerializer(datasets.freeze(actor=request.user, version=version)).data)

    @extend_schema(request=None, responses={201: VersionSerializer})
    @action(detail=True, methods=["post"], url_path="new-version")
    def new_version(self, request: Request, pk: str) -> Response:
        """The next version, with the newest one's examples copied."""
        version = self._newest(self.one(request, pk))
        made = datasets.new_version(actor=request.user, version=version)
        return Response(VersionSerializer(made).data, status=status.HTTP_201_CREATED)

    def _newest(self, dataset: Dataset) -> DatasetVersion:
        found: DatasetVersion | None = (
            DatasetVersion.objects.filter(dataset=dataset).order_by("-number").first()
        )
        if found is None:
            raise Missing("This dataset has no version.")
        return found


class ExampleViewSet(WorkspaceViewSet):
    """Examples; `?version=` gives those of one dataset version, `?slice=name:value` those of a slice."""

    model = Example
    related = ()
    serializer_class = ExampleSerializer
    filterset_fields = ("version", "key")
    http_method_names = ["get", "head", "options"]

    def filter_queryset(self, queryset: Any) -> Any:
        rows = super().filter_queryset(queryset)
        for pair in self.request.query_params.getlist("slice"):
            name, separator, value = pair.partition(":")
            if not separator:
                raise Invalid("A slice is given as name:value.", code="bad_slice", field="slice")
            rows = rows.filter(slices__contains={name: value})
        return rows


class OutputViewSet(WorkspaceViewSet):
    """Outputs, by system, example or set."""

    model = Output
    related = ()
    serializer_class = OutputSerializer
    filterset_fields = ("system", "example", "output_set", "epoch")
    http_method_names = ["get", "head", "options"]
