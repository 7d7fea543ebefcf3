"""The programs of `manage.py up`: which run, on which queues, with which logs."""

import os
import socket
import sys
from pathlib import Path
from typing import Any

import pytest

from concord.quickstart import stack
from concord.quickstart.problems import CannotStart

EVERYWHERE = "0.0.0.0"  # noqa: S104


@pytest.fixture
def var(settings: Any, tmp_path: Path) -> Path:
    settings.VAR = tmp_path
    return tmp_path


def started(**more: Any) -> dict[str, Any]:
    given: dict[str, Any] = {"host": "127.0.0.1", "port": 8000, "workers": True, "verbose": False}
    return {program.name: program for program in stack.programs(**(given | more))}


def after(program: Any, option: str) -> str:
    return str(program.command[list(program.command).index(option) + 1])


def test_pages_come_first_and_every_queue_has_a_worker(var: Path) -> None:
    programs = started()
    assert list(programs) == ["web", "worker", "runner", "scheduler"]
    queues = ",".join(after(programs[name], "--queues") for name in ("worker", "runner")).split(",")
    assert sorted(queues) == ["cpu", "default", "export", "gpu"]
    assert (after(programs["worker"], "--pool"), after(programs["worker"], "--concurrency")) == (
        "threads",
        "4",
    )
    assert after(programs["runner"], "--pool") == "solo", "a forked process cannot use CUDA"
    hosts = {after(programs[name], "--hostname") for name in ("worker", "runner")}
    assert len(hosts) == 2
    assert all(program.command[:2] == [sys.executable, "-m"] for program in programs.values())


def test_without_workers_there_are_pages_only(var: Path) -> None:
    assert list(started(workers=False)) == ["web"]


@pytest.mark.parametrize(
    ("host", "bound"),
    [("127.0.0.1", "127.0.0.1:8123"), ("::1", "[::1]:8123"), (EVERYWHERE, f"{EVERYWHERE}:8123")],
)
def test_the_web_server_listens_where_it_was_told(var: Path, host: str, bound: str) -> None:
    web = started(host=host, port=8123)["web"]
    assert after(web, "--bind") == bound
    assert after(web, "--config") == "python:concord.quickstart.gunicorn_conf"


def test_each_program_has_a_log_of_its_own_unless_it_is_shown(var: Path) -> None:
    logs = [program.log for program in started().values()]
    assert logs == [var / "logs" / f"{name}.log" for name in ("web", "worker", "runner", "scheduler")]
    assert (var / "logs").stat().st_mode & 0o777 == 0o700
    assert {program.log for program in started(verbose=True).values()} == {None}
    assert stack.demo().log is None
    assert stack.demo().command[1:] == [str(Path(stack.settings.BASE_DIR) / "manage.py"), "load_demo"]


@pytest.mark.parametrize(("size", "put_aside"), [(20 * 1024 * 1024, False), (20 * 1024 * 1024 + 1, True)])
def test_a_log_that_has_grown_large_is_put_aside(var: Path, size: int, put_aside: bool) -> None:
    (var / "logs").mkdir()
    log = var / "logs" / "web.log"
    with log.open("wb") as handle:
        handle.truncate(size)
    started()
    assert (var / "logs" / "web.log.1").exists() == put_aside
    assert log.exists() == (not put_aside)


def test_counters_of_the_last_start_are_gone(var: Path) -> None:
    (var / "metrics").mkdir()
    (var / "metrics" / "counter_1.db").write_text("old")
    web = started()["web"]
    assert web.environment["PROMETHEUS_MULTIPROC_DIR"] == str(var / "metrics")
    assert list((var / "metrics").iterdir()) == []
    assert "PROMETHEUS_MULTIPROC_DIR" not in started()["worker"].environment


def test_programs_find_our_code_before_what_was_on_the_path(
    var: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = Path(stack.settings.BASE_DIR)
    monkeypatch.setenv("PYTHONPATH", "/elsewhere")
    assert started()["web"].environment["PYTHONPATH"].split(os.pathsep) == [
        str(root / "platform"), str(root), "/elsewhere",
    ]  # fmt: skip
    monkeypatch.delenv("PYTHONPATH")
    assert started()["web"].environment["PYTHONPATH"].split(os.pathsep) == [str(root / "platform"), str(root)]
    assert started()["web"].folder == root


def test_a_port_that_is_free_is_not_taken_by_looking() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        port = other.getsockname()[1]
    stack.check_port("127.0.0.1", port)
    stack.check_port("127.0.0.1", port)


def test_a_port_that_others_listen_on_is_a_sentence() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(CannotStart, match=f"^Port {port} is taken by another program; choose another"):
            stack.check_port("127.0.0.1", port)


@pytest.mark.parametrize(
    ("host", "port"), [("203.0.113.7", 8000), ("no.such.host.invalid", 8000), ("127.0.0.1", 70_000)]
)
def test_an_address_that_is_none_of_ours_is_a_sentence(host: str, port: int) -> None:
    with pytest.raises(CannotStart, match=f"^{host} port {port} cannot be listened on"):
        stack.check_port(host, port)


def test_a_port_that_needs_more_rights_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(socket.socket, "bind", refuse)
    with pytest.raises(CannotStart, match="Port 80 needs more rights than this account has"):
        stack.check_port("127.0.0.1", 80)
