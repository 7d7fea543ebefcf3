"""The numeric grader against OpenAI's own verdicts on four models' solutions to the 1,319 GSM8K test problems."""

import functools
import gzip
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from concord.stats import comparison
from evaluation import scorers
from evaluation.scorers import Answer, Task

FOLDER = (
    Path(os.environ.get("CONCORD_SHARED_DATA", Path(__file__).resolve().parents[3] / "shared" / "data"))
    / "gsm8k"
)
SOLUTIONS = FOLDER / "example_model_solutions.jsonl.gz"
pytestmark = [
    pytest.mark.real_data,
    pytest.mark.skipif(not SOLUTIONS.exists(), reason=f"GSM8K's example solutions are not in {FOLDER}"),
]
PUBLISHED = {
    "6b_finetuning": 0.2168,
    "6b_verification": 0.3904,
    "175b_finetuning": 0.3472,
    "175b_verification": 0.5625,
}


@functools.cache
def verdicts() -> dict[str, list[tuple[float | None, bool]]]:
    grader = scorers.create("numeric_answer")
    found: dict[str, list[tuple[float | None, bool]]] = {model: [] for model in PUBLISHED}
    with gzip.open(SOLUTIONS, "rt", encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            for model in PUBLISHED:
                verdict = grader.score(
                    Answer(text=row[model]["solution"]), Task(reference=row["ground_truth"])
                )
                found[model].append((verdict.value, row[model]["is_correct"]))
    return found


def test_grader_agrees_with_every_published_verdict() -> None:
    pairs = [pair for model in verdicts().values() for pair in model]
    assert len(pairs) == 5276
    assert sum(value == float(correct) for value, correct in pairs) == 5276


def test_accuracies_with_wilson_intervals_against_published_table() -> None:
    for model, pairs in verdicts().items():
        right = sum(value == 1.0 for value, _ in pairs)
        estimate = comparison.proportion(right, len(pairs))
        assert estimate.value == pytest.approx(PUBLISHED[model], abs=5e-5)
        exact = comparison.proportion(right, len(pairs), "clopper-pearson")
        assert exact.low <= estimate.low <= estimate.value <= estimate.high <= exact.high


def renew_statistics() -> None:
    """What autovacuum does for committed rows, and cannot do for a test's; without it joins are planned for empty tables."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE catalog_example, catalog_output, evaluation_score")


@pytest.mark.django_db
def test_imported_solutions_run_through_a_benchmark_with_exact_intervals(
    import_real: Callable[..., str], workspace: Any, designer: Any, run_jobs: Callable[[], int]
) -> None:
    """The whole line: import, benchmark, run on recorded systems, accuracy as the run page shows it."""
    from concord.catalog.models import DatasetVersion, Output, System
    from evaluation.models import Run
    from evaluation.selectors.summary import compared
    from evaluation.services import control
    from evaluation.services.benchmarks import create_benchmark
    from evaluation.services.planning import plan_run

    import_real("gsm8k/example_model_solutions.jsonl.gz", "gsm8k", workspace=workspace.slug)
    version = DatasetVersion.objects.get(dataset__name="GSM8K")
    assert (version.examples.count(), Output.objects.count()) == (1319, 5276)
    method = [{"method": "numeric_answer"}]
    benchmark = create_benchmark(
        actor=designer, workspace=workspace, name="GSM8K", version=version, scorers=method
    )
    for system in System.objects.all():
        control.start(actor=designer, run=plan_run(actor=designer, benchmark=benchmark, system=system))
    renew_statistics()
    while run_jobs(1):
        renew_statistics()
    assert set(Run.objects.values_list("state", flat=True)) == {"done"}
    assert Output.objects.count() == 5276, "recorded outputs are scored where they are, not copied"
    rows = {row.run.system.name: row.summary.first for row in compared(benchmark)}
    for model, accuracy in PUBLISHED.items():
        estimate = rows["GPT-3 " + model.replace("_", " ")]
        assert estimate is not None
        assert (estimate.method, estimate.n) == (
            "share over examples, exact interval (Clopper–Pearson)",
            1319,
        )
        assert estimate.value == pytest.approx(accuracy, abs=5e-5)
        assert 0.04 < estimate.high - estimate.low < 0.06
