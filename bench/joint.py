"""Intervals from few labels of people and many verdicts of judges, beside glide-py and truescore in environments of their own.

    python bench/joint.py                  # 18 shapes of level and of difference, 1,000 studies each
    python bench/joint.py --rounds 4000    # less noise: .005 of a coverage is one standard deviation at 1,000
    python bench/joint.py --ours           # without the other packages
    python bench/joint.py --judges         # also judges who are nearly useless, nearly perfect, lenient, and scales from 1 to 5

Prints of each: how often the interval held the truth, how often it lay above and below it, its mean width over that of an
interval that would just do (twice c, where the same studies' estimates lie within c of the truth 95 times of 100), and how often
there was one. Writes bench/results/joint.json. A package that cannot be installed here is passed over, and the output says so.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import venv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "platform"), str(HERE.parent)]
PEERS = {"glide": "glide-py", "truescore": "truescore"}
ENVIRONMENT = HERE.parent / "var" / "bench-joint"
JUDGES = {"one": ("one",), "three": ("three",)}
MORE_JUDGES = ("useless", "nearly perfect", "lenient", "three alike")


@dataclass(frozen=True)
class Shape:
    """``n`` labels and ten times as many items without, of systems that are right in ``truth`` of all cases."""

    n: int
    truth: float
    judges: str
    what: str  # level, difference (of equal systems), smaller (of systems that differ by .1), scale (1 to 5)

    @property
    def target(self) -> float:
        """What the interval is to hold."""
        if self.what in ("level", "scale"):
            return self.truth if self.what == "level" else 1 + 4 * self.truth
        return 0.1 if self.what == "smaller" else 0.0


def shapes(more: bool) -> Iterator[Shape]:
    """Yield what is simulated."""
    judges = ("one", "three", *MORE_JUDGES) if more else ("one", "three")
    for what in ("level", "difference", *(("smaller", "scale") if more else ())):
        for kind in judges:
            for n in (30, 100, 300):
                for truth in (0.5, 0.9, 0.95):
                    yield Shape(n, truth, kind, what)


def summed(shape: Shape, found: Any) -> dict[str, Any]:
    """Return how the intervals (rounds, 3) of value, low and high did; nan where there was none."""
    import numpy as np

    value, low, high = found.T
    answered = np.isfinite(low) & np.isfinite(high)
    error = np.sort(np.abs(value[answered] - shape.target))
    width, inside = (high - low)[answered], slack(low, high, shape.target)[answered]
    enough = float(error[int(np.ceil(0.95 * len(error))) - 1]) if len(error) else float("nan")
    return {
        **vars(shape),
        "held": float(inside.mean()),
        "above": float((low[answered] > shape.target + 1e-12).mean()),
        "below": float((high[answered] < shape.target - 1e-12).mean()),
        "width": float(width.mean() / (2 * enough)) if enough > 0 else float("nan"),
        "answered": float(answered.mean()),
        "error": float(np.sqrt(np.square(value[answered] - shape.target).mean())),
    }


def slack(low: Any, high: Any, truth: float) -> Any:
    """Return which intervals hold the truth, rounding aside."""
    return (low <= truth + 1e-12) & (truth <= high + 1e-12)


def kept(row: dict[str, Any]) -> bool:
    """Whether a row keeps what is promised; discrete data may be held more often."""
    return bool(
        row["held"] >= 0.93 - noise(row)
        and max(row["above"], row["below"]) <= 0.04 + noise(row)
        and row["width"] <= 1.10
        and row["answered"] >= 0.99
    )


def noise(row: dict[str, Any]) -> float:
    """Return two standard deviations of a share that chance moves."""
    return float(2 * (0.05 * 0.95 / row["rounds"]) ** 0.5)


def show(package: str, row: dict[str, Any]) -> None:
    """Print one line."""
    shape = f"{row['what']:11}{row['judges']:15}{row['n']:4}{row['truth']:6.2f}"
    held = f"{row['held']:.3f} ({row['above']:.3f} above, {row['below']:.3f} below)"
    print(
        f"{shape}  {package:10}{held:38}{row['width']:7.2f}{row['answered']:9.3f}{'' if kept(row) else '   *'}"
    )


def peers() -> dict[str, str]:
    """Return the interpreter that has each package, made where it is not there yet."""
    found = {}
    for module, name in PEERS.items():
        home = ENVIRONMENT / module
        python = home / "bin" / "python"
        if not python.exists():
            venv.create(home, with_pip=True)
        if not _has(python, module):
            _install(python, name)
        if _has(python, module):
            found[module] = str(python)
        else:
            print(f"{name}: cannot be installed here, passed over")
    return found


def _has(python: Path, module: str) -> bool:
    return not subprocess.run([python, "-c", f"import {module}"], capture_output=True, check=False).returncode


def _install(python: Path, name: str) -> None:
    """Install a package as it wishes; where it asks for a newer Python, once more without asking, which may do."""
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    if subprocess.run([*pip, name], capture_output=True, check=False).returncode:
        subprocess.run([*pip, "numpy", "scipy"], capture_output=True, check=False)
        given = [*pip, "--no-deps", "--ignore-requires-python", name]
        if not subprocess.run(given, capture_output=True, check=False).returncode:
            print(f"{name}: installed although it asks for a newer Python than {platform.python_version()}")


def simulated(package: str, rounds: int, more: bool) -> list[dict[str, Any]]:
    """Return the rows of a package that this process can import."""
    from bench.joint_packages import packages, studies

    rows = []
    for shape in shapes(more):
        found = packages.intervals(package, shape, studies.of(shape, rounds))
        rows.append({**summed(shape, found), "rounds": rounds, "package": package})
    return rows


def elsewhere(python: str, package: str, given: argparse.Namespace) -> list[dict[str, Any]]:
    """Return the same from another interpreter."""
    command = [python, __file__, "--package", package, "--rounds", str(given.rounds)]
    command += ["--judges"] if given.judges else []
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env={**os.environ, "OMP_NUM_THREADS": "1"}
    )
    if done.returncode:
        print(f"{package}: passed over: {(done.stderr.strip().splitlines() or ['no output'])[-1]}")
        return []
    rows: list[dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
    return rows


def main() -> int:
    """Simulate with every package and write the results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--package", default="")
    parser.add_argument("--rounds", type=int, default=1000)
    parser.add_argument("--judges", action="store_true")
    parser.add_argument("--ours", action="store_true")
    given = parser.parse_args()
    if given.package:
        print(json.dumps(simulated(given.package, given.rounds, given.judges)))
        return 0
    others = {} if given.ours else peers()
    found = {"concord": elsewhere(sys.executable, "concord", given)}
    found |= {package: elsewhere(python, package, given) for package, python in others.items()}
    print(f"\n{'':38}{'package':10}{'held':38}{'width':>7}{'answered':>9}   *: promise not kept")
    for rows in zip(*(rows for rows in found.values() if rows), strict=True):
        for row in rows:
            show(row["package"], row)
    for package, rows in found.items():
        print(f"{package}: {sum(map(kept, rows))} of {len(rows)} rows keep what is promised")
    results = HERE / "results"
    results.mkdir(exist_ok=True)
    rows = [row for each in found.values() for row in each]
    (results / "joint.json").write_text(
        json.dumps({"machine": platform.platform(), "rows": rows}, indent=2) + "\n"
    )
    return 0 if found["concord"] else 1


if __name__ == "__main__":
    sys.exit(main())
