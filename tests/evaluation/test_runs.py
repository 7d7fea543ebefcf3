"""Runs from plan to result: planning, executing, failing, pausing, resuming, and what the selectors say of them."""

from collections.abc import Callable
from typing import Any

import pytest

from concord.catalog.models import Criterion, Output, OutputSet
from concord.core.errors import Conflict, Forbidden, Invalid
from concord.core.models import Job
from evaluation.models import Failure, Run, Score, Shard, Timing
from evaluation.selectors.progress import progress
from evaluation.selectors.results import accuracies, latency, slices
from evaluation.services import control, work
from evaluation.services.benchmarks import create_benchmark
from evaluation.services.planning import plan_run
from evaluation.states import RunState

pytestmark = pytest.mark.django_db
CAPITALS = [("France", "Paris"), ("Italy", "Rome"), ("Spain", "Madrid"), ("Japan", "Tokyo"), ("Peru", "Lima")]


def capitals(n: int = 5) -> list[dict[str, Any]]:
    return [
        {
            "prompt": f"Capital of {country}? {i}",
            "reference": city,
            "slices": {"continent": "Europe" if i % 5 < 3 else "other"},
        }
        for i, (country, city) in ((i, CAPITALS[i % 5]) for i in range(n))
    ]


@pytest.fixture
def benchmark(designer: Any, workspace: Any, make_dataset: Callable[..., Any]) -> Any:
    return create_benchmark(
        actor=designer, workspace=workspace, name="Capitals", version=make_dataset(capitals())
    )


def knows_europe(prompt: str) -> str:
    return next((city for country, city in CAPITALS[:3] if country in prompt), "no idea")


def finish(run: Run, run_jobs: Callable[[], int], actor: Any) -> Run:
    control.start(actor=actor, run=run)
    run_jobs()
    run.refresh_from_db()
    return run


def test_a_run_writes_every_output_with_its_timing_and_score(
    benchmark: Any, designer: Any, make_system: Any, scripted_engine: Any, run_jobs: Any
) -> None:
    engine = scripted_engine(knows_europe)
    system = make_system(
        "transformers", path="x", prices={"input_per_million": 2.0, "output_per_million": 10.0}
    )
    run = finish(
        plan_run(actor=designer, benchmark=benchmark, system=system, options={"shard_size": 2}),
        run_jobs,
        designer,
    )
    assert run.state == RunState.DONE
    assert run.total == 5
    assert Shard.objects.filter(run=run, state="done").count() == 3
    outputs = Output.objects.filter(output_set=run.output_set).order_by("example__position")
    assert [output.text for output in outputs] == ["Paris", "Rome", "Madrid", "no idea", "no idea"]
    assert [score.value for score in Score.objects.order_by("output__example__position")] == [1, 1, 1, 0, 0]
    timing = Timing.objects.get(output=outputs[3])
    assert (timing.input_tokens, timing.output_tokens) == (4, 2)
    assert timing.cost == pytest.approx((4 * 2 + 2 * 10) / 1e6)
    assert timing.queued_at
    assert timing.sent_at
    assert timing.queued_at <= timing.sent_at
    assert engine.loads == 1, "the engine stays warm between shards"
    assert run.environment["machines"][0]["engine"] == {"device": "none"}
    assert run.settings["dataset"]["digest"] == "d" * 64


def test_the_results_carry_exact_intervals_and_slices(
    benchmark: Any, designer: Any, make_system: Any, scripted_engine: Any, run_jobs: Any
) -> None:
    scripted_engine(knows_europe)
    run = finish(
        plan_run(actor=designer, benchmark=benchmark, system=make_system("transformers", path="x")),
        run_jobs,
        designer,
    )
    (accuracy,) = accuracies(run)
    # Clopper-Pearson for 3 of 5, from a table: [.1466, .9473].
    assert accuracy.estimate.value == 0.6
    assert (accuracy.estimate.low, accuracy.estimate.high) == pytest.approx((0.1466, 0.9473), abs=1e-4)
    rows = {(row.name, row.value): row.estimate for row in slices(run, accuracy)}
    assert rows["continent", "Europe"].value == 1
    assert rows["continent", "other"].value == 0
    found = latency(run)
    assert found is not None
    assert found.percentiles["p50"].n == 5
    assert not found.percentiles["p99"].defined
    assert "662" in str(found.percentiles["p99"].undefined)
    assert found.output_tokens == 7


