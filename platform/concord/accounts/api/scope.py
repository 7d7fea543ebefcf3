"""How every list and every write of the API names its workspace."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from concord.accounts.models import Workspace
from concord.accounts.selectors.lookup import workspace_for
from concord.accounts.states import Action
from concord.core.errors import Invalid

IN_WORKSPACE = OpenApiParameter(
    "workspace", OpenApiTypes.STR, description="only of the workspace with this slug"
)


def workspace_named_in(request: Request, *, to: str = Action.DESIGN) -> Workspace:
    """The workspace whose slug the body names: `Invalid` where it names none, 404 to strangers, 403 to lesser roles."""
    slug = request.data.get("workspace") if hasattr(request.data, "get") else None
    if not isinstance(slug, str) or not slug:
        raise Invalid('Say which workspace: "workspace": "its-slug".', code="no_workspace", field="workspace")
    return workspace_for(user=request.user, slug=slug, to=to)


def narrowed(queryset: QuerySet[Any], request: Request, *, to: str = Action.READ) -> QuerySet[Any]:
    """A list, narrowed to `?workspace=slug` where it is given; then strangers get 404 and lesser roles 403."""
    slug = request.query_params.get("workspace")
    if slug is None:
        return queryset
    if not slug:
        raise Invalid(
            "workspace is empty: leave it out, or give a slug.", code="bad_filter", field="workspace"
        )
    workspace = workspace_for(user=request.user, slug=slug, to=to)
    path: str = queryset.workspace_path  # type: ignore[attr-defined]
    return queryset.filter(**{path: workspace})
