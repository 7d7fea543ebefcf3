"""Files for imports: which kinds are taken, and how large."""

from typing import IO, Any

from django.core.files.uploadedfile import UploadedFile

from concord.accounts.models import Workspace
from concord.accounts.selectors.lookup import require
from concord.accounts.states import Action
from concord.core.actors import Actor
from concord.core.errors import DomainError
from concord.core.models import StoredFile
from concord.core.services import audit, files

ALLOWED = files.TABLES | files.TEXTS | {"application/gzip"}


def store_upload(
    *, actor: Actor, workspace: Workspace, source: "bytes | UploadedFile[Any] | IO[bytes]", name: str
) -> StoredFile:
    """Keep an uploaded table. Raises `TooLarge` or `Unsupported` with a sentence for people."""
    require(actor=actor, workspace=workspace, to=Action.DESIGN)
    try:
        stored = files.store(workspace_id=workspace.pk, source=source, name=name, allowed=ALLOWED)
    except DomainError as error:
        error.field = "file"
        raise
    audit.record(actor=actor, verb="file.stored", workspace_id=workspace.pk, obj=stored, name=stored.name)
    return stored
