"""Pages of criteria."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from concord.accounts.selectors.lookup import fetch, workspace_for
from concord.accounts.states import Action
from concord.catalog.criteria.templates import TEMPLATES
from concord.catalog.models import Criterion
from concord.catalog.services.criteria import create_criterion
from concord.catalog.web.forms import TEMPLATE_NAMES, CriterionForm
from concord.core.errors import DomainError
from concord.core.web.shared import page_of, show_refusal


@require_safe
@login_required
def criteria(request: HttpRequest, workspace: str) -> HttpResponse:
    found = workspace_for(user=request.user, slug=workspace, to=Action.READ)
    rows = Criterion.objects.filter(workspace=found)
    return render(request, "catalog/criteria.html", {"workspace": found, "page_obj": page_of(request, rows)})


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def new(request: HttpRequest, workspace: str) -> HttpResponse:
    found = workspace_for(user=request.user, slug=workspace, to=Action.DESIGN)
    form = CriterionForm(request.POST or None, initial={"template": request.GET.get("template", "likert")})
    if form.is_valid():
        definition = form.definition()
        try:
            if not form.errors:
                made = create_criterion(workspace=found, definition=definition)
                return redirect("criterion", workspace=found.slug, pk=made.pk)
        except DomainError as error:
            show_refusal(form, error)
    templates = [
        (TEMPLATE_NAMES[name], [label["label"] for label in body["labels"]])
        for name, body in TEMPLATES.items()
    ]
    context = {"workspace": found, "form": form, "templates": templates}
    return render(request, "catalog/criterion_form.html", context, status=400 if form.errors else 200)


@require_safe
@login_required
def criterion(request: HttpRequest, workspace: str, pk: int) -> HttpResponse:
    found = workspace_for(user=request.user, slug=workspace, to=Action.READ)
    row = fetch(Criterion, user=request.user, pk=pk, workspace=found)
    return render(request, "catalog/criterion.html", {"workspace": found, "criterion": row})
