"""How fast a long table comes in, and in how much memory: a million ratings against embedded PostgreSQL.

    python bench/importing.py [--rows 1000000] [--raters 10]

Starts an empty PostgreSQL with its production settings in a temporary folder, writes two CSV files (outputs; one rating for
each output and rater), and imports both as `manage.py import` does: check, then write. Memory is this process's own peak
(Python and psycopg; PostgreSQL has its own processes). Prints a table and writes bench/results/importing.json.
"""

import argparse
import atexit
import csv
import json
import os
import platform
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "bench" / "results" / "importing.json"
FOLDER = Path(tempfile.mkdtemp(prefix="concord-bench-"))
sys.path[:0] = [str(ROOT / "platform"), str(ROOT)]
atexit.register(shutil.rmtree, FOLDER, ignore_errors=True)
os.environ |= {
    "CONCORD_VAR": str(FOLDER),
    "DJANGO_SETTINGS_MODULE": "concord.settings",
    "BROKER_URL": "memory://",
    "CACHE_URL": "locmem://",
    "LOG_LEVEL": "ERROR",
}
SYSTEMS = 20
ANSWER = (
    "It depends on the load, and on how often the data change. Measure first, then change one thing. " * 4
)


@dataclass
class Step:
    """One step of one import."""

    what: str
    step: str
    lines: int
    seconds: float
    lines_per_second: int
    peak_mb: int


def write_files(rows: int, raters: int) -> tuple[Path, Path]:
    """outputs.csv and ratings.csv, with `rows` ratings in all."""
    outputs, ratings = FOLDER / "outputs.csv", FOLDER / "ratings.csv"
    examples = max(1, rows // (raters * SYSTEMS))
    with outputs.open("w", newline="") as one, ratings.open("w", newline="") as two:
        first, second = csv.writer(one), csv.writer(two)
        first.writerow(["model", "id", "prompt", "topic", "answer"])
        second.writerow(["model", "id", "worker", "score", "seconds"])
        for example in range(examples):
            for system in range(SYSTEMS):
                prompt = f"Question {example}: what should one do?"
                first.writerow(
                    [
                        f"model {system}",
                        example,
                        prompt,
                        f"topic {example % 7}",
                        f"{ANSWER}{example}-{system}",
                    ]
                )
                for rater in range(raters):
                    score = (example * 7 + system * 3 + rater) % 5 + 1
                    second.writerow([f"model {system}", example, f"rater {rater}", score, 10 + rater])
    return outputs, ratings


def mappings() -> tuple[dict[str, Any], dict[str, Any]]:
    base = {"system": {"column": "model"}, "example": {"column": "id"}}
    content = {
        "prompt": {"column": "prompt"},
        "slices": {"topic": {"column": "topic"}},
        "text": {"column": "answer"},
    }
    quality = {"template": "likert", "slug": "quality", "name": "Quality", "question": "How good is it?"}
    rated = {
        **base,
        "rater": {"column": "worker"},
        "value": {"column": "score"},
        "seconds": {"column": "seconds"},
    }
    return (
        {"dataset": "Bench", "records": [{"kind": "outputs", "fields": {**base, **content}}]},
        {
            "dataset": "Bench",
            "criteria": [quality],
            "records": [{"kind": "ratings", "study": "Bench", "criterion": "quality", "fields": rated}],
        },
    )


def measure(what: str, step: str, lines: int, work: Callable[[], Any]) -> Step:
    started = time.perf_counter()
    work()
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return Step(what, step, lines, round(seconds, 1), int(lines / seconds), peak)


def bring_in(workspace: Any, path: Path, mapping: dict[str, Any]) -> list[Step]:
    from concord.catalog.services.importing import batches
    from concord.catalog.services.importing.uploads import store_upload
    from concord.core.actors import BACKGROUND

    with path.open("rb") as source:
        file = store_upload(actor=BACKGROUND, workspace=workspace, source=source, name=path.name)
    with path.open() as source:
        lines = sum(1 for _ in source) - 1
    batch = batches.create_import(actor=BACKGROUND, workspace=workspace, file=file)
    batches.set_mapping(actor=BACKGROUND, batch=batch, mapping=mapping)
    batches.start_check(actor=BACKGROUND, batch=batch)
    steps = [measure(path.stem, "check", lines, lambda: batches.check(batch_id=batch.pk))]
    batch.refresh_from_db()
    assert (batch.rows, batch.rejected) == (lines, 0), (batch.rows, batch.rejected, lines)
    batches.start_write(actor=BACKGROUND, batch=batch)
    steps.append(measure(path.stem, "write", lines, lambda: batches.write(batch_id=batch.pk)))
    batch.refresh_from_db()
    assert batch.state == "done", batch.error
    return steps


def run(rows: int, raters: int) -> list[Step]:
    import django

    from concord.quickstart.postgres import EmbeddedPostgres

    server = EmbeddedPostgres(data=FOLDER / "postgres" / "data", sockets=FOLDER / "postgres")
    server.start()
    try:
        server.create_database("concord")
        django.setup()
        from django.core.management import call_command

        from concord.accounts.models import Workspace

        call_command("migrate", verbosity=0)
        workspace = Workspace.objects.create(name="Bench", slug="bench")
        steps: list[Step] = []
        for path, mapping in zip(write_files(rows, raters), mappings(), strict=True):
            steps += bring_in(workspace, path, mapping)
        return steps
    finally:
        server.stop()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--raters", type=int, default=10)
    options = parser.parse_args()
    steps = run(options.rows, options.raters)
    print(f"{'file':10} {'step':6} {'lines':>10} {'seconds':>8} {'lines/s':>9} {'peak MB':>8}")
    for s in steps:
        print(
            f"{s.what:10} {s.step:6} {s.lines:>10,} {s.seconds:>8.1f} {s.lines_per_second:>9,} {s.peak_mb:>8,}"
        )
    machine = {
        "processor": platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "load_average": round(os.getloadavg()[1], 1),  # a machine with other work on it is slower
    }
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps({"machine": machine, "steps": [asdict(s) for s in steps]}, indent=2) + "\n")


if __name__ == "__main__":
    main()
