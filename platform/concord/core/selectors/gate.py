"""The workspace gate, for core's own pages: core stands below the app that knows people, so settings name it."""

from collections.abc import Callable
from typing import Any

from django.apps import apps
from django.conf import settings
from django.utils.module_loading import import_string

from concord.core.errors import Missing


def workspace_for(*, user: Any, slug: str, to: str) -> Any:
    """The workspace, if `user` may do `to` in it; raises `Missing` or `Forbidden` otherwise."""
    gate: Callable[..., Any] = import_string(settings.WORKSPACE_GATE)
    return gate(user=user, slug=slug, to=to)


def pass_gate(*, user: Any, workspace_id: int | None, to: str) -> None:
    """The same for a workspace known by its id; what belongs to no workspace is missing for everybody."""
    model = apps.get_model(settings.WORKSPACE_MODEL)
    slug = model._default_manager.filter(pk=workspace_id).values_list("slug", flat=True).first()
    if slug is None:
        raise Missing("There is no such workspace.")
    workspace_for(user=user, slug=slug, to=to)
