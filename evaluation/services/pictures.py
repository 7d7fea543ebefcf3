"""Drawing how a benchmark's systems compare, whenever one of its runs is done."""

from concord.core import jobs
from concord.core.models import Job
from concord.core.services.pictures import Sight, keep_current
from evaluation.models import Benchmark, BenchmarkPicture
from evaluation.selectors.pictures import shown
from evaluation.selectors.summary import compared

JOB = "evaluation.draw_comparison"


def request_comparison(*, benchmark_id: int, workspace_id: int) -> Job:
    """Have the comparison drawn; a second request while one is under way is the same."""
    return jobs.enqueue(JOB, key=f"{JOB}:{benchmark_id}", workspace=workspace_id, benchmark_id=benchmark_id)


@jobs.register(JOB)
def draw_job(job: jobs.Handle, *, benchmark_id: int) -> None:
    benchmark = Benchmark.objects.filter(pk=benchmark_id).first()
    if benchmark is not None:
        draw_comparison(benchmark=benchmark)


def draw_comparison(*, benchmark: Benchmark) -> bool:
    """Draw the newest finished run of each system; returns whether there is a picture of them."""

    def look() -> Sight:
        # Here, because every web process loads this module to ask for a picture.
        from evaluation.pictures import comparison

        rows = compared(benchmark)
        return Sight(shown(rows), lambda: comparison(rows))

    return keep_current(BenchmarkPicture, look, benchmark=benchmark)
