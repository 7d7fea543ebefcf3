"""Files for imports: which kinds are taken, and how large."""

from typing import IO, Any

from django.core.files.uploadedfile import UploadedFile

from concord.accounts.models import Workspace
from concord.core.models import StoredFile
from concord.core.services import files

ALLOWED = files.TABLES | files.TEXTS | {"application/gzip"}


def store_upload(
    *, workspace: Workspace, source: "bytes | UploadedFile[Any] | IO[bytes]", name: str
) -> StoredFile:
    """Keep an uploaded table. Raises `TooLarge` or `Unsupported` with a sentence for people."""
    return files.store(workspace_id=workspace.pk, source=source, name=name, allowed=ALLOWED)
