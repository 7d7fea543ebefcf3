"""The API's description as a page: types in words, and what is alike said once."""

from typing import Any

import pytest

from concord.core.web import docs


@pytest.mark.parametrize(
    ("schema", "shown"),
    [
        ({"type": "string"}, {"text": "string"}),
        ({"type": "string", "format": "date-time"}, {"text": "date-time"}),
        ({"type": ["string", "null"]}, {"text": "string or null"}),
        ({}, {"text": "any"}),
        ({"$ref": "#/components/schemas/Study"}, {"text": "Study", "link": "Study"}),
        ({"allOf": [{"$ref": "#/components/schemas/Role"}]}, {"text": "Role", "link": "Role"}),
        ({"oneOf": [{"type": "integer"}, {"type": "string"}]}, {"text": "integer"}),
        ({"anyOf": []}, {"text": "any"}),
        ({"type": "array", "items": {"type": "integer"}}, {"text": "list of integer"}),
        (
            {"type": "array", "items": {"$ref": "#/components/schemas/Job"}},
            {"text": "list of Job", "link": "Job"},
        ),
        ({"type": "array"}, {"text": "list of any"}),
    ],
)
def test_a_type_is_said_in_words_and_leads_to_its_schema(schema: Any, shown: dict[str, str]) -> None:
    assert docs._kind(schema) == shown


@pytest.fixture
def described(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    ok = {
        "200": {"description": "fine", "content": {"application/json": {"schema": {"$ref": "#/x/Job"}}}},
        "204": {},
    }
    schema: dict[str, Any] = {
        "paths": {
            "/api/v1/jobs/{id}/": {
                "get": {
                    "operationId": "jobs_retrieve",
                    "description": "One job.\n\nAsk again.\nUntil it is over.",
                    "parameters": [
                        {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}},
                        {"name": "q", "in": "query", "schema": {"type": "string"}},
                    ],
                    "responses": ok,
                },
                "parameters": [],
            },
            "/api/v1/jobs/": {
                "post": {"description": "Same.", "responses": {}},
                "get": {"description": "Same.", "responses": {}},
            },
            "/api/v1/arts/": {"get": {"summary": "Short", "description": "Long.\nMore.", "responses": {}}},
        },
        "components": {
            "schemas": {
                "Role": {"enum": ["owner", "rater"], "description": "who"},
                "Job": {
                    "required": ["id"],
                    "properties": {"id": {"type": "integer", "description": "its key"}, "x": {}},
                },
            }
        },
    }
    monkeypatch.setattr(docs, "_schema", lambda: schema)
    return schema


@pytest.mark.usefixtures("described")
def test_operations_are_grouped_by_the_first_word_of_their_path() -> None:
    groups = docs.groups()
    assert [group["name"] for group in groups] == ["arts", "jobs"]
    methods = [(one["method"], one["path"]) for one in groups[1]["operations"]]
    assert methods == [("GET", "/api/v1/jobs/{id}/"), ("GET", "/api/v1/jobs/"), ("POST", "/api/v1/jobs/")]


@pytest.mark.usefixtures("described")
def test_what_two_operations_say_alike_is_said_once_of_the_group() -> None:
    arts, jobs = docs.groups()
    assert jobs["about"] == "Same."
    assert [one["summary"] for one in jobs["operations"]] == ["One job.", "", ""]
    assert arts["about"] == ""
    assert (arts["operations"][0]["summary"], arts["operations"][0]["more"]) == ("Short", "More.")


@pytest.mark.usefixtures("described")
def test_an_operation_tells_its_parameters_and_its_answers() -> None:
    one = docs.groups()[1]["operations"][0]
    assert (one["id"], one["more"]) == ("jobs_retrieve", "Ask again.\nUntil it is over.")
    assert one["parameters"] == [
        {"name": "id", "where": "path", "kind": {"text": "integer"}, "required": True},
        {"name": "q", "where": "query", "kind": {"text": "string"}, "required": False},
    ]
    assert one["answers"] == [
        {"status": "200", "body": {"text": "Job", "link": "Job"}, "description": "fine"},
        {"status": "204", "body": {}, "description": ""},
    ]
    assert docs.groups()[0]["operations"][0]["id"] == "get/api/v1/arts/"


@pytest.mark.usefixtures("described")
def test_bodies_stand_by_name_with_a_row_for_each_field() -> None:
    job, role = docs.schemas()
    assert (job["name"], role["name"], role["description"]) == ("Job", "Role", "who")
    assert job["rows"] == [
        {"name": "id", "kind": {"text": "integer"}, "required": True, "help": "its key"},
        {"name": "x", "kind": {"text": "any"}, "required": False, "help": ""},
    ]
    assert [row["kind"] for row in role["rows"]] == [{"text": "owner, rater"}]
