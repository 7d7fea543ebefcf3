"""Pages of runs."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from concord.accounts.selectors.lookup import fetch, workspace_for
from concord.accounts.states import Action
from concord.core.errors import DomainError
from concord.core.web.shared import page_of, show_refusal
from evaluation.models import Run
from evaluation.selectors.answers import SHOWN, answers_of, with_scores
from evaluation.selectors.pages import awaits_consent, failures_of, runs_of
from evaluation.selectors.progress import progress, progress_of
from evaluation.selectors.summary import summary
from evaluation.services import control
from evaluation.services.consent import allow_private_endpoint
from evaluation.services.planning import plan_run
from evaluation.states import AskedBy, RunState
from evaluation.web.forms import RunForm

MOVES = {"start": control.start, "pause": control.pause, "resume": control.resume, "cancel": control.cancel}
FAILURES_SHOWN = 50


@require_safe
@login_required
def runs(request: HttpRequest, workspace: str) -> HttpResponse:
    found = workspace_for(user=request.user, slug=workspace, to=Action.READ)
    state = request.GET.get("state", "")
    page = page_of(request, runs_of(found, state=state if state in RunState.values else ""))
    rows = [{"run": run, "progress": now} for run, now in zip(page, progress_of(list(page)), strict=True)]
    context = {"workspace": found, "page_obj": page, "rows": rows, "state": state, "states": RunState.choices}
    return render(request, "evaluation/runs.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def new(request: HttpRequest, workspace: str) -> HttpResponse:
    found = workspace_for(user=request.user, slug=workspace, to=Action.DESIGN)
    initial = {"benchmark": request.GET.get("benchmark"), "systems": request.GET.getlist("system")}
    form = RunForm(request.POST or None, workspace=found, initial=initial)
    if form.is_valid():
        try:
            made = _plan_and_start(request.user, form)
        except DomainError as error:
            show_refusal(form, error)
        else:
            messages.success(
                request, "The run has started." if len(made) == 1 else f"{len(made)} runs have started."
            )
            if len(made) == 1:
                return redirect("run", workspace=found.slug, pk=made[0].pk)
            return redirect("benchmark", workspace=found.slug, pk=form.chosen().pk)
    context = {"workspace": found, "form": form}
    return render(request, "evaluation/run_form.html", context, status=400 if form.errors else 200)


@transaction.atomic
def _plan_and_start(actor: Any, form: RunForm) -> list[Run]:
    """All of the chosen systems, or none."""
    return [
        control.start(
            actor=actor,
            run=plan_run(actor=actor, benchmark=form.chosen(), system=system, options=form.options()),
        )
        for system in form.cleaned_data["systems"]
    ]


@require_safe
@login_required
def run(request: HttpRequest, workspace: str, pk: int) -> HttpResponse:
    found = workspace_for(user=request.user, slug=workspace, to=Action.READ)
    row = fetch(Run, user=request.user, pk=pk, workspace=found)
    shown = request.GET.get("show", "all")
    shown = shown if shown in SHOWN else "all"
    page = page_of(request, answers_of(row, shown=shown), 20)
    context = {
        "workspace": found,
        "run": row,
        "progress": progress(row),
        "summary": summary(row),
        "failures": failures_of(row)[:FAILURES_SHOWN],
        "page_obj": page,
        "answers": with_scores(row, list(page)),
        "shown": shown,
        "filters": SHOWN,
        "asked_by": AskedBy(row.settings["asked_by"]).label,
        "needs_consent": awaits_consent(row),
    }
    return render(request, "evaluation/run.html", context)


@require_safe
@login_required
def run_progress(request: HttpRequest, workspace: str, pk: int) -> HttpResponse:
    """The part of the page that moves. When the run has ended, the whole page is asked for again, since all of it has changed."""
    found = workspace_for(user=request.user, slug=workspace, to=Action.READ)
    row = fetch(Run, user=request.user, pk=pk, workspace=found)
    context = {"workspace": found, "run": row, "progress": progress(row)}
    response = render(request, "evaluation/run_progress.html", context)
    if row.state != RunState.RUNNING and getattr(request, "htmx", False):
        response["HX-Refresh"] = "true"
    return response


@require_POST
@login_required
def move(request: HttpRequest, workspace: str, pk: int, to: str) -> HttpResponse:
    found = workspace_for(user=request.user, slug=workspace, to=Action.DESIGN)
    row = fetch(Run, user=request.user, pk=pk, to=Action.DESIGN, workspace=found)
    try:
        MOVES[to](actor=request.user, run=row)
    except DomainError as error:
        messages.error(request, error.message)
    return redirect("run", workspace=found.slug, pk=pk)


@require_POST
@login_required
def allow_endpoint(request: HttpRequest, workspace: str, pk: int) -> HttpResponse:
    """An administrator lets the endpoint of this run's system be called although its address is private."""
    found = workspace_for(user=request.user, slug=workspace, to=Action.READ)
    row = fetch(Run, user=request.user, pk=pk, workspace=found)
    consent = allow_private_endpoint(actor=request.user, system=row.system)
    messages.success(request, f"{consent.base_url} may be called now. Resume the run to try again.")
    return redirect("run", workspace=found.slug, pk=pk)
