"""A benchmark's picture as a file."""

from concord.accounts.selectors.lookup import require
from concord.accounts.states import Action
from concord.core.actors import Actor
from concord.core.selectors.pictures import with_file
from concord.core.services import audit
from evaluation.models import Benchmark, BenchmarkPicture


def comparison_file(*, actor: Actor, benchmark: Benchmark, kind: str) -> BenchmarkPicture:
    """The comparison as last drawn, to whoever may read the benchmark."""
    require(actor=actor, workspace=benchmark.workspace, to=Action.READ)
    found: BenchmarkPicture = with_file(BenchmarkPicture.objects.filter(benchmark=benchmark), kind)
    audit.record(
        actor=actor,
        verb="picture.exported",
        workspace_id=benchmark.workspace_id,
        obj=benchmark,
        picture=found.key,
        kind=kind,
    )
    return found
