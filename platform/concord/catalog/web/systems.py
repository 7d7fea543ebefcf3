"""Pages of systems."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from concord.accounts.selectors.lookup import fetch, workspace_for
from concord.accounts.states import Action
from concord.catalog.models import Dataset, Output, System
from concord.catalog.selectors.pages import systems_of
from concord.catalog.services import systems as services
from concord.catalog.web.forms import SystemForm
from concord.core.errors import DomainError
from concord.core.web.shared import page_of, show_refusal


@require_safe
@login_required
def systems(request: HttpRequest, workspace: str) -> HttpResponse:
    found = workspace_for(user=request.user, slug=workspace, to=Action.READ)
    search, archived = request.GET.get("q", "").strip(), request.GET.get("archived") == "1"
    rows = systems_of(found, archived=archived, search=search)
    context = {"workspace": found, "page_obj": page_of(request, rows), "search": search, "archived": archived}
    return render(request, "catalog/systems.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def new(request: HttpRequest, workspace: str) -> HttpResponse:
    found = workspace_for(user=request.user, slug=workspace, to=Action.DESIGN)
    form = SystemForm(request.POST or None)
    if form.is_valid():
        try:
            made = services.create_system(workspace=found, **form.arguments())
        except DomainError as error:
            show_refusal(form, error)
        else:
            messages.success(request, f"{made} was added.")
            return redirect("system", workspace=found.slug, pk=made.pk)
    context = {"workspace": found, "form": form}
    return render(request, "catalog/system_form.html", context, status=400 if form.errors else 200)


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


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def edit(request: HttpRequest, workspace: str, pk: int) -> HttpResponse:
    found = workspace_for(user=request.user, slug=workspace, to=Action.DESIGN)
    row = fetch(System, user=request.user, pk=pk, to=Action.DESIGN, workspace=found)
    names = ("name", "version", "kind", "config", "prices", "description")
    form = SystemForm(request.POST or None, initial={name: getattr(row, name) for name in names})
    if form.is_valid():
        try:
            services.change_system(system=row, **form.arguments())
        except DomainError as error:
            show_refusal(form, error)
        else:
            return redirect("system", workspace=found.slug, pk=row.pk)
    context = {"workspace": found, "form": form, "system": row}
    return render(request, "catalog/system_form.html", context, status=400 if form.errors else 200)


@require_POST
@login_required
def archive(request: HttpRequest, workspace: str, pk: int) -> HttpResponse:
    found = workspace_for(user=request.user, slug=workspace, to=Action.DESIGN)
    row = fetch(System, user=request.user, pk=pk, to=Action.DESIGN, workspace=found)
    services.archive_system(system=row, archived=request.POST.get("archived") != "0")
    return redirect("system", workspace=found.slug, pk=row.pk)
