"""The pages and the API of benchmarks, runs and endpoint keys."""

import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from django.core.cache import cache
from django.test import Client
from PIL import Image

from concord.catalog.models import Output
from concord.core.services.files import IMAGES, store
from evaluation.models import Benchmark, Run, Secret
from evaluation.services import control
from evaluation.services.benchmarks import create_benchmark
from evaluation.services.planning import plan_run
from evaluation.services.secrets import reveal
from evaluation.states import RunState
from tests.method_links import assert_true, led_to, record_calls

pytestmark = pytest.mark.django_db
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>"


@pytest.fixture
def as_designer(client: Client, designer: Any) -> Client:
    client.force_login(designer)
    return client


@pytest.fixture
def done(
    designer: Any,
    workspace: Any,
    make_dataset: Callable[..., Any],
    make_system: Any,
    scripted_engine: Any,
    run_jobs: Callable[[], int],
) -> Run:
    """A finished run of three examples, the first answered rightly."""
    examples = [
        {"prompt": HOSTILE, "reference": "yes", "slices": {"kind": "even" if i % 2 == 0 else "odd"}}
        for i in range(3)
    ]
    benchmark = create_benchmark(
        actor=designer, workspace=workspace, name="B", version=make_dataset(examples)
    )
    answers = iter(["yes", HOSTILE, HOSTILE])
    scripted_engine(lambda prompt: next(answers))
    run = plan_run(actor=designer, benchmark=benchmark, system=make_system("transformers", path="x"))
    control.start(actor=designer, run=run)
    run_jobs()
    run.refresh_from_db()
    return run


def test_a_benchmark_is_made_by_its_form(as_designer: Client, workspace: Any, make_dataset: Any) -> None:
    version = make_dataset([{"reference": "1"}])
    page = as_designer.get("/w/acme/benchmarks/new/")
    assert "Exact match" in page.content.decode()
    form = {
        "name": "Sums",
        "version": version.pk,
        "task": "generate",
        "template": "Q: {{ prompt }}",
        "scorers": ["numeric_answer", "contains"],
        "parameters": '{"contains": {"whole_words": false}}',
        "max_tokens": 64,
        "temperature": 0,
        "seed": 1,
        "stop": "Q:\n\n",
        "epochs": 2,
    }
    answer = as_designer.post("/w/acme/benchmarks/new/", form)
    made = Benchmark.objects.get()
    assert answer["Location"] == f"/w/acme/benchmarks/{made.pk}/"
    assert made.scorers == [
        {"method": "numeric_answer", "criterion": "correct"},
        {"method": "contains", "criterion": "correct", "whole_words": False},
    ]
    assert (made.settings["max_tokens"], made.settings["stop"], made.epochs) == (64, ["Q:"], 2)
    assert as_designer.get(answer["Location"]).status_code == 200
    again = as_designer.post("/w/acme/benchmarks/new/", form)
    assert again.status_code == 409
    assert "already a benchmark" in again.content.decode()
    bad = as_designer.post(
        "/w/acme/benchmarks/new/", {**form, "name": "Other", "template": "{{ prompt.__class__ }}"}
    )
    assert "may name prompt" in bad.content.decode()


def test_runs_are_started_for_several_systems_or_for_none(
    as_designer: Client, workspace: Any, designer: Any, make_dataset: Any, make_system: Any
) -> None:
    benchmark = create_benchmark(
        actor=designer, workspace=workspace, name="B", version=make_dataset([{"reference": "1"}])
    )
    fits, does_not = make_system("transformers", path="x"), make_system("torch", path="y")
    refused = as_designer.post(
        "/w/acme/runs/new/", {"benchmark": benchmark.pk, "systems": [fits.pk, does_not.pk], "workers": 1}
    )
    assert refused.status_code == 400
    assert "which it cannot" in refused.content.decode()
    assert Run.objects.count() == 0
    made = as_designer.post(
        "/w/acme/runs/new/", {"benchmark": benchmark.pk, "systems": [fits.pk], "workers": 2, "batch_size": 4}
    )
    run = Run.objects.get()
    assert made["Location"] == f"/w/acme/runs/{run.pk}/"
    assert (run.state, run.settings["workers"], run.settings["batch_size"]) == (RunState.RUNNING, 2, 4)


