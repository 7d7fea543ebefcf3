"""Errors of the API: `application/problem+json` (RFC 9457) with a stable `code`."""

from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db.models import ProtectedError
from django.http import Http404, JsonResponse
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from concord.core.errors import DomainError

CONTENT_TYPE = "application/problem+json"
# Codes of the framework's own refusals, by status; ours bring their own.
CODES = {
    400: "invalid",
    401: "not_authenticated",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    415: "unsupported_type",
    429: "throttled",
}


def problem(status: int, code: str, detail: str, **more: Any) -> dict[str, Any]:
    """The body. `type` names the kind of problem, `detail` is a sentence for people, `errors` is per field.

    `field` is there where the problem is about one field alone.
    """
    return {
        "type": f"urn:concord:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
        **more,
    }


def problem_response(status: int, code: str, detail: str) -> JsonResponse:
    """The same outside Django REST framework."""
    return JsonResponse(problem(status, code, detail), status=status, content_type=CONTENT_TYPE)


def problem_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Django REST framework's EXCEPTION_HANDLER. None leaves a programming error to the server's own answer (500)."""
    body = _body(error)
    if body is None:
        return None
    set_rollback()
    headers = {}
    if isinstance(error, exceptions.APIException):
        if challenge := getattr(error, "auth_header", None):
            headers["WWW-Authenticate"] = challenge
        if wait := getattr(error, "wait", None):
            headers["Retry-After"] = str(int(wait))
    return Response(body, status=body["status"], headers=headers, content_type=CONTENT_TYPE)


def _body(error: Exception) -> dict[str, Any] | None:
    match error:
        case DomainError():
            at = {"field": error.field, "errors": {error.field: [error.message]}} if error.field else {}
            more = {"details": error.details} if error.details else {}
            return problem(error.status, error.code, error.message, **at, **more)
        case exceptions.ValidationError():
            errors = _per_field(error.detail)
            alone = list(errors) if isinstance(errors, dict) and len(errors) == 1 else []
            at = {"field": alone[0]} if alone and alone[0] != "non_field_errors" else {}
            return problem(400, "invalid", "Some fields are not acceptable.", errors=errors, **at)
        case exceptions.ParseError():
            return problem(400, "malformed", str(error.detail))
        case exceptions.AuthenticationFailed():
            return problem(error.status_code, "authentication_failed", str(error.detail))
        case exceptions.APIException():
            return problem(error.status_code, CODES.get(error.status_code, "error"), str(error.detail))
        case Http404():
            return problem(404, "not_found", "There is no such thing, or none that you may know of.")
        case PermissionDenied():
            return problem(403, "forbidden", "This is not allowed.")
        case RequestDataTooBig():
            return problem(413, "too_large", "This is larger than what is taken in one piece.")
        case ProtectedError():
            return problem(409, "in_use", "This is still used by something else, and was not deleted.")
    return None


def _per_field(detail: Any) -> Any:
    """Lists of sentences by field; `non_field_errors` for what concerns several."""
    if isinstance(detail, dict):
        return {str(name): _per_field(value) for name, value in detail.items()}
    if isinstance(detail, list):
        if any(isinstance(item, dict) for item in detail):
            return [_per_field(item) for item in detail]
        return [str(item) for item in detail]
    return [str(detail)]
