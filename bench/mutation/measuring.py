"""Which fast tests of a room execute which of its lines: measured once, and again only where a file has changed."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.mutation import forked

ROOMS = (
    "platform/concord/stats",
    "platform/concord/estimates",
    "platform/concord/scorecards/report",
    "platform/concord/catalog/importing",
)
WITH_DJANGO = (
    "platform/concord/catalog/importing",
)  # the others may not import it (a contract); what tests of theirs need it is not counted
TOGETHER = 10  # files of tests measured in one process, so that not each pays for the imports


@dataclass(frozen=True)
class Lines:
    """Seconds of CPU of each fast test of a room; per module and line the tests that execute it."""

    seconds: dict[str, float]
    executed: dict[str, dict[int, set[str]]]
    left_out: dict[str, str]

    def tests(self, path: str, lines: tuple[int, int], everywhere: bool) -> set[str]:
        """Return the tests that execute some of these lines, or anything of the module; then also those that only read code."""
        first, last = lines
        module = self.executed.get(path, {})
        chosen = [tests for line, tests in module.items() if everywhere or first <= line <= last]
        if everywhere:
            chosen.append(self.onlookers())
        return {test for tests in chosen for test in tests if test in self.seconds}

    def onlookers(self) -> set[str]:
        """Return the tests that execute nothing of the room: they read its signatures, pages or docstrings."""
        busy = {test for module in self.executed.values() for tests in module.values() for test in tests}
        return set(self.seconds) - busy


def mirror_of(room: str) -> str:
    """Return the folder of a room's tests: tests mirror the tree."""
    return "tests/" + room.removeprefix("platform/")


def digest(path: Path) -> str:
    """Return what changes with a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


def helpers(tests: Path) -> str:
    """Return what changes with anything that tests share."""
    shared = [path for path in sorted(tests.rglob("*.py")) if not path.name.startswith("test_")]
    return hashlib.sha256("".join(digest(path) for path in shared).encode()).hexdigest()[:16]


def whole(part: str) -> str:
    """Return the room that a part of it is in; a room is its own."""
    return next((room for room in ROOMS if f"{part}/".startswith(f"{room}/")), part)


def lines_of(part: str, tree: Path, folder: Path, work: Path, fast: float) -> Lines:
    """Return the lines of a room, of unchanged files as ``folder`` has them.

    Of a part of a room: those that tests of this part execute, and tests of all parts. They serve the whole room later.
    """
    room = whole(part)
    kept = folder / f"{room.replace('/', '.')}.json"
    known = json.loads(kept.read_text()) if kept.exists() else {}
    shared = helpers(tree / mirror_of(room))
    about_all = (tree / mirror_of(room)).glob("test_*.py")
    paths = sorted({*(tree / mirror_of(part)).rglob("test_*.py"), *about_all})
    keys = {str(path.relative_to(tree)): f"{digest(path)} {shared} {fast}" for path in paths}
    current = {
        name: known[name]
        for name, key in keys.items()
        if name in known and known[name]["key"] == key and _same_sources(known[name], tree)
    }
    missing = [name for name in keys if name not in current]
    kept.parent.mkdir(parents=True, exist_ok=True)
    for first in range(0, len(missing), TOGETHER):
        names = missing[first : first + TOGETHER]
        print(f"  measuring {', '.join(Path(name).stem for name in names)}", flush=True)
        for name, found in _measured(room, names, tree, work, fast).items():
            current[name] = found | {"key": keys[name]}
        kept.write_text(json.dumps(known | current))
    return _joined(current)


def _same_sources(before: dict[str, Any], tree: Path) -> bool:
    return all(
        (tree / path).exists() and digest(tree / path) == was for path, was in before["sources"].items()
    )


def _measured(room: str, names: list[str], tree: Path, work: Path, fast: float) -> dict[str, dict[str, Any]]:
    answer, plain = work / "measured.json", room not in WITH_DJANGO
    pid = forked.start(
        tree, answer, lambda: forked.measure(tree / room, names, plain, fast), cpu=2400, wall=7200
    )
    os.waitpid(pid, 0)
    forked.finish(pid)
    found = json.loads(answer.read_text()) if answer.exists() else {"code": 3}
    if found["code"] > 1:
        raise SystemExit(f"before anything was changed pytest's exit code is {found['code']}: {names}")
    return {name: _of_file(name, found, tree) for name in names}


def _of_file(name: str, found: dict[str, Any], tree: Path) -> dict[str, Any]:
    """Return what was measured of one file of tests."""
    seconds = {test: spent for test, spent in found["seconds"].items() if test.startswith(f"{name}::")}
    left_out = {test: why for test, why in found["left_out"].items() if test.startswith(f"{name}::")}
    place = {test: number for number, test in enumerate(seconds)}
    every = list(found["seconds"])
    lines = {}
    for path, per_line in found["lines"].items():
        own = {
            line: [place[every[one]] for one in tests if every[one] in place]
            for line, tests in per_line.items()
        }
        if any(own.values()):
            lines[path] = {line: tests for line, tests in own.items() if tests}
    sources = {path: digest(tree / path) for path in lines}
    return {"seconds": seconds, "left_out": left_out, "lines": lines, "sources": sources}


def _joined(files: dict[str, dict[str, Any]]) -> Lines:
    seconds: dict[str, float] = {}
    left_out: dict[str, str] = {}
    executed: dict[str, dict[int, set[str]]] = {}
    for found in files.values():
        seconds |= found["seconds"]
        left_out |= found["left_out"]
        for path, line, tests in _executed(found):
            executed.setdefault(path, {}).setdefault(line, set()).update(tests)
    return Lines(seconds, executed, left_out)


def _executed(found: dict[str, Any]) -> Iterator[tuple[str, int, list[str]]]:
    names = list(found["seconds"])
    for path, lines in found["lines"].items():
        for line, tests in lines.items():
            yield path, int(line), [names[number] for number in tests]
