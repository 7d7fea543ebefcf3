"""How many wrong operators the fast tests find: random mutants of what makes figures and reads files.

    python bench/mutants.py                       # 300 mutants of stats, estimates, report and importing, drawn at random
    python bench/mutants.py --seed 2 --count 100 --rooms estimates report
    python bench/mutants.py --rooms stats/tails   # a part of a room, with the tests that mirror this part
    python bench/mutants.py --json out.json       # ... and what became of each
    python bench/mutants.py --again out.json      # only those that survived then: after new tests
    python bench/mutants.py --within stats/tails --json a.json     # of the same 300 only those in this folder, with its tests ...
    python bench/mutants.py --known a.json --json out.json         # ... and then the others
    make mutants

A mutant is one module with one operator changed (bench/mutation/points.py lists which and how), drawn uniformly from all places
where one can be changed, in a copy of the tree, never in the tree itself. It is killed when a fast test of its room fails or no
longer ends. The tests of a room are those that mirror it (platform/concord/x/y: tests/concord/x/y); fast are those without the
mark `slow` that take at most --fast seconds of CPU; nothing else may kill it: neither pages nor a scorecard's end-to-end tests
nor the simulations. So that this takes an hour and not a day, all tests are run once under coverage.py (kept in var/mutants,
measured again where a file has changed), and a mutant meets only the tests that execute its statement, the most special files
first; one that stands outside of all functions meets every test that executes anything of its module. A mutant whose statement
no fast test executes has survived.

Prints each survivor with its place and change, and per room how many were killed, with a 95 % interval (Wilson). Among survivors
are mutants that change nothing anybody could see (equivalent ones): they are counted as survivors here.
"""

from __future__ import annotations

import argparse
import ast
import json
import math
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT)]
os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONHASHSEED": "0"}

from bench.mutation import forked  # noqa: E402
from bench.mutation.measuring import ROOMS, WITH_DJANGO, Lines, lines_of, whole  # noqa: E402
from bench.mutation.points import Mutant, mutant, points  # noqa: E402

# Files per process: few at first, since most mutants are killed by the tests that are about them.
BATCHES = (3, 8, 20, 1000)


@dataclass
class Trial:
    """What became of a mutant."""

    mutant: Mutant
    room: str
    state: str = ""  # killed, timed out, survived
    killer: str = ""
    why: str = ""
    batches: list[list[str]] = field(default_factory=list)  # names of tests, still to be met

    def row(self) -> dict[str, Any]:
        """Return it as JSON."""
        one = self.mutant
        shown = {
            "path": one.path,
            "line": one.line,
            "operator": one.operator,
            "before": one.before,
            "after": one.after,
        }
        return {
            "name": one.name,
            "room": self.room,
            **shown,
            "state": self.state,
            "killer": self.killer,
            "why": self.why,
        }


def wilson(hits: int, n: int) -> tuple[float, float]:
    """Return Wilson's 95 % interval of a share."""
    if not n:
        return math.nan, math.nan
    z, share = 1.959964, hits / n
    centre, half = share + z * z / (2 * n), z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return (centre - half) / (1 + z * z / n), (centre + half) / (1 + z * z / n)


def drawn(rooms: Sequence[str], count: int, seed: int) -> list[Trial]:
    """Return ``count`` mutants, drawn without replacement from all points of the rooms, each with one of its changes."""
    everywhere = []
    for room in rooms:
        for path in sorted((ROOT / room).rglob("*.py")):
            tree = ast.parse(path.read_text())
            everywhere += [(room, str(path.relative_to(ROOT)), tree, point) for point in points(tree)]
    rng = random.Random(seed)
    chosen = rng.sample(everywhere, min(count, len(everywhere)))
    print(f"{len(chosen)} of {len(everywhere):,} places where an operator can be changed", flush=True)
    return [
        Trial(mutant(path, tree, point, rng.randrange(len(point.changes))), room)
        for room, path, tree, point in chosen
    ]


def batches(tests: set[str], seconds: dict[str, float], all_tests: dict[str, int]) -> list[list[str]]:
    """Return tests in the order in which they are run: files of which most tests execute the statement come first."""
    files: dict[str, list[str]] = {}
    for test in tests:
        files.setdefault(test.split("::")[0], []).append(test)
    order = sorted(files, key=lambda file: (-len(files[file]) / all_tests[file], file))
    found = []
    for size in BATCHES:
        some, order = order[:size], order[size:]
        if some:
            found.append(
                sorted((one for file in some for one in files[file]), key=lambda one: (seconds[one], one))
            )
    return found


