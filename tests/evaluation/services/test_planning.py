"""What a plan freezes, and how it is cut into shards: by hand on a few examples."""

from typing import Any

import pytest

from concord.catalog.models import Criterion, Example, Output, OutputSet
from concord.core.errors import Conflict, Invalid
from evaluation.models import Scorer, Shard
from evaluation.services.benchmarks import create_benchmark, delete_benchmark

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("positions", "size", "limit", "shards", "total"),
    [
        ([0, 1, 2, 3, 4], 2, None, [(0, 2), (2, 4), (4, 5)], 5),
        ([0, 1, 2, 3], 2, None, [(0, 2), (2, 4)], 4),
        ([0, 0, 0, 1, 2], 2, None, [(0, 2), (2, 3)], 5),  # a cut inside equals would part them
        ([5, 7, 9], 1, None, [(5, 7), (7, 9), (9, 10)], 3),
        ([0, 1, 2], 9, None, [(0, 3)], 3),
        ([4, 4, 4], 1, None, [(4, 5)], 3),
        ([0, 1, 2, 3], 1, 2, [(0, 1), (1, 2)], 2),
        ([0, 1, 1, 2], 1, 2, [(0, 1), (1, 2)], 3),  # the second of equals comes with the first
        ([3, 0, 2], 2, 99, [(0, 3), (3, 4)], 3),
    ],
)
def test_shards_by_hand(
    positions: list[int],
    size: int,
    limit: int | None,
    shards: list[tuple[int, int]],
    total: int,
    planned: Any,
) -> None:
    run = planned([{"position": one} for one in positions], shard_size=size, limit=limit)
    assert list(Shard.objects.filter(run=run).order_by("first").values_list("first", "last")) == shards
    assert run.total == total
    held = [
        example.pk
        for first, last in shards
        for example in Example.objects.filter(
            version=run.benchmark.version_id, position__gte=first, position__lt=last
        )
    ]
    assert len(held) == len(set(held)) == total, "every example is in one shard"


def test_each_epoch_has_its_own_shards(planned: Any) -> None:
    run = planned(3, epochs=2, shard_size=2)
    found = Shard.objects.filter(run=run).order_by("epoch", "first").values_list("epoch", "first", "last")
    assert list(found) == [(1, 0, 2), (1, 2, 3), (2, 0, 2), (2, 2, 3)]
    assert run.total == 6


def test_everything_that_shapes_a_run_is_frozen_in_it(planned: Any, make_system: Any) -> None:
    system = make_system("transformers", path="x", prices={"per_hour": 2})
    run = planned(2, system=system, sampling={"max_tokens": 7}, batch_size=3, queue="gpu", max_attempts=2)
    run.benchmark.template = "changed"
    run.benchmark.save()
    settings = run.settings
    assert settings["sampling"] == {
        "max_tokens": 7,
        "temperature": 0.0,
        "top_p": 1.0,
        "seed": 0,
        "stop": [],
        "normalise": "sum",
    }
    assert (settings["template"], settings["asked_by"], settings["epochs"]) == (
        "{{ prompt }}",
        "generation",
        1,
    )
    assert (settings["batch_size"], settings["max_attempts"], settings["prices"]) == (3, 2, {"per_hour": 2})
    assert settings["system"]["config"] == {"path": "x"}
    assert settings["dataset"]["version"] == run.benchmark.version_id
    assert (run.queue, run.state) == ("gpu", "running")
    assert "queue" not in settings


def test_one_scorer_a_method_and_its_parameters(planned: Any) -> None:
    scorers = [
        {"method": "exact_match"},
        {"method": "exact_match", "ignore_case": False, "ignore_articles": True},
        {"method": "token_f1"},
    ]
    first = planned(1, scorers=scorers)
    again = planned(1, name="Other", scorers=scorers[1:])
    titles = ["Exact match", "Exact match (ignore_articles True, ignore_case False)", "Token F1"]
    assert [spec["title"] for spec in first.settings["scorers"]] == titles
    assert [spec["scorer_id"] for spec in again.settings["scorers"]] == [
        spec["scorer_id"] for spec in first.settings["scorers"][1:]
    ]
    assert Scorer.objects.count() == 3
    assert list(Criterion.objects.order_by("slug").values_list("slug", "kind")) == [
        ("correct", "yes_no"),
        ("overlap", "numeric"),
    ]


def test_a_scorers_name_that_means_something_else_is_not_written_to(planned: Any, workspace: Any) -> None:
    Scorer.objects.create(workspace=workspace, name="Exact match", kind="judge", method="imported")
    with pytest.raises(Invalid, match="is something else") as caught:
        planned(1)
    assert caught.value.code == "scorer_name_taken"


def test_a_criterion_that_is_gone_is_named(planned: Any) -> None:
    run = planned(1)
    Criterion.objects.all().delete()
    with pytest.raises(Invalid, match="'correct' is gone"):
        planned(benchmark=run.benchmark, system=run.system)


def test_a_recorded_system_is_scored_where_most_of_its_answers_are(
    planned: Any, make_system: Any, workspace: Any
) -> None:
    system = make_system("recorded")
    template = planned(3)
    examples = list(Example.objects.filter(version=template.benchmark.version_id))

    def recorded(count: int, kind: str = "import", epoch: int = 1) -> Any:
        made = OutputSet.objects.create(workspace=workspace, kind=kind, name=f"{count}")
        for example in examples[:count]:
            Output.objects.create(output_set=made, system=system, example=example, text="x", epoch=epoch)
        return made

    with pytest.raises(Invalid, match="has no imported outputs"):
        planned(benchmark=template.benchmark, system=system)
    recorded(3, kind="run")
    recorded(3, epoch=2)
    older = recorded(2)
    assert planned(benchmark=template.benchmark, system=system).recorded_set_id == older.pk
    newer = recorded(2)
    recorded(1)
    run = planned(benchmark=template.benchmark, system=system)
    assert run.recorded_set_id == run.answers_set_id == newer.pk, "of equals the newest"
    fullest = recorded(3)
    assert planned(benchmark=template.benchmark, system=system).recorded_set_id == fullest.pk
    assert (run.settings["asked_by"], run.settings["epochs"]) == ("recording", 1)


