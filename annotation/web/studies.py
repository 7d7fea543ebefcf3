"""The designer's pages of studies: the list, the plan, the study and what is done with it."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from annotation.models import Study, StudyRater
from annotation.selectors.freshness import building_job, is_stale, newest_snapshot, snapshot_job
from annotation.selectors.history import alpha_history
from annotation.selectors.pages import latest_ratings, studies_of
from annotation.selectors.progress import study_progress
from annotation.services.joining import set_seat_active
from annotation.services.planning import plan_study
from annotation.services.snapshots import request_snapshot
from annotation.services.studies import change_study, close_study, open_study, pause_study
from annotation.states import StudyState
from annotation.web.forms import DescribeForm, InviteForm, StudyForm
from concord.accounts.links import invitation_url
from concord.accounts.models import Workspace
from concord.accounts.selectors.lookup import fetch, may, workspace_for
from concord.accounts.services.invitations import invite
from concord.accounts.states import Action, Role
from concord.core.errors import DomainError
from concord.core.services.render import output_html
from concord.core.web.shared import page_of

MOVES = {"open": open_study, "pause": pause_study, "close": close_study}
PARTS = {"progress", "figures"}
POLL_OFTEN, POLL_SELDOM = 5, 60  # seconds
MANY_UNITS = 50_000


@require_safe
@login_required
def studies(request: HttpRequest, workspace: str) -> HttpResponse:
    found = workspace_for(user=request.user, slug=workspace, to=Action.READ)
    page = page_of(request, studies_of(found))
    return render(request, "annotation/studies.html", {"workspace": found, "page_obj": page})


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def new(request: HttpRequest, workspace: str) -> HttpResponse:
    """The plan on one page. `refresh` only shows the systems of the chosen dataset; nothing typed is lost."""
    found = workspace_for(user=request.user, slug=workspace, to=Action.DESIGN)
    if request.method != "POST":
        form = StudyForm(workspace=found, initial={"version": request.GET.get("version")})
        return _form(request, found, form)
    if "refresh" in request.POST or "preview" in request.POST:
        return _form(request, found, _refreshed(request, found))
    form = StudyForm(request.POST, workspace=found)
    if form.is_valid():
        try:
            study = plan_study(workspace=found, actor=request.user, **_plan(form))
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, "The study is planned. Look it over, then open it to raters.")
            return redirect("study", found.slug, study.pk)
    return _form(request, found, form, status=400)


def _refreshed(request: HttpRequest, workspace: Workspace) -> StudyForm:
    """The form with what was typed, not yet judged."""
    typed: dict[str, Any] = {
        name: request.POST.getlist(name) if name in ("systems", "criteria") else value
        for name, value in request.POST.items()
    }
    for name in ("show_prompt", "show_reference"):
        typed[name] = name in request.POST
    return StudyForm(workspace=workspace, initial=typed)


def _plan(form: StudyForm) -> dict[str, Any]:
    held = form.cleaned_data
    return {
        "name": held["name"],
        "kind": held["kind"],
        "version": held["version"],
        "system_ids": held["systems"],
        "criteria": list(held["criteria"]),
        "new_criterion": form.new_criterion(),
        "wanted": held["wanted"],
        "examples": held["examples"],
        "pairs_per_example": held["pairs"] if held["kind"] == "side_by_side" else None,
        "instructions": held["instructions"],
        "show_prompt": held["show_prompt"],
        "show_reference": held["show_reference"],
        "lease_seconds": 60 * held["lease_minutes"],
    }


def _form(request: HttpRequest, workspace: Workspace, form: StudyForm, status: int = 200) -> HttpResponse:
    typed = request.POST.get("instructions", "")
    context = {"workspace": workspace, "form": form, "preview": output_html(typed) if typed else ""}
    return render(request, "annotation/study_new.html", context, status=status)


@require_POST
@login_required
def preview(request: HttpRequest, workspace: str) -> HttpResponse:
    """Instructions as raters will read them."""
    workspace_for(user=request.user, slug=workspace, to=Action.DESIGN)
    return render(
        request,
        "annotation/study_new.html#preview",
        {"preview": output_html(request.POST.get("instructions", ""))},
    )


@require_safe
@login_required
@never_cache
def study(request: HttpRequest, workspace: str, pk: int) -> HttpResponse:
    """The study; htmx asks for `part=progress` and `part=figures` alone."""
    part = request.GET.get("part", "")
    template = "annotation/study.html" + (f"#{part}" if part in PARTS else "")
    return render(request, template, _context(request, _study(request, workspace, pk, Action.READ)))


def _study(request: HttpRequest, slug: str, pk: int, to: str) -> Study:
    found = workspace_for(user=request.user, slug=slug, to=to)
    return fetch(Study, user=request.user, pk=pk, to=to, workspace=found)


def _context(request: HttpRequest, study: Study, **more: Any) -> dict[str, Any]:
    progress, snapshot = study_progress(study), newest_snapshot(study)
    sees_ratings = may(user=request.user, workspace=study.workspace, to=Action.REVIEW)
    return {
        "workspace": study.workspace,
        "study": study,
        "progress": progress,
        "snapshot": snapshot,
        "quality": snapshot.content if snapshot else None,
        "stale": is_stale(study, snapshot),
        "job": snapshot_job(study),
        "building": building_job(study) if study.state == StudyState.DRAFT else None,
        "history": alpha_history(study),
        "latest": latest_ratings(study) if sees_ratings else [],
        "seats": {seat.rater_id: seat for seat in StudyRater.objects.filter(study=study)}
        if sees_ratings
        else {},
        "criteria": study.asked(),
        "poll_seconds": POLL_SELDOM if study.units_count > MANY_UNITS else POLL_OFTEN,
        "invite_form": InviteForm(),
        **more,
    }


@require_POST
@login_required
def state(request: HttpRequest, workspace: str, pk: int) -> HttpResponse:
    """Open, pause or close."""
    found = _study(request, workspace, pk, Action.DESIGN)
    act = MOVES.get(request.POST.get("to", ""))
    if act is not None:
        try:
            act(study=found, actor=request.user)
        except DomainError as error:
            messages.error(request, error.message)
    return redirect("study", workspace, pk)


@require_POST
@login_required
def compute(request: HttpRequest, workspace: str, pk: int) -> HttpResponse:
    """Have the figures computed now."""
    request_snapshot(study=_study(request, workspace, pk, Action.REVIEW))
    return redirect(reverse("study", args=[workspace, pk]) + "#figures")


@require_POST
@login_required
@never_cache
def invitation(request: HttpRequest, workspace: str, pk: int) -> HttpResponse:
    """A link that leads raters into this study, shown once, in the answer to this form."""
    found = _study(request, workspace, pk, Action.DESIGN)
    form = InviteForm(request.POST)
    link = ""
    if form.is_valid():
        issued = invite(
            actor=request.user,  # type: ignore[arg-type]
            workspace=found.workspace,
            role=Role.RATER,
            uses=form.cleaned_data["people"],
            study_id=found.pk,
        )
        link = invitation_url(request, issued.secret)
    context = _context(request, found, link=link, invite_form=form)
    return render(request, "annotation/study.html", context, status=200 if link else 400)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def edit(request: HttpRequest, workspace: str, pk: int) -> HttpResponse:
    """Words and the wanted number, in any state."""
    found = _study(request, workspace, pk, Action.DESIGN)
    form = DescribeForm.of(found, request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            change_study(study=found, **form.cleaned_data)
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, "Saved.")
            return redirect("study", workspace, pk)
    context = {"workspace": found.workspace, "study": found, "form": form}
    return render(request, "annotation/study_edit.html", context, status=400 if form.errors else 200)


@require_POST
@login_required
def seat(request: HttpRequest, workspace: str, pk: int, seat: int) -> HttpResponse:
    """Stop a rater from taking tasks, or let them again."""
    found = _study(request, workspace, pk, Action.DESIGN)
    place = fetch(StudyRater, user=request.user, pk=seat, to=Action.DESIGN, study=found)
    set_seat_active(seat=place, active=request.POST.get("active") == "1")
    return redirect(reverse("study", args=[workspace, pk]) + "#raters")
