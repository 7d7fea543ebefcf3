"""Files that people bring: limited in size and kind, kept once by their SHA-256."""

import hashlib
import tempfile
from collections.abc import Collection, Iterator
from pathlib import PurePath
from typing import IO, Any

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from concord.core.errors import Invalid, Missing, TooLarge, Unsupported
from concord.core.media_types import IMAGES, TABLES, TEXTS, media_type_of
from concord.core.models import StoredFile

__all__ = ["IMAGES", "TABLES", "TEXTS", "open_file", "store"]

CHUNK = 1024 * 1024
IN_MEMORY = 8 * 1024 * 1024


def store(
    *,
    workspace_id: int,
    source: "bytes | UploadedFile[Any] | IO[bytes]",
    name: str,
    allowed: Collection[str],
    max_bytes: int | None = None,
) -> StoredFile:
    """Keep a file and return its row; the same bytes under the same name give the row that is there.

    `allowed` are media types, told by the content first and by the name second; what the browser claims is not asked.
    Raises `TooLarge`, `Unsupported`, or `Invalid` (code `empty_file`); nothing is kept then.
    """
    limit = settings.MAX_UPLOAD_BYTES if max_bytes is None else max_bytes
    name = clean_name(name)
    with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as spool:
        digest, size, head = _copy(source, spool, limit=limit, name=name)
        media_type = media_type_of(head, name)
        if media_type not in allowed:
            raise Unsupported(
                f"{name} is {media_type}; taken here: {', '.join(sorted(allowed))}.", media_type=media_type
            )
        path = f"files/{digest[:2]}/{digest}"
        if not default_storage.exists(path):
            spool.seek(0)
            path = default_storage.save(path, File(spool))
    with transaction.atomic():
        row, _ = StoredFile.objects.get_or_create(
            workspace_id=workspace_id,
            digest=digest,
            name=name,
            defaults={"size": size, "media_type": media_type, "path": path},
        )
    return row


def open_file(stored: StoredFile) -> IO[bytes]:
    """The file's bytes, for reading; the caller closes it. Raises `Missing` where the storage has lost it."""
    try:
        return default_storage.open(stored.path, "rb")
    except FileNotFoundError:
        raise Missing(f"The contents of {stored.name} are not in the storage.", code="file_lost") from None


def clean_name(name: str) -> str:
    """The last part of a path, without control characters, at most 200 characters, ending kept."""
    plain = "".join(sign for sign in name.replace("\\", "/").rsplit("/", 1)[-1] if sign.isprintable()).strip(
        ". "
    )
    path = PurePath(plain or "file")
    suffix = path.suffix[:20]
    return path.stem[: 200 - len(suffix)] + suffix


def _copy(source: Any, target: Any, *, limit: int, name: str) -> tuple[str, int, bytes]:
    """Copy in pieces, counting: a length that somebody else declared is not believed."""
    digest, size, head = hashlib.sha256(), 0, b""
    for piece in _pieces(source):
        size += len(piece)
        if size > limit:
            raise TooLarge(f"{name} is larger than the {in_words(limit)} taken here.", limit=limit)
        if len(head) < 4096:
            head += piece[: 4096 - len(head)]
        digest.update(piece)
        target.write(piece)
    if size == 0:
        raise Invalid(f"{name} is empty.", code="empty_file")
    return digest.hexdigest(), size, head


def _pieces(source: Any) -> Iterator[bytes]:
    if isinstance(source, bytes):
        yield source
    elif isinstance(source, UploadedFile):
        yield from source.chunks(CHUNK)
    else:
        while piece := source.read(CHUNK):
            yield piece


def in_words(size: int) -> str:
    """A number of bytes as people say it."""
    for unit, bytes_in in (("GB", 1024**3), ("MB", 1024**2), ("kB", 1024)):
        if size >= bytes_in:
            return f"{size / bytes_in:.4g} {unit}"
    return f"{size} bytes"
