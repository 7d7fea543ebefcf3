"""A benchmark's picture: drawn when a run is done, shown only while it shows what the table shows."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

from concord.core.models import AuditEvent
from concord.stats import Estimate
from evaluation.models import BenchmarkPicture, Run
from evaluation.pictures import comparison
from evaluation.services import control
from evaluation.services.benchmarks import create_benchmark
from evaluation.services.pictures import draw_comparison
from evaluation.services.planning import plan_run


def estimate(value: float, low: float, high: float) -> Any:
    return Estimate(value=value, low=low, high=high, confidence=0.95, n=50, method="m")


def compared(name: str, found: Any, *, is_share: bool = True) -> Any:
    score = SimpleNamespace(title="Exact match", estimate=found, is_share=is_share)
    accuracies = [] if found is None else [score]
    summary = SimpleNamespace(accuracies=accuracies, first=found)
    return SimpleNamespace(run=SimpleNamespace(system=name), summary=summary)


def test_every_scored_system_stands_where_its_scale_says() -> None:
    rows = [
        compared("Ada", estimate(0.75, 0.5, 1.0)),
        compared("Bob", estimate(0.25, 0.0, 0.5)),
        compared("Cleo", None),
    ]
    picture = comparison(rows)
    assert picture is not None
    assert "2 systems as rows: Ada, Bob." in picture.description
    assert "Ada, Exact match, machine: 75\u00a0% [50\u00a0%, 100\u00a0%] n = 50" in picture.file
    assert ">100\u00a0%<" in picture.file
    assert ">120\u00a0%<" not in picture.file


def test_scores_beyond_one_have_a_scale_of_their_own() -> None:
    picture = comparison([compared("Ada", estimate(70.0, 60.0, 80.0), is_share=False)])
    assert picture is not None
    assert ">80<" in picture.file


def test_without_a_figure_there_is_no_picture() -> None:
    assert comparison([compared("Ada", None)]) is None
    assert comparison([]) is None


@pytest.mark.django_db
def test_a_run_that_is_done_has_the_comparison_drawn_and_the_page_shows_it_while_it_holds(
    client: Any,
    designer: Any,
    workspace: Any,
    make_dataset: Any,
    make_system: Any,
    scripted_engine: Any,
    run_jobs: Any,
) -> None:
    examples = [{"prompt": f"{i}", "reference": "yes"} for i in range(3)]
    benchmark = create_benchmark(
        actor=designer, workspace=workspace, name="B", version=make_dataset(examples)
    )
    scripted_engine(lambda prompt: "yes")
    run = plan_run(actor=designer, benchmark=benchmark, system=make_system("transformers", path="x"))
    control.start(actor=designer, run=run)
    run_jobs()
    run.refresh_from_db()
    assert BenchmarkPicture.objects.get().shown == [[run.pk, str(run.finished_at)]]
    client.force_login(designer)
    address = f"/w/acme/benchmarks/{benchmark.pk}/"
    assert client.get(address).content.decode().count('role="img"') == 3
    svg = client.get(f"{address}picture.svg")
    assert svg["Content-Type"] == "image/svg+xml"
    assert b"var(--" not in svg.content
    assert client.get(f"{address}picture.png").content.startswith(b"\x89PNG")
    assert client.get(f"{address}picture.gif").status_code == 404
    given = AuditEvent.objects.filter(verb="picture.exported", object_id=benchmark.pk)
    assert [one.details["kind"] for one in given.order_by("pk")] == ["svg", "png"]
    Run.objects.filter(pk=run.pk).update(finished_at=timezone.now())  # its failures were tried again
    assert 'role="img"' not in client.get(address).content.decode()
    assert draw_comparison(benchmark=benchmark)
    assert client.get(address).content.decode().count('role="img"') == 3
    Run.objects.filter(pk=run.pk).update(state="failed")
    page = client.get(address).content.decode()
    assert 'role="img"' not in page
    assert not draw_comparison(benchmark=benchmark)