def copied(work: Path, number: int) -> Path:
    """Return a copy of the tree, with a link to the real data beside it."""
    tree = work / f"copy{number}" / "tree"
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    for name in listed.stdout.decode().split("\0"):
        if name and (ROOT / name).is_file():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, tree / name)
    shared = ROOT.parent / "shared"
    os.environ.setdefault("CONCORD_SHARED_DATA", str(shared / "data"))
    if shared.exists():
        (tree.parent / "shared").symlink_to(shared.resolve())
    return tree


@dataclass
class Bench:
    """Runs mutants, as many at once as there are copies of the tree."""

    copies: list[Path]
    timeout: float
    seconds: dict[str, float]
    after_each: Callable[[], None] = lambda: None

    def run(self, trials: list[Trial]) -> None:
        """Fill in what became of each."""
        waiting, free = [one for one in trials if not one.state], list(self.copies)
        running: dict[int, tuple[Trial, Path]] = {}
        done, total = len(trials) - len(waiting), len(trials)
        waiting.reverse()
        while waiting or running:
            while waiting and free:
                trial, tree = waiting.pop(), free.pop()
                running[self._start(trial, tree)] = trial, tree
            pid, status = _ended(list(running))
            forked.finish(pid)
            trial, tree = running.pop(pid)
            self._judge(trial, tree, status)
            free.append(tree)
            if not trial.state:
                waiting.append(trial)
                continue
            done += 1
            self.after_each()
            print(
                f"  {done}/{total} {trial.state:9} {trial.mutant.path}:{trial.mutant.line} {trial.killer}",
                flush=True,
            )

    def _start(self, trial: Trial, tree: Path) -> int:
        wanted = trial.batches.pop(0)
        files = sorted({one.split("::")[0] for one in wanted})
        module = tree / trial.mutant.path
        module.rename(module.with_suffix(".original"))
        module.write_text(trial.mutant.source)
        os.utime(module, (1, 1))  # no kept .pyc is of that age, so none is taken for this text
        cpu = self.timeout + 4 * sum(self.seconds[one] for one in wanted)
        work = partial(forked.run_tests, files, wanted, whole(trial.room) not in WITH_DJANGO)
        # On a shared machine a second of CPU may take ten.
        return forked.start(tree, tree.parent / "answer.json", work, cpu, 15 * cpu)

    def _judge(self, trial: Trial, tree: Path, status: int) -> None:
        module, answer = tree / trial.mutant.path, tree.parent / "answer.json"
        module.with_suffix(".original").rename(module)
        if os.WIFSIGNALED(status):
            trial.state, trial.killer = "timed out", f"signal {os.WTERMSIG(status)}"
            return
        # The same tests have passed the control: where pytest itself breaks, Django or a conftest cannot import the mutant.
        broken: dict[str, Any] = {"code": 3, "killer": "pytest does not start", "why": ""}
        found = json.loads(answer.read_text()) if answer.exists() else broken
        if found["code"] == 0 and found["ran"]:
            trial.state = "" if trial.batches else "survived"
        elif found["code"] in (1, 2, 3, 4):
            trial.state, trial.killer, trial.why = "killed", found["killer"] or broken["killer"], found["why"]
        else:
            raise SystemExit(f"{found} of the tests that meet {trial.mutant.name}")


def _ended(pids: list[int]) -> tuple[int, int]:
    """Wait for one of these processes, and for no other child."""
    while True:
        for pid in pids:
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                return ended, status
        time.sleep(0.02)


