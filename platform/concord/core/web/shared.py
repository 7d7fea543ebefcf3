"""Small things that the views of every app need."""

from typing import Any

from django.core.paginator import Page, Paginator
from django.forms import Form
from django.http import HttpRequest

from concord.core.errors import DomainError

PAGE = 50


def page_of(request: HttpRequest, rows: Any, size: int = PAGE) -> Page[Any]:
    """The page that `?page=` names; a bad number gives the nearest one."""
    return Paginator(rows, size).get_page(request.GET.get("page"))


def show_refusal(form: Form, error: DomainError) -> None:
    """Put a service's refusal beside the field it is about."""
    field = error.details.get("field")
    form.add_error(field if field in form.fields else None, error.message)
