"""Starting, pausing, resuming and cancelling a run."""

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from concord.accounts.selectors.lookup import require
from concord.accounts.states import Action
from concord.core import jobs
from concord.core.actors import Actor
from concord.core.errors import Conflict
from concord.core.states import move
from evaluation.models import Failure, Run, Shard
from evaluation.states import RUN_MOVES, RunState, ShardState

JOB = "evaluation.work"


@transaction.atomic
def start(*, actor: Actor, run: Run) -> Run:
    """Send a planned run to its workers."""
    require(actor=actor, workspace=run.workspace, to=Action.DESIGN)
    if run.state != RunState.PLANNED:
        raise Conflict(
            f"This run is {run.state}; it cannot be started.", code="illegal_move", state=run.state
        )
    move(run, RunState.RUNNING, moves=RUN_MOVES, actor=actor, started_at=timezone.now())
    send(run)
    return run


@transaction.atomic
def pause(*, actor: Actor, run: Run) -> Run:
    """Stop after what is in flight. Nothing that is finished is lost."""
    require(actor=actor, workspace=run.workspace, to=Action.DESIGN)
    move(run, RunState.PAUSED, moves=RUN_MOVES, actor=actor)
    return run


@transaction.atomic
def resume(*, actor: Actor, run: Run) -> Run:
    """Go on with what is open, and try again what failed. Finished examples are not run again."""
    require(actor=actor, workspace=run.workspace, to=Action.DESIGN)
    if run.state == RunState.DONE and not Failure.objects.filter(run=run).exists():
        raise Conflict("This run is done and nothing in it failed.", code="nothing_to_do")
    move(run, RunState.RUNNING, moves=RUN_MOVES, actor=actor, error="", finished_at=None)
    reopen(run)
    send(run)
    return run


@transaction.atomic
def cancel(*, actor: Actor, run: Run) -> Run:
    """Stop for good. Its outputs stay."""
    require(actor=actor, workspace=run.workspace, to=Action.DESIGN)
    move(run, RunState.CANCELLED, moves=RUN_MOVES, actor=actor, finished_at=timezone.now())
    return run


def reopen(run: Run) -> None:
    """Shards with failed examples wait again, with the failures forgotten."""
    failed = Failure.objects.filter(
        run=run,
        epoch=OuterRef("epoch"),
        example__position__gte=OuterRef("first"),
        example__position__lt=OuterRef("last"),
    )
    shards = Shard.objects.filter(run=run).exclude(state=ShardState.CLAIMED)
    shards.filter(Exists(failed)).update(state=ShardState.WAITING, attempts=0)
    Failure.objects.filter(run=run).delete()


def send(run: Run) -> None:
    """One job for each of the run's parallel workers."""
    for slot in range(run.settings.get("workers", 1)):
        jobs.enqueue(
            JOB,
            key=key(run.pk, slot, 0),
            queue=run.queue,
            workspace=run.workspace_id,
            run_id=run.pk,
            slot=slot,
            step=0,
        )


def key(run_id: int, slot: int, step: int) -> str:
    """At most two live jobs a slot: the one that runs and the one that follows it."""
    return f"{JOB}:{run_id}:{slot}:{step % 2}"
