"""Small things that the views of every app need."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.paginator import Page, Paginator
from django.forms import BaseForm
from django.http import HttpRequest

from concord.core.errors import DomainError, Forbidden, Missing

PAGE = 50


def page_of(request: HttpRequest, rows: Any, size: int = PAGE) -> Page[Any]:
    """The page that `?page=` names; a bad number gives the nearest one."""
    return Paginator(rows, size).get_page(request.GET.get("page"))


def show_refusal(form: BaseForm, error: DomainError) -> None:
    """Put a service's refusal at the field that it is about; one that is about no field of the form stands above them.

    A form whose fields are not named as the service's arguments says so in `SAID_AT`: argument -> field. Who may not do this,
    or asks for what is not there, is answered with a page of its own, never on a form.
    """
    if isinstance(error, Forbidden | Missing) and not error.field:
        raise error
    field = getattr(form, "SAID_AT", {}).get(error.field, error.field)
    form.add_error(field if field in form.fields else None, ValidationError(error.message, code=error.code))
