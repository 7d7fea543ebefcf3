"""What `manage.py up` says and returns, without starting anything."""

import http.client
import io
import json
import signal
import threading
from argparse import ArgumentParser, Namespace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from concord.quickstart import up
from concord.quickstart.problems import CannotStart
from concord.quickstart.supervisor import Program, Supervisor

EVERYWHERE = "0.0.0.0"  # noqa: S104


def options(*given: str) -> Namespace:
    parser = ArgumentParser()
    up.add_arguments(parser)
    return parser.parse_args(given)


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    lines: list[str] = []
    monkeypatch.setattr(up, "say", lines.append)
    return lines


def test_it_listens_on_this_machine_only_unless_it_is_told_otherwise() -> None:
    plain = options()
    assert (plain.host, plain.port, plain.no_worker, plain.demo, plain.show_logs) == (
        "127.0.0.1", 8000, False, False, False,
    )  # fmt: skip
    told = options("--host", EVERYWHERE, "--port", "9", "--no-worker", "--demo", "--show-logs")
    assert (told.host, told.port, told.no_worker, told.demo, told.show_logs) == (
        EVERYWHERE,
        9,
        True,
        True,
        True,
    )


@pytest.mark.parametrize(
    ("host", "shown"),
    [("127.0.0.1", "localhost"), (EVERYWHERE, "localhost"), ("::", "localhost"), ("10.1.2.3", "10.1.2.3")],
)
def test_the_welcome_names_an_address_that_a_browser_takes(said: list[str], host: str, shown: str) -> None:
    up._welcome(options("--host", host, "--port", "8123"), None)
    assert said[0] == f"Concord is at http://{shown}:8123/"
    assert said[1:] == ["  Forgotten the password? manage.py changepassword <e-mail>", "  Ctrl-C stops it."]


def test_the_first_welcome_shows_the_password_once_and_that_no_worker_runs(said: list[str]) -> None:
    up._welcome(options("--no-worker"), {"email": "a@example.com", "password": "s3cret"})
    assert said[1:] == [
        "  Sign in as  a@example.com",
        "  Password    s3cret   (shown only now)",
        "  No worker runs: imports, runs and scorecards wait until one does.",
        "  Ctrl-C stops it.",
    ]


class Answering(BaseHTTPRequestHandler):
    status = 200
    asked: tuple[str, str] = ("", "")

    def do_GET(self) -> None:
        type(self).asked = (self.path, self.headers["Host"])
        self.send_response(self.status)
        self.end_headers()

    def log_message(self, *_: Any) -> None: ...


@pytest.fixture
def pages() -> Any:
    server = HTTPServer(("127.0.0.1", 0), Answering)
    thread = threading.Thread(target=server.serve_forever, args=[0.01])
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("status", [200, 404, 499])
def test_pages_that_answer_are_there(pages: Any, monkeypatch: pytest.MonkeyPatch, status: int) -> None:
    monkeypatch.setattr(Answering, "status", status)
    monkeypatch.setattr(
        up, "settings", SimpleNamespace(ALLOWED_HOSTS=[".example.com", "*", "mine.example.com"])
    )
    web = SimpleNamespace(process=SimpleNamespace(poll=lambda: None), log=None)
    up._await_pages(Supervisor(print), web, options("--port", str(pages.server_port)))  # type: ignore[arg-type]
    assert Answering.asked == ("/healthz", "mine.example.com")


def test_pages_that_answer_with_an_error_are_a_sentence(pages: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Answering, "status", 500)
    web = SimpleNamespace(process=SimpleNamespace(poll=lambda: None), log=Path("/var/web.log"))
    with pytest.raises(CannotStart, match=r"answers with an error; see /var/web\.log\."):
        up._await_pages(Supervisor(print), web, options("--port", str(pages.server_port)))  # type: ignore[arg-type]


@pytest.mark.parametrize("process", [None, SimpleNamespace(poll=lambda: 1)])
def test_a_web_server_that_has_died_is_a_sentence(monkeypatch: pytest.MonkeyPatch, process: Any) -> None:
    monkeypatch.setattr(up, "_status", lambda host, port: None)
    web = SimpleNamespace(process=process, log=None)
    with pytest.raises(CannotStart, match="did not start; see above"):
        up._await_pages(Supervisor(print), web, options())  # type: ignore[arg-type]


def test_pages_that_never_answer_are_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(up, "_status", lambda host, port: None)
    web = SimpleNamespace(process=SimpleNamespace(poll=lambda: None), log=None)
    with pytest.raises(CannotStart, match="did not start"):
        up._await_pages(Supervisor(print), web, options(), patience=0.06)  # type: ignore[arg-type]


def test_ctrl_c_while_waiting_for_pages_ends_the_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(up, "_status", lambda host, port: None)
    boss = Supervisor(print)
    boss.stopping.set()
    with pytest.raises(KeyboardInterrupt):
        up._await_pages(boss, SimpleNamespace(process=None, log=None), options())  # type: ignore[arg-type]


def test_nobody_listening_is_no_status_and_nothing_else_is_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        http.client.HTTPConnection, "request", lambda *_, **__: (_ for _ in ()).throw(OSError())
    )
    assert up._status("127.0.0.1", 1) is None