def test_p99_appears_with_the_662nd_request(
    designer: Any, workspace: Any, make_dataset: Any, make_system: Any, scripted_engine: Any, run_jobs: Any
) -> None:
    scripted_engine(lambda prompt: "Paris", group=100)
    for n, defined in ((661, False), (662, True)):
        benchmark = create_benchmark(
            actor=designer, workspace=workspace, name=f"C{n}", version=make_dataset(capitals(n), f"D{n}")
        )
        run = finish(
            plan_run(
                actor=designer, benchmark=benchmark, system=make_system("transformers", f"s{n}", path="x")
            ),
            run_jobs,
            designer,
        )
        found = latency(run)
        assert found is not None
        assert found.percentiles["p99"].defined is defined


def test_a_batch_counts_once_in_the_latency(
    benchmark: Any, designer: Any, make_system: Any, scripted_engine: Any, run_jobs: Any
) -> None:
    from django.utils import timezone

    scripted_engine(lambda prompt: "Paris")
    run = finish(
        plan_run(actor=designer, benchmark=benchmark, system=make_system("transformers", path="x")),
        run_jobs,
        designer,
    )
    first, *rest = Timing.objects.order_by("output_id")
    Timing.objects.filter(pk__in=[t.pk for t in rest]).update(
        batch_size=4, sent_at=timezone.now(), duration_ms=40.0
    )
    Timing.objects.filter(pk=first.pk).update(duration_ms=10.0)
    found = latency(run)
    assert found is not None
    assert found.unit == "batches"
    assert found.percentiles["p50"].n == 2
    assert found.requests == 5
    assert found.tokens_per_second == pytest.approx(5 / 0.050)


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


def test_epochs_are_clustered_by_example(
    designer: Any, workspace: Any, make_dataset: Any, make_system: Any, scripted_engine: Any, run_jobs: Any
) -> None:
    scripted_engine(knows_europe)
    benchmark = create_benchmark(
        actor=designer, workspace=workspace, name="Twice", version=make_dataset(capitals(20)), epochs=3
    )
    run = finish(
        plan_run(actor=designer, benchmark=benchmark, system=make_system("transformers", path="x")),
        run_jobs,
        designer,
    )
    assert run.total == 60
    assert Output.objects.filter(output_set=run.output_set, epoch=3).count() == 20
    estimate = accuracies(run)[0].estimate
    assert estimate.value == pytest.approx(0.6)
    # Each epoch repeats the same answers: three times the outputs, and not a bit more known than from 20 examples.
    assert estimate.high - estimate.low > 0.4


def test_recorded_outputs_are_scored_where_they_are(
    benchmark: Any, designer: Any, workspace: Any, make_system: Any, run_jobs: Any
) -> None:
    system = make_system("recorded")
    old = OutputSet.objects.create(workspace=workspace, kind="import", name="first file")
    examples = list(benchmark.version.examples.order_by("position"))
    imported = [
        Output.objects.create(output_set=old, system=system, example=example, text=text)
        for example, text in zip(examples, ["Paris", "Milan", "Madrid", "Tokyo"], strict=False)
    ]
    run = finish(plan_run(actor=designer, benchmark=benchmark, system=system), run_jobs, designer)
    assert run.state == RunState.DONE
    assert Output.objects.count() == 4, "no copies are made"
    assert {score.output_id: score.value for score in Score.objects.all()} == dict(
        zip([output.pk for output in imported], [1, 0, 1, 1], strict=True)
    )
    assert Failure.objects.get(run=run).message == "there is no imported output for this example"
    now = progress(run)
    assert (now.done, now.failed, now.open) == (4, 1, 0)
    assert accuracies(run)[0].estimate.value == 0.75
    again = finish(plan_run(actor=designer, benchmark=benchmark, system=system), run_jobs, designer)
    assert again.state == RunState.DONE
    assert Score.objects.count() == 4


def test_choices_are_picked_by_likelihood(
    designer: Any, workspace: Any, make_dataset: Any, make_system: Any, tiny_model: Any, run_jobs: Any
) -> None:
    examples = [
        {"prompt": f"question {n} answer :", "choices": ["yes", "no"], "reference": 0}
        for n in ("one", "two", "three")
    ]
    benchmark = create_benchmark(
        actor=designer, workspace=workspace, name="Yes", version=make_dataset(examples), task="choice"
    )
    run = finish(
        plan_run(
            actor=designer, benchmark=benchmark, system=make_system("transformers", path=str(tiny_model))
        ),
        run_jobs,
        designer,
    )
    assert run.state == RunState.DONE, run.error
    assert run.settings["asked_by"] == "likelihood"
    picked = [output.text for output in Output.objects.order_by("example__position")]
    assert set(picked) <= {"yes", "no"}
    assert [score.value for score in Score.objects.order_by("output__example__position")] == [
        float(p == "yes") for p in picked
    ]


