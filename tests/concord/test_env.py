"""Environment variables are read with their type, and a wrong one is named with its value."""

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from concord import env


@pytest.mark.parametrize(
    ("raw", "value"), [("1", True), ("YES", True), ("on", True), ("0", False), ("no", False), ("", False)]
)
def test_flag(monkeypatch: pytest.MonkeyPatch, raw: str, value: bool) -> None:
    monkeypatch.setenv("X", raw)
    assert env.flag("X", not value) is value


def test_flag_that_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("X", "perhaps")
    with pytest.raises(ImproperlyConfigured, match="X='perhaps'"):
        env.flag("X")


@pytest.mark.parametrize(("raw", "sentence"), [("1.5", "not a whole number"), ("-1", "below 0")])
def test_integer_that_is_none(monkeypatch: pytest.MonkeyPatch, raw: str, sentence: str) -> None:
    monkeypatch.setenv("X", raw)
    with pytest.raises(ImproperlyConfigured, match=sentence):
        env.integer("X", 0)


def test_database_url_with_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://me:p%40ss@db.example:6432/concord?sslmode=require")
    database = env.database("DATABASE_URL", "")
    assert (database["USER"], database["PASSWORD"]) == ("me", "p@ss")
    assert (database["HOST"], database["PORT"], database["NAME"]) == ("db.example", "6432", "concord")
    assert database["OPTIONS"] == {"sslmode": "require"}


def test_database_url_of_a_socket_with_a_blank_in_its_path() -> None:
    database = env.database("NOT_SET", "postgresql://postgres@/concord?host=/home/my%20team/var")
    assert (database["HOST"], database["PORT"]) == ("/home/my team/var", "")


def test_other_engine_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "sqlite:///db.sqlite3")
    with pytest.raises(ImproperlyConfigured, match="runs on PostgreSQL"):
        env.database("DATABASE_URL", "")


def test_short_socket_folder_is_kept_and_long_one_replaced() -> None:
    short, long = Path("/srv/concord/var/postgres"), Path("/srv") / ("deep/" * 20) / "var/postgres"
    assert env.socket_folder(short) == short
    replaced = env.socket_folder(long)
    assert len(str(replaced / ".s.PGSQL.5432.lock")) <= 100
    assert replaced == env.socket_folder(long), "the same folder at every start"
    assert replaced != env.socket_folder(long / "other")


def test_keys_are_listed_by_workspace_variable_and_origin(monkeypatch: pytest.MonkeyPatch) -> None:
    assert env.bound_keys("NOT_SET") == frozenset()
    monkeypatch.setenv(
        "X", "acme:OPENAI_API_KEY=https://API.openai.com:443/v1, my-lab:GPU_2_API_TOKEN=http://10.0.0.7:8000,"
    )
    assert env.bound_keys("X") == {
        ("acme", "OPENAI_API_KEY", "https://api.openai.com"),
        ("my-lab", "GPU_2_API_TOKEN", "http://10.0.0.7:8000"),
    }


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        ("OPENAI_API_KEY=https://h", "is not workspace:VARIABLE=address"),
        (":OPENAI_API_KEY=https://h", "is not workspace:VARIABLE=address"),
        ("acme:SECRET_KEY=https://h", "is not workspace:VARIABLE=address"),
        ("acme:my_API_KEY=https://h", "is not workspace:VARIABLE=address"),
        ("acme:OPENAI_API_KEY", "cannot be called: an address starts with"),
        ("acme:OPENAI_API_KEY=http://0177.0.0.1", "in another way than as four numbers"),
    ],
)
def test_a_key_that_is_listed_wrongly_stops_the_start(
    monkeypatch: pytest.MonkeyPatch, raw: str, sentence: str
) -> None:
    monkeypatch.setenv("X", raw)
    with pytest.raises(ImproperlyConfigured, match=sentence):
        env.bound_keys("X")
