"""The API's description for people."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from drf_spectacular.generators import SchemaGenerator


def api_docs(request: HttpRequest) -> HttpResponse:
    """Every route of the OpenAPI schema, on one page without scripts."""
    schema = SchemaGenerator().get_schema(request=None, public=True)
    return render(request, "core/api_docs.html", {"schema": schema})