def test_the_first_signal_interrupts_and_the_second_is_patient() -> None:
    boss = Supervisor(print)
    with pytest.raises(KeyboardInterrupt):
        up._interrupt(boss)
    assert boss.stopping.is_set()
    up._interrupt(boss)


class Child:
    """Stands for `manage.py prepare`."""

    def __init__(self, out: str, problems: str = "", code: int = 0) -> None:
        self.out, self.problems, self.returncode = out, problems, code

    def communicate(self) -> tuple[str, str]:
        return self.out, self.problems


@pytest.mark.parametrize(
    ("out", "account"),
    [("null\n", None), ('noise\n{"email": "a@b.c", "password": "p"}\n', {"email": "a@b.c", "password": "p"})],
)
def test_the_account_is_the_last_line_of_what_prepare_prints(
    monkeypatch: pytest.MonkeyPatch, out: str, account: Any
) -> None:
    monkeypatch.setattr(up.subprocess, "Popen", lambda *_, **__: Child(out))
    assert up._prepare() == account
    assert json.loads(out.splitlines()[-1]) == account


@pytest.mark.parametrize(
    ("code", "problems", "sentence"),
    [
        (2, "The folder is full.\n", "The folder is full."),
        (1, "Traceback\nKeyError: x\n", "The installation could not be prepared:\nTraceback\nKeyError: x"),
        (1, " \n", "The installation could not be prepared:\nno reason given"),
    ],
)
def test_a_preparation_that_fails_says_why(
    monkeypatch: pytest.MonkeyPatch, code: int, problems: str, sentence: str
) -> None:
    monkeypatch.setattr(up.subprocess, "Popen", lambda *_, **__: Child("", problems, code))
    with pytest.raises(CannotStart) as refused:
        up._prepare()
    assert str(refused.value) == sentence


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """`up` with nothing behind it: what would be started is noted."""
    noted = SimpleNamespace(order=[], prepared=True, demo=0)
    monkeypatch.setattr(
        up, "settings", SimpleNamespace(VAR=tmp_path, DATABASES={"default": {"NAME": "concord"}})
    )
    programs = [Program(name, [], {}, tmp_path) for name in ("web", "worker")]
    monkeypatch.setattr(Program, "start", lambda self: noted.order.append(self.name))
    monkeypatch.setattr(up.stack, "check_port", lambda host, port: None)
    monkeypatch.setattr(up.stack, "programs", lambda **_: programs)
    monkeypatch.setattr(up.stack, "demo", lambda: Program("demonstration", [], {}, tmp_path))
    monkeypatch.setattr(up.services, "uses_embedded_database", lambda: False)
    monkeypatch.setattr(up.services, "uses_embedded_broker", lambda: False)
    monkeypatch.setattr(up.release, "is_prepared", lambda: noted.prepared)
    monkeypatch.setattr(up, "_prepare", lambda: noted.order.append("prepare"))
    monkeypatch.setattr(up, "_await_pages", lambda *_: noted.order.append("pages answer"))
    monkeypatch.setattr(
        Supervisor, "watch", lambda self, interval=0.3: (_ for _ in ()).throw(KeyboardInterrupt)
    )
    kept = {sign: signal.getsignal(sign) for sign in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)}
    yield noted
    for sign, handler in kept.items():
        signal.signal(sign, handler)


def test_pages_answer_before_workers_are_started(runs: Any, said: list[str]) -> None:
    assert up.run(options()) == 0
    assert runs.order == ["web", "pages answer", "worker"]
    assert said[-2] == "Stopping ..."
    assert said[-1].startswith("Stopped. Everything is kept in /")


def test_a_new_release_is_prepared_first_and_a_demonstration_comes_last(runs: Any, said: list[str]) -> None:
    runs.prepared = False
    assert up.run(options("--demo")) == 0
    assert runs.order == ["prepare", "web", "pages answer", "worker", "demonstration"]


@pytest.mark.parametrize("server", ["postgres", "redis"])
def test_a_server_that_somebody_else_runs_there_is_a_sentence(
    runs: Any, said: list[str], monkeypatch: pytest.MonkeyPatch, server: str
) -> None:
    which = {"postgres": "uses_embedded_database", "redis": "uses_embedded_broker"}[server]
    monkeypatch.setattr(up.services, which, lambda: True)
    monkeypatch.setattr(up.services, server, lambda: SimpleNamespace(is_running=lambda: True))
    up.settings.REDIS_SOCKET = "/s"
    errors = io.StringIO()
    monkeypatch.setattr(up.sys, "stderr", errors)
    assert up.run(options()) == 2
    assert ("Another command is using the database" in errors.getvalue()) == (server == "postgres")
    assert ("Another Redis answers on /s" in errors.getvalue()) == (server == "redis")
    assert runs.order == []


def test_a_second_start_on_the_same_folder_is_a_sentence(
    runs: Any, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    errors = io.StringIO()
    monkeypatch.setattr(up.sys, "stderr", errors)
    with up.services.only_one(up.settings.VAR / "up.lock", ""):
        assert up.run(options()) == 2
    assert errors.getvalue().startswith(f"Concord already runs on {up.settings.VAR} (process ")
    assert runs.order == []
