"""Pages of criteria."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from concord.accounts.selectors.lookup import fetch, workspace_for
from concord.accounts.states import Action
from concord.accounts.web.create import CreatePage
from concord.catalog.criteria.templates import TEMPLATES
from concord.catalog.models import Criterion
from concord.catalog.services.criteria import create_criterion
from concord.catalog.web.forms import TEMPLATE_NAMES, CriterionForm
from concord.core.web.shared import page_of


@require_safe
@login_required
def criteria(request: HttpRequest, workspace: str) -> HttpResponse:
    found = workspace_for(user=request.user, slug=workspace, to=Action.READ)
    rows = Criterion.objects.filter(workspace=found)
    return render(request, "catalog/criteria.html", {"workspace": found, "page_obj": page_of(request, rows)})


class NewCriterion(CreatePage):
    form_class = CriterionForm
    template = "catalog/criterion_form.html"

    def form_arguments(self) -> dict[str, Any]:
        return {"initial": {"template": self.request.GET.get("template", "likert")}}

    def make(self, form: CriterionForm) -> Criterion:
        return create_criterion(
            actor=self.request.user, workspace=self.workspace, definition=form.definition()
        )

    def done(self, form: CriterionForm, made: Criterion) -> HttpResponse:
        return redirect("criterion", workspace=self.workspace.slug, pk=made.pk)

    def context(self, form: CriterionForm) -> dict[str, Any]:
        labels = {name: [label["label"] for label in body["labels"]] for name, body in TEMPLATES.items()}
        return {"templates": [(TEMPLATE_NAMES[name], words) for name, words in labels.items()]}


@require_safe
@login_required
def criterion(request: HttpRequest, workspace: str, pk: int) -> HttpResponse:
    found = workspace_for(user=request.user, slug=workspace, to=Action.READ)
    row = fetch(Criterion, user=request.user, pk=pk, workspace=found)
    return render(request, "catalog/criterion.html", {"workspace": found, "criterion": row})
