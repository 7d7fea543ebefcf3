"""What stands before every view: ids of requests, one line each, and limits that read nothing first."""

from types import SimpleNamespace
from typing import Any

import pytest
import structlog
from django.http import HttpResponse
from django.test import RequestFactory

from concord.core import middleware
from concord.core.errors import Conflict, Forbidden, Invalid, Missing, TooLarge
from concord.core.middleware import (
    DomainErrorMiddleware,
    NoStoreMiddleware,
    NullByteMiddleware,
    RequestIdMiddleware,
    UploadLimitMiddleware,
)

LIMIT = 1000
REQUEST = RequestFactory()


def answered(request: Any) -> HttpResponse:
    return HttpResponse("made by the view")


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    monkeypatch.setattr(
        middleware,
        "log",
        SimpleNamespace(info=lambda event, **parts: found.append({"event": event, **parts})),
    )
    return found


@pytest.mark.parametrize("given", ["12345678", "x" * 64, "a.b_c-d.E", "0" * 8])
def test_a_well_formed_id_is_kept_and_bound_to_every_log_line(given: str, lines: Any) -> None:
    bound: list[Any] = []

    def view(request: Any) -> HttpResponse:
        bound.append(structlog.contextvars.get_contextvars())
        return HttpResponse()

    response = RequestIdMiddleware(view)(REQUEST.get("/", headers={"X-Request-Id": given}))
    assert response["X-Request-Id"] == given
    assert bound == [{"request_id": given}]


@pytest.mark.parametrize(
    "given", ["", "1234567", "x" * 65, "abc def ghi", "abcdefgh\n", "äbcdefghij", "<script>x"]
)
def test_any_other_is_replaced_by_a_new_one_each_time(given: str, lines: Any) -> None:
    made = [
        RequestIdMiddleware(answered)(REQUEST.get("/", headers={"X-Request-Id": given}))["X-Request-Id"]
        for _ in range(2)
    ]
    assert made[0] != made[1]
    assert given not in made
    assert all(len(one) == 32 and int(one, 16) >= 0 for one in made)


@pytest.mark.parametrize(
    ("path", "logged"),
    [
        ("/healthz", 0),
        ("/readyz", 0),
        ("/metrics", 0),
        ("/static/a.css", 0),
        ("/", 1),
        ("/w/healthz/", 1),
        ("/statics", 1),
    ],
)
def test_what_machines_ask_all_the_time_is_not_logged(path: str, logged: int, lines: list[Any]) -> None:
    RequestIdMiddleware(answered)(REQUEST.get(path))
    assert len(lines) == logged


def test_a_line_has_the_route_and_its_numbers_and_never_its_words(lines: list[dict[str, Any]]) -> None:
    request: Any = REQUEST.post("/invitation/s3cret/?search=private")
    request.resolver_match = SimpleNamespace(
        route="invitation/<str:secret>/<int:pk>/", kwargs={"secret": "s3cret", "pk": 7}
    )
    request._cached_user = SimpleNamespace(pk=42)
    RequestIdMiddleware(lambda _: HttpResponse(status=201))(request)
    (line,) = lines
    assert "s3cret" not in str(line)
    assert "private" not in str(line)
    assert (line["event"], line["method"], line["path"]) == (
        "request",
        "POST",
        "/invitation/<str:secret>/<int:pk>/",
    )
    assert (line["of_pk"], line["status"], line["user"]) == (7, 201, 42)
    assert 0 <= line["ms"] < 1000


def test_a_page_that_is_nowhere_is_logged_with_its_address_and_nobody(lines: list[dict[str, Any]]) -> None:
    request: Any = REQUEST.get("/nothing/?q=private")
    request.resolver_match = None
    RequestIdMiddleware(answered)(request)
    assert (lines[0]["path"], lines[0]["user"]) == ("/nothing/", None)
    assert "private" not in str(lines[0])


@pytest.mark.parametrize(
    ("length", "taken"),
    [
        (None, True),
        ("", True),
        ("0", True),
        (str(LIMIT + 1024 * 1024), True),
        (str(LIMIT + 1024 * 1024 + 1), False),
        ("9" * 30, False),
        ("-5", True),
        ("many", True),
        ("²", True),
    ],
)
def test_a_body_is_refused_by_its_declared_length(settings: Any, length: str | None, taken: bool) -> None:
    settings.MAX_UPLOAD_BYTES = LIMIT
    request = REQUEST.get("/api/v1/imports/")
    request.META["CONTENT_LENGTH"] = length
    response = UploadLimitMiddleware(answered)(request)
    assert response.status_code == (200 if taken else 413)
    assert response.get("Connection") == (None if taken else "close")


@pytest.mark.parametrize(
    ("path", "query", "taken"),
    [
        ("/a/", "", True),
        ("/a/", "q=%2500", True),
        ("/a/", "q=%00", False),
        ("/a/", "a=1&b=x%00y", False),
        ("/a\x00/", "", False),
    ],
)
def test_a_null_byte_in_an_address_is_refused(path: str, query: str, taken: bool) -> None:
    request = REQUEST.get("/api/v1/x/")
    request.path_info, request.META["QUERY_STRING"] = path, query
    assert NullByteMiddleware(answered)(request).status_code == (200 if taken else 400)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "error", [Invalid("No."), Forbidden("No."), Missing("No."), Conflict("No.", code="c"), TooLarge("No.")]
)
def test_a_refusal_that_no_view_handled_is_a_page_with_its_status_and_sentence(error: Any) -> None:
    request: Any = REQUEST.get("/")
    request.user, request.session = SimpleNamespace(is_authenticated=False), {}
    request.resolver_match = None
    response = DomainErrorMiddleware(answered).process_exception(request, error)
    assert response is not None
    assert response.status_code == error.status
    assert b"No." in response.content


def test_a_programming_error_is_left_to_the_server() -> None:
    assert DomainErrorMiddleware(answered).process_exception(REQUEST.get("/"), KeyError("x")) is None
    assert DomainErrorMiddleware(answered)(REQUEST.get("/")).content == b"made by the view"


@pytest.mark.parametrize("said", [None, "private, max-age=31536000, immutable", "no-cache", "max-age=60"])
def test_no_browser_keeps_what_a_view_made_whatever_the_view_said(said: str | None) -> None:
    made = HttpResponse(headers={"Cache-Control": said} if said else None)
    for path in ("/", "/api/v1/systems/", "/healthz/x", "/w/healthz"):
        assert NoStoreMiddleware(lambda _: made)(REQUEST.get(path))["Cache-Control"] == "no-store", path


def test_a_view_that_forbids_more_is_left_alone_and_so_is_the_probe() -> None:
    made = HttpResponse(headers={"Cache-Control": "max-age=0, no-store, private"})
    assert (
        NoStoreMiddleware(lambda _: made)(REQUEST.get("/"))["Cache-Control"] == "max-age=0, no-store, private"
    )
    assert "Cache-Control" not in NoStoreMiddleware(answered)(REQUEST.get("/healthz"))


def test_static_files_are_answered_before_and_every_refusal_after() -> None:
    from django.conf import settings

    order = [each.rpartition(".")[2] for each in settings.MIDDLEWARE]
    place = order.index("NoStoreMiddleware")
    assert order.index("WhiteNoiseMiddleware") == place - 1
    assert place < min(order.index("UploadLimitMiddleware"), order.index("DomainErrorMiddleware"))
