"""Which examples of a shard are still open, and what asking costs just after an import."""

from typing import Any

import pytest
from django.db import connection

from concord.catalog.models import Output, OutputSet
from evaluation.models import Failure, Run, Score, Shard
from evaluation.selectors.open_examples import open_examples
from evaluation.services import control
from evaluation.services.benchmarks import create_benchmark
from evaluation.services.planning import plan_run

pytestmark = pytest.mark.django_db
MANY = 400


@pytest.fixture
def make_run(designer: Any, workspace: Any, make_dataset: Any, make_system: Any) -> Any:
    """A run over recorded answers to all of `examples`, started and split into shards."""

    def make(examples: int, scorers: list[str], **options: Any) -> Run:
        version = make_dataset([{"reference": f"{index}"} for index in range(examples)])
        system = make_system("recorded")
        place = OutputSet.objects.create(workspace=workspace, kind="import", name="answers")
        Output.objects.bulk_create(
            Output(output_set=place, system=system, example=example, text=example.key)
            for example in version.examples.all()
        )
        methods = [{"method": name} for name in scorers]
        benchmark = create_benchmark(
            actor=designer, workspace=workspace, name="B", version=version, scorers=methods
        )
        run = plan_run(actor=designer, benchmark=benchmark, system=system, options=options)
        control.start(actor=designer, run=run)
        return Run.objects.get(pk=run.pk)

    return make


def keys(run: Run, shard: Shard) -> list[str]:
    return [f"e{facts.reference}" for facts in open_examples(run, shard)]


def test_open_is_what_not_every_scorer_has_read_and_what_has_tries_left(make_run: Any) -> None:
    run = make_run(6, ["exact_match", "numeric_answer"], shard_size=4)
    first, second = run.shards.order_by("first")
    assert (keys(run, first), keys(run, second)) == (["e0", "e1", "e2", "e3"], ["e4", "e5"])
    one, two = ((spec["scorer_id"], spec["criterion_id"]) for spec in run.settings["scorers"])
    outputs = {output.example.key: output for output in Output.objects.select_related("example")}
    for key, pairs in {"e0": (one, two), "e1": (one,), "e4": (one, two)}.items():
        for scorer, criterion in pairs:
            Score.objects.create(scorer_id=scorer, criterion_id=criterion, output=outputs[key], value=1)
    tries = run.settings["max_attempts"]
    for key, attempts in {"e2": tries, "e3": tries - 1}.items():
        Failure.objects.create(
            run=run, example=outputs[key].example, epoch=1, attempts=attempts, message="no"
        )
    assert (keys(run, first), keys(run, second)) == (["e1", "e3"], ["e5"])


def test_each_example_looks_up_its_own_answer_before_any_statistics_are_made(make_run: Any) -> None:
    """Pages read grow with the examples, not with their square: joined, these 400 read more than 100,000."""
    run = make_run(MANY, ["exact_match"], shard_size=MANY)
    pages: list[int] = []

    def explained(execute: Any, query: str, params: Any, many: bool, context: Any) -> Any:
        if "evaluation_failure" in query:
            with context["connection"].connection.cursor() as cursor:
                cursor.execute("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + query, params)
                pages.append(cursor.fetchone()[0][0]["Plan"]["Shared Hit Blocks"])
        return execute(query, params, many, context)

    with connection.execute_wrapper(explained):
        assert len(open_examples(run, run.shards.get())) == MANY
    assert pages[0] < 20 * MANY
