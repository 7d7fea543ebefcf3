"""A key that an endpoint repeats is in nothing that a run leaves: not in answers, scores, failures, pages, logs or exports."""

import base64
import logging
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client

from concord.catalog.models import Output
from concord.core.models import AuditEvent, Job
from evaluation.models import Failure, Run, Score
from evaluation.services.planning import plan_run
from evaluation.services.secrets import add_secret
from tests.evaluation.capitals import finish

pytestmark = pytest.mark.django_db
KEY = "sk-proj-0123/4567+89abcdefXYZ"
FORMER = "sk-former-key-of-the-lab"
PIECES = [KEY[i : i + 8] for i in range(len(KEY) - 7)] + [FORMER[i : i + 8] for i in range(len(FORMER) - 7)]


@pytest.fixture
def planned_with_key(
    owner: Any, workspace: Any, benchmark: Any, designer: Any, make_system: Any, endpoint: Any, settings: Any
) -> Run:
    settings.ALLOW_PRIVATE_ENDPOINTS = True
    add_secret(actor=owner, workspace=workspace, name="lab", value=KEY, address=endpoint.url)
    add_secret(actor=owner, workspace=workspace, name="old", value=FORMER, address=endpoint.url)
    config = {"base_url": endpoint.url, "model": "m", "key_secret": "lab", "tries": 1, "concurrency": 1}
    return plan_run(actor=designer, benchmark=benchmark, system=make_system("openai", **config))


def test_nothing_that_a_run_leaves_tells_a_key(
    planned_with_key: Run,
    endpoint: Any,
    designer: Any,
    viewer: Any,
    client: Client,
    run_jobs: Any,
    caplog: pytest.LogCaptureFixture,
) -> None:
    said = f"I was called with {KEY}."
    endpoint.script = [
        ("stream", [said[i : i + 5] for i in range(0, len(said), 5)]),
        ("whole", f"{quote(KEY, safe='')} and {base64.b64encode(KEY.encode()).decode()}"),
        ("status", 400, "x" * 285 + KEY),
        ("whole_error", f"{FORMER} is no longer valid"),
        ("stream", ["Paris"]),
    ]
    with caplog.at_level(logging.DEBUG):
        run = finish(planned_with_key, run_jobs, designer)
    assert run.state == "done"
    outputs = list(Output.objects.filter(output_set=run.output_set).order_by("example__position"))
    assert outputs[0].text == "I was called with [key]."
    assert [output.hidden_keys for output in outputs][:2] == [1, 2]
    messages = list(Failure.objects.values_list("message", flat=True))
    client.force_login(viewer)
    urls = [f"/w/acme/runs/{run.pk}/", f"/w/acme/examples/{outputs[0].example_id}/"]
    urls += [
        f"/api/v1/runs/{run.pk}/{part}" for part in ("", "outputs/", "failures/", "results/", "endpoint/")
    ]
    pages = [response.content.decode() for response in map(client.get, urls) if response.status_code == 200]
    assert len(pages) == len(urls)
    kept = [str(list(model.objects.values())) for model in (Output, Score, Failure, Run, Job, AuditEvent)]
    for text in [*messages, *pages, *kept, caplog.text]:
        assert not [piece for piece in PIECES if piece in text]
    assert "In 2 answers the system repeated a key of its endpoint" in pages[0]
    assert "key hidden in 2 places" in pages[0]
    assert "the system repeated a key of its endpoint" in pages[1]
    listed = client.get(f"/api/v1/runs/{run.pk}/outputs/").json()["results"]
    assert sorted(row["hidden_keys"] for row in listed if row["hidden_keys"]) == [1, 2]


def test_a_run_that_stops_does_not_tell_a_key_either(
    planned_with_key: Run, endpoint: Any, designer: Any, run_jobs: Any
) -> None:
    endpoint.script = [("status", 401, f"Incorrect API key provided: {KEY}")]
    run = finish(planned_with_key, run_jobs, designer)
    assert run.state == "failed"
    assert "Incorrect API key provided: [key]" in run.error


def test_a_key_that_was_replaced_is_hidden_as_long_as_it_is_kept(
    planned_with_key: Run, endpoint: Any, designer: Any, run_jobs: Any
) -> None:
    endpoint.script = [("stream", [f"cached: {FORMER}"])]
    run = finish(planned_with_key, run_jobs, designer)
    assert {output.text for output in Output.objects.filter(output_set=run.output_set)} == {"cached: [key]"}
