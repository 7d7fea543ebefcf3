"""The pages of the catalog: an import in the browser's steps, hostile text, filters, exports."""

import csv
import io
import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from annotation.models import Rating
from concord.catalog.models import (
    Criterion,
    Dataset,
    DatasetVersion,
    Example,
    ImportBatch,
    Output,
    SavedMapping,
    System,
)
from concord.catalog.services.importing import batches

pytestmark = pytest.mark.django_db

TABLE = b"model,id,prompt,topic,answer,rating\n" + b"".join(
    b"%s,%d,What should one do about case number %d?,%s,Measure first,%d\n"
    % (model, n, n, b"odd" if n % 2 else b"even", 1 + n % 5)
    for model in (b"a", b"b")
    for n in range(10)
)


@pytest.fixture
def client(designer) -> Client:
    client = Client()
    client.force_login(designer)
    return client


def url(name, **kwargs):
    return reverse(name, kwargs={"workspace": "acme", **kwargs})


def test_an_import_goes_through_its_pages(client, run_jobs):
    upload = SimpleUploadedFile("table.csv", TABLE)
    client.post(url("import-new"), {"file": upload, "saved": ""})
    batch = ImportBatch.objects.get()
    page = client.get(url("import", pk=batch.pk)).content.decode()
    assert "Say which end is good" in page, "direction is asked for, not guessed"
    assert '<option value="output" selected>' in page

    client.post(
        url("import-mapping", pk=batch.pk), {"criterion-0-direction": "higher", "criterion-0-name": "Quality"}
    )
    client.post(url("import-check", pk=batch.pk))
    run_jobs()
    page = client.get(url("import", pk=batch.pk)).content.decode()
    assert "no line was rejected" in page
    client.post(url("import-write", pk=batch.pk))
    run_jobs()
    batch.refresh_from_db()
    assert batch.written == {"outputs": 20, "ratings": 20}
    assert Criterion.objects.get().name == "Quality"
    assert Rating.objects.filter(rater=None).count() == 20

    client.post(url("import-undo", pk=batch.pk))
    assert not Output.objects.exists()
    assert "undone" in client.get(url("import", pk=batch.pk)).content.decode()


def test_columns_can_be_said_anew_and_meanings_stay(client, upload):
    batch = upload(TABLE, {"dataset": "x", "records": []})
    roles = ["system", "example", "prompt", "slice", "output", ""]
    said = {f"role-{place}": role for place, role in enumerate(roles)}
    client.post(url("import-mapping", pk=batch.pk), {"columns": "1", "dataset": "Cases", "study": "", **said})
    batch.refresh_from_db()
    (record,) = batch.mapping["records"]
    assert batch.mapping["dataset"] == "Cases"
    assert record["fields"]["slices"] == {"topic": {"column": "topic"}}
    assert batches.problems_of(batch) == []
    changed = {
        **batch.mapping,
        "records": [{**record, "fields": {**record["fields"], "text": {"column": "answer", "default": "-"}}}],
    }
    client.post(url("import-mapping", pk=batch.pk), {"mapping": json.dumps(changed)})
    client.post(url("import-mapping", pk=batch.pk), {"columns": "1", "dataset": "Cases", **said})
    batch.refresh_from_db()
    assert batch.mapping["records"][0]["fields"]["text"] == {"column": "answer", "default": "-"}


def test_json_that_is_none_keeps_what_was_typed_and_what_was_there(client, upload, outputs_mapping):
    batch = upload(TABLE, outputs_mapping)
    response = client.post(url("import-mapping", pk=batch.pk), {"mapping": '{"records": ['})
    assert response.status_code == 400
    assert "{&quot;records&quot;: [" in response.content.decode()
    batch.refresh_from_db()
    assert batch.mapping == outputs_mapping


def test_a_mapping_is_saved_and_used_for_the_next_file(client, upload, outputs_mapping):
    batch = upload(TABLE, outputs_mapping)
    client.post(url("import-save", pk=batch.pk), {"name": "Weekly table"})
    saved = SavedMapping.objects.get()
    client.post(url("import-new"), {"file": SimpleUploadedFile("next.csv", TABLE), "saved": saved.pk})
    assert ImportBatch.objects.latest("pk").mapping == outputs_mapping


@pytest.mark.parametrize(
    ("name", "content", "says", "status"),
    [
        ("table.csv", b"", "empty", 400),
        ("image.csv", b"\x89PNG\r\n\x1a\n1234", "image/png", 415),
        ("table.csv", b"a,a\n1,2\n", "same name", 400),
    ],
)
def test_an_upload_that_is_no_table_is_refused_with_a_sentence(client, name, content, says, status):
    response = client.post(url("import-new"), {"file": SimpleUploadedFile(name, content), "saved": ""})
    assert response.status_code == status
    assert says in response.content.decode()
    assert not ImportBatch.objects.exists()


def test_rejections_are_paged_and_downloadable_and_formulas_are_neutral(client, checked, ratings_mapping):
    content = b"model,id,answer,who,rating\n" + b"".join(b"a,%d,yes,ann,=1+%d\n" % (n, n) for n in range(120))
    batch = checked(content, ratings_mapping)
    page = client.get(url("import", pk=batch.pk) + "?page=3").content.decode()
    assert "101–120 of 120" in page.replace("&ndash;", "–")
    response = client.get(url("import-rejections", pk=batch.pk))
    rows = list(csv.DictReader(io.StringIO(b"".join(response.streaming_content).decode())))
    assert len(rows) == 120
    assert rows[0]["line"] == "2"
    assert rows[0]["excerpt"] == "'=1+0"


