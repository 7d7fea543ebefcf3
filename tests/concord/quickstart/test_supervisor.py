"""Children are restarted when they die, stopped in order, and do not outlive their parent."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from concord.quickstart import supervisor as module
from concord.quickstart.problems import CannotStart
from concord.quickstart.supervisor import Program, Supervisor

SLEEPS = [sys.executable, "-c", "import time; time.sleep(60)"]


def _program(
    tmp_path: Path, *, command: list[str] = SLEEPS, name: str = "worker", patience: float = 5
) -> Program:
    return Program(name, command, {}, tmp_path, tmp_path / "log", patience=patience)


def _until(condition: object, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def _alive(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False


def test_killed_child_is_started_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FIRST_PAUSE", 0.05)
    said: list[str] = []
    boss, child = Supervisor(said.append), _program(tmp_path)
    boss.add(child)
    assert child.process is not None
    first = child.process.pid
    child.process.kill()
    threading.Thread(target=lambda: (_until(lambda: child.process.pid != first), boss.stopping.set())).start()  # type: ignore[union-attr,func-returns-value]
    boss.watch(interval=0.02)
    assert child.process.pid != first
    assert _alive(child.process.pid)
    boss.stop()
    assert not _alive(child.process.pid)
    assert said == ["The worker ended unexpectedly (-9); starting it again in 0 s."]


def test_child_that_keeps_dying_is_started_less_and_less_often(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FIRST_PAUSE", 0.1)
    said: list[str] = []
    boss = Supervisor(said.append)
    boss.add(_program(tmp_path, command=["/bin/false"]))
    threading.Timer(1.2, boss.stopping.set).start()
    boss.watch(interval=0.02)
    boss.stop()
    assert 2 <= len(said) <= 5, "pauses of 0.1, 0.2, 0.4, 0.8 s leave room for no more"


def test_child_that_ignores_sigterm_is_ended_all_the_same(tmp_path: Path) -> None:
    deaf = "import signal, time; [signal.signal(s, signal.SIG_IGN) for s in (15, 3)]; print(1, flush=True); time.sleep(60)"
    child = _program(tmp_path, command=[sys.executable, "-c", deaf], patience=0.2)
    child.start()
    _until(lambda: (tmp_path / "log").read_text())
    child.stop()
    assert child.process is not None
    assert child.process.returncode == -signal.SIGKILL


def test_child_dies_with_a_parent_that_was_killed(tmp_path: Path) -> None:
    parent = (
        "import sys, time; sys.path[:0] = sys.argv[1:]\n"
        "from pathlib import Path; from concord.quickstart.supervisor import Program\n"
        f"child = Program('c', {SLEEPS!r}, {{}}, Path('/'), None); child.start(); print(child.process.pid, flush=True)\n"
        "time.sleep(60)"
    )
    process = subprocess.Popen([sys.executable, "-c", parent, *sys.path], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    child = int(process.stdout.readline())
    assert _alive(child)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    _until(lambda: not _alive(child))


class Clocked:
    """A child and a clock that the test moves."""

    name = "worker"

    def __init__(self) -> None:
        self.now, self.starts, self.refuses = 1000.0, 0, False
        self.process = self  # type: ignore[assignment]
        self.returncode: int | None = None

    def start(self) -> None:
        if self.refuses:
            raise CannotStart("The data folder is gone.")
        self.starts += 1
        self.returncode = None

    def stop(self) -> None: ...

    def poll(self) -> int | None:
        return self.returncode


@pytest.fixture
def clocked(monkeypatch: pytest.MonkeyPatch) -> Clocked:
    child = Clocked()
    monkeypatch.setattr(module.time, "monotonic", lambda: child.now)
    return child


def _tended(boss: Supervisor, child: Clocked, seconds: float) -> None:
    child.now += seconds
    boss._tend(child)  # type: ignore[arg-type]


def test_pauses_double_up_to_half_a_minute(clocked: Clocked) -> None:
    said: list[str] = []
    boss = Supervisor(said.append)
    boss.add(clocked)  # type: ignore[arg-type]
    pauses = []
    for _ in range(7):
        clocked.returncode = 3
        _tended(boss, clocked, 0)
        began, starts = clocked.now, clocked.starts
        while clocked.starts == starts:
            _tended(boss, clocked, 0.5)
        pauses.append(clocked.now - began)
    assert pauses == [1, 2, 4, 8, 16, 30, 30]
    assert said[0] == "The worker ended unexpectedly (3); starting it again in 1 s."
    assert said[-1].endswith("in 30 s.")
    assert len(said) == 7


@pytest.mark.parametrize(("lived", "pause"), [(60.0, "2 s"), (60.5, "1 s")])
def test_a_child_that_lived_for_over_a_minute_is_healthy_again(
    clocked: Clocked, lived: float, pause: str
) -> None:
    said: list[str] = []
    boss = Supervisor(said.append)
    boss.add(clocked)  # type: ignore[arg-type]
    clocked.returncode = -9
    _tended(boss, clocked, 0)
    _tended(boss, clocked, 1)
    _tended(boss, clocked, lived)
    clocked.returncode = -9
    _tended(boss, clocked, 0)
    assert said[-1] == f"The worker ended unexpectedly (-9); starting it again in {pause}."


def test_a_start_that_is_refused_is_said_and_tried_again(clocked: Clocked) -> None:
    said: list[str] = []
    boss = Supervisor(said.append)
    boss.add(clocked)  # type: ignore[arg-type]
    clocked.returncode, clocked.refuses = 1, True
    for _ in range(3):
        _tended(boss, clocked, 1)
    assert said[1] == "The data folder is gone."
    assert said[2].endswith("starting it again in 2 s.")
    assert clocked.starts == 1
    clocked.refuses = False
    _tended(boss, clocked, 2)
    assert clocked.starts == 2


def test_programs_stop_before_the_servers_they_use_and_servers_in_reverse(tmp_path: Path) -> None:
    order: list[str] = []

    class Server:
        process = None

        def __init__(self, name: str) -> None:
            self.name = name

        def start(self) -> None: ...

        def stop(self) -> None:
            order.append(self.name)

    class Noted(Program):
        def start(self) -> None: ...

        def stop(self) -> None:
            order.append(self.name)

    boss = Supervisor(order.append)
    for name in ("database", "redis"):
        boss.add(Server(name))
    boss.add(Noted("web", [], {}, tmp_path))
    boss.add_once(Noted("demonstration", [], {}, tmp_path))
    boss.stop()
    assert sorted(order[:2]) == ["demonstration", "web"]
    assert order[2:] == ["redis", "database"]
    assert boss.stopping.is_set()


def test_what_runs_once_is_not_started_again(tmp_path: Path) -> None:
    boss = Supervisor(lambda sentence: pytest.fail(sentence))
    once = _program(tmp_path, command=["/bin/true"], name="demonstration")
    boss.add_once(once)
    assert once.process is not None
    once.process.wait()
    threading.Timer(0.1, boss.stopping.set).start()
    boss.watch(interval=0.02)
    assert once.process.returncode == 0


def test_a_program_gets_its_environment_its_folder_and_its_log(tmp_path: Path) -> None:
    script = "import os; print(os.environ['OURS'], os.getcwd(), 'PATH' in os.environ)"
    child = Program("c", [sys.executable, "-c", script], {"OURS": "yes"}, tmp_path, tmp_path / "log")
    (tmp_path / "log").write_text("before\n")
    child.start()
    assert child.process is not None
    child.process.wait()
    assert (tmp_path / "log").read_text() == f"before\nyes {tmp_path} True\n"
    child.stop()
    assert child.process.returncode == 0
