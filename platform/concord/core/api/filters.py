"""Filters of lists: a value that cannot be read is refused, never taken for no filter."""

import re
from typing import Any

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from rest_framework.request import Request

from concord.core.errors import Invalid

# django-filter's own words for a truth value; it takes any other for "either".
TRUTH = re.compile(r"true|false|1|0", re.IGNORECASE)
WHOLE = re.compile(r"-?[0-9]{1,18}", re.ASCII)


class FilterBackend(filters.DjangoFilterBackend):  # type: ignore[misc]
    """django-filter's, which passes in silence over an empty value and over a truth value that is none."""

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: Any) -> QuerySet[Any]:
        found = self.get_filterset(request, queryset, view)
        for name, each in found.filters.items() if found is not None else ():
            for given in request.query_params.getlist(name):
                _refuse_unreadable(name, each, given)
        narrowed: QuerySet[Any] = super().filter_queryset(request, queryset, view)
        return narrowed


def _refuse_unreadable(name: str, each: Any, given: str) -> None:
    if not given.strip():
        raise Invalid(f"{name} is empty: leave it out, or give a value.", code="bad_filter", field=name)
    if isinstance(each, filters.BooleanFilter) and not TRUTH.fullmatch(given):
        raise Invalid(f"{name} is true or false.", code="bad_filter", field=name)
    # Half an epoch would be cut to a whole one.
    if isinstance(each, filters.NumberFilter) and not WHOLE.fullmatch(given):
        raise Invalid(f"{name} is a whole number.", code="bad_filter", field=name)
