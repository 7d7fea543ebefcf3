"""The designer's pages of studies: the list, the plan, the study and what is done with it."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import cached_property
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from annotation.models import Study, StudyRater
from annotation.selectors.entry import not_invited
from annotation.selectors.freshness import building_job, is_stale, newest_snapshot, snapshot_job
from annotation.selectors.history import alpha_history, history_picture
from annotation.selectors.pages import latest_ratings, studies_of
from annotation.selectors.progress import study_progress
from annotation.services.exports import history_file
from annotation.services.joining import invite_raters, set_seat_active
from annotation.services.planning import plan_study
from annotation.services.snapshots import request_snapshot
from annotation.services.studies import change_study, close_study, open_study, pause_study
from annotation.states import StudyEntry, StudyState
from annotation.web.forms import DescribeForm, InviteForm, PlacesForm, StudyForm
from annotation.web.present import in_columns, in_scope
from concord.accounts.links import invitation_url
from concord.accounts.models import Workspace
from concord.accounts.selectors.lookup import fetch, may, workspace_for
from concord.accounts.services.invitations import invite
from concord.accounts.states import Action, Role
from concord.accounts.web.create import CreatePage
from concord.core.errors import Conflict, DomainError, Invalid
from concord.core.services.render import output_html
from concord.core.web.pictures import picture_file
from concord.core.web.shared import page_of, show_refusal

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


class NewStudy(CreatePage):
    """The plan on one page. `refresh` only shows the systems of the chosen dataset; nothing typed is lost."""

    form_class = StudyForm
    template = "annotation/study_new.html"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if "refresh" in request.POST or "preview" in request.POST:
            return self.page(_refreshed(request, self.workspace))
        return super().post(request, *args, **kwargs)

    def form_arguments(self) -> dict[str, Any]:
        return {"workspace": self.workspace, "initial": {"version": self.request.GET.get("version")}}

    def make(self, form: StudyForm) -> Study:
        return plan_study(actor=self.request.user, workspace=self.workspace, **_plan(form))

    def done(self, form: StudyForm, made: Study) -> HttpResponse:
        messages.success(self.request, "The study is planned. Look it over, then open it to raters.")
        return redirect("study", self.workspace.slug, made.pk)

    def context(self, form: StudyForm) -> dict[str, Any]:
        typed = self.request.POST.get("instructions", "")
        return {"preview": output_html(typed) if typed else ""}


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
        "entry": held["entry"] or StudyEntry.INVITED,
    }


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
    return render(request, template, _context(request, _study(request, workspace, pk)))


def _study(request: HttpRequest, slug: str, pk: int) -> Study:
    return fetch(Study, user=request.user, pk=pk, workspace__slug=slug)


def _context(request: HttpRequest, study: Study, **more: Any) -> dict[str, Any]:
    progress, snapshot, criteria = study_progress(study), newest_snapshot(study), study.asked()
    history = alpha_history(study)
    sees_ratings = may(user=request.user, workspace=study.workspace, to=Action.REVIEW)
    return {
        "workspace": study.workspace,
        "study": study,
        "progress": progress,
        "snapshot": snapshot,
        "quality": in_columns(in_scope(snapshot.content, request.GET.get("scope", ""))) if snapshot else None,
        "stale": is_stale(study, snapshot),
        "job": snapshot_job(study),
        "building": building_job(study) if study.state == StudyState.DRAFT else None,
        "history": history,
        "picture": history_picture(study, history) if history.lines else None,
        "latest": latest_ratings(study) if sees_ratings else [],
        "seats": {seat.rater_id: seat for seat in StudyRater.objects.filter(study=study)}
        if sees_ratings
        else {},
        "criteria": criteria,
        "counted": "ratings" if len(criteria) < 2 else f"tasks of {len(criteria)} questions",
        "poll_seconds": POLL_SELDOM if study.units_count > MANY_UNITS else POLL_OFTEN,
        "invite_form": InviteForm(),
        "places_form": _places_form(study) if study.entry == StudyEntry.INVITED else None,
        **more,
    }


def _places_form(study: Study, data: Any = None) -> PlacesForm:
    return PlacesForm(data, people=not_invited(study))


@require_POST
@login_required
def state(request: HttpRequest, workspace: str, pk: int) -> HttpResponse:
    """Open, pause or close."""
    found = _study(request, workspace, pk)
    act = MOVES.get(request.POST.get("to", ""))
    if act is None:
        raise Invalid(f"A study is moved by one of {', '.join(MOVES)}.", code="bad_move", field="to")
    try:
        act(actor=request.user, study=found)
    except Conflict as error:
        messages.error(request, error.message)
    return redirect("study", workspace, pk)


@require_POST
@login_required
def compute(request: HttpRequest, workspace: str, pk: int) -> HttpResponse:
    """Have the figures computed now."""
    request_snapshot(actor=request.user, study=_study(request, workspace, pk))
    return redirect(reverse("study", args=[workspace, pk]) + "#figures")


@require_safe
@login_required
def picture(request: HttpRequest, workspace: str, pk: int, kind: str) -> HttpResponse:
    """Agreement over time as a file."""
    drawn = history_file(actor=request.user, study=_study(request, workspace, pk), kind=kind)
    return picture_file(drawn, kind, f"study-{pk}")


@require_POST
@login_required
@never_cache
def invitation(request: HttpRequest, workspace: str, pk: int) -> HttpResponse:
    """A link that leads raters into this study, shown once, in the answer to this form."""
    found = fetch(Study, user=request.user, pk=pk, to=Action.DESIGN, workspace__slug=workspace)
    form, link = InviteForm(request.POST), ""
    if form.is_valid():
        try:
            issued = invite(
                actor=request.user,  # type: ignore[arg-type]
                workspace=found.workspace,
                role=Role.RATER,
                uses=form.cleaned_data["people"],
                study_id=found.pk,
            )
        except DomainError as error:
            show_refusal(form, error)
        else:
            link = invitation_url(request, issued.secret)
    context = _context(request, found, link=link, invite_form=form)
    return render(request, "annotation/study.html", context, status=200 if link else 400)


@require_POST
@login_required
def places(request: HttpRequest, workspace: str, pk: int) -> HttpResponse:
    """Let raters of the workspace in without a link."""
    found = fetch(Study, user=request.user, pk=pk, to=Action.DESIGN, workspace__slug=workspace)
    form = _places_form(found, request.POST)
    if not form.is_valid():
        context = _context(request, found, places_form=form)
        return render(request, "annotation/study.html", context, status=400)
    let_in = len(invite_raters(actor=request.user, study=found, user_ids=form.cleaned_data["raters"]))
    messages.success(request, f"{let_in} rater{'' if let_in == 1 else 's'} may rate now.")
    return redirect("study", workspace, pk)


class EditStudy(CreatePage):
    """Words and the wanted number, in any state."""

    form_class = DescribeForm
    template = "annotation/study_edit.html"

    @cached_property
    def study(self) -> Study:
        pk: int = self.kwargs["pk"]
        return fetch(Study, user=self.request.user, pk=pk, to=self.to, workspace=self.workspace)

    def gate(self) -> None:
        _ = self.study

    def form_arguments(self) -> dict[str, Any]:
        names = ("name", "wanted", "instructions", "entry", "declared_random")
        return {"initial": {name: getattr(self.study, name) for name in names}}

    def make(self, form: DescribeForm) -> Study:
        return change_study(actor=self.request.user, study=self.study, **form.cleaned_data)

    def done(self, form: DescribeForm, made: Study) -> HttpResponse:
        messages.success(self.request, "Saved.")
        return redirect("study", self.workspace.slug, made.pk)

    def context(self, form: DescribeForm) -> dict[str, Any]:
        return {"study": self.study}


@require_POST
@login_required
def seat(request: HttpRequest, workspace: str, pk: int, seat: int) -> HttpResponse:
    """Stop a rater from taking tasks, or let them again."""
    found = _study(request, workspace, pk)
    place = fetch(StudyRater, user=request.user, pk=seat, study=found)
    set_seat_active(actor=request.user, seat=place, active=request.POST.get("active") == "1")
    return redirect(reverse("study", args=[workspace, pk]) + "#raters")
