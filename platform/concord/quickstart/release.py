"""Has anything changed since the installation was last prepared? Asked without loading the applications."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings


def is_prepared() -> bool:
    """Whether tables, static files and accounts are there as `prepare` left them, for this very code."""
    mark = _database_mark()
    return bool(mark) and has_static_files() and _stamp().read_text().splitlines()[1:] == [mark]


def has_static_files() -> bool:
    """Whether the collected static files are those of this code."""
    stamp = _stamp()
    return stamp.exists() and Path(settings.STATIC_ROOT).exists() and stamp.read_text().startswith(_digest())


def mark_prepared() -> None:
    """Keep what was found, for the two questions above."""
    _stamp().write_text(f"{_digest()}\n{_database_mark()}\n")


def free_jobs() -> None:
    """Make the jobs that the last start left running due at once; only where no worker can be alive.

    Without it they wait until their leases run out. In SQL, because this process does not load the applications.
    """
    with _connect() as connection:
        connection.execute("UPDATE core_job SET lease_until = now() WHERE state = 'running'")


def _stamp() -> Path:
    path: Path = settings.VAR / "prepared"
    return path


def _digest() -> str:
    """Of what decides the tables and the static files."""
    digest = hashlib.sha256()
    for path in sorted(_files()):
        status = path.stat()
        digest.update(f"{path} {status.st_size} {status.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def _database_mark() -> str:
    """Which database it is, the migrations that it has, and whether anybody may sign in; empty where it does not say."""
    try:
        with _connect() as connection:
            row = connection.execute(
                "SELECT system_identifier, current_database(), (SELECT count(*) FROM django_migrations),"
                " (SELECT max(id) FROM django_migrations), EXISTS (SELECT FROM accounts_user) FROM pg_control_system()"
            ).fetchone()
    except psycopg.Error:
        return ""
    return " ".join(map(str, row or ()))


def _connect() -> psycopg.Connection[Any]:
    database = settings.DATABASES["default"]
    known = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD", "dbname": "NAME"}
    options: dict[str, Any] = {name: database[key] for name, key in known.items() if database[key]}
    return psycopg.connect(**options, **database["OPTIONS"], connect_timeout=5)


def _files() -> Iterator[Path]:
    root = Path(settings.BASE_DIR)
    for app in ("platform", "annotation", "evaluation"):
        yield from (root / app).rglob("migrations/*.py")
    yield from (path for path in (root / "static").rglob("*") if path.is_file())
    yield root / "constraints.txt"
