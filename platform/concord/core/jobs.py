"""Background jobs: registered by name, called with ids, enqueued after commit, allowed to run twice."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import structlog
from celery import current_app
from django.db import IntegrityError, connection, transaction
from django.db.models import F, Q
from django.utils import timezone

from concord.core.errors import DomainError
from concord.core.models import Job

log = structlog.get_logger(__name__)
LEASE = timedelta(seconds=90)
HEARTBEAT = timedelta(seconds=20)
_registry: dict[str, Callable[..., None]] = {}


class LostLease(Exception):
    """Another worker took this job over, or it was cancelled: stop quietly."""


def register(name: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Make a function callable as a job. It receives `job` (a `Handle`) and the keyword arguments it was enqueued with."""

    def decorate(function: Callable[..., None]) -> Callable[..., None]:
        if name in _registry and _registry[name].__qualname__ != function.__qualname__:
            raise ValueError(f"two jobs are called {name!r}")
        _registry[name] = function
        return function

    return decorate


def enqueue(
    name: str,
    *,
    key: str = "",
    queue: str = "default",
    delay: timedelta | None = None,
    workspace: int | None = None,
    **arguments: Any,
) -> Job:
    """Write a job now and tell the broker after commit. With `key`, an equal live job is returned instead of a second one.

    `workspace` is the id of the workspace whose people may see the progress; it is not passed on.
    """
    due = timezone.now() + (delay or timedelta())
    try:
        with transaction.atomic():
            job = Job.objects.create(
                name=name, key=key, queue=queue, due_at=due, workspace_id=workspace, arguments=arguments
            )
    except IntegrityError:
        live = Job.objects.filter(key=key, state__in=[Job.State.QUEUED, Job.State.RUNNING]).first()
        # Where it has just ended, there is room for a new one.
        return live or enqueue(name, key=key, queue=queue, delay=delay, workspace=workspace, **arguments)
    transaction.on_commit(lambda: send(job))
    return job


def send(job: Job) -> None:
    """Tell the broker; where it is away, say so in the log and leave the job to the sweep."""
    try:
        countdown = max(0.0, (job.due_at - timezone.now()).total_seconds())
        current_app.send_task(
            "core.run_job", args=[job.pk], queue=job.queue, countdown=countdown or None, retry=False
        )
    except Exception as error:  # any broker failure: the row is already safe
        log.warning("broker_unreachable", job=job.pk, name=job.name, error=str(error))


class Handle:
    """What a running job holds: progress for people, and a lease that says it is alive."""

    def __init__(self, job: Job) -> None:
        self.id = job.pk
        self._attempt = job.attempts

    def progress(self, done: int, total: int | None = None, message: str | None = None) -> None:
        """Publish progress and renew the lease. Raises `LostLease` where the job is no longer ours."""
        changes: dict[str, Any] = {"done": done, "lease_until": timezone.now() + LEASE}
        if total is not None:
            changes["total"] = total
        if message is not None:
            changes["message"] = message
        if not Job.objects.filter(pk=self.id, state=Job.State.RUNNING, attempts=self._attempt).update(
            **changes
        ):
            raise LostLease


def run(job_id: int) -> None:
    """Claim and execute one job; a job that is finished, held by another or not yet due is left alone."""
    now = timezone.now()
    free = Q(state=Job.State.QUEUED) | Q(state=Job.State.RUNNING, lease_until__lt=now)
    claimed = Job.objects.filter(free, pk=job_id, due_at__lte=now + timedelta(seconds=1)).update(
        state=Job.State.RUNNING, attempts=F("attempts") + 1, started_at=now, lease_until=now + LEASE
    )
    if not claimed:
        return
    job = Job.objects.get(pk=job_id)
    try:
        with _heartbeat(job):
            _registry[job.name](Handle(job), **job.arguments)
    except LostLease:
        return
    except DomainError as error:
        _finish(job, Job.State.FAILED, error=error.message)
    except Exception as error:
        # The traceback is for the log; people are told what happened, not where.
        log.exception("job_failed", job=job.pk, name=job.name)
        _retry_or_fail(job, f"Unexpected {type(error).__name__}: {error}"[:2000])
    else:
        _finish(job, Job.State.DONE)


@contextmanager
def _heartbeat(job: Job) -> Iterator[None]:
    """Keep the lease alive from a thread, so that long work needs no progress calls and a killed worker is found out soon."""
    over = threading.Event()

    def beat() -> None:
        while not over.wait(HEARTBEAT.total_seconds()):
            try:
                mine = Job.objects.filter(pk=job.pk, state=Job.State.RUNNING, attempts=job.attempts)
                mine.update(lease_until=timezone.now() + LEASE)
            except Exception as error:  # the database is away for a moment: the next beat tries again
                log.warning("heartbeat_failed", job=job.pk, error=str(error))
            finally:
                connection.close()

    thread = threading.Thread(target=beat, name=f"heartbeat-{job.pk}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _finish(job: Job, state: str, error: str = "") -> None:
    Job.objects.filter(pk=job.pk, state=Job.State.RUNNING, attempts=job.attempts).update(
        state=state, error=error, finished_at=timezone.now(), lease_until=None
    )


def _retry_or_fail(job: Job, error: str) -> None:
    if job.attempts >= job.max_attempts:
        _finish(job, Job.State.FAILED, error=error)
        return
    due = timezone.now() + timedelta(seconds=5 * 2**job.attempts)
    Job.objects.filter(pk=job.pk, state=Job.State.RUNNING, attempts=job.attempts).update(
        state=Job.State.QUEUED, error=error, due_at=due, lease_until=None
    )


def sweep(limit: int = 500) -> int:
    """Send again every job that is due and that no live worker holds; returns how many were sent."""
    now = timezone.now()
    stale = Q(state=Job.State.QUEUED, due_at__lte=now - timedelta(seconds=10)) | Q(
        state=Job.State.RUNNING, lease_until__lt=now
    )
    due = list(Job.objects.filter(stale).order_by("due_at")[:limit])
    for job in due:
        send(job)
    return len(due)
