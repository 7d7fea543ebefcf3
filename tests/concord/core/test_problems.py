"""Errors of the API: application/problem+json with a stable code."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404
from rest_framework import exceptions, serializers
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView

from concord.core.errors import Conflict, Forbidden, Invalid, Missing, TooLarge, Unsupported


def _answer(error: Exception) -> Any:
    class View(APIView):
        authentication_classes = ()
        permission_classes = ()

        def get(self, request: Any) -> Any:
            raise error

    response = View.as_view()(APIRequestFactory().get("/"))
    response.render()
    return response


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (Invalid("Two weeks at most."), 400, "invalid"),
        (Invalid("No such column.", code="unknown_column"), 400, "unknown_column"),
        (Forbidden("Not yours."), 403, "forbidden"),
        (Missing("No such study."), 404, "not_found"),
        (Conflict("It is closed.", code="illegal_move"), 409, "illegal_move"),
        (TooLarge("Too large."), 413, "too_large"),
        (Unsupported("A PDF."), 415, "unsupported_type"),
        (exceptions.ParseError(), 400, "malformed"),
        (exceptions.NotAuthenticated(), 403, "forbidden"),
        (exceptions.MethodNotAllowed("PUT"), 405, "method_not_allowed"),
        (exceptions.Throttled(wait=3), 429, "throttled"),
        (Http404(), 404, "not_found"),
        (PermissionDenied(), 403, "forbidden"),
        (RequestDataTooBig(), 413, "too_large"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else str(value),
)
def test_each_refusal_is_a_problem_with_a_code(error: Exception, status: int, code: str) -> None:
    response = _answer(error)
    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"
    assert response.data["status"] == status
    assert response.data["code"] == code
    assert response.data["type"] == f"urn:concord:problem:{code}"
    assert set(response.data) >= {"title", "detail"}


def test_domain_error_brings_its_sentence_and_details() -> None:
    response = _answer(Conflict("This study is closed.", code="illegal_move", state="closed"))
    assert response.data["detail"] == "This study is closed."
    assert response.data["details"] == {"state": "closed"}


def test_field_errors_are_told_by_field() -> None:
    class Inner(serializers.Serializer[Any]):
        wanted = serializers.IntegerField(min_value=1)

    class Study(serializers.Serializer[Any]):
        name = serializers.CharField()
        parts = Inner(many=True)

    serializer = Study(data={"parts": [{"wanted": 1}, {"wanted": 0}]})
    assert not serializer.is_valid()
    response = _answer(exceptions.ValidationError(serializer.errors))
    assert response.data["errors"]["name"] == ["This field is required."]
    assert response.data["errors"]["parts"] == {
        "1": {"wanted": ["Ensure this value is greater than or equal to 1."]}
    }


def test_throttled_says_when_to_come_back() -> None:
    assert _answer(exceptions.Throttled(wait=3))["Retry-After"] == "3"


def test_programming_error_is_not_dressed_up() -> None:
    with pytest.raises(KeyError):
        _answer(KeyError("x"))


@pytest.mark.django_db
def test_unknown_api_address_is_a_problem_and_unknown_page_is_a_page(client: Any) -> None:
    assert client.get("/api/v1/nothing-here/").json()["code"] == "not_found"
    page = client.get("/nothing-here/")
    assert page.status_code == 404
    assert page["Content-Type"].startswith("text/html")


@pytest.mark.django_db
def test_broken_view_answers_500_as_problem_and_as_page(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from concord.core.web import health

    client.raise_request_exception = False
    monkeypatch.setattr("concord.core.web.docs.groups", lambda: 1 / 0)
    response = client.get("/api/docs")
    assert (response.status_code, response.json()["code"]) == (500, "server_error")
    monkeypatch.setattr(health, "_broker", lambda: 1 / 0)
    response = client.get("/readyz")
    assert response.status_code == 500
    assert b"Traceback" not in response.content
