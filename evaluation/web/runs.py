"""Pages of runs."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from concord.accounts.selectors.lookup import fetch, workspace_for
from concord.accounts.states import Action
from concord.accounts.web.create import CreatePage
from concord.catalog.models import System
from concord.core.errors import Conflict
from concord.core.web.shared import page_of
from evaluation.models import Run
from evaluation.selectors.answers import SHOWN, answers_of, count_hidden_keys, with_scores
from evaluation.selectors.endpoints import asked_ips, called_by, consents_of
from evaluation.selectors.pages import failures_of, runs_of
from evaluation.selectors.progress import progress, progress_of
from evaluation.selectors.summary import summary
from evaluation.services import control
from evaluation.services.consent import allow_private_endpoint, withdraw_consent
from evaluation.services.planning import plan_run
from evaluation.states import AskedBy, RunState
from evaluation.web.forms import RunForm
from evaluation.web.present import slice_lines

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


class NewRuns(CreatePage):
    form_class = RunForm
    template = "evaluation/run_form.html"

    def form_arguments(self) -> dict[str, Any]:
        given = self.request.GET
        initial = {"benchmark": given.get("benchmark"), "systems": given.getlist("system")}
        return {"workspace": self.workspace, "initial": initial}

    @transaction.atomic
    def make(self, form: RunForm) -> list[Run]:
        """All of the chosen systems, or none."""
        return [self._start(form, system) for system in form.cleaned_data["systems"]]

    def _start(self, form: RunForm, system: System) -> Run:
        actor = self.request.user
        run = plan_run(actor=actor, benchmark=form.chosen(), system=system, options=form.options())
        return control.start(actor=actor, run=run)

    def done(self, form: RunForm, made: list[Run]) -> HttpResponse:
        alone = len(made) == 1
        messages.success(self.request, "The run has started." if alone else f"{len(made)} runs have started.")
        if alone:
            return redirect("run", workspace=self.workspace.slug, pk=made[0].pk)
        return redirect("benchmark", workspace=self.workspace.slug, pk=form.chosen().pk)


@require_safe
@login_required
def run(request: HttpRequest, workspace: str, pk: int) -> HttpResponse:
    found = workspace_for(user=request.user, slug=workspace, to=Action.READ)
    row = fetch(Run, user=request.user, pk=pk, workspace=found)
    shown = request.GET.get("show", "all")
    shown = shown if shown in SHOWN else "all"
    page = page_of(request, answers_of(row, shown=shown), 20)
    figures = summary(row)
    context = {
        "workspace": found,
        "run": row,
        "progress": progress(row),
        "summary": figures,
        "slices": slice_lines(figures),
        "failures": failures_of(row)[:FAILURES_SHOWN],
        "page_obj": page,
        "answers": with_scores(row, list(page)),
        "hidden_keys": count_hidden_keys(row),
        "shown": shown,
        "filters": SHOWN,
        "asked_by": AskedBy(row.settings["asked_by"]).label,
        "base_url": called_by(row),
        "asked_ips": asked_ips(row),  # told to administrators only, who decide on them
        "granted": [each for each in consents_of(row) if each.granted_at is not None],
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
    row = fetch(Run, user=request.user, pk=pk, workspace__slug=workspace)
    try:
        MOVES[to](actor=request.user, run=row)
    except Conflict as error:
        messages.error(request, error.message)
    return redirect("run", workspace=workspace, pk=pk)


@require_POST
@login_required
def allow_endpoint(request: HttpRequest, workspace: str, pk: int) -> HttpResponse:
    """An administrator lets the endpoint that this run calls be reached at the private addresses that the page has shown."""
    found = workspace_for(user=request.user, slug=workspace, to=Action.READ)
    row = fetch(Run, user=request.user, pk=pk, workspace=found)
    ips = allow_private_endpoint(actor=request.user, run=row, ips=request.POST.getlist("ip"))
    said = f"{called_by(row)} may be called at {', '.join(ips)} now. Resume the run to try again."
    messages.success(request, said)
    return redirect("run", workspace=found.slug, pk=pk)


@require_POST
@login_required
def refuse_endpoint(request: HttpRequest, workspace: str, pk: int) -> HttpResponse:
    """An administrator takes back what was allowed for the URL that this run calls."""
    found = workspace_for(user=request.user, slug=workspace, to=Action.READ)
    row = fetch(Run, user=request.user, pk=pk, workspace=found)
    withdraw_consent(actor=request.user, run=row)
    messages.success(request, f"{called_by(row)} is not called at a private address any more.")
    return redirect("run", workspace=found.slug, pk=pk)