def test_the_endpoint_runs_through_the_same_machinery(
    benchmark: Any, designer: Any, workspace: Any, owner: Any, make_system: Any, endpoint: Any, run_jobs: Any
) -> None:
    from evaluation.models import EndpointConsent
    from evaluation.services.secrets import add_secret

    add_secret(actor=owner, workspace=workspace, name="lab", value="sk-hidden")
    endpoint.script = [("stream", ["Paris"])]
    system = make_system(
        "openai", base_url=endpoint.url, model="m", key_secret="lab", backoff_s=0.01, tries=1
    )
    refused = finish(plan_run(actor=designer, benchmark=benchmark, system=system), run_jobs, designer)
    assert refused.state == RunState.FAILED
    assert "private address" in refused.error
    assert endpoint.bodies == []
    EndpointConsent.objects.create(system=system, base_url=endpoint.url)
    run = finish(plan_run(actor=designer, benchmark=benchmark, system=system), run_jobs, designer)
    assert run.state == RunState.DONE, run.error
    assert accuracies(run)[0].estimate.value == 0.2
    assert set(endpoint.keys) == {"Bearer sk-hidden"}
    kept = str([run.settings, run.environment, list(Failure.objects.values()), list(Job.objects.values())])
    assert "sk-hidden" not in kept


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


@pytest.mark.parametrize(
    ("kind", "task", "said"),
    [
        ("torch", "generate", "which it cannot"),
        ("transformers", "classify", "which it cannot"),
        ("openai", "choice", "{{ choices }}"),
    ],
)
def test_what_does_not_fit_together_is_refused_when_planned(
    kind: str, task: str, said: str, designer: Any, workspace: Any, make_dataset: Any, make_system: Any
) -> None:
    version = make_dataset([{"choices": ["a", "b"], "reference": 0}])
    benchmark = create_benchmark(actor=designer, workspace=workspace, name="B", version=version, task=task)
    with pytest.raises(Invalid, match=said):
        plan_run(actor=designer, benchmark=benchmark, system=make_system(kind))
    assert Run.objects.count() == 0
    assert OutputSet.objects.count() == 0


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"batch_size": 0}, "batch_size"),
        ({"workers": 65}, "workers"),
        ({"queue": "tpu"}, "queue"),
        ({"speed": 1}, "speed"),
        ({"limit": "all"}, "limit"),
    ],
)
def test_bad_options_are_refused_by_name(
    options: dict[str, Any], field: str, benchmark: Any, designer: Any, make_system: Any
) -> None:
    with pytest.raises(Invalid) as caught:
        plan_run(actor=designer, benchmark=benchmark, system=make_system("transformers"), options=options)
    assert caught.value.details["field"] == field


def test_only_designers_plan_and_start(
    benchmark: Any, designer: Any, viewer: Any, rater: Any, make_system: Any
) -> None:
    system = make_system("transformers", path="x")
    for person in (viewer, rater):
        with pytest.raises(Forbidden):
            plan_run(actor=person, benchmark=benchmark, system=system)
    run = plan_run(actor=designer, benchmark=benchmark, system=system)
    with pytest.raises(Forbidden):
        control.start(actor=viewer, run=run)


def test_a_limit_takes_the_first_examples(
    benchmark: Any, designer: Any, make_system: Any, scripted_engine: Any, run_jobs: Any
) -> None:
    scripted_engine(knows_europe)
    options = {"limit": 2, "shard_size": 1}
    run = finish(
        plan_run(
            actor=designer, benchmark=benchmark, system=make_system("transformers", path="x"), options=options
        ),
        run_jobs,
        designer,
    )
    assert (run.total, Output.objects.filter(output_set=run.output_set).count()) == (2, 2)


def test_examples_that_share_a_position_are_asked_once_each(
    designer: Any, workspace: Any, make_dataset: Any, make_system: Any, scripted_engine: Any, run_jobs: Any
) -> None:
    scripted_engine(knows_europe)
    version = make_dataset([{**example, "position": index // 3} for index, example in enumerate(capitals(8))])
    benchmark = create_benchmark(actor=designer, workspace=workspace, name="B", version=version)
    run = finish(
        plan_run(
            actor=designer,
            benchmark=benchmark,
            system=make_system("transformers", path="x"),
            options={"shard_size": 2},
        ),
        run_jobs,
        designer,
    )
    assert Output.objects.filter(output_set=run.output_set).count() == run.total == 8


def test_the_standard_criterion_is_made_once_and_shared(
    benchmark: Any, designer: Any, workspace: Any, make_dataset: Any
) -> None:
    assert Criterion.objects.get(slug="correct").direction == "higher"
    create_benchmark(
        actor=designer, workspace=workspace, name="Other", version=make_dataset(capitals(), "Other")
    )
    assert Criterion.objects.filter(slug="correct").count() == 1