def test_the_run_page_shows_figures_and_keeps_hostile_answers_harmless(
    as_designer: Client, done: Run
) -> None:
    page = as_designer.get(f"/w/acme/runs/{done.pk}/").content.decode()
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "exact interval (Clopper–Pearson)" in page
    assert "needs at least 662 requests" in page
    assert "even" in page
    assert as_designer.get("/w/acme/runs/").status_code == 200
    compared = as_designer.get(f"/w/acme/benchmarks/{done.benchmark_id}/").content.decode()
    table, drawn = "[1\u00a0%, 91\u00a0%]</span>", "[1\u00a0%, 91\u00a0%] n = 3"
    assert compared.count(table) == 1
    assert drawn in compared, "the picture says it as the table does"


def test_figures_lead_to_the_methods_that_computed_them(
    as_designer: Client, done: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.clear()
    called = record_calls(monkeypatch)
    page = as_designer.get(f"/w/acme/runs/{done.pk}/").content.decode()
    assert led_to(page) == {"proportion", "percentile"}
    assert_true(page, called)
    page = as_designer.get(f"/w/acme/benchmarks/{done.benchmark_id}/").content.decode()
    assert led_to(page) == {"proportion", "percentile"}


@pytest.mark.parametrize(
    ("shown", "count"), [("all", 3), ("right", 1), ("wrong", 2), ("unscored", 0), ("nonsense", 3)]
)
def test_answers_are_filtered_by_their_first_score(
    as_designer: Client, done: Run, shown: str, count: int
) -> None:
    response = as_designer.get(f"/w/acme/runs/{done.pk}/?show={shown}")
    assert len(response.context["answers"]) == count
    listed = as_designer.get(f"/api/v1/runs/{done.pk}/outputs/?show={shown}")
    if shown == "nonsense":  # a program is told; a person sees which tab is open
        assert (listed.status_code, listed.json()["field"]) == (400, "show")
    else:
        assert len(listed.json()["results"]) == count


def test_the_moving_part_polls_while_the_run_runs_and_then_asks_for_the_whole_page(
    as_designer: Client, done: Run
) -> None:
    url = f"/w/acme/runs/{done.pk}/progress/"
    Run.objects.filter(pk=done.pk).update(state=RunState.RUNNING)
    moving = as_designer.get(url, headers={"HX-Request": "true"})
    assert 'hx-trigger="every 2s"' in moving.content.decode()
    assert "HX-Refresh" not in moving
    Run.objects.filter(pk=done.pk).update(state=RunState.DONE)
    ended = as_designer.get(url, headers={"HX-Request": "true"})
    assert "every 2s" not in ended.content.decode()
    assert ended["HX-Refresh"] == "true"


def test_buttons_move_the_run_and_a_late_click_says_why_not(as_designer: Client, done: Run) -> None:
    Run.objects.filter(pk=done.pk).update(state=RunState.RUNNING)
    for to, state in (("pause", "paused"), ("resume", "running"), ("cancel", "cancelled")):
        assert as_designer.post(f"/w/acme/runs/{done.pk}/{to}/").status_code == 302
        done.refresh_from_db()
        assert done.state == state
    late = as_designer.post(f"/w/acme/runs/{done.pk}/pause/", follow=True)
    assert "This run is cancelled" in late.content.decode()


def test_a_run_page_asks_a_fixed_number_of_questions(
    as_designer: Client, done: Run, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(30):
        as_designer.get(f"/w/acme/runs/{done.pk}/")


def test_the_api_runs_a_benchmark_from_end_to_end(
    as_designer: Client,
    workspace: Any,
    make_dataset: Any,
    make_system: Any,
    scripted_engine: Any,
    run_jobs: Any,
) -> None:
    version = make_dataset([{"reference": "yes"}, {"reference": "no"}])
    body = {"workspace": "acme", "name": "Api", "version": version.pk, "scorers": [{"method": "exact_match"}]}
    benchmark = as_designer.post("/api/v1/benchmarks/", body, content_type="application/json").json()
    assert benchmark["template"] == "{{ prompt }}"
    scripted_engine(lambda prompt: "yes")
    body = {
        "workspace": "acme",
        "benchmark": benchmark["id"],
        "system": make_system("transformers", path="x").pk,
        "options": {"batch_size": 2},
    }
    run = as_designer.post("/api/v1/runs/", body, content_type="application/json").json()
    assert run["state"] == "running"
    run_jobs()
    shown = as_designer.get(f"/api/v1/runs/{run['id']}/").json()
    assert (shown["state"], shown["progress"]["done"]) == ("done", 2)
    results = as_designer.get(f"/api/v1/runs/{run['id']}/results/").json()
    assert results["accuracy"][0]["estimate"]["value"] == 0.5
    assert results["latency"]["milliseconds"]["p99"]["undefined"]
    refused = as_designer.post(
        "/api/v1/runs/", {**body, "options": {"speed": 1}}, content_type="application/json"
    )
    assert refused.status_code == 400
    assert refused.json()["code"] == "bad_option"
    conflict = as_designer.post(f"/api/v1/runs/{run['id']}/pause/")
    assert (conflict.status_code, conflict.json()["code"]) == (409, "illegal_move")


def test_things_of_another_workspace_cannot_be_named(
    as_designer: Client, other_workspace: Any, workspace: Any, make_dataset: Any
) -> None:
    from concord.catalog.models import Dataset, DatasetVersion

    foreign = DatasetVersion.objects.create(
        dataset=Dataset.objects.create(workspace=other_workspace, name="Theirs")
    )
    body = {"workspace": "acme", "name": "B", "version": foreign.pk}
    assert as_designer.post("/api/v1/benchmarks/", body, content_type="application/json").status_code == 404
    body["version"] = 10**9
    assert as_designer.post("/api/v1/benchmarks/", body, content_type="application/json").status_code == 404


def test_keys_go_in_and_never_come_out(client: Client, owner: Any, workspace: Any) -> None:
    client.force_login(owner)
    form = {"name": "lab", "value": "sk-very-secret", "address": "https://Lab.example:443/v1"}
    made = client.post("/w/acme/keys/", form, follow=True)
    assert "sk-very-secret" not in made.content.decode()
    assert "https://lab.example" in made.content.decode()
    secret = Secret.objects.get()
    assert b"sk-very-secret" not in bytes(secret.ciphertext)
    assert reveal(secret) == "sk-very-secret"
    assert "sk-very-secret" not in client.get("/api/v1/secrets/").content.decode()
    from concord.core.models import AuditEvent

    assert "sk-very-secret" not in str(list(AuditEvent.objects.values()))


def test_images_are_classified_through_the_declared_pre_processing(
    tmp_path: Any,
    designer: Any,
    workspace: Any,
    other_workspace: Any,
    make_dataset: Any,
    make_system: Any,
    run_jobs: Any,
) -> None:
    import torch

    model = torch.nn.Sequential(torch.nn.AvgPool2d(2), torch.nn.Flatten()).eval()
    batch = torch.export.Dim("batch")
    program = torch.export.export(model, (torch.zeros(2, 1, 4, 4),), dynamic_shapes=({0: batch},))
    torch.export.save(program, tmp_path / "quadrants.pt2")

    def picture(quadrant: int, space: Any) -> list[dict[str, Any]]:
        pixels = np.zeros((4, 4), dtype=np.uint8)
        pixels[2 * (quadrant // 2) :, 2 * (quadrant % 2) :][:2, :2] = 255
        stream = io.BytesIO()
        Image.fromarray(pixels).save(stream, "PNG")
        file = store(workspace_id=space.pk, source=stream.getvalue(), name=f"{quadrant}.png", allowed=IMAGES)
        return [{"type": "image", "file": file.pk}]

    labels = ["nw", "ne", "sw", "se"]
    examples = [{"content": picture(i, workspace), "reference": labels[i]} for i in range(4)]
    examples.append({"content": picture(0, other_workspace), "reference": "nw"})
    benchmark = create_benchmark(
        actor=designer, workspace=workspace, name="Q", version=make_dataset(examples), task="classify"
    )
    image = {"kind": "image", "size": [4, 4]}
    system = make_system(
        "torch", path=str(tmp_path / "quadrants.pt2"), input=image, output={"labels": labels}, device="cpu"
    )
    run = plan_run(actor=designer, benchmark=benchmark, system=system)
    control.start(actor=designer, run=run)
    run_jobs()
    run.refresh_from_db()
    assert run.state == RunState.DONE, run.error
    assert [output.text for output in Output.objects.order_by("example__position")] == labels
    assert run.failures.get().message == "the example has no image", "a file of another workspace is not read"


def test_the_web_process_never_imports_torch(workspace: Any) -> None:
    """In a process of its own: this one has long imported it for other tests."""
    import os
    import subprocess
    import sys
    from pathlib import Path

    root = Path(__file__).resolve().parents[2]
    code = (
        "import django, sys; django.setup()\n"
        "from django.urls import get_resolver; get_resolver().url_patterns\n"
        "import concord.wsgi\n"
        "heavy = sorted({'torch', 'transformers', 'httpx', 'PIL', 'evaluation.engines'} & set(sys.modules))\n"
        "sys.exit(f'imported: {heavy}' if heavy else 0)"
    )
    environment = {**os.environ, "PYTHONPATH": f"{root / 'platform'}:{root}"}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        env=environment,
        cwd=root,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
