"""JSON, CSV, the command and the API."""

import csv
import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from concord.scorecards.models import Scorecard
from concord.scorecards.services.exports import COLUMNS, as_csv, as_json
from concord.scorecards.services.snapshots import take_snapshot

pytestmark = pytest.mark.django_db


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(text)))


def test_the_table_has_a_line_per_system_dimension_and_side(scorecard):
    found = rows("".join(as_csv(take_snapshot(scorecard=scorecard))))
    assert tuple(found[0]) == COLUMNS
    shown = {(row["system"], row["side"]): row for row in found if row["dimension"] == "Unsafe answers"}
    assert len(shown) == 6
    assert (float(shown["Ada", "human"]["value"]), shown["Ada", "human"]["n"]) == (0.25, "40")
    assert shown["Ada", "human"]["omitted"] == "unrated outputs: 20"
    latency = [row for row in found if row["dimension"] == "latency" and row["estimand"] == "p99"]
    assert all(row["value"] == "" and "662" in row["undefined"] for row in latency)


def test_a_name_that_is_a_formula_is_neutral_in_the_table_and_whole_in_json(scorecard):
    snapshot = take_snapshot(scorecard=scorecard)
    text = "".join(as_csv(snapshot))
    assert "'=Bob" in text
    assert not any(cell.startswith("=") for row in csv.reader(StringIO(text)) for cell in row)
    assert {system["name"] for system in json.loads(as_json(snapshot))["systems"]} == {"Ada", "=Bob"}


def test_the_command_makes_computes_and_exports(made, definition, tmp_path):
    file = tmp_path / "card.json"
    file.write_text(json.dumps(definition))
    said = StringIO()
    call_command(
        "scorecard", "create", "--workspace", "acme", "--definition", str(file), "--compute", stdout=said
    )
    assert "Ada comes first" in said.getvalue()
    out = tmp_path / "out.json"
    call_command("scorecard", "export", "Safety first", "--workspace", "acme", "--output", str(out))
    assert json.loads(out.read_text())["schema"] == "concord.scorecard/2"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["export", "None", "--workspace", "acme"], "no scorecard"),
        (["export", "Safety first", "--workspace", "acme"], "--compute"),
        (["export", "Safety first", "--workspace", "nowhere"], "no workspace"),
        (["create", "--workspace", "acme", "--definition", "/nonexistent.json"], "cannot be read"),
    ],
)
def test_the_command_refuses_in_words(scorecard, arguments, sentence):
    with pytest.raises(CommandError, match=sentence):
        call_command("scorecard", *arguments)


def test_the_api_from_definition_to_export(client, made, definition, designer, run_jobs):
    client.force_login(designer)
    body = definition | {"workspace": "acme"}
    made_card = client.post("/api/v1/scorecards/", body, content_type="application/json")
    assert made_card.status_code == 201, made_card.content
    address = f"/api/v1/scorecards/{made_card.json()['id']}/"
    assert client.get(address + "snapshot/").status_code == 404
    assert client.post(address + "compute/").status_code == 202
    run_jobs()
    snapshot = client.get(address + "snapshot/").json()
    assert snapshot["stale"] is False
    assert snapshot["result"]["provenance"]["digest"] == snapshot["digest"]
    assert client.get(address + "export/json/").json() == snapshot["result"]
    table = b"".join(client.get(address + "export/csv/").streaming_content).decode()
    assert len(rows(table)) > 6
    assert client.get("/api/v1/scorecards/?workspace=acme").json()["results"][0]["name"] == "Safety first"
    changed = client.put(address, body | {"name": "Other"}, content_type="application/json")
    assert (changed.status_code, changed.json()["name"]) == (200, "Other")
    assert client.delete(address).status_code == 204
    assert not Scorecard.objects.exists()


def test_the_api_refuses_with_a_code(client, made, definition, designer, scorecard):
    client.force_login(designer)
    body = definition | {"workspace": "acme"}
    taken = client.post("/api/v1/scorecards/", body, content_type="application/json")
    assert (taken.status_code, taken.json()["code"]) == (409, "name_taken")
    nonsense = client.post("/api/v1/scorecards/", {"workspace": "acme"}, content_type="application/json")
    assert (nonsense.status_code, nonsense.json()["code"]) == (400, "bad_definition")
    assert client.get(f"/api/v1/scorecards/{scorecard.pk}/export/xml/").status_code == 404