def control(bench: Bench, lines: dict[str, Lines]) -> None:
    """Leave when tests fail that meet no mutant: in this order, in a copy, in a forked process."""
    for room, known in lines.items():
        tests = sorted(known.seconds)
        some = tests[:: max(1, len(tests) // 60)]
        path = next(iter(sorted((ROOT / room).rglob("*.py"))))
        same = Mutant(str(path.relative_to(ROOT)), 1, "none", (1, 1), True, "", "", path.read_text())
        trial = Trial(same, room, batches=[sorted(some, key=lambda one: known.seconds[one])])
        bench.run([trial])
        if trial.state != "survived":
            raise SystemExit(f"the tests of {room} fail without a mutant: {trial.killer} {trial.why}")


def shown(one: Trial) -> Iterator[str]:
    """Yield the lines that tell of a survivor."""
    tested = "" if one.killer != "no test" else ", executed by no fast test"
    yield f"{one.mutant.path}:{one.mutant.line}: {one.mutant.operator}{tested}"
    yield f"    - {one.mutant.before[:200]}"
    yield f"    + {one.mutant.after[:200]}"


def summary(trials: list[Trial]) -> Iterator[str]:
    """Yield a line per room, and one for all."""
    rooms = sorted({one.room for one in trials})
    groups = {room: [one for one in trials if one.room == room] for room in rooms}
    for name, group in [*groups.items(), ("all", trials)]:
        if group:
            killed = sum(one.state != "survived" for one in group)
            late = sum(one.state == "timed out" for one in group)
            low, high = wilson(killed, len(group))
            name = name.removeprefix("platform/concord/")
            yield (
                f"{name:20} {killed:4} of {len(group):4} killed ({late} timed out): "
                f"{killed / len(group):.3f} [{low:.3f}, {high:.3f}]"
            )


def chosen_rooms(names: Sequence[str]) -> list[str]:
    """Return the folders of rooms, named by the end of their path or, a part of one, by its path in platform/concord."""
    return [
        next((room for room in ROOMS if room.endswith(f"/{name}")), f"platform/concord/{name}")
        for name in names
    ]


def inside(trials: list[Trial], folders: Sequence[str]) -> Iterator[Trial]:
    """Yield the mutants in these folders, to meet the tests of their folder."""
    for trial in trials:
        for folder in folders:
            if trial.mutant.path.startswith(f"{folder}/"):
                trial.room = folder
                yield trial


def remember(trials: list[Trial], files: Sequence[Path]) -> None:
    """Fill in what became of mutants in earlier runs of the same draw."""
    found = [row for file in files for row in json.loads(file.read_text()) if row["state"]]
    rows = {(row["name"], row["line"]): row for row in found}
    for trial in trials:
        if row := rows.get((trial.mutant.name, trial.mutant.line)):
            trial.state, trial.killer, trial.why = row["state"], row["killer"], row["why"]


def write(file: Path | None, trials: list[Trial]) -> None:
    """Write what is known by now: a run that is cut off has not been for nothing."""
    if file:
        file.write_text(json.dumps([one.row() for one in trials], indent=1))


def read(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Return the command line's options."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--rooms", nargs="+", default=["stats", "estimates", "report", "importing"])
    parser.add_argument(
        "--timeout", type=float, default=20.0, help="CPU seconds beyond four times what its tests take"
    )
    parser.add_argument("--fast", type=float, default=1.5, help="CPU seconds that a fast test may take")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--json", type=Path, help="write what became of each mutant to this file")
    parser.add_argument("--again", type=Path, help="only those that survived in this file, of the same draw")
    parser.add_argument(
        "--within",
        nargs="+",
        help="of the draw only those in these folders, with the tests that mirror these",
    )
    parser.add_argument(
        "--known", nargs="+", type=Path, default=[], help="what became of others of the same draw"
    )
    return parser.parse_args(arguments)


def main() -> None:
    """Draw mutants, run them, tell."""
    options = read()
    rooms = chosen_rooms(options.rooms)
    every = trials = drawn(rooms, options.count, options.seed)
    if options.again:
        survivors = {
            one["name"] for one in json.loads(options.again.read_text()) if one["state"] == "survived"
        }
        every = trials = [one for one in trials if one.mutant.name in survivors]
    if options.within:
        rooms = chosen_rooms(options.within)
        every = trials = list(inside(trials, rooms))
    remember(trials, options.known)
    trials = [one for one in trials if not one.state]
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="concord-mutants-") as folder:
        work = Path(folder)
        os.environ["TMPDIR"] = tempfile.tempdir = folder
        forked.warm_up()
        copies = [copied(work, number) for number in range(options.jobs)]
        kept = ROOT / "var" / "mutants"
        lines = {
            room: lines_of(room, copies[0], kept, work, options.fast)
            for room in rooms
            if any(one.room == room for one in trials)
        }
        for room, known in lines.items():
            print(
                f"{room}: {len(known.seconds)} fast tests, {sum(known.seconds.values()):.0f} s of CPU",
                flush=True,
            )
        seconds = {test: spent for known in lines.values() for test, spent in known.seconds.items()}
        in_file: dict[str, int] = {}
        for test in seconds:
            in_file[test.split("::")[0]] = in_file.get(test.split("::")[0], 0) + 1
        bench = Bench(copies, options.timeout, seconds)
        control(bench, lines)
        bench.after_each = partial(write, options.json, every)
        for trial in trials:
            one = trial.mutant
            tests = lines[trial.room].tests(one.path, one.lines, one.at_import)
            trial.batches = batches(tests, seconds, in_file)
            if not tests:
                trial.state, trial.killer = "survived", "no test"
        bench.run(trials)
    for trial in every:
        if trial.state == "survived":
            print("\n".join(shown(trial)))
    print("\n".join(summary(every)))
    print(f"{time.monotonic() - begun:.0f} s, seed {options.seed}")
    write(options.json, every)


if __name__ == "__main__":
    main()
