"""What the catalog's API views share: lists of visible rows, narrowed to a workspace, and lookups that know permission."""

from typing import Any

from django.db.models import Model, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from concord.accounts.api.scope import IN_WORKSPACE, narrowed
from concord.accounts.selectors.lookup import fetch
from concord.accounts.states import Action


class WorkspaceViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, GenericViewSet[Any]):
    """Rows of one's workspaces; `reads` is what one must be allowed to in order to see them."""

    model: type[Model]
    related: tuple[str, ...] = ("workspace",)
    reads = Action.READ
    lookup_value_regex = r"\d+"
    http_method_names = ["get", "post", "patch", "head", "options"]

    def get_queryset(self) -> QuerySet[Any]:
        manager: Any = self.model._default_manager
        rows: QuerySet[Any] = manager.visible_to(self.request.user, self.reads)
        return rows.select_related(*self.related)

    @extend_schema(parameters=[IN_WORKSPACE])
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        rows = narrowed(self.filter_queryset(self.get_queryset()), request, to=self.reads)
        page = self.paginate_queryset(rows)
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    def retrieve(self, request: Request, pk: str) -> Response:
        return Response(self.get_serializer(self.one(request, pk)).data)

    def one(self, request: Request, pk: str, *, to: str = "") -> Any:
        """The row, if the person may see it (or may do `to`); what else may be done with it is asked by the service."""
        return fetch(self.model, user=request.user, pk=pk, to=to or self.reads)
