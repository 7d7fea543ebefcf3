"""Who starts the embedded database, and that nobody starts it twice."""

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from concord.quickstart import services
from concord.quickstart.problems import CannotStart


class Server:
    """Stands for PostgreSQL, and tells what was done to it."""

    def __init__(self, *, running: bool = False) -> None:
        self.running, self.told = running, []  # type: ignore[var-annotated]

    def is_running(self) -> bool:
        return self.running

    def start(self) -> None:
        self.running = True
        self.told.append("start")

    def create_database(self, name: str) -> None:
        self.told.append(f"create {name}")

    def stop(self) -> None:
        self.running = False
        self.told.append("stop")


@pytest.fixture
def ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Settings of an installation in a folder of the test's own."""
    var = tmp_path / "var"
    made = SimpleNamespace(VAR=var, POSTGRES_SOCKETS=var / "postgres", REDIS_SOCKET=var / "redis.sock")
    made.DATABASES = {"default": {"HOST": str(made.POSTGRES_SOCKETS), "NAME": "concord"}}
    made.BROKER_URL = f"redis+socket://{made.REDIS_SOCKET}"
    monkeypatch.setattr(services, "settings", made)
    return made


@pytest.fixture
def var(ours: Any) -> Path:
    return Path(ours.VAR)


@pytest.fixture
def server(var: Path, monkeypatch: pytest.MonkeyPatch) -> Server:
    made = Server()
    monkeypatch.setattr(services, "postgres", lambda: made)
    return made


@pytest.mark.parametrize("argv", [["manage.py", "shell"], ["manage.py", "import", "a.csv"]])
def test_a_command_gets_a_database_for_as_long_as_it_runs(server: Server, argv: list[str]) -> None:
    with services.database_for_command(argv):
        assert server.told == ["start", "create concord"]
    assert server.told == ["start", "create concord", "stop"]


def test_it_is_stopped_too_where_the_command_fails(server: Server) -> None:
    with pytest.raises(KeyError), services.database_for_command(["manage.py", "shell"]):
        raise KeyError("x")
    assert server.told[-1] == "stop"


def test_a_database_that_runs_is_used_and_left_running(server: Server) -> None:
    server.running = True
    with services.database_for_command(["manage.py", "shell"]):
        pass
    assert server.told == []


@pytest.mark.parametrize(
    "argv",
    [
        ["manage.py"],
        ["manage.py", "up"],
        ["manage.py", "help"],
        ["manage.py", "check"],
        ["manage.py", "import", "--help"],
        ["manage.py", "import", "a.csv", "-h"],
    ],
)
def test_what_needs_no_database_gets_none(server: Server, var: Path, argv: list[str]) -> None:
    with services.database_for_command(argv):
        pass
    assert server.told == []
    assert not var.exists()


def test_a_server_of_ones_own_is_not_ours_to_start(server: Server, ours: Any) -> None:
    ours.DATABASES["default"]["HOST"] = "db.example.com"
    assert not services.uses_embedded_database()
    with services.database_for_command(["manage.py", "shell"]):
        pass
    assert server.told == []


def test_settings_say_whether_servers_are_embedded(ours: Any) -> None:
    assert services.uses_embedded_database()
    assert services.uses_embedded_broker()
    ours.BROKER_URL = "redis://elsewhere:6379/0"
    assert not services.uses_embedded_broker()


def test_servers_are_told_their_folders(var: Path) -> None:
    database, broker = services.postgres(), services.redis()
    assert (database.data, database.sockets) == (var / "postgres" / "data", var / "postgres")
    assert (database.log, database.name) == (var / "postgres" / "postgres.log", "database")
    assert (broker.folder, broker.address, broker.name) == (var / "redis", var / "redis.sock", "redis")


def test_a_folder_of_ours_is_closed_to_others(tmp_path: Path) -> None:
    services.private_folder(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").stat().st_mode & 0o777 == 0o700
    assert list((tmp_path / "a" / "b").iterdir()) == []
    services.private_folder(tmp_path / "a" / "b")


def test_a_folder_that_cannot_be_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CannotStart, match=r"file/var cannot be written: Not a directory\. Set CONCORD_VAR"):
        services.private_folder(tmp_path / "file" / "var")


def test_a_lock_is_held_by_one_process_which_it_names(tmp_path: Path) -> None:
    path = tmp_path / "up.lock"
    with services.only_one(path, "taken by {pid}"):
        assert path.read_text() == str(os.getpid())
        assert path.stat().st_mode & 0o777 == 0o600
        with (
            pytest.raises(CannotStart, match=f"^taken by {os.getpid()}$"),
            services.only_one(path, "taken by {pid}"),
        ):
            pytest.fail("two hold it")
    with services.only_one(path, "taken by {pid}"):
        assert path.read_text() == str(os.getpid())


def test_a_lock_of_a_process_that_died_is_free(tmp_path: Path) -> None:
    path = tmp_path / "up.lock"
    script = (
        "import fcntl, sys; held = open(sys.argv[1], 'a+'); fcntl.flock(held, fcntl.LOCK_EX)\n"
        "held.write('12345678'); held.flush(); print('held', flush=True); sys.stdin.read()"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", script, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert other.stdout is not None
    assert other.stdout.readline() == "held\n"
    with pytest.raises(CannotStart, match="12345678"), services.only_one(path, "taken by {pid}"):
        pytest.fail("two hold it")
    other.kill()
    other.communicate()
    with services.only_one(path, "taken by {pid}"):
        assert path.read_text() == str(os.getpid()), "the number of the dead process is gone"


def test_a_lock_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match="cannot be written"), services.only_one(tmp_path / "no" / "x", "s"):
        pytest.fail("held")
