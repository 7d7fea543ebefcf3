"""The API of imports: upload, map, check, look at the rejections, write, undo."""

import json
from typing import Any

from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from concord.accounts.api.scope import workspace_named_in
from concord.accounts.states import Action
from concord.catalog.api.base import WorkspaceViewSet
from concord.catalog.api.serializers import ImportSerializer, RejectionSerializer
from concord.catalog.importing.proposal import propose
from concord.catalog.models import ImportBatch, ImportRejection
from concord.catalog.services.importing import batches
from concord.catalog.services.importing.uploads import store_upload
from concord.core.api.paging import CursorPagination
from concord.core.errors import Invalid

MAPPED = inline_serializer("Mapped", {"mapping": serializers.JSONField()})
PROBLEMS = inline_serializer("Problems", {"problems": serializers.ListField(child=serializers.CharField())})
KEEP = inline_serializer("Write", {"keep_good_rows": serializers.BooleanField(default=False)})


class InFileOrder(CursorPagination):
    ordering = "id"


class ImportViewSet(WorkspaceViewSet):
    """Imports. Each step that takes long is a background job: read the import again until its state moves on."""

    model = ImportBatch
    related = ("workspace", "file")
    reads = Action.DESIGN
    serializer_class = ImportSerializer
    filterset_fields = ("state",)
    http_method_names = ["get", "post", "head", "options"]

    def create(self, request: Request) -> Response:
        """Upload a file (multipart: `workspace`, `file`, and `mapping` as JSON; without it one is proposed)."""
        workspace = workspace_named_in(request)
        upload = request.FILES.get("file")
        if upload is None:
            raise Invalid("Send the table as the file of a multipart body.", code="no_file", field="file")
        mapping = _mapping(_body(request).get("mapping"))
        file = store_upload(
            actor=request.user, workspace=workspace, source=upload, name=upload.name or "file"
        )
        batch = batches.create_import(actor=request.user, workspace=workspace, file=file)
        chosen = propose(batch) if mapping is None else mapping
        problems = batches.set_mapping(actor=request.user, batch=batch, mapping=chosen)
        body = {**self.get_serializer(batch).data, "problems": problems}
        return Response(body, status=status.HTTP_201_CREATED)

    @extend_schema(request=MAPPED, responses=PROBLEMS)
    @action(detail=True, methods=["post"])
    def mapping(self, request: Request, pk: str) -> Response:
        """Take a mapping; the answer says what it still lacks."""
        batch = self.one(request, pk)
        mapping = _mapping(_body(request).get("mapping"))
        if mapping is None:
            raise Invalid('Send the mapping: {"mapping": {...}}.', code="bad_mapping", field="mapping")
        return Response({"problems": batches.set_mapping(actor=request.user, batch=batch, mapping=mapping)})

    @extend_schema(request=None, responses={202: ImportSerializer})
    @action(detail=True, methods=["post"])
    def check(self, request: Request, pk: str) -> Response:
        """Read every line in the background; nothing is written."""
        batch = self.one(request, pk)
        return self._accepted(batches.start_check(actor=request.user, batch=batch))

    @extend_schema(request=KEEP, responses={202: ImportSerializer})
    @action(detail=True, methods=["post"])
    def write(self, request: Request, pk: str) -> Response:
        """Write what was checked. Rejected lines block it (409) unless `keep_good_rows` is true."""
        batch, keep = self.one(request, pk), _body(request).get("keep_good_rows", False)
        if not isinstance(keep, bool):
            raise Invalid("keep_good_rows is true or false.", code="bad_choice", field="keep_good_rows")
        return self._accepted(batches.start_write(actor=request.user, batch=batch, keep_good_rows=keep))

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def undo(self, request: Request, pk: str) -> Response:
        """Delete everything that the import wrote; 409 where later work stands on it."""
        batch = self.one(request, pk)
        undone = batches.undo_import(actor=request.user, batch=batch)
        return Response(self.get_serializer(undone).data)

    @extend_schema(responses=RejectionSerializer(many=True))
    @action(detail=True, methods=["get"], pagination_class=InFileOrder, filterset_fields=())
    def rejections(self, request: Request, pk: str) -> Response:
        """The rejected lines with their reasons, in pages."""
        batch = self.one(request, pk)
        page = self.paginate_queryset(ImportRejection.objects.filter(batch=batch).order_by("id"))
        return self.get_paginated_response(RejectionSerializer(page, many=True).data)

    def _accepted(self, batch: ImportBatch) -> Response:
        return Response(self.get_serializer(batch).data, status=status.HTTP_202_ACCEPTED)


def _mapping(given: Any) -> Any:
    """A mapping as an object, or as JSON in a form field; None where there is none."""
    if not isinstance(given, str):
        return given
    try:
        return json.loads(given)
    except (ValueError, RecursionError) as error:
        raise Invalid(f"The mapping is not JSON: {error}.", code="bad_mapping", field="mapping") from error


def _body(request: Request) -> Any:
    if not hasattr(request.data, "get"):
        raise Invalid("Send an object.", code="no_object")
    return request.data
