"""The job that works on a run: a few shards, then a place at the end of the queue, so that a long run blocks nobody."""

import time
from collections import Counter
from datetime import timedelta
from typing import Any

import structlog
from django.db import transaction
from django.utils import timezone

from concord.catalog.models import Output
from concord.core import jobs
from concord.core.models import Job
from concord.core.services.statistics import refresh_statistics
from concord.core.states import move
from evaluation.models import Failure, Run, Score, Shard, Timing
from evaluation.selectors.progress import counts
from evaluation.services.control import JOB, key, send
from evaluation.services.pictures import request_comparison
from evaluation.states import RUN_MOVES, RunState, ShardState

log = structlog.get_logger(__name__)
TURN_SECONDS = 15.0


@jobs.register(JOB)
def work(job: jobs.Handle, *, run_id: int, slot: int, step: int) -> None:
    """Work on the run for one turn. Runs twice without harm: shards are claimed, and answers are written once."""
    # Engines are imported here and not above, because the web process registers this job too.
    from evaluation.engines import EngineError
    from evaluation.services.executing import execute
    from evaluation.services.shards import LEASE_SECONDS, LostShard, claim, new_holder

    def alive() -> None:
        """A worker that dies should be missed in a minute, not in the ten that other jobs get."""
        until = timezone.now() + timedelta(seconds=LEASE_SECONDS * 1.5)
        Job.objects.filter(pk=job.id, state=Job.State.RUNNING).update(lease_until=until)

    alive()
    run = Run.objects.select_related("benchmark", "system").filter(pk=run_id, state=RunState.RUNNING).first()
    if run is None:
        return
    turn_ends = time.monotonic() + TURN_SECONDS
    while True:
        shard = claim(run_id, new_holder())
        if shard is None:
            finish_if_complete(run_id)
            return
        alive()
        try:
            execute(run, shard, also=alive)
        except LostShard:
            return
        except EngineError as error:
            stop(run_id, str(error))
            return
        if time.monotonic() >= turn_ends:
            break
    following: dict[str, Any] = {"run_id": run_id, "slot": slot, "step": step + 1}
    jobs.enqueue(
        JOB, key=key(run_id, slot, step + 1), queue=run.queue, workspace=run.workspace_id, **following
    )


@transaction.atomic
def finish_if_complete(run_id: int) -> bool:
    """Done when no shard is open; failed when not one example could be answered."""
    run = Run.objects.select_for_update().filter(pk=run_id, state=RunState.RUNNING).first()
    if (
        run is None
        or Shard.objects.filter(run=run, state__in=[ShardState.WAITING, ShardState.CLAIMED]).exists()
    ):
        return False
    found = counts(run)
    if found.failed and not found.done:
        messages = Counter(Failure.objects.filter(run=run).values_list("message", flat=True)[:1000])
        why = f"Not one example could be answered. Most often: {messages.most_common(1)[0][0]}"
        move(run, RunState.FAILED, moves=RUN_MOVES, why=why, error=why, finished_at=timezone.now())
    else:
        move(run, RunState.DONE, moves=RUN_MOVES, finished_at=timezone.now())
        refresh_statistics(Timing, Score, Output, rows=found.done)
        request_comparison(benchmark_id=run.benchmark_id, workspace_id=run.workspace_id)
    return True


@transaction.atomic
def stop(run_id: int, why: str) -> None:
    """The system cannot work at all: say why, once."""
    run = Run.objects.select_for_update().filter(pk=run_id, state=RunState.RUNNING).first()
    if run is not None:
        log.warning("run_failed", run=run_id, error=why)
        move(run, RunState.FAILED, moves=RUN_MOVES, why=why, error=why, finished_at=timezone.now())


def resume_due(limit: int = 100) -> int:
    """Send running runs that no job serves any more; returns how many. The periodic call that makes a lost job harmless."""
    sent = 0
    for run in Run.objects.filter(state=RunState.RUNNING).order_by("pk")[:limit]:
        live = Job.objects.filter(
            name=JOB, arguments__run_id=run.pk, state__in=[Job.State.QUEUED, Job.State.RUNNING]
        )
        if not live.exists() and not finish_if_complete(run.pk):
            send(run)
            sent += 1
    return sent
