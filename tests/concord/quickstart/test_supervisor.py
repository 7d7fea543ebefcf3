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