def test_a_recording_without_a_scorer_has_nothing_to_do(planned: Any, make_system: Any) -> None:
    made = planned(1, scorers=[])
    with pytest.raises(Invalid) as caught:
        planned(benchmark=made.benchmark, system=make_system("recorded"))
    assert caught.value.code in {"nothing_to_do", "no_recorded_outputs"}


def test_an_archived_or_foreign_system_is_not_run(
    planned: Any, make_system: Any, other_workspace: Any
) -> None:
    from django.utils import timezone

    made = planned(1)
    made.system.archived_at = timezone.now()
    with pytest.raises(Invalid) as archived:
        planned(benchmark=made.benchmark, system=made.system)
    system = make_system("transformers", "elsewhere", path="x")
    system.workspace = other_workspace
    system.save()
    with pytest.raises(Invalid) as foreign:
        planned(benchmark=made.benchmark, system=system)
    assert (archived.value.code, foreign.value.code) == ("archived_system", "bad_system")


PAIRWISE = {"slug": "better", "kind": "preference", "level": "ordinal"}
STARS = {
    "slug": "stars",
    "kind": "likert",
    "level": "ordinal",
    "labels": [{"value": n, "label": n} for n in (1, 2)],
}
NUMBER = {"slug": "number", "kind": "numeric", "level": "interval"}
BINARY = {
    "slug": "fine",
    "kind": "yes_no",
    "level": "nominal",
    "labels": [{"value": n, "label": n} for n in (0, 1)],
}


@pytest.mark.parametrize(
    ("method", "criterion", "code"),
    [
        ("exact_match", PAIRWISE, "pairwise_criterion"),
        ("exact_match", STARS, "foreign_labels"),
        ("token_f1", BINARY, "foreign_labels"),
        ("exact_match", NUMBER, ""),
        ("token_f1", NUMBER, ""),
        ("exact_match", BINARY, ""),
        ("exact_match", {"slug": "missing"}, "unknown_criterion"),
    ],
)
def test_which_scorer_answers_which_criterion(
    method: str, criterion: dict[str, Any], code: str, planned: Any, workspace: Any
) -> None:
    if "kind" in criterion:
        Criterion.objects.create(workspace=workspace, name="C", question="?", **criterion)
    specs = [{"method": method, "criterion": criterion["slug"]}]
    if not code:
        assert planned(1, scorers=specs).settings["scorers"][0]["method"] == method
        return
    with pytest.raises(Invalid) as caught:
        planned(1, scorers=specs)
    assert (caught.value.code, caught.value.field) == (code, "scorers")


def test_a_benchmark_is_refused_field_by_field(
    designer: Any, workspace: Any, other_workspace: Any, make_dataset: Any
) -> None:
    version, empty = make_dataset([{}, {"choices": ["a"]}]), make_dataset([], "Empty")
    elsewhere = make_dataset([{}], "Elsewhere")
    elsewhere.dataset.workspace = other_workspace
    for field, code, change in (
        ("name", "bad_name", {"name": "  "}),
        ("version", "bad_version", {"version": elsewhere}),
        ("version", "empty_dataset", {"version": empty}),
        ("task", "bad_task", {"task": "guess"}),
        ("task", "no_choices", {"task": "choice"}),
        ("epochs", "bad_epochs", {"epochs": 0}),
        ("epochs", "bad_epochs", {"epochs": 101}),
        ("scorers", "bad_scorers", {"scorers": "exact_match"}),
        ("scorers", "bad_scorers", {"scorers": ["exact_match"]}),
        ("scorers", "bad_scorers", {"scorers": [{"method": "exact_match"}] * 21}),
        ("scorers", "unknown_scorer", {"scorers": [{}]}),
    ):
        given: dict[str, Any] = {"name": "B", "version": version, **change}
        with pytest.raises(Invalid) as caught:
            create_benchmark(actor=designer, workspace=workspace, **given)
        assert (caught.value.field, caught.value.code) == (field, code)
    made = create_benchmark(actor=designer, workspace=workspace, name=" B ", version=version, epochs=100)
    assert (made.name, made.scorers) == ("B", [{"method": "exact_match", "criterion": "correct"}])
    with pytest.raises(Conflict, match="'B'"):
        create_benchmark(actor=designer, workspace=workspace, name="B", version=version)


def test_examples_without_anything_to_pick_from_are_counted(
    designer: Any, workspace: Any, make_dataset: Any
) -> None:
    version = make_dataset([{"choices": ["a", "b"]}, {}, {"choices": []}, {"choices": ["a"]}])
    with pytest.raises(Invalid, match=r"^2 examples of"):
        create_benchmark(actor=designer, workspace=workspace, name="B", version=version, task="choice")
    Example.objects.filter(version=version, position__in=[1, 2]).delete()
    assert create_benchmark(actor=designer, workspace=workspace, name="B", version=version, task="choice").pk


def test_a_benchmark_with_runs_stays(planned: Any, designer: Any) -> None:
    run = planned(1)
    with pytest.raises(Conflict) as caught:
        delete_benchmark(actor=designer, benchmark=run.benchmark)
    assert caught.value.code == "benchmark_in_use"
    benchmark = run.benchmark
    run.delete()
    delete_benchmark(actor=designer, benchmark=benchmark)
    assert benchmark.pk is None
