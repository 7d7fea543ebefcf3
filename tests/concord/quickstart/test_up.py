"""`manage.py up`, as people use it: in a process of its own, on a folder of its own."""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).resolve().parents[3]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _outside() -> dict[str, str]:
    """The environment without what the tests' own settings put there."""
    ours = {"BROKER_URL", "CACHE_URL", "DATABASE_URL", "SECRET_KEY", "LOG_LEVEL", "CONCORD_VAR"}
    return {name: value for name, value in os.environ.items() if name not in ours}


class Up:
    """A running `manage.py up`; what it printed is in `lines`."""

    def __init__(self, var: Path, *options: str, **environment: str) -> None:
        self.port = _free_port()
        self.began = time.monotonic()
        self.process = subprocess.Popen(
            [sys.executable, str(ROOT / "manage.py"), "up", "--port", str(self.port), *options],
            env={**_outside(), "CONCORD_VAR": str(var), "WEB_WORKERS": "1", **environment},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        self.lines: list[str] = []
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        self.lines.extend(line.rstrip() for line in iter(self.process.stdout.readline, "") if line)

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    def wait_for(self, sentence: str, seconds: float = 60) -> "Up":
        deadline = time.monotonic() + seconds
        while sentence not in self.text:
            assert self.process.poll() is None, f"it ended: {self.text}"
            assert time.monotonic() < deadline, f"no {sentence!r} in: {self.text}"
            time.sleep(0.05)
        return self

    def get(self, path: str) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.request("GET", path, headers={"Host": "localhost"})
        return connection.getresponse().status

    def family(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def stop(self, sign: int = signal.SIGINT) -> int:
        if self.process.poll() is None:
            self.process.send_signal(sign)
        return self.process.wait(60)


@pytest.fixture
def started() -> Iterator[list[Up]]:
    started: list[Up] = []
    yield started
    for up in started:
        up.stop()


def test_life_of_an_installation(tmp_path: Path, started: list[Up]) -> None:
    """First start, second `up` beside it, a crash, Ctrl-C, and the next start that finds everything again."""
    var = tmp_path / "var"
    first = Up(var)
    started.append(first)
    first.wait_for("Ctrl-C stops it")
    assert re.search(r"Sign in as +admin@concord.local\n +Password +\S{12,}", first.text)
    assert first.get("/readyz") == 200
    assert (var / "secret_key").stat().st_mode & 0o077 == 0

    beside = Up(var)
    started.append(beside)
    assert beside.stop(signal.SIGCONT) == 2
    assert beside.text.strip() == (
        f"Concord already runs on {var} (process {first.process.pid}); stop it first, or set CONCORD_VAR to another folder."
    )

    web = next(
        p for p in first.family() if "gunicorn" in " ".join(p.cmdline()) and p.ppid() == first.process.pid
    )
    web.kill()
    first.wait_for("The web ended unexpectedly")
    deadline = time.monotonic() + 30
    while True:
        try:
            assert first.get("/healthz") == 200
            break
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.2)

    children = first.family()
    assert len(children) >= 6
    assert first.stop(signal.SIGINT) == 0
    assert "Stopped." in first.lines[-1]
    psutil.wait_procs(children, timeout=5)
    assert [
        child for child in children if child.is_running() and child.status() != psutil.STATUS_ZOMBIE
    ] == []

    second = Up(var)
    started.append(second)
    second.wait_for("Ctrl-C stops it")
    assert "Password  " not in second.text, "the password is shown once"
    assert second.get("/readyz") == 200
    assert second.stop(signal.SIGTERM) == 0


def test_killed_up_leaves_nobody_behind(tmp_path: Path, started: list[Up]) -> None:
    up = Up(tmp_path / "var", "--no-worker")
    started.append(up)
    up.wait_for("No worker runs")
    children = up.family()
    assert not any("celery" in " ".join(child.cmdline()) for child in children)
    up.process.kill()
    _, alive = psutil.wait_procs(children, timeout=15)
    assert alive == []


def test_taken_port_is_a_sentence(tmp_path: Path, started: list[Up]) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        up = Up(tmp_path / "var", "--port", str(port))
        assert up.process.wait(30) == 2
    time.sleep(0.2)
    assert up.text == f"Port {port} is taken by another program; choose another with --port."


def test_folder_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    up = Up(tmp_path / "file" / "var")
    assert up.process.wait(30) == 2
    time.sleep(0.2)
    assert (
        up.text
        == f"The folder {tmp_path}/file/var cannot be used: Not a directory. Set CONCORD_VAR to another."
    )


def test_data_of_another_postgresql_is_a_sentence(tmp_path: Path) -> None:
    data = tmp_path / "var" / "postgres" / "data"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("17")
    up = Up(tmp_path / "var")
    assert up.process.wait(30) == 2
    time.sleep(0.2)
    assert f"{data} was made by PostgreSQL 17" in up.text
    assert "Traceback" not in up.text


def test_server_of_database_url_that_is_away_is_a_sentence(tmp_path: Path) -> None:
    up = Up(tmp_path / "var", DATABASE_URL="postgresql://me@127.0.0.1:1/concord")
    assert up.process.wait(60) == 2
    time.sleep(0.2)
    assert "The database of DATABASE_URL does not answer" in up.text
    assert "Traceback" not in up.text


def test_wrong_setting_is_a_sentence(tmp_path: Path) -> None:
    up = Up(tmp_path / "var", DATABASE_URL="sqlite:///db.sqlite3")
    assert up.process.wait(30) == 2
    time.sleep(0.2)
    assert up.text == "DATABASE_URL must start with postgresql://, not 'sqlite'; Concord runs on PostgreSQL."


def test_command_without_up_brings_its_own_database(tmp_path: Path) -> None:
    var = tmp_path / ("long-" * 20) / "var"
    for command in (
        ["prepare"],
        ["shell", "-v0", "-c", "from concord.accounts.models import User; print(User.objects.count())"],
    ):
        done = subprocess.run(
            [sys.executable, str(ROOT / "manage.py"), *command],
            env={**_outside(), "CONCORD_VAR": str(var)}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "1"
    postmaster = var / "postgres" / "data" / "postmaster.pid"
    assert not postmaster.exists(), "and takes it away again"
