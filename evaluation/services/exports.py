"""A benchmark's picture as a file."""

from concord.accounts.selectors.lookup import require
from concord.accounts.states import Action
from concord.core.actors import Actor
from concord.core.services.pictures import handed_out
from evaluation.models import Benchmark, BenchmarkPicture


def comparison_file(*, actor: Actor, benchmark: Benchmark, kind: str) -> BenchmarkPicture:
    """The comparison as last drawn, to whoever may read the benchmark."""
    require(actor=actor, workspace=benchmark.workspace, to=Action.READ)
    pictures = BenchmarkPicture.objects.filter(benchmark=benchmark)
    found: BenchmarkPicture = handed_out(
        pictures, kind, actor=actor, workspace_id=benchmark.workspace_id, obj=benchmark
    )
    return found
