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
    monkeypatch.setattr(jobs, "HEARTBEAT", timedelta(milliseconds=50))
    monkeypatch.setattr(jobs, "LEASE", timedelta(milliseconds=900))
    leases: list[Any] = []

    @jobs.register("tests.long")
    def long(job: jobs.Handle) -> None:
        for _ in range(3):
            threading.Event().wait(0.6)
            leases.append(Job.objects.get().lease_until - timezone.now())

    job = jobs.enqueue("tests.long")
    jobs.run(job.pk)
    assert min(leases) > timedelta(0), (
        "the lease never ran out, though the work took twice as long as one lease"
    )
    job.refresh_from_db()
    assert (job.state, job.lease_until) == (Job.State.DONE, None)


def test_a_name_belongs_to_one_function(recorder: Recorder) -> None:
    def other(job: jobs.Handle) -> None: ...

    with pytest.raises(ValueError, match=r"two jobs are called 'tests\.note'"):
        jobs.register("tests.note")(other)
    known = jobs._registry["tests.note"]
    assert jobs.register("tests.note")(known) is known, "the same module read twice is no second job"


@pytest.mark.django_db
def test_a_job_is_written_with_all_that_it_needs(recorder: Recorder, workspace: Any) -> None:
    before = timezone.now()
    job = jobs.enqueue(
        "tests.note", key="k", queue="gpu", delay=timedelta(minutes=5), workspace=workspace.pk, number=3
    )
    kept = Job.objects.get(pk=job.pk)
    assert (kept.name, kept.key, kept.queue, kept.workspace_id) == ("tests.note", "k", "gpu", workspace.pk)
    assert kept.arguments == {"number": 3}, "the workspace is not passed on"
    assert (kept.state, kept.attempts, kept.done, kept.total) == ("queued", 0, 0, 0)
    assert timedelta(minutes=5) <= kept.due_at - before < timedelta(minutes=5, seconds=30)


@pytest.mark.django_db
def test_jobs_without_a_key_do_not_stand_in_each_others_way(recorder: Recorder) -> None:
    assert jobs.enqueue("tests.note", number=1).pk != jobs.enqueue("tests.note", number=1).pk


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("state", "live"),
    [("queued", True), ("running", True), ("done", False), ("failed", False), ("cancelled", False)],
)
def test_a_key_is_held_by_what_is_not_over(recorder: Recorder, state: str, live: bool) -> None:
    first = jobs.enqueue("tests.note", key="k", number=1)
    Job.objects.update(state=state)
    assert (jobs.enqueue("tests.note", key="k", number=1).pk == first.pk) == live


@pytest.mark.django_db
def test_progress_is_published_in_parts_and_renews_the_lease(recorder: Recorder) -> None:
    job = jobs.enqueue("tests.note", number=1)
    soon = timezone.now() + timedelta(seconds=1)
    Job.objects.update(state=Job.State.RUNNING, attempts=1, lease_until=soon)
    handle = jobs.Handle(Job.objects.get(pk=job.pk))
    handle.progress(3, 12, "reading")
    handle.progress(4)
    kept = Job.objects.get(pk=job.pk)
    assert (kept.done, kept.total, kept.message) == (4, 12, "reading")
    assert kept.lease_until > timezone.now() + timedelta(seconds=60)
    handle.progress(5, 0, "")
    assert (Job.objects.get().total, Job.objects.get().message) == (0, "")


@pytest.mark.django_db
def test_a_cancelled_job_stops_at_its_next_word_and_stays_cancelled(recorder: Recorder) -> None:
    @jobs.register("tests.cancelled")
    def cancelled(job: jobs.Handle) -> None:
        Job.objects.update(state=Job.State.CANCELLED)
        job.progress(1)
        pytest.fail("it went on")

    job = jobs.enqueue("tests.cancelled")
    jobs.run(job.pk)
    assert Job.objects.get().state == Job.State.CANCELLED


