"""Shards under their leases, answers written once, failures counted, runs that end: row by row."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from concord.catalog.models import Example, Output
from concord.core.errors import Conflict
from concord.core.models import Job
from evaluation.engines import Reply
from evaluation.models import Failure, Run, Score, Shard, Timing
from evaluation.scorers import Task, create
from evaluation.selectors.open_examples import open_examples
from evaluation.services import control
from evaluation.services.recording import fail, record
from evaluation.services.shards import LostShard, claim, finish, keep, release
from evaluation.services.work import finish_if_complete, resume_due, stop

pytestmark = pytest.mark.django_db


def ids(run: Run) -> list[int]:
    return list(
        Example.objects.filter(version=run.benchmark.version_id)
        .order_by("position")
        .values_list("pk", flat=True)
    )


def write(run: Run, shard: Shard, *replies: Reply) -> int:
    spec = run.settings["scorers"][0]
    return record(
        run=run,
        shard=shard,
        replies=replies,
        tasks={pk: Task(reference="Paris") for pk in ids(run)},
        scorers=[(spec["scorer_id"], spec["criterion_id"], create("exact_match"))],
        queued_at=timezone.now(),
    )


def test_shards_are_claimed_epoch_by_epoch_in_their_order(planned: Any) -> None:
    run = planned(2, epochs=2)
    taken = [claim(run.pk, f"w{n}") for n in range(5)]
    assert [(one.epoch, one.first) if one else None for one in taken] == [
        (1, 0),
        (1, 1),
        (2, 0),
        (2, 1),
        None,
    ]
    assert [one.attempts for one in taken if one] == [1] * 4
    assert [one.holder for one in taken if one] == ["w0", "w1", "w2", "w3"]


@pytest.mark.parametrize("state", ["planned", "paused", "failed", "cancelled", "done"])
def test_only_a_running_run_hands_out_shards(planned: Any, state: str) -> None:
    assert claim(planned(1, state=state).pk, "w") is None


def test_a_lease_that_ran_out_goes_to_the_next_and_the_former_holder_is_told(planned: Any) -> None:
    run = planned(1)
    lost = claim(run.pk, "slow")
    assert lost is not None
    assert claim(run.pk, "other") is None
    Shard.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    found = claim(run.pk, "other")
    assert found is not None
    assert (found.pk, found.attempts) == (lost.pk, 2)
    with pytest.raises(LostShard):
        keep(lost)
    finish(lost)
    release(lost)
    found.refresh_from_db()
    assert (found.state, found.holder) == ("claimed", "other")
    keep(found)
    found.refresh_from_db()
    assert found.attempts == 1, "progress starts the count of deaths anew"
    finish(found)
    found.refresh_from_db()
    assert (found.state, found.holder, found.lease_until) == ("done", "", None)


def test_progress_renews_the_lease_only_while_the_run_runs(planned: Any) -> None:
    run = planned(1)
    shard = claim(run.pk, "w")
    assert shard is not None
    Shard.objects.update(lease_until=timezone.now() + timedelta(seconds=2))
    keep(shard)
    shard.refresh_from_db()
    assert shard.lease_until is not None
    assert 50 < (shard.lease_until - timezone.now()).total_seconds() <= 60
    Run.objects.update(state="paused")
    with pytest.raises(LostShard):
        keep(shard)
    release(shard)
    shard.refresh_from_db()
    assert (shard.state, shard.holder) == ("waiting", "")


def test_an_answer_is_written_once_with_its_own_timing_and_score(planned: Any) -> None:
    run = planned(2)
    shard = claim(run.pk, "w")
    assert shard is not None
    one, two = ids(run)
    first = Reply(id=one, text="paris", duration_ms=10, input_tokens=3, output_tokens=1, batch_size=2)
    assert write(run, shard, first) == 1
    assert (
        write(
            run, shard, Reply(id=one, text="Rome", duration_ms=99), Reply(id=two, text="Rome", duration_ms=5)
        )
        == 1
    )
    assert write(run, shard) == 0
    assert list(Output.objects.order_by("example_id").values_list("text", "epoch", "text_kind")) == [
        ("paris", 1, "markdown"),
        ("Rome", 1, "markdown"),
    ]
    timings = Timing.objects.order_by("output__example_id")
    assert list(
        timings.values_list("duration_ms", "input_tokens", "output_tokens", "batch_size", "cost")
    ) == [
        (10, 3, 1, 2, None),
        (5, None, None, 1, None),
    ]
    scores = Score.objects.order_by("output__example_id").values_list("value", "raw")
    assert list(scores) == [(1, "paris"), (0, "rome")]


def test_the_same_example_in_another_epoch_is_another_answer(planned: Any) -> None:
    run = planned(1, epochs=2)
    (example,) = ids(run)
    for name in ("w1", "w2"):
        shard = claim(run.pk, name)
        assert shard is not None
        assert write(run, shard, Reply(id=example, text=name)) == 1
    assert list(Output.objects.order_by("epoch").values_list("epoch", "text")) == [(1, "w1"), (2, "w2")]


def test_picked_choices_are_text_and_not_markdown(planned: Any) -> None:
    run = planned([{"choices": ["a", "b"], "reference": 0}], task="choice")
    shard = claim(run.pk, "w")
    assert shard is not None
    write(run, shard, Reply(id=ids(run)[0], text="a\x00", choice=0))
    assert Output.objects.values_list("text", "text_kind").get() == ("a\ufffd", "text")


def test_failures_are_counted_to_their_limit_and_forgotten_with_the_answer(planned: Any) -> None:
    run = planned(3, max_attempts=3)
    shard = claim(run.pk, "w")
    assert shard is not None
    one, two, three = ids(run)
    write(
        run,
        shard,
        Reply(id=one, error="a"),
        Reply(id=two, error="b\x00", final=True),
        Reply(id=three, error="x" * 3000),
    )
    write(run, shard, Reply(id=one, error="again"))
    found = {failure.example_id: failure for failure in Failure.objects.all()}
    assert [(found[pk].attempts, found[pk].message) for pk in (one, two)] == [(2, "again"), (3, "b\ufffd")]
    assert len(found[three].message) == 2000
    fail(run=run, epoch=1, errors=[(two, "more", False), (one, "last", True)])
    assert list(Failure.objects.order_by("example_id").values_list("attempts", flat=True)) == [3, 3, 1]
    write(run, shard, Reply(id=one, text="Paris"), Reply(id=three, error="y"))
    assert list(Failure.objects.order_by("example_id").values_list("example_id", "attempts")) == [
        (two, 3),
        (three, 2),
    ]
    fail(run=run, epoch=2, errors=[(three, "another epoch", False)])
    assert Failure.objects.count() == 3


def test_what_is_open_is_neither_answered_nor_out_of_tries_nor_beyond_the_shard(
    planned: Any, answer: Any
) -> None:
    run = planned(5, shard_size=4, max_attempts=2)
    shard = claim(run.pk, "w")
    assert shard is not None
    examples = ids(run)
    assert [facts.id for facts in open_examples(run, shard)] == examples[:4]
    answer(run, 1)
    answer(run, 0, epoch=2)
    fail(run=run, epoch=1, errors=[(examples[2], "once", False), (examples[3], "for good", True)])
    fail(run=run, epoch=2, errors=[(examples[0], "another epoch", True)])
    facts = open_examples(run, shard)
    assert [one.id for one in facts] == [examples[0], examples[2]]
    assert (facts[0].reference, facts[0].choices, facts[0].slices) == ("Paris", None, {"continent": "Europe"})
    assert facts[0].content == [{"type": "text", "text": "Capital of France? 0"}]


def test_a_recording_is_open_until_every_scorer_has_spoken(planned: Any, answer: Any) -> None:
    run = planned(2, scorers=[{"method": "exact_match"}, {"method": "contains"}])
    run.settings["asked_by"] = "recording"
    shard = Shard(run=run, epoch=1, first=0, last=2)
    output = answer(run, 0, score=1.0)
    answer(run, 1)
    assert [facts.id for facts in open_examples(run, shard)] == ids(run)
    spec = run.settings["scorers"][1]
    other = Output.objects.exclude(pk=output.pk).get()
    second = {"scorer_id": spec["scorer_id"], "criterion_id": spec["criterion_id"], "output": output}
    score = Score.objects.create(other_output=other, value=1, **second)
    assert len(open_examples(run, shard)) == 2, "a score of a pair is none of the output alone"
    score.delete()
    Score.objects.create(value=None, **second)
    assert [facts.id for facts in open_examples(run, shard)] == ids(run)[1:], "an unread answer is one"


def test_a_run_ends_when_no_shard_is_open(planned: Any, answer: Any) -> None:
    run = planned(2, max_attempts=2)
    shards = [claim(run.pk, name) for name in "ab"]
    assert not finish_if_complete(run.pk)
    for shard in shards:
        assert shard is not None
        finish(shard)
    answer(run, 0)
    fail(run=run, epoch=1, errors=[(ids(run)[1], "broken", True)])
    assert finish_if_complete(run.pk)
    run.refresh_from_db()
    assert (run.state, run.error) == ("done", "")
    assert run.finished_at is not None
    assert not finish_if_complete(run.pk), "it has ended already"
    assert Job.objects.filter(name="evaluation.draw_comparison").count() == 1


def test_a_run_without_one_answer_has_failed_and_says_why_most_did(planned: Any) -> None:
    run = planned(3, max_attempts=1)
    Shard.objects.update(state="done")
    a, b, c = ids(run)
    fail(run=run, epoch=1, errors=[(a, "no memory", False), (b, "no route", False), (c, "no route", False)])
    assert finish_if_complete(run.pk)
    run.refresh_from_db()
    assert (run.state, run.error) == ("failed", "Not one example could be answered. Most often: no route")


def test_a_run_is_stopped_once_and_only_while_it_runs(planned: Any) -> None:
    run = planned(1)
    stop(run.pk, "no such folder")
    stop(run.pk, "something later")
    run.refresh_from_db()
    assert (run.state, run.error) == ("failed", "no such folder")


def test_resuming_opens_the_shards_of_what_failed_and_no_others(planned: Any, designer: Any) -> None:
    run = planned(4, epochs=2, state="paused")
    Shard.objects.update(state="done", attempts=5)
    Shard.objects.filter(epoch=1, first=2).update(state="claimed", holder="w")
    examples = ids(run)
    fail(run=run, epoch=1, errors=[(examples[1], "x", True), (examples[2], "held", True)])
    fail(run=run, epoch=2, errors=[(examples[0], "x", False)])
    control.resume(actor=designer, run=run)
    waiting = (
        Shard.objects.filter(state="waiting").order_by("epoch").values_list("epoch", "first", "attempts")
    )
    assert list(waiting) == [(1, 1, 0), (2, 0, 0)]
    assert Failure.objects.count() == 0
    assert Shard.objects.get(state="claimed").first == 2, "its worker goes on"


def test_moves_that_make_no_sense_are_refused(planned: Any, designer: Any) -> None:
    run = planned(1, state="done")
    with pytest.raises(Conflict) as nothing:
        control.resume(actor=designer, run=run)
    with pytest.raises(Conflict) as started:
        control.start(actor=designer, run=run)
    assert (nothing.value.code, started.value.code) == ("nothing_to_do", "illegal_move")
    with pytest.raises(Conflict):
        control.pause(actor=designer, run=run)
    with pytest.raises(Conflict):
        control.cancel(actor=designer, run=run)


def test_each_parallel_worker_gets_a_job_and_a_second_sending_none(planned: Any, designer: Any) -> None:
    run = planned(4, state="planned", workers=3, queue="gpu")
    control.start(actor=designer, run=run)
    assert run.started_at is not None
    found = Job.objects.filter(name="evaluation.work")
    assert sorted(job.arguments["slot"] for job in found) == [0, 1, 2]
    assert {(job.queue, job.arguments["run_id"], job.arguments["step"]) for job in found} == {
        ("gpu", run.pk, 0)
    }
    control.send(run)
    assert found.count() == 3
    assert resume_due() == 0, "its jobs are there"
    Job.objects.update(state=Job.State.DONE)
    assert resume_due() == 1
