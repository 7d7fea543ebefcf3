"""Has anything changed since the installation was last prepared? Asked without loading the applications."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings


def is_prepared() -> bool:
    """Whether tables and static files are those of this very code, so that the web server may load beside `prepare`.

    A wrong yes costs nothing but time: `prepare` runs in any case, before anybody is told the address.
    """
    stamp = _stamp()
    return stamp.exists() and Path(settings.STATIC_ROOT).exists() and stamp.read_text() == _digest()


def mark_prepared() -> None:
    _stamp().write_text(_digest())


def _stamp() -> Path:
    path: Path = settings.VAR / "prepared"
    return path


def _digest() -> str:
    """Of the database's address and of what decides its tables and the static files."""
    database = settings.DATABASES["default"]
    digest = hashlib.sha256(f"{database['HOST']} {database['PORT']} {database['NAME']}\n".encode())
    for path in sorted(_files()):
        status = path.stat()
        digest.update(f"{path} {status.st_size} {status.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def _files() -> Iterator[Path]:
    root = Path(settings.BASE_DIR)
    for app in ("platform", "annotation", "evaluation"):
        yield from (root / app).rglob("migrations/*.py")
    yield from (path for path in (root / "static").rglob("*") if path.is_file())
    yield root / "constraints.txt"
