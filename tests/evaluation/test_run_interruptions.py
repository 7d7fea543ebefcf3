"""Runs that are paused, cancelled, killed or starved, and examples that fail: nothing is repeated and nothing is lost."""

from typing import Any

import pytest

from concord.catalog.models import Output
from concord.core.errors import Conflict
from concord.core.models import Job
from evaluation.models import Failure, Run, Shard
from evaluation.selectors.progress import progress
from evaluation.selectors.results import accuracies
from evaluation.services import control, work
from evaluation.services.planning import plan_run
from evaluation.states import RunState
from tests.evaluation.capitals import finish, knows_europe

pytestmark = pytest.mark.django_db


def test_an_example_that_fails_is_tried_a_bounded_number_of_times(
    benchmark: Any, designer: Any, make_system: Any, scripted_engine: Any, run_jobs: Any
) -> None:
    def stumbles(prompt: str) -> str:
        if "Peru" in prompt:
            raise ValueError("out of memory\x00")
        return knows_europe(prompt)

    engine = scripted_engine(stumbles)
    run = finish(
        plan_run(actor=designer, benchmark=benchmark, system=make_system("transformers", path="x")),
        run_jobs,
        designer,
    )
    assert run.state == RunState.DONE
    failure = Failure.objects.get(run=run)
    assert (failure.attempts, failure.message) == (3, "out of memory�")
    assert len(engine.asked) == 4 + 3
    now = progress(run)
    assert (now.done, now.failed, now.open) == (4, 1, 0)
    assert accuracies(run)[0].estimate.n == 4
    assert accuracies(run)[0].estimate.omitted["failed examples"] == 1

    scripted_engine(knows_europe)
    control.resume(actor=designer, run=run)
    run_jobs()
    run.refresh_from_db()
    assert (run.state, progress(run).done, Failure.objects.count()) == (RunState.DONE, 5, 0)
    assert Output.objects.filter(output_set=run.output_set).count() == 5


def test_a_run_in_which_nothing_could_be_answered_has_failed(
    benchmark: Any, designer: Any, make_system: Any, scripted_engine: Any, run_jobs: Any
) -> None:
    def broken(prompt: str) -> str:
        raise ValueError("no such layer")

    scripted_engine(broken)
    run = finish(
        plan_run(actor=designer, benchmark=benchmark, system=make_system("transformers", path="x")),
        run_jobs,
        designer,
    )
    assert run.state == RunState.FAILED
    assert "no such layer" in run.error


def test_a_system_that_cannot_load_fails_the_run_with_its_reason(
    benchmark: Any, designer: Any, make_system: Any, run_jobs: Any
) -> None:
    run = finish(
        plan_run(actor=designer, benchmark=benchmark, system=make_system("transformers", path="/nowhere")),
        run_jobs,
        designer,
    )
    assert run.state == RunState.FAILED
    assert "no model folder at '/nowhere'" in run.error
    assert Shard.objects.filter(run=run, state="waiting").exists()


def test_pausing_stops_after_what_is_in_flight_and_resuming_repeats_nothing(
    benchmark: Any, designer: Any, make_system: Any, scripted_engine: Any, run_jobs: Any
) -> None:
    run = plan_run(actor=designer, benchmark=benchmark, system=make_system("transformers", path="x"))

    def pauses(prompt: str) -> str:
        if "Italy" in prompt:
            Run.objects.filter(pk=run.pk).update(state=RunState.PAUSED)
        return knows_europe(prompt)

    first = scripted_engine(pauses, group=2)
    control.start(actor=designer, run=run)
    run_jobs()
    run.refresh_from_db()
    assert run.state == RunState.PAUSED
    assert Output.objects.filter(output_set=run.output_set).count() == 2
    second = scripted_engine(knows_europe, group=2)
    control.resume(actor=designer, run=run)
    run_jobs()
    run.refresh_from_db()
    assert run.state == RunState.DONE
    assert len(first.asked) == 2
    assert len(second.asked) == 3
    assert not set(first.asked) & set(second.asked)


def test_cancelling_is_final_and_keeps_the_outputs(
    benchmark: Any, designer: Any, make_system: Any, scripted_engine: Any, run_jobs: Any
) -> None:
    scripted_engine(knows_europe)
    run = plan_run(actor=designer, benchmark=benchmark, system=make_system("transformers", path="x"))
    control.start(actor=designer, run=run)
    control.cancel(actor=designer, run=run)
    run_jobs()
    assert Output.objects.count() == 0
    with pytest.raises(Conflict):
        control.resume(actor=designer, run=run)


def test_two_workers_never_hold_the_same_shard(benchmark: Any, designer: Any, make_system: Any) -> None:
    from evaluation.services.shards import LostShard, claim, finish, keep

    run = plan_run(
        actor=designer,
        benchmark=benchmark,
        system=make_system("transformers", path="x"),
        options={"shard_size": 2},
    )
    assert claim(run.pk, "a") is None, "a planned run hands out nothing"
    Run.objects.filter(pk=run.pk).update(state=RunState.RUNNING)
    held = [claim(run.pk, name) for name in "abcd"]
    assert [shard and shard.first for shard in held] == [0, 2, 4, None]
    Shard.objects.filter(pk=held[1].pk).update(lease_until="2020-01-01T00:00Z")  # type: ignore[union-attr]
    taken_over = claim(run.pk, "e")
    assert taken_over
    assert taken_over.pk == held[1].pk  # type: ignore[union-attr]
    with pytest.raises(LostShard):
        keep(held[1])  # type: ignore[arg-type]
    finish(held[1])  # type: ignore[arg-type]
    taken_over.refresh_from_db()
    assert taken_over.state == "claimed", "who lost a shard cannot finish it"


def test_an_example_that_kills_its_worker_does_not_do_so_for_ever(
    benchmark: Any, designer: Any, make_system: Any, scripted_engine: Any, run_jobs: Any
) -> None:
    engine = scripted_engine(knows_europe)
    run = plan_run(actor=designer, benchmark=benchmark, system=make_system("transformers", path="x"))
    Shard.objects.filter(run=run).update(attempts=6)
    finish(run, run_jobs, designer)
    assert engine.asked == []
    assert run.state == RunState.FAILED
    assert "the worker died" in run.error


def test_the_sweep_sends_runs_that_no_job_serves(
    benchmark: Any, designer: Any, make_system: Any, scripted_engine: Any, run_jobs: Any
) -> None:
    scripted_engine(knows_europe)
    run = plan_run(
        actor=designer,
        benchmark=benchmark,
        system=make_system("transformers", path="x"),
        options={"workers": 2},
    )
    control.start(actor=designer, run=run)
    assert Job.objects.filter(name=control.JOB).count() == 2
    assert work.resume_due() == 0
    Job.objects.all().delete()
    assert work.resume_due() == 1
    run_jobs()
    run.refresh_from_db()
    assert run.state == RunState.DONE
    assert work.resume_due() == 0


def test_a_long_run_gives_up_its_place_between_shards(
    benchmark: Any,
    designer: Any,
    make_system: Any,
    scripted_engine: Any,
    run_jobs: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scripted_engine(knows_europe)
    monkeypatch.setattr(work, "TURN_SECONDS", 1e-9)
    run = plan_run(
        actor=designer,
        benchmark=benchmark,
        system=make_system("transformers", path="x"),
        options={"shard_size": 1},
    )
    finish(run, run_jobs, designer)
    assert run.state == RunState.DONE
    assert Job.objects.filter(name=control.JOB, state="done").count() >= 6
