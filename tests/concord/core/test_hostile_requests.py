"""What nothing behind the pages and the API could keep is refused at the door, with a sentence."""

import json
from typing import Any

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db
DEEP = "[" * 100_000


def _post(client: Client, body: str | bytes) -> Any:
    return client.post("/api/v1/systems/", body, content_type="application/json")


@pytest.mark.parametrize(
    "body",
    [
        DEEP,
        '{"workspace": "acme", "name": "a\\u0000b"}',
        '{"workspace": "acme", "name": "half \\ud800"}',
        '{"workspace": "acme", "settings": [{"a": {"\\udfff": 1}}]}',
        '{"workspace": "acme", "name": "x", "settings": {"temperature": 1e999}}',
        '{"workspace": "acme", "name": "x", "settings": {"temperature": NaN}}',
        b'{"workspace": "\xff"}',
    ],
    ids=["deep", "null byte", "half character", "half character in a key", "too large", "NaN", "not UTF-8"],
)
def test_json_that_cannot_be_kept_is_malformed(client: Client, designer: Any, body: str | bytes) -> None:
    client.force_login(designer)
    response = _post(client, body)
    assert response.status_code == 400
    assert response.json()["code"] == "malformed"


def test_whole_characters_written_as_two_halves_are_taken(client: Client, designer: Any) -> None:
    client.force_login(designer)
    body = json.dumps({"workspace": "acme", "name": "Smile 😀", "kind": "recorded"})
    assert "\\ud83d" in body
    response = _post(client, body)
    assert response.status_code == 201, response.content
    assert response.json()["name"] == "Smile 😀"


@pytest.mark.parametrize(
    "address", ["/api/v1/systems/?workspace=%00", "/account/login/?next=%00", "/rate/%00"]
)
def test_a_null_byte_in_an_address_is_a_bad_request(client: Client, designer: Any, address: str) -> None:
    client.force_login(designer)
    assert client.get(address).status_code == 400
