"""Time and peak memory of concord.stats beside the reference packages, each in a process of its own.

    python bench/stats.py            # the tasks that carry a limit, the references at sizes they can bear, all other estimators
    python bench/stats.py --scale    # also the same tasks at 1, 2, 5 and 10 million ratings: cost must grow linearly
    python bench/stats.py --everything 1000000    # the second table at a size of one's own; 0 leaves it out

Prints a table and writes bench/results/stats.json. Packages that are not installed are passed over.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "platform"), str(HERE.parent)]
LIMITS: dict[str, tuple[float, float | None]] = {  # seconds, MiB above imports and input
    "alpha nominal": (0.15, 200),
    "alpha ordinal": (0.15, 200),
    "alpha interval": (0.15, 200),
    "alpha ratio": (0.15, 200),
    "alpha continuous": (0.1, None),
    "dawid-skene": (1.0, None),
    "dawid-skene, 20 ratings a rater": (2.5, None),
    "dawid-skene, 100 classes": (5.0, None),
    "dawid-skene, 100 classes, 500 raters": (5.0, None),
    "bradley-terry": (1.0, None),
    "prediction-powered mean": (0.010, None),
    "import": (0.3, None),
}
RATIOS: dict[tuple[str, int], tuple[str, int, float]] = {  # at most so many times as long as another row
    ("gwet_ac, 100 classes", 1_000_000): ("gwet_ac, 5 classes", 1_000_000, 5.0),
    **{
        (f"alpha {level}", 10_000_000): (f"alpha {level}", 1_000_000, 11.0)
        for level in ("nominal", "ordinal", "continuous")
    },
}


def ratings(n: int, n_raters: int = 500) -> tuple[Any, Any, Any, Any]:
    """Return n ratings: five per unit, raters with confusion matrices of their own, five classes."""
    import numpy as np

    rng = np.random.default_rng(1)
    n_units, k = n // 5, 5
    confusion = np.stack([0.4 * rng.dirichlet(np.ones(k), size=k) + 0.6 * np.eye(k) for _ in range(n_raters)])
    truth = rng.choice(k, size=n_units, p=[0.4, 0.25, 0.15, 0.12, 0.08])
    unit = np.repeat(np.arange(n_units), 5)
    rater = (
        np.repeat(rng.integers(0, n_raters, size=n_units), 5) + np.tile(np.arange(5) * 7, n_units)
    ) % n_raters
    cumulated = confusion.cumsum(axis=2)[rater, truth[unit]]
    value = np.minimum((rng.random(n)[:, None] > cumulated).sum(axis=1), k - 1)
    return unit, rater, value, truth


def alpha(level: str, n: int) -> Callable[[], Any]:
    from concord.stats.agreement import krippendorff_alpha

    unit, rater, value, _ = ratings(n)
    return lambda: krippendorff_alpha(unit, rater, value + 1, level=level, n_resamples=1000)


def alpha_continuous(n: int) -> Callable[[], Any]:
    import numpy as np

    from concord.stats.agreement import krippendorff_alpha

    unit, rater, value, _ = ratings(n)
    slider = value + np.random.default_rng(2).random(n)
    return lambda: krippendorff_alpha(unit, rater, slider, level="interval", n_resamples=1000)


def labels(n: int) -> Callable[[], Any]:
    return fitted(*ratings(n)[:3])


def labels_of_many_raters(n: int) -> Callable[[], Any]:
    """Five ratings per unit, 20 by each rater: far more parameters than a rater's answers can settle."""
    return fitted(*ratings(n, n // 20)[:3])


def agreement_of_classes(k: int, n: int) -> Callable[[], Any]:
    """Gwet's coefficient of five ratings per unit in k classes."""
    import numpy as np

    from concord.stats.agreement import gwet_ac

    rng = np.random.default_rng(1)
    unit, rater = np.repeat(np.arange(n // 5), 5), np.tile(np.arange(5), n // 5)
    truth = rng.integers(0, k, n // 5)
    value = np.where(rng.random(n) < 0.7, truth[unit], rng.integers(0, k, n))
    return lambda: gwet_ac(unit, rater, value)


def labels_of_many_classes(n: int, n_raters: int = 100) -> Callable[[], Any]:
    """Five ratings per unit of 100 classes by so many raters, right in half to nearly all cases and else anywhere."""
    import numpy as np

    rng = np.random.default_rng(1)
    unit = np.repeat(np.arange(n // 5), 5)
    truth, rater = rng.integers(0, 100, n // 5), rng.permuted(np.tile(np.arange(n_raters), n // n_raters))
    right = rng.random(n) < rng.uniform(0.5, 0.95, n_raters)[rater]
    return fitted(unit, rater, np.where(right, truth[unit], rng.integers(0, 100, n)))


def fitted(unit: Any, rater: Any, value: Any) -> Callable[[], Any]:
    from concord.stats.aggregation import dawid_skene

    def run() -> Any:
        result = dawid_skene(unit, rater, value)
        if not result.converged:
            raise RuntimeError("not converged")
        return result

    return run


def strengths(n: int) -> Callable[[], Any]:
    import numpy as np

    from concord.stats.ranking import bradley_terry

    rng = np.random.default_rng(3)
    truth = rng.normal(size=130)
    left = rng.integers(0, 130, size=n)
    right = (left + rng.integers(1, 130, size=n)) % 130
    won = rng.random(n) < 1 / (1 + np.exp(truth[right] - truth[left]))
    outcome = np.where(rng.random(n) < 0.2, 0.5, won)
    return lambda: bradley_terry(left, right, outcome, n_systems=130, n_resamples=100)


def powered(n: int) -> Callable[[], Any]:
    import numpy as np

    from concord.stats.joint import prediction_powered_mean

    rng = np.random.default_rng(4)
    y = rng.normal(size=1000)
    f, rest = y + rng.normal(size=1000), rng.normal(size=n)
    return lambda: prediction_powered_mean(y, f, rest)


def importing(_: int) -> Callable[[], Any]:
    path = str(HERE.parent / "platform")
    code = f"import sys, time; sys.path.insert(0, {path!r}); t = time.perf_counter(); import concord.stats; "
    code += "print(time.perf_counter() - t)"
    return lambda: min(float(subprocess.check_output([sys.executable, "-c", code])) for _ in range(5))


def krippendorff_package(n: int) -> Callable[[], Any]:
    import krippendorff
    import numpy as np

    _, _, value, _ = ratings(n)
    matrix = value.reshape(-1, 5).T.astype(np.float64)
    return lambda: krippendorff.alpha(matrix, level_of_measurement="nominal")


def crowd_kit(n: int) -> Callable[[], Any]:
    import pandas
    from crowdkit.aggregation import DawidSkene

    unit, rater, value, _ = ratings(n)
    frame = pandas.DataFrame({"task": unit, "worker": rater, "label": value})
    return lambda: DawidSkene(n_iter=25, tol=-1.0).fit_predict_proba(frame)


def evalica_package(n: int) -> Callable[[], Any]:
    import evalica
    import numpy as np

    rng = np.random.default_rng(3)
    left = rng.integers(0, 130, size=n)
    right = (left + rng.integers(1, 130, size=n)) % 130
    choices = [evalica.Winner.X, evalica.Winner.Y, evalica.Winner.Draw]
    winners = [choices[i] for i in rng.integers(0, 3, size=n)]
    return lambda: evalica.bradley_terry(left.tolist(), right.tolist(), winners)


def ppi_package(n: int) -> Callable[[], Any]:
    import numpy as np
    from ppi_py import ppi_mean_ci

    rng = np.random.default_rng(4)
    y = rng.normal(size=1000)
    f, rest = y + rng.normal(size=1000), rng.normal(size=n)
    return lambda: ppi_mean_ci(y, f, rest, alpha=0.05)


TASKS: dict[str, tuple[Callable[[int], Callable[[], Any]], int]] = {
    "import": (importing, 0),
    "alpha nominal": (lambda n: alpha("nominal", n), 1_000_000),
    "alpha ordinal": (lambda n: alpha("ordinal", n), 1_000_000),
    "alpha interval": (lambda n: alpha("interval", n), 1_000_000),
    "alpha ratio": (lambda n: alpha("ratio", n), 1_000_000),
    "alpha continuous": (alpha_continuous, 1_000_000),
    "dawid-skene": (labels, 1_000_000),
    "dawid-skene, 20 ratings a rater": (labels_of_many_raters, 100_000),
    "dawid-skene, 100 classes": (labels_of_many_classes, 300_000),
    "dawid-skene, 100 classes, 500 raters": (lambda n: labels_of_many_classes(n, 500), 300_000),
    "gwet_ac, 5 classes": (lambda n: agreement_of_classes(5, n), 1_000_000),
    "gwet_ac, 100 classes": (lambda n: agreement_of_classes(100, n), 1_000_000),
    "bradley-terry": (strengths, 1_700_000),
    "prediction-powered mean": (powered, 1_000_000),
    "reference: krippendorff, one alpha, no interval": (krippendorff_package, 1_000_000),
    "reference: crowd-kit Dawid-Skene, 25 steps": (crowd_kit, 1_000_000),
    "reference: evalica Bradley-Terry, no interval": (evalica_package, 1_700_000),
    "reference: ppi-python mean": (ppi_package, 1_000_000),
}


def measure(task: str, n: int) -> dict[str, Any]:
    """Run one task in this process."""
    from bench.estimators.measuring import measured

    found = measured(TASKS[task][0](n), 1 if task.startswith("reference") else 5)
    result = found.pop("result")
    if task == "import":
        found["seconds"] = result
    return {"task": task, "n": n, **found}


def in_a_process(task: str, n: int) -> dict[str, Any] | None:
    """Return the measurement from a fresh process, or None where the task cannot be run here."""
    command = [sys.executable, __file__, "--task", task, "--n", str(n)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        reason = done.stderr.strip().splitlines()[-1:] or [f"exit {done.returncode}"]
        print(f"{task:52} {n:>11,}  passed over: {reason[0]}")
        return None
    row: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return row


def show(row: dict[str, Any]) -> bool:
    """Print one line; return whether it keeps its limits (only the sizes that carry one)."""
    limit = LIMITS.get(row["task"]) if row["n"] == TASKS[row["task"]][1] else None
    kept, note = True, ""
    if limit:
        kept = row["seconds"] <= limit[0] and (limit[1] is None or row["added_mib"] <= limit[1])
        note = (
            f"limit {limit[0]:g} s"
            + (f", {limit[1]:g} MiB" if limit[1] else "")
            + (" kept" if kept else " MISSED")
        )
    print(f"{row['task']:52} {row['n']:>11,} {row['seconds']:9.4f} s {row['added_mib']:8.0f} MiB  {note}")
    return kept


def compared(seconds: dict[tuple[str, int], float]) -> list[bool]:
    """Print how many times as long rows take as others, where both were measured; return which keep their limits."""
    kept = []
    for (task, n), (other, size, most) in RATIOS.items():
        if (task, n) in seconds and (other, size) in seconds:
            times = seconds[task, n] / seconds[other, size]
            kept.append(times <= most)
            said = "kept" if kept[-1] else "MISSED"
            print(f"{task} of {n:,}: {times:.1f} times {other} of {size:,}, limit {most:g} {said}")
    return kept


def everything(n: int) -> list[dict[str, Any]]:
    """Print the time and memory of a call of every other estimator on n rows."""
    from bench.estimators import everything as other

    print(f"\n{f'everything else at {n:,} rows':60} {'best time':>11} {'peak memory':>12}")
    rows = []
    for row in other.measured(n):
        other.show(row)
        rows.append(row)
    if missing := other.not_called([row["task"] for row in rows]):
        print(f"not measured: {', '.join(missing)}")
    return rows


def main() -> int:
    """Run all tasks and write the results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--task")
    parser.add_argument("--n", type=int, default=0)
    parser.add_argument("--scale", action="store_true")
    parser.add_argument("--no-reference", action="store_true")
    parser.add_argument("--everything", type=int, default=100_000, metavar="ROWS")
    given = parser.parse_args()
    if given.task:
        print(json.dumps(measure(given.task, given.n)))
        return 0
    sizes = [
        (task, n)
        for task, (_, n) in TASKS.items()
        if not (given.no_reference and task.startswith("reference"))
    ]
    if given.scale:
        growing = ("alpha nominal", "alpha ordinal", "alpha continuous", "dawid-skene", "bradley-terry")
        sizes += [(task, n) for task in growing for n in (1_000_000, 2_000_000, 5_000_000, 10_000_000)]
    print(f"{platform.platform()}, {os.cpu_count()} CPUs, Python {platform.python_version()}\n")
    print(f"{'task':52} {'n':>11} {'best time':>11} {'peak memory':>12}")
    rows = [row for task, n in sizes if (row := in_a_process(task, n))]
    kept = [show(row) for row in rows]
    kept += compared({(row["task"], row["n"]): row["seconds"] for row in rows})
    others = everything(given.everything) if given.everything else []
    results = HERE / "results"
    results.mkdir(exist_ok=True)
    (results / "stats.json").write_text(
        json.dumps({"machine": platform.platform(), "rows": rows, "everything": others}, indent=2) + "\n"
    )
    return 0 if all(kept) and not any("failed" in row for row in others) else 1


if __name__ == "__main__":
    sys.exit(main())
