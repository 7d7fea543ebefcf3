"""Who starts the embedded database: `up` for as long as it runs, else each management command for itself."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from django.conf import settings

from concord.quickstart.postgres import EmbeddedPostgres
from concord.quickstart.problems import CannotStart
from concord.quickstart.redis import EmbeddedRedis

# These need no database, or (up) bring it themselves.
WITHOUT_DATABASE = {
    "up", "help", "version", "--help", "-h", "--version", "check", "collectstatic", "compilemessages", "diffsettings",
    "findstatic", "makemessages", "spectacular", "startapp", "startproject", "test",
}  # fmt: skip


def uses_embedded_database() -> bool:
    """Whether settings point at the embedded server, that is, DATABASE_URL is not set."""
    return str(settings.DATABASES["default"]["HOST"]) == str(settings.POSTGRES_SOCKETS)


def uses_embedded_broker() -> bool:
    return str(settings.BROKER_URL).endswith(str(settings.REDIS_SOCKET))


def postgres() -> EmbeddedPostgres:
    return EmbeddedPostgres(data=settings.VAR / "postgres" / "data", sockets=settings.POSTGRES_SOCKETS)


def redis() -> EmbeddedRedis:
    return EmbeddedRedis(folder=settings.VAR / "redis", address=settings.REDIS_SOCKET)


def private_folder(path: Path) -> None:
    """Make a folder that is only ours, or say why that cannot be."""
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        probe = path / f".probe-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise CannotStart(
            f"The folder {path} cannot be written: {error.strerror}. Set CONCORD_VAR to another."
        ) from None


@contextmanager
def only_one(path: Path, sentence: str) -> Iterator[None]:
    """Hold a lock file for the time of the block; `CannotStart` with `sentence` where another process holds it."""
    with _lock_file(path) as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            handle.seek(0)
            raise CannotStart(sentence.format(pid=handle.read().strip() or "?")) from None
        handle.truncate(0)
        handle.write(str(os.getpid()))
        handle.flush()
        yield


@contextmanager
def database_for_command(argv: list[str]) -> Iterator[None]:
    """Give a management command its database: the one that runs already, or one for the time of the command."""
    name = argv[1] if len(argv) > 1 else "help"
    if name in WITHOUT_DATABASE or {"--help", "-h"} & set(argv) or not uses_embedded_database():
        yield
        return
    private_folder(settings.VAR)
    with _lock_file(settings.VAR / "commands.lock") as users:
        server = _start_alone(users)
        try:
            yield
        finally:
            if server is not None:
                # Another command may have found our server: wait until it is done.
                fcntl.flock(users, fcntl.LOCK_EX)
                server.stop()


def _start_alone(users: IO[str]) -> EmbeddedPostgres | None:
    """The server, if we had to start it. `users` is locked while we decide, and then shared with other commands."""
    server = postgres()
    if not server.is_running():
        with only_one(
            settings.VAR / "starting.lock",
            "Another command (process {pid}) is starting the database; try again.",
        ):
            if not server.is_running():
                server.start()
                server.create_database(str(settings.DATABASES["default"]["NAME"]))
                fcntl.flock(users, fcntl.LOCK_SH)
                return server
    fcntl.flock(users, fcntl.LOCK_SH)
    return None


def _lock_file(path: Path) -> IO[str]:
    try:
        return open(path, "a+", opener=lambda name, flags: os.open(name, flags, 0o600))
    except OSError as error:
        raise CannotStart(f"{path} cannot be written: {error.strerror}.") from None
