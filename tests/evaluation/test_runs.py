"""Runs from plan to result: planning, executing, failing, pausing, resuming, and what the selectors say of them."""

from typing import Any

import pytest

from concord.catalog.models import Output, OutputSet
from concord.core.models import Job
from evaluation.models import Failure, Score, Shard, Timing
from evaluation.selectors.progress import progress
from evaluation.selectors.results import accuracies, latency_of, slices
from evaluation.services.benchmarks import create_benchmark
from evaluation.services.planning import plan_run
from evaluation.states import RunState
from tests.evaluation.capitals import capitals, finish, knows_europe

pytestmark = pytest.mark.django_db


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
    found = latency_of(run)
    assert found is not None
    assert found.percentiles["p50"].n == 5
    assert not found.percentiles["p99"].defined
    assert "662" in str(found.percentiles["p99"].undefined)
    assert found.output_tokens_total == 7


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
        found = latency_of(run)
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
    found = latency_of(run)
    assert found is not None
    assert found.percentiles["p50"].n == 2
    assert (found.outputs, found.requests, found.largest_batch) == (5, 2, 4)
    assert found.tokens_per_second.value == pytest.approx(1 / 0.010), (
        "a batch's time is not that of one request"
    )


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
    from evaluation.services.consent import allow_private_endpoint
    from evaluation.services.secrets import add_secret

    add_secret(actor=owner, workspace=workspace, name="lab", value="sk-hidden", address=endpoint.url)
    endpoint.script = [("stream", ["Paris"])]
    system = make_system(
        "openai", base_url=endpoint.url, model="m", key_secret="lab", backoff_s=0.01, tries=1
    )
    refused = finish(plan_run(actor=designer, benchmark=benchmark, system=system), run_jobs, designer)
    assert refused.state == RunState.FAILED
    assert "private address" in refused.error
    assert endpoint.bodies == []
    owner.is_staff = True
    allow_private_endpoint(actor=owner, run=refused, ips=["127.0.0.1"])
    run = finish(plan_run(actor=designer, benchmark=benchmark, system=system), run_jobs, designer)
    assert run.state == RunState.DONE, run.error
    assert accuracies(run)[0].estimate.value == 0.2
    assert set(endpoint.keys) == {"Bearer sk-hidden"}
    kept = str([run.settings, run.environment, list(Failure.objects.values()), list(Job.objects.values())])
    assert "sk-hidden" not in kept