def test_hostile_outputs_are_text_on_every_page(client, written, outputs_mapping):
    nasty = '<script>alert(1)</script><img src=x onerror="alert(1)"> [x](javascript:alert(1))'
    table = io.StringIO()
    csv.writer(table).writerows([["model", "id", "answer"], [f"m{nasty}", f"k{nasty}"[:60], nasty]])
    written(table.getvalue().encode(), outputs_mapping)
    dataset, example, system = Dataset.objects.get(), Example.objects.get(), System.objects.get()
    addresses = [
        url("systems"),
        url("system", pk=system.pk),
        url("dataset", pk=dataset.pk),
        url("example", pk=example.pk),
        url("import", pk=ImportBatch.objects.get().pk),
    ]
    for address in addresses:
        page = client.get(address).content.decode()
        assert "<script>alert" not in page, address
        assert "<img src=x" not in page, address
        assert 'href="javascript' not in page, address


def test_examples_are_narrowed_by_slices_and_exported(client, written):
    fields = {
        "example": {"column": "id"},
        "prompt": {"column": "prompt"},
        "slices": {"topic": {"column": "topic"}},
    }
    written(
        TABLE.split(b"\nb,")[0] + b"\n",
        {"dataset": "Cases", "records": [{"kind": "examples", "fields": fields}]},
    )
    dataset = Dataset.objects.get()
    page = client.get(url("dataset", pk=dataset.pk) + "?slice.topic=odd").content.decode()
    assert "case number 1?" in page
    assert "case number 2?" not in page
    rows = b"".join(client.get(url("examples-csv", pk=dataset.pk)).streaming_content).decode().splitlines()
    assert rows[0] == "example,prompt,reference,topic"
    assert len(rows) == 11
    assert client.get(url("dataset", pk=dataset.pk) + "?version=7").status_code == 404


def test_freezing_and_a_new_version(client, written, outputs_mapping):
    written(b"model,id,answer\na,1,yes\n", outputs_mapping)
    dataset = Dataset.objects.get()
    client.post(url("dataset-freeze", pk=dataset.pk))
    client.post(url("dataset-version", pk=dataset.pk))
    first, second = DatasetVersion.objects.order_by("number")
    assert first.frozen_at is not None
    assert second.frozen_at is None
    assert first.digest == second.digest


def test_a_criterion_is_made_from_its_kind_with_ones_own_words(client):
    said = {
        "template": "likert",
        "name": "Tone",
        "question": "How kind is it?",
        "direction": "higher",
        "dimension": "style",
    }
    client.post(url("criterion-new"), {**said, "labels": "Rude\nNeutral\nKind"})
    criterion = Criterion.objects.get()
    assert [label["label"] for label in criterion.labels] == ["Rude", "Neutral", "Kind"]
    wrong = client.post(
        url("criterion-new"), {**said, "template": "preference", "name": "P", "labels": "A\nB"}
    )
    assert wrong.status_code == 400
    assert "This kind has 4 labels" in wrong.content.decode()
    assert Criterion.objects.count() == 1


def test_a_system_with_a_key_in_it_is_refused(client):
    said = {"name": "GPT", "kind": "openai", "prices": "{}"}
    config = {"base_url": "https://host/v1", "model": "gpt", "key": "sk-123"}
    response = client.post(url("system-new"), {**said, "config": json.dumps(config)})
    assert response.status_code == 400
    config = {"base_url": "https://host/v1", "model": "gpt", "key_env": "HOST_API_KEY"}
    client.post(url("system-new"), {**said, "config": json.dumps(config)})
    assert System.objects.get().config == config


HALVES = [
    rb'{"id": "1", "model": "a", "answer": "x \ud800 y", "rating": 3}',
    rb'{"id": "\udfff", "model": "\ud801", "answer": "y", "rating": "\udc00"}',
    rb'{"id": "2", "model": "a", "answer": {"deep": ["\ud800", {"\udc00": 1}]}, "rating": 4}',
    rb'{"id": "3", "model": "a", "answer": "\u0000", "rating": 4}',
    rb'{"id": "4", "model": "a", "answer": "z", "rating": 4}',
]


@pytest.mark.parametrize("array", [False, True])
def test_half_characters_break_no_page_and_their_lines_are_rejected(client, run_jobs, array) -> None:
    lines = b"[" + b",".join(HALVES) + b"]" if array else b"\n".join(HALVES)
    client.post(url("import-new"), {"file": SimpleUploadedFile("t.json", lines), "saved": ""})
    batch = ImportBatch.objects.get()
    address = url("import", pk=batch.pk)
    assert client.get(address).status_code == 200
    assert client.get(reverse("api:import-detail", args=[batch.pk])).status_code == 200
    client.post(
        url("import-mapping", pk=batch.pk), {"criterion-0-direction": "higher", "criterion-0-name": "Quality"}
    )
    assert client.get(address).status_code == 200
    client.post(url("import-check", pk=batch.pk))
    run_jobs()
    page = client.get(address)
    assert page.status_code == 200
    batch.refresh_from_db()
    assert (batch.rows, batch.rejected >= 3) == (5, True)
