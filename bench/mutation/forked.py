"""Some tests in a process of its own, forked from one that has NumPy, SciPy and pytest in memory, but nothing of Concord."""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import resource
import signal
import sys
import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

LARGE = (
    "scipy.stats",
    "scipy.optimize",
    "scipy.sparse.linalg",
    "statsmodels.api",
    "pandas",
    "hypothesis",
    "pytest",
    "pyarrow",
)

MEMORY = 6 << 30  # bytes of addresses: a mutant may ask for a matrix of all by all


def warm_up() -> None:
    """Import what is large and no part of Concord; what is not installed is passed over."""
    for name in LARGE:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)


def start(tree: Path, answer: Path, work: Callable[[], Any], cpu: float, wall: float) -> int:
    """Return the process that does ``work`` in ``tree`` and writes what it returns as JSON to ``answer``.

    It is ended by a signal after ``cpu`` seconds of its own or ``wall`` seconds on the clock; then there is no answer.
    """
    answer.unlink(missing_ok=True)
    if pid := os.fork():
        return pid
    status = 1
    try:
        os.setsid()
        resource.setrlimit(resource.RLIMIT_CPU, (int(cpu) + 1, int(cpu) + 5))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        signal.alarm(int(wall) + 1)
        nowhere = os.open(
            os.environ.get("MUTANTS_LOG", os.devnull), os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600
        )
        for stream in (0, 1, 2):
            os.dup2(nowhere, stream)
        os.chdir(tree)
        sys.path[:0] = [str(tree / "platform"), str(tree)]
        answer.with_suffix(".part").write_text(json.dumps(work()))
        answer.with_suffix(".part").rename(answer)
        status = 0
    finally:
        os._exit(status)


def finish(pid: int) -> None:
    """End whatever a finished process has started itself."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


@dataclass(eq=False)  # pytest keeps plugins in sets
class Chosen:
    """A pytest plugin: only the ``wanted`` tests, in that order, and which of them failed first."""

    wanted: Sequence[str]
    killer: str = ""
    why: str = ""
    ran: int = 0

    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        """Keep what is wanted."""
        place = {name: number for number, name in enumerate(self.wanted)}
        items[:] = sorted((one for one in items if one.nodeid in place), key=lambda one: place[one.nodeid])

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Note the first failure."""
        self.ran += report.when == "call"
        if report.failed:
            self._note(report)

    def pytest_collectreport(self, report: Any) -> None:
        """Note what cannot be imported any more."""
        if report.failed:
            self._note(report)

    def _note(self, report: Any) -> None:
        if not self.killer:
            crash = getattr(report.longrepr, "reprcrash", None)
            self.killer, self.why = report.nodeid, (crash.message if crash else str(report.longrepr))[:300]


def calm() -> None:
    """Draw the same examples each time, and keep none."""
    import hypothesis

    hypothesis.settings.register_profile("mutants", derandomize=True, database=None, deadline=None)
    hypothesis.settings.load_profile("mutants")


def options(plain: bool) -> list[str]:
    """Return pytest's options; to set Django up takes longer than most tests."""
    return ["-q", "-p", "no:cacheprovider", *(["-p", "no:django"] if plain else [])]


def run_tests(files: Sequence[str], wanted: Sequence[str], plain: bool) -> dict[str, Any]:
    """Run tests, ``plain`` ones without Django, until one fails; return pytest's exit code, which one failed and how."""
    # What the mutant was compiled to must not outlive it.
    sys.dont_write_bytecode = True
    calm()
    chosen = Chosen(wanted)
    code = pytest.main(["-x", *options(plain), *files], plugins=[chosen])
    return {"code": int(code), "killer": chosen.killer, "why": chosen.why, "ran": chosen.ran}


class TooSlowError(BaseException):
    """A test took longer than a fast one may; no Exception, lest a test catch it."""


@dataclass(eq=False)
class Measured:
    """A pytest plugin: seconds of CPU per test, lines that each executes; a test over ``fast`` seconds is stopped."""

    cover: Any
    fast: float

    def __post_init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.left_out: dict[str, str] = {}

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """From here on lines belong to this test."""
        self.cover.switch_context(nodeid)
        self.begun = time.process_time()

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        """Lines after it belong to none."""
        self.cover.switch_context("")
        if nodeid not in self.left_out:
            self.seconds[nodeid] = round(time.process_time() - self.begun, 4)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self) -> Generator[None, Any, Any]:
        """Let a clock of CPU seconds run; a second alarm follows should the first be swallowed in a callback."""

        def too_slow(*_: object) -> None:
            raise TooSlowError

        signal.signal(signal.SIGPROF, too_slow)
        signal.setitimer(signal.ITIMER_PROF, self.fast, self.fast)
        try:
            return (yield)
        except TooSlowError:
            # Said without a traceback: an alarm between two lines has no line number, on which pytest breaks.
            pytest.fail("TooSlowError", pytrace=False)
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Leave out what failed, was skipped or was slow."""
        if not report.passed:
            slow = "TooSlowError" in str(report.longrepr)
            self.left_out[report.nodeid] = "slow" if slow else report.outcome
            self.seconds.pop(report.nodeid, None)


def measure(room: Path, files: Sequence[str], plain: bool, fast: float) -> dict[str, Any]:
    """Run files of tests; return seconds of each fast test, and per module and line which of them execute it."""
    import coverage

    calm()
    cover = coverage.Coverage(data_file=None, config_file=False, include=[f"{room}/*"])
    plugin = Measured(cover, fast)
    cover.start()
    code = pytest.main([*options(plain), *files], plugins=[plugin])
    cover.stop()
    data = cover.get_data()
    names = list(plugin.seconds)
    place = {name: number for number, name in enumerate(names)}
    lines = {}
    for path in data.measured_files():
        per_line = {
            line: sorted(place[one] for one in contexts if one in place)
            for line, contexts in data.contexts_by_lineno(path).items()
        }
        lines[str(Path(path).relative_to(Path.cwd()))] = {
            line: tests for line, tests in per_line.items() if tests
        }
    return {"code": int(code), "seconds": plugin.seconds, "left_out": plugin.left_out, "lines": lines}
