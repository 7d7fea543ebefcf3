"""What may be planned and started, by whom, and on which examples."""

from typing import Any

import pytest

from concord.catalog.models import Criterion, Output, OutputSet
from concord.core.errors import Forbidden, Invalid
from evaluation.models import Run
from evaluation.services import control
from evaluation.services.benchmarks import create_benchmark
from evaluation.services.planning import plan_run
from tests.evaluation.capitals import capitals, finish, knows_europe

pytestmark = pytest.mark.django_db


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
    config = {"base_url": "https://api.example.org/v1"} if kind == "openai" else {}
    with pytest.raises(Invalid, match=said):
        plan_run(actor=designer, benchmark=benchmark, system=make_system(kind, **config))
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
    assert caught.value.field == field


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
