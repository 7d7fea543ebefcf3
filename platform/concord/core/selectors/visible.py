"""Jobs and files as a person may see them: lookup and permission in one call."""

from collections.abc import Callable
from typing import Any

from concord.core.errors import Forbidden, Missing
from concord.core.media_types import IMAGES
from concord.core.models import Job, StoredFile
from concord.core.selectors.gate import pass_gate, workspace_for

READ, RATE = "read", "rate"
Shows = Callable[[Any, int, int], bool]
_shows: list[Shows] = []


def register_shown_images(shows: Shows) -> None:
    """Name who knows whether a task shows an image to a person: asked with the person, the workspace's id and the file's."""
    _shows.append(shows)


def job_for(*, user: Any, pk: int, slug: str | None = None) -> Job:
    """A job of a workspace that `user` may read (and that is `slug`, where it is given)."""
    job = Job.objects.filter(pk=pk).first()
    if job is None:
        raise Missing("There is no such job.")
    if slug is None:
        pass_gate(user=user, workspace_id=job.workspace_id, to=READ)
    elif workspace_for(user=user, slug=slug, to=READ).pk != job.workspace_id:
        raise Missing("There is no such job.")
    return job


def file_for(*, user: Any, slug: str, pk: int) -> StoredFile:
    """A file of the workspace. Raters get the images of their tasks: all else may name systems, or show others' tasks."""
    try:
        workspace, images_only = workspace_for(user=user, slug=slug, to=READ), False
    except Forbidden:
        workspace, images_only = workspace_for(user=user, slug=slug, to=RATE), True
    stored = StoredFile.objects.filter(pk=pk, workspace_id=workspace.pk).first()
    if stored is None:
        raise Missing("There is no such file.")
    if images_only and not _is_shown(user, stored):
        raise Forbidden("Your role in this workspace does not let you see this file.")
    return stored


def _is_shown(user: Any, stored: StoredFile) -> bool:
    return stored.media_type in IMAGES and any(
        shows(user, stored.workspace_id, stored.pk) for shows in _shows
    )
