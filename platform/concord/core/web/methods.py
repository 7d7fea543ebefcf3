"""How every figure is computed: the pages about methods, for whoever has to check one, signed in or not."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from concord.core.errors import Missing
from concord.core.services.method_pages import shelf, shown


@require_safe
def methods(request: HttpRequest) -> HttpResponse:
    """Which method answers which question."""
    index = shelf().index
    if index is None:
        raise Missing("This installation came without the pages about methods.")
    return render(request, "core/methods.html", {"page": index, "shown": shown(index)})


@require_safe
def method(request: HttpRequest, page: str) -> HttpResponse:
    """One method. The name in the address is looked up among the pages, never in the file system."""
    found = shelf().pages.get(page)
    if found is None:
        raise Missing("There is no page about a method of this name.")
    before, after = shelf().around(found)
    context = {"page": found, "shown": shown(found), "before": before, "after": after}
    return render(request, "core/method.html", context)
