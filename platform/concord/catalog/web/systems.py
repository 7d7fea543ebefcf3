"""Pages of systems."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import cached_property
from django.views.decorators.http import require_POST, require_safe

from concord.accounts.selectors.lookup import fetch, workspace_for
from concord.accounts.states import Action
from concord.accounts.web.create import CreatePage
from concord.catalog.models import Dataset, Output, System
from concord.catalog.selectors.pages import systems_of
from concord.catalog.services import systems as services
from concord.catalog.web.forms import SystemForm
from concord.core.web.shared import page_of


@require_safe
@login_required
def systems(request: HttpRequest, workspace: str) -> HttpResponse:
    found = workspace_for(user=request.user, slug=workspace, to=Action.READ)
    search, archived = request.GET.get("q", "").strip(), request.GET.get("archived") == "1"
    rows = systems_of(found, archived=archived, search=search)
    context = {"workspace": found, "page_obj": page_of(request, rows), "search": search, "archived": archived}
    return render(request, "catalog/systems.html", context)


class NewSystem(CreatePage):
    form_class = SystemForm
    template = "catalog/system_form.html"

    def make(self, form: SystemForm) -> System:
        return services.create_system(actor=self.request.user, workspace=self.workspace, **form.arguments())

    def done(self, form: SystemForm, made: System) -> HttpResponse:
        messages.success(self.request, f"{made} was added.")
        return redirect("system", workspace=self.workspace.slug, pk=made.pk)


@require_safe
@login_required
def system(request: HttpRequest, workspace: str, pk: int) -> HttpResponse:
    found = workspace_for(user=request.user, slug=workspace, to=Action.READ)
    row = fetch(System, user=request.user, pk=pk, workspace=found)
    outputs = Output.objects.filter(system=row).select_related("example", "output_set").order_by("-id")
    answered = Dataset.objects.filter(workspace=found, versions__examples__outputs__system=row).distinct()
    context = {
        "workspace": found,
        "system": row,
        "page_obj": page_of(request, outputs, 20),
        "datasets": answered,
    }
    return render(request, "catalog/system.html", context)


class EditSystem(NewSystem):
    @cached_property
    def system(self) -> System:
        return fetch(
            System, user=self.request.user, pk=self.kwargs["pk"], to=self.to, workspace=self.workspace
        )

    def gate(self) -> None:
        _ = self.system

    def form_arguments(self) -> dict[str, Any]:
        names = ("name", "version", "kind", "config", "prices", "description")
        return {"initial": {name: getattr(self.system, name) for name in names}}

    def make(self, form: SystemForm) -> System:
        return services.change_system(actor=self.request.user, system=self.system, **form.arguments())

    def done(self, form: SystemForm, made: System) -> HttpResponse:
        return redirect("system", workspace=self.workspace.slug, pk=made.pk)

    def context(self, form: SystemForm) -> dict[str, Any]:
        return {"system": self.system}


@require_POST
@login_required
def archive(request: HttpRequest, workspace: str, pk: int) -> HttpResponse:
    row = fetch(System, user=request.user, pk=pk, workspace__slug=workspace)
    services.archive_system(actor=request.user, system=row, archived=request.POST.get("archived") != "0")
    return redirect("system", workspace=workspace, pk=row.pk)
