"""Background jobs: nothing is lost with the broker or with a worker, and nothing is done by two at once."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from concord.core import jobs
from concord.core.errors import Invalid
from concord.core.models import Job


class Recorder:
    """Jobs that tell what happened to them."""

    def __init__(self) -> None:
        self.seen: list[int] = []
        self.sent: list[tuple[int, str]] = []


@pytest.fixture
def recorder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Recorder]:
    recorder = Recorder()
    known = dict(jobs._registry)

    @jobs.register("tests.note")
    def note(job: jobs.Handle, number: int) -> None:
        recorder.seen.append(number)

    @jobs.register("tests.refuse")
    def refuse(job: jobs.Handle) -> None:
        raise Invalid("The file has no rows.")

    @jobs.register("tests.break")
    def broken(job: jobs.Handle) -> None:
        raise RuntimeError("the disk is full")

    def send_task(name: str, args: list[int], queue: str, **more: Any) -> None:
        recorder.sent.append((args[0], queue))

    monkeypatch.setattr(jobs.current_app, "send_task", send_task)
    yield recorder
    jobs._registry.clear()
    jobs._registry.update(known)


@pytest.fixture
def no_broker(recorder: Recorder, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: Any, **more: Any) -> None:
        raise ConnectionError("nobody listens")

    monkeypatch.setattr(jobs.current_app, "send_task", refuse)


@pytest.mark.django_db(transaction=True)
def test_job_is_sent_only_after_commit(recorder: Recorder) -> None:
    with transaction.atomic():
        job = jobs.enqueue("tests.note", queue="export", number=1)
        assert recorder.sent == []
    assert recorder.sent == [(job.pk, "export")]


@pytest.mark.django_db(transaction=True)
def test_rolled_back_job_is_never_sent(recorder: Recorder) -> None:
    with transaction.atomic():
        jobs.enqueue("tests.note", number=1)
        transaction.set_rollback(True)
    assert recorder.sent == []
    assert not Job.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("no_broker")
def test_lost_broker_loses_no_job(recorder: Recorder, monkeypatch: pytest.MonkeyPatch) -> None:
    job = jobs.enqueue("tests.note", number=7)
    assert Job.objects.get(pk=job.pk).state == Job.State.QUEUED
    monkeypatch.setattr(jobs.current_app, "send_task", lambda name, args, **more: jobs.run(args[0]))
    assert jobs.sweep() == 0, "a job that was sent a moment ago is not sent again"
    Job.objects.update(due_at=timezone.now() - timedelta(minutes=1))
    assert jobs.sweep() == 1
    assert recorder.seen == [7]
    assert Job.objects.get(pk=job.pk).state == Job.State.DONE


@pytest.mark.django_db
def test_key_makes_one_live_job(recorder: Recorder) -> None:
    first = jobs.enqueue("tests.note", key="import:1", number=1)
    assert jobs.enqueue("tests.note", key="import:1", number=2).pk == first.pk
    jobs.run(first.pk)
    again = jobs.enqueue("tests.note", key="import:1", number=3)
    assert again.pk != first.pk, "a job that is over makes room for the next"


@pytest.mark.django_db
def test_finished_job_is_left_alone(recorder: Recorder) -> None:
    job = jobs.enqueue("tests.note", number=1)
    jobs.run(job.pk)
    jobs.run(job.pk)
    assert recorder.seen == [1]


@pytest.mark.django_db
def test_killed_workers_job_is_run_again_after_its_lease(recorder: Recorder) -> None:
    job = jobs.enqueue("tests.note", number=1)
    # What kill -9 leaves behind: running, with a lease that nobody renews.
    Job.objects.update(
        state=Job.State.RUNNING, attempts=1, lease_until=timezone.now() + timedelta(seconds=60)
    )
    assert jobs.sweep() == 0
    jobs.run(job.pk)
    assert recorder.seen == [], "a live lease is respected"
    Job.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert jobs.sweep() == 1
    jobs.run(job.pk)
    assert recorder.seen == [1]
    assert Job.objects.get().attempts == 2


@pytest.mark.django_db
def test_worker_that_lost_its_lease_stops_and_changes_nothing(recorder: Recorder) -> None:
    job = jobs.enqueue("tests.note", number=1)
    Job.objects.update(state=Job.State.RUNNING, attempts=1)
    slow = jobs.Handle(Job.objects.get(pk=job.pk))
    Job.objects.update(attempts=2, message="the other worker's")
    with pytest.raises(jobs.LostLease):
        slow.progress(50, message="the slow worker's")
    assert Job.objects.get().message == "the other worker's"


@pytest.mark.django_db
def test_domain_error_fails_the_job_with_its_sentence(recorder: Recorder) -> None:
    job = jobs.enqueue("tests.refuse")
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.error, job.attempts) == (Job.State.FAILED, "The file has no rows.", 1)


@pytest.mark.django_db
def test_unexpected_error_is_tried_again_later_then_given_up(recorder: Recorder) -> None:
    job = jobs.enqueue("tests.break")
    for attempt in range(1, 6):
        Job.objects.update(due_at=timezone.now())
        jobs.run(job.pk)
        job.refresh_from_db()
        assert job.attempts == attempt
        assert job.state == (Job.State.QUEUED if attempt < 5 else Job.State.FAILED)
    assert "the disk is full" in job.error
    assert "Traceback" not in job.error


@pytest.mark.django_db
def test_job_that_is_not_due_waits(recorder: Recorder) -> None:
    job = jobs.enqueue("tests.note", delay=timedelta(hours=1), number=1)
    jobs.run(job.pk)
    assert recorder.seen == []


def _run_in_threads(job_id: int, count: int) -> None:
    barrier = threading.Barrier(count)

    def work() -> None:
        barrier.wait()
        try:
            jobs.run(job_id)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.django_db(transaction=True)
def test_one_job_told_to_many_workers_is_executed_once(recorder: Recorder) -> None:
    job = jobs.enqueue("tests.note", number=1)
    _run_in_threads(job.pk, 6)
    assert recorder.seen == [1]


@pytest.mark.django_db(transaction=True)
def test_control_without_the_claim_many_workers_execute_it(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The race is real: where the claim is a read, not a conditional UPDATE, the same job runs several times."""
    job = jobs.enqueue("tests.note", number=1)
    together = threading.Barrier(4)

    def naive(job_id: int) -> None:
        row = Job.objects.get(pk=job_id)
        together.wait()
        if row.state == Job.State.QUEUED:
            Job.objects.filter(pk=job_id).update(state=Job.State.RUNNING)
            jobs._registry[row.name](jobs.Handle(row), **row.arguments)

    monkeypatch.setattr(jobs, "run", naive)
    _run_in_threads(job.pk, 4)
    assert len(recorder.seen) > 1


@pytest.mark.django_db(transaction=True)
def test_heartbeat_keeps_long_work_without_progress_alive(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "HEARTBEAT", timedelta(milliseconds=20))
    monkeypatch.setattr(jobs, "LEASE", timedelta(milliseconds=200))
    leases: list[Any] = []

    @jobs.register("tests.long")
    def long(job: jobs.Handle) -> None:
        for _ in range(3):
            threading.Event().wait(0.15)
            leases.append(Job.objects.get().lease_until - timezone.now())

    job = jobs.enqueue("tests.long")
    jobs.run(job.pk)
    assert min(leases) > timedelta(0), (
        "the lease never ran out, though the work took twice as long as one lease"
    )
    job.refresh_from_db()
    assert (job.state, job.lease_until) == (Job.State.DONE, None)
