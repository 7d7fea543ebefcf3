"""The units of a study, one unit with everything that was said about it, and the ratings as a file."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from annotation.models import Study, Unit
from annotation.selectors.pages import neighbours, on_screens, ratings_of, units_of
from annotation.services import exports
from concord.accounts.selectors.lookup import fetch, workspace_for
from concord.accounts.states import Action
from concord.core.web.shared import page_of


@require_safe
@login_required
def units(request: HttpRequest, workspace: str, pk: int) -> HttpResponse:
    study = _study(request, workspace, pk)
    search, only = request.GET.get("q", "").replace("\x00", ""), request.GET.get("only", "")
    page = page_of(request, units_of(study, search=search, only=only))
    context = {"workspace": study.workspace, "study": study, "page_obj": page, "search": search, "only": only}
    return render(request, "annotation/study_units.html", context)


@require_safe
@login_required
def unit(request: HttpRequest, workspace: str, pk: int, unit: int) -> HttpResponse:
    """The outputs, by name, and every rating: for reviewers."""
    study = _study(request, workspace, pk)
    found = fetch(Unit, user=request.user, pk=unit, to=Action.REVIEW, study=study)
    context = {
        "workspace": study.workspace,
        "study": study,
        "unit": found,
        "outputs": [one for one in (found.output, found.other_output) if one is not None],
        "ratings": ratings_of(found),
        "on_screens": on_screens(found),
        "neighbours": neighbours(found),
    }
    return render(request, "annotation/study_unit.html", context)


@require_safe
@login_required
def ratings_csv(request: HttpRequest, workspace: str, pk: int) -> StreamingHttpResponse:
    """Every rating as CSV, streamed; no cell is a formula."""
    study = fetch(Study, user=request.user, pk=pk, workspace__slug=workspace)
    rows = exports.ratings_csv(actor=request.user, study=study)
    response = StreamingHttpResponse(rows, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{slugify(study.name) or "study"}-ratings.csv"'
    return response


def _study(request: HttpRequest, slug: str, pk: int) -> Study:
    found = workspace_for(user=request.user, slug=slug, to=Action.REVIEW)
    return fetch(Study, user=request.user, pk=pk, to=Action.REVIEW, workspace=found)
