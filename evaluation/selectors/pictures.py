"""A benchmark's picture, for its page and as a file."""

from collections.abc import Sequence

from concord.core.errors import Missing
from evaluation.models import Benchmark, BenchmarkPicture
from evaluation.selectors.summary import Compared


def comparison_picture(benchmark: Benchmark, rows: Sequence[Compared]) -> BenchmarkPicture | None:
    """Return the picture of exactly these runs in this order; None until a worker has drawn it."""
    found: BenchmarkPicture | None = (
        BenchmarkPicture.objects.filter(benchmark=benchmark, runs=[row.run.pk for row in rows])
        .only("key", "title", "pages")
        .first()
    )
    return found


def picture_of(benchmark: Benchmark) -> BenchmarkPicture:
    """Return the picture with its files.

    Raises
    ------
    Missing
        Where none is drawn yet.
    """
    found: BenchmarkPicture | None = (
        BenchmarkPicture.objects.filter(benchmark=benchmark).defer("pages").first()
    )
    if found is None:
        raise Missing("No picture of this benchmark is drawn yet.", code="no_picture")
    return found
