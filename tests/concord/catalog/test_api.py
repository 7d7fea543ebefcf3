"""The API of the catalog: an import by multipart, and refusals as problems with a code."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from concord.catalog.models import Output
from concord.core.api.problems import CONTENT_TYPE

pytestmark = pytest.mark.django_db
TABLE = b"model,id,answer,who,rating\na,1,yes,ann,3\na,1,yes,ben,9\n"


@pytest.fixture
def client(designer) -> Client:
    client = Client()
    client.force_login(designer)
    return client


def post(client, path, body=None):
    return client.post(f"/api/v1/{path}", body or {}, content_type="application/json")


def upload(client, mapping=None, content=TABLE):
    body = {"workspace": "acme", "file": SimpleUploadedFile("table.csv", content)}
    return client.post("/api/v1/imports/", {**body, **({"mapping": json.dumps(mapping)} if mapping else {})})


def test_an_import_by_api_from_upload_to_undo(client, ratings_mapping, run_jobs):
    made = upload(client, ratings_mapping)
    assert made.status_code == 201
    assert made.json()["problems"] == []
    path = f"imports/{made.json()['id']}/"
    assert post(client, f"{path}check/").status_code == 202
    run_jobs()
    state = client.get(f"/api/v1/{path}").json()
    assert (state["state"], state["rejected"], state["written"]) == (
        "checked",
        1,
        {"outputs": 1, "ratings": 1},
    )
    (rejection,) = client.get(f"/api/v1/{path}rejections/").json()["results"]
    assert rejection["line"] == 3
    assert rejection["column"] == "rating"

    refused = post(client, f"{path}write/")
    assert refused.status_code == 409
    assert refused["Content-Type"] == CONTENT_TYPE
    assert refused.json()["code"] == "rejected_rows"
    assert post(client, f"{path}write/", {"keep_good_rows": True}).status_code == 202
    run_jobs()
    (output,) = client.get("/api/v1/outputs/?workspace=acme").json()["results"]
    assert output["text"] == "yes"
    assert post(client, f"{path}undo/").json()["state"] == "undone"
    assert not Output.objects.exists()


def test_without_a_mapping_one_is_proposed_and_says_what_it_lacks(client):
    made = upload(client).json()
    assert made["mapping"]["records"][0]["fields"]["text"] == {"column": "answer"}
    assert "Say which end is good" in made["problems"][0]
    refused = post(client, f"imports/{made['id']}/check/")
    assert refused.status_code == 400
    assert refused.json()["code"] == "bad_mapping"


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("imports/", {"workspace": "acme"}, 400, "no_file"),
        ("systems/", {"workspace": "acme", "name": "x", "kind": "openai"}, 400, "bad_config"),
        ("systems/", {"workspace": "nowhere", "name": "x"}, 404, "not_found"),
        (
            "criteria/",
            {"workspace": "acme", "template": "yes_no", "name": "x", "question": "x?"},
            400,
            "bad_criterion",
        ),
        ("datasets/", {"workspace": "acme", "name": " "}, 400, "invalid"),
    ],
)
def test_refusals_are_problems_with_a_code(client, path, body, status, code):
    response = post(client, path, body)
    assert response.status_code == status
    assert response.json()["code"] == code


def test_examples_of_a_slice(client, written):
    fields = {"example": {"column": "id"}, "slices": {"topic": {"column": "topic"}}}
    mapping = {"dataset": "Cases", "records": [{"kind": "examples", "fields": fields}]}
    written(b"id,topic\n1,a\n2,b\n", mapping)
    found = client.get("/api/v1/examples/?workspace=acme&slice=topic:b").json()["results"]
    assert [example["key"] for example in found] == ["2"]
    assert client.get("/api/v1/examples/?slice=topic").status_code == 400


@pytest.mark.parametrize(
    "mapping",
    [
        {"records": 5},
        {"records": ["outputs"]},
        {"records": [{"kind": "outputs", "fields": []}]},
        {"criteria": None, "records": []},
        {"criteria": ["quality"], "records": []},
        [],
    ],
)
def test_what_is_no_mapping_is_refused_and_the_old_one_stays(client, outputs_mapping, mapping):
    made = upload(client, outputs_mapping).json()
    answer = post(client, f"imports/{made['id']}/mapping/", {"mapping": mapping})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_mapping")
    assert client.get(f"/api/v1/imports/{made['id']}/").json()["mapping"] == outputs_mapping
    page = client.post(f"/w/acme/imports/{made['id']}/mapping/", {"mapping": json.dumps(mapping)})
    assert page.status_code == 400


@pytest.mark.parametrize(
    "entry",
    [
        {"kind": ["outputs"]},
        {"kind": {}},
        {"kind": "outputs", "fields": {"text": {"column": "answer", "unmapped": []}}},
        {"kind": "timings", "fields": {"duration_ms": {"column": "rating", "scale": 10**400}}},
    ],
)
def test_a_mapping_with_values_of_odd_types_is_kept_with_its_problems_and_shown(
    client, outputs_mapping, entry
):
    made = upload(client, outputs_mapping).json()
    body = {"mapping": {**outputs_mapping, "records": [entry]}}
    answer = post(client, f"imports/{made['id']}/mapping/", body)
    assert answer.status_code == 200
    assert answer.json()["problems"]
    assert client.get(f"/w/acme/imports/{made['id']}/").status_code == 200


@pytest.mark.parametrize("name", ["a\x00b", "half \ud800"])
def test_a_mapping_in_a_form_that_cannot_be_kept_is_refused(client, outputs_mapping, name):
    made = upload(client, outputs_mapping).json()
    mapping = json.dumps({**outputs_mapping, "dataset": name})
    assert client.post(f"/w/acme/imports/{made['id']}/mapping/", {"mapping": mapping}).status_code == 400
