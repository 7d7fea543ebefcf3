"""Whether there is room left where this installation writes."""

import errno
import shutil
from pathlib import Path

from django.conf import settings
from psycopg.errors import DiskFull

LEAST_FREE = 64 * 1024 * 1024  # bytes: four segments of PostgreSQL's log


def is_full() -> bool:
    """Whether less than `LEAST_FREE` bytes are left for its folders. Of a database elsewhere only its errors tell."""
    return any(_free(Path(folder)) < LEAST_FREE for folder in (settings.VAR, settings.MEDIA_ROOT))


def _free(folder: Path) -> int:
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return shutil.disk_usage(folder).free


def was_full(error: BaseException | None) -> bool:
    """Whether this error, or one that led to it, is of a full disk, ours or the database's."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        if isinstance(error, DiskFull) or (
            isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
        ):
            return True
        error = error.__cause__ or error.__context__
    return False
