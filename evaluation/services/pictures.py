"""Drawing how a benchmark's systems compare, whenever one of its runs is done."""

import structlog

from concord.core import jobs
from concord.core.models import Job
from evaluation.models import Benchmark, BenchmarkPicture

log = structlog.get_logger(__name__)
JOB = "evaluation.draw_comparison"
MOST_ROUNDS = 3


def request_comparison(*, benchmark_id: int, workspace_id: int) -> Job:
    """Have the comparison drawn; a second request while one is under way is the same."""
    return jobs.enqueue(JOB, key=f"{JOB}:{benchmark_id}", workspace=workspace_id, benchmark_id=benchmark_id)


@jobs.register(JOB)
def draw_job(job: jobs.Handle, *, benchmark_id: int) -> None:
    benchmark = Benchmark.objects.filter(pk=benchmark_id).first()
    if benchmark is not None:
        draw_comparison(benchmark=benchmark)


def draw_comparison(*, benchmark: Benchmark) -> bool:
    """Draw the newest finished run of each system; returns whether there is a picture.

    Runs that are done while this one draws are drawn too: their own request was taken for this one. Figures never wait for
    their picture: where drawing fails the page keeps its table, and the failure is logged.
    """
    # Here, because every web process loads this module to ask for a picture.
    from concord.charts.rendering import as_png
    from evaluation.pictures import comparison
    from evaluation.selectors.summary import compared

    rows = compared(benchmark)
    for _ in range(MOST_ROUNDS):
        try:
            picture = comparison(rows)
            png = as_png(picture) if picture else b""
        except Exception:
            log.exception("evaluation.picture_failed", benchmark=benchmark.pk)
            picture = None
        if picture is None:
            return False
        runs = [row.run.pk for row in rows]
        made = BenchmarkPicture.of(picture, png, benchmark=benchmark, runs=runs)
        BenchmarkPicture.objects.bulk_create(
            [made],
            update_conflicts=True,
            unique_fields=["benchmark", "key"],
            update_fields=["title", "description", "pages", "file", "png", "runs"],
        )
        rows = compared(benchmark)
        if [row.run.pk for row in rows] == runs:
            break
    return True
