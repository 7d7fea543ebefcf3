"""A request id in every log line and answer, one line for each request, nothing kept, domain errors as pages."""

import re
import time
import uuid
from collections.abc import Callable

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from concord.core.errors import DomainError
from concord.core.web.errors import bad_request, too_large

GetResponse = Callable[[HttpRequest], HttpResponse]
SAFE_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
# Asked every few seconds by machines, or by every page: they would drown the rest.
UNLOGGED = ("/healthz", "/readyz", "/metrics", "/static/")
# The same for everyone, and asked by machines that may keep it.
PUBLIC = ("/healthz",)
log = structlog.get_logger("concord.requests")


class RequestIdMiddleware:
    """Takes `X-Request-Id` from a proxy where it is well formed, makes one otherwise, and answers with it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-Id", "")
        request_id = given if SAFE_ID.fullmatch(given) else uuid.uuid4().hex
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        began = time.perf_counter()
        response = self.get_response(request)
        response["X-Request-Id"] = request_id
        if not request.path.startswith(UNLOGGED):
            _log(request, response, time.perf_counter() - began)
        return response


def _log(request: HttpRequest, response: HttpResponse, seconds: float) -> None:
    """The route and its ids, never the address as it was typed: that may hold an invitation's secret or a search."""
    user = getattr(request, "_cached_user", None)  # only if the view asked: a log line must not cost a query
    match = request.resolver_match
    log.info(
        "request",
        method=request.method,
        path=f"/{match.route}" if match else request.path,
        **{
            f"of_{name}": value
            for name, value in (match.kwargs if match else {}).items()
            if isinstance(value, int)
        },
        status=response.status_code,
        ms=round(seconds * 1000, 1),
        user=getattr(user, "pk", None),
    )


class NoStoreMiddleware:
    """Tells browsers and proxies to keep nothing that a view made: after signing out, "back" shows no one's figures.

    It does not ask who is signed in: a page for nobody may hold an invitation's secret. It stands after WhiteNoise,
    so the public static files, which are the same for everyone, never come through here.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.path not in PUBLIC and "no-store" not in response.get("Cache-Control", ""):
            response["Cache-Control"] = "no-store"
        return response


class UploadLimitMiddleware:
    """Refuses a body that says it is too large before a byte of it is read."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        # One megabyte more for the form around the file.
        if length.isdecimal() and int(length) > settings.MAX_UPLOAD_BYTES + 1024 * 1024:
            response = too_large(request)
            response["Connection"] = "close"
            return response
        return self.get_response(request)


class NullByteMiddleware:
    """Refuses a null byte in an address: no name holds one, and PostgreSQL takes none in a text."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "%00" in request.META.get("QUERY_STRING", "") or "\x00" in request.path_info:
            return bad_request(request)
        return self.get_response(request)


class DomainErrorMiddleware:
    """A domain error that a page view did not handle becomes a page with its status and sentence."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, DomainError):
            return None
        return render(request, "errors/domain.html", {"error": error}, status=error.status)