@pytest.mark.django_db
def test_what_was_cancelled_while_it_ran_to_its_end_stays_cancelled(recorder: Recorder) -> None:
    @jobs.register("tests.deaf")
    def deaf(job: jobs.Handle) -> None:
        Job.objects.update(state=Job.State.CANCELLED)

    jobs.run(jobs.enqueue("tests.deaf").pk)
    assert (Job.objects.get().state, Job.objects.get().finished_at) == (Job.State.CANCELLED, None)


@pytest.mark.django_db
@pytest.mark.parametrize(("attempts", "seconds"), [(1, 10), (2, 20), (3, 40), (4, 80)])
def test_each_further_try_waits_twice_as_long(recorder: Recorder, attempts: int, seconds: int) -> None:
    job = jobs.enqueue("tests.break")
    Job.objects.update(attempts=attempts - 1)
    before = timezone.now()
    jobs.run(job.pk)
    kept = Job.objects.get()
    assert (kept.state, kept.attempts, kept.lease_until) == (Job.State.QUEUED, attempts, None)
    assert timedelta(0) <= kept.due_at - before - timedelta(seconds=seconds) < timedelta(seconds=5)
    assert kept.error == "Unexpected RuntimeError: the disk is full"


@pytest.mark.django_db
def test_a_finished_job_has_its_times_and_no_lease(recorder: Recorder) -> None:
    jobs.run(jobs.enqueue("tests.note", number=1).pk)
    kept = Job.objects.get()
    assert (kept.state, kept.error, kept.lease_until, kept.attempts) == (Job.State.DONE, "", None, 1)
    assert kept.created_at <= kept.started_at <= kept.finished_at


@pytest.mark.django_db
def test_a_job_that_is_not_there_is_no_error(recorder: Recorder) -> None:
    jobs.run(10**9)
    assert recorder.seen == []


@pytest.mark.django_db
def test_the_sweep_sends_what_is_due_longest_first_and_no_more_than_its_limit(recorder: Recorder) -> None:
    now = timezone.now()
    made = [jobs.enqueue("tests.note", number=number) for number in range(5)]
    for job, change in zip(
        made,
        (
            {"due_at": now - timedelta(seconds=20)},
            {"due_at": now - timedelta(seconds=60)},
            {"due_at": now - timedelta(seconds=5)},
            {
                "state": "running",
                "due_at": now - timedelta(seconds=40),
                "lease_until": now - timedelta(seconds=1),
            },
            {
                "state": "running",
                "due_at": now - timedelta(seconds=50),
                "lease_until": now + timedelta(seconds=60),
            },
        ),
        strict=True,
    ):
        Job.objects.filter(pk=job.pk).update(**change)
    recorder.sent.clear()
    assert jobs.sweep(limit=2) == 2
    assert [pk for pk, _ in recorder.sent] == [made[1].pk, made[3].pk]
    recorder.sent.clear()
    assert jobs.sweep() == 3
    assert [pk for pk, _ in recorder.sent] == [made[1].pk, made[3].pk, made[0].pk]
    Job.objects.update(state="done")
    assert jobs.sweep() == 0


@pytest.mark.parametrize(("delay", "countdown"), [(-60, None), (30, 30)])
def test_the_broker_is_told_how_long_to_wait(
    monkeypatch: pytest.MonkeyPatch, delay: int, countdown: int | None
) -> None:
    told: list[dict[str, Any]] = []
    monkeypatch.setattr(
        jobs.current_app, "send_task", lambda name, **more: told.append({"name": name, **more})
    )
    jobs.send(Job(pk=7, name="x", queue="cpu", due_at=timezone.now() + timedelta(seconds=delay)))
    (one,) = told
    assert (one["name"], one["args"], one["queue"], one["retry"]) == ("core.run_job", [7], "cpu", False)
    assert one["countdown"] == (countdown and pytest.approx(countdown, abs=2))
