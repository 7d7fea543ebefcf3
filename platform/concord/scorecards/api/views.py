"""The API of scorecards."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse, StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from concord.accounts.api.scope import IN_WORKSPACE, narrowed, workspace_named_in
from concord.accounts.selectors.lookup import fetch
from concord.core.errors import Missing
from concord.scorecards.api.serializers import (
    DefinitionSerializer,
    QueuedSerializer,
    ScorecardSerializer,
    SnapshotSerializer,
)
from concord.scorecards.models import Scorecard, Snapshot
from concord.scorecards.responses import download
from concord.scorecards.selectors.scorecards import is_stale, latest
from concord.scorecards.services.reading import read_definition
from concord.scorecards.services.requests import request_snapshot
from concord.scorecards.services.scorecards import create_scorecard, delete_scorecard, update_scorecard


class ScorecardViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, GenericViewSet[Scorecard]):
    """Scorecards: definition, computing, the latest snapshot, exports."""

    serializer_class = ScorecardSerializer
    lookup_value_regex = r"\d+"
    http_method_names = ["get", "post", "put", "delete", "head", "options"]

    def get_queryset(self) -> QuerySet[Scorecard]:
        seen: QuerySet[Scorecard] = Scorecard.objects.visible_to(self.request.user)
        return seen.select_related("workspace", "version__dataset", "baseline").prefetch_related(
            "systems", "dimensions__criterion", "dimensions__study", "dimensions__scorer"
        )

    @extend_schema(parameters=[IN_WORKSPACE])
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        page = self.paginate_queryset(narrowed(self.get_queryset(), request))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    def retrieve(self, request: Request, *args: Any, pk: str = "", **kwargs: Any) -> Response:
        fetch(Scorecard, user=request.user, pk=pk)
        return Response(self._shown(int(pk)))

    @extend_schema(request=DefinitionSerializer, responses={201: ScorecardSerializer})
    def create(self, request: Request) -> Response:
        """A new scorecard. Nothing is computed yet: POST to `compute/`."""
        workspace = workspace_named_in(request)
        arguments = read_definition(_definition(request), workspace=workspace)
        made = create_scorecard(workspace=workspace, actor=request.user, **arguments)
        return Response(self._shown(made.pk), status=status.HTTP_201_CREATED)

    @extend_schema(request=DefinitionSerializer, responses=ScorecardSerializer)
    def update(self, request: Request, pk: str) -> Response:
        """Another definition; earlier snapshots stay."""
        found = fetch(Scorecard, user=request.user, pk=pk)
        arguments = read_definition(_definition(request), workspace=found.workspace)
        update_scorecard(scorecard=found, actor=request.user, **arguments)
        return Response(self._shown(found.pk))

    def destroy(self, request: Request, pk: str) -> Response:
        """Delete it with its snapshots; ratings and scores stay."""
        found = fetch(Scorecard, user=request.user, pk=pk)
        delete_scorecard(scorecard=found, actor=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=None, responses={202: QueuedSerializer})
    @action(detail=True, methods=["post"])
    def compute(self, request: Request, pk: str) -> Response:
        """Compute in the background."""
        found = fetch(Scorecard, user=request.user, pk=pk)
        job = request_snapshot(actor=request.user, scorecard=found)
        return Response({"job": job.pk, "state": job.state}, status=status.HTTP_202_ACCEPTED)

    @extend_schema(responses=SnapshotSerializer)
    @action(detail=True, methods=["get"])
    def snapshot(self, request: Request, pk: str) -> Response:
        """The latest snapshot, and whether the evidence has changed since."""
        found = fetch(Scorecard, user=request.user, pk=pk)
        snapshot = _latest(found)
        snapshot.stale = is_stale(found, snapshot)  # type: ignore[attr-defined]
        return Response(SnapshotSerializer(snapshot).data)

    @extend_schema(
        responses={(200, "text/csv"): OpenApiTypes.STR, (200, "application/json"): OpenApiTypes.OBJECT}
    )
    @action(detail=True, methods=["get"], url_path=r"export/(?P<kind>json|csv)")
    def export(self, request: Request, pk: str, kind: str) -> HttpResponse | StreamingHttpResponse:
        """The latest snapshot as a file."""
        return download(request.user, _latest(fetch(Scorecard, user=request.user, pk=pk)), kind)

    def _shown(self, pk: int) -> Any:
        return self.get_serializer(self.get_queryset().get(pk=pk)).data


def _definition(request: Request) -> Any:
    """Return the body without the workspace, which has been read."""
    body = request.data
    return (
        {key: value for key, value in body.items() if key != "workspace"} if isinstance(body, dict) else body
    )


def _latest(scorecard: Scorecard) -> Snapshot:
    snapshot = latest(scorecard)
    if snapshot is None:
        raise Missing("This scorecard was never computed.", code="no_snapshot")
    return snapshot
