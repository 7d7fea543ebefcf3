"""What is answered where no view did: a page for people, a problem for the API."""

import sys

from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import TemplateDoesNotExist

from concord.core import disk
from concord.core.api.problems import problem_response


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    if isinstance(exception, RequestDataTooBig):
        return too_large(request)
    return _answer(request, 400, "bad_request", "The request could not be understood.")


def too_large(request: HttpRequest) -> HttpResponse:
    return _answer(request, 413, "too_large", "This is larger than what is taken in one piece.")


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _answer(request, 403, "forbidden", "This is not allowed.")


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _answer(request, 404, "not_found", "There is nothing at this address.")


def server_error(request: HttpRequest) -> HttpResponse:
    """A full disk (507), a database that does not answer (503: the same request may soon succeed), or our error (500)."""
    error = sys.exc_info()[1]
    away = isinstance(error, OperationalError | InterfaceError)
    if disk.was_full(error) or (away and disk.is_full()):
        detail = "The disk of this installation is full, so nothing was saved just now. What was shown as saved is saved."
        return _answer(request, 507, "disk_full", detail)
    if away:
        detail = (
            "The database does not answer just now. What was shown as saved is saved; try again in a moment."
        )
        response = _answer(request, 503, "unavailable", detail)
        response["Retry-After"] = "5"
        return response
    return _answer(
        request, 500, "server_error", "Something broke on our side; the log has it under this request's id."
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that was open too long, or cookies that are switched off."""
    if is_api(request):
        return problem_response(403, "csrf_failed", "The CSRF token is missing or wrong.")
    return render(request, "errors/403_csrf.html", status=403)


def is_api(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")


def _answer(request: HttpRequest, status: int, code: str, detail: str) -> HttpResponse:
    if is_api(request):
        return problem_response(status, code, detail)
    try:
        return render(request, f"errors/{status}.html", status=status)
    except TemplateDoesNotExist:
        return HttpResponse(detail, status=status, content_type="text/plain")
    except Exception:
        # Where the page itself cannot be made (no database), a sentence still can.
        if status < 500:
            raise
        return HttpResponse(detail, status=status, content_type="text/plain")
