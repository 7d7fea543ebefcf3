"""A benchmark's picture, for its page."""

from collections.abc import Sequence

from concord.core.selectors.pictures import current
from evaluation.models import Benchmark, BenchmarkPicture
from evaluation.selectors.summary import Compared


def comparison_picture(benchmark: Benchmark, rows: Sequence[Compared]) -> BenchmarkPicture | None:
    """Return the picture of exactly these runs in this order; None until a worker has drawn it."""
    return current(BenchmarkPicture.objects.filter(benchmark=benchmark), shown(rows))


def shown(rows: Sequence[Compared]) -> list[list[int | str]]:
    """Return which figures these are: a run whose failures were tried again is the same run with others."""
    return [[row.run.pk, str(row.run.finished_at)] for row in rows]
