"""The pages of scorecards."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import cached_property
from django.views.decorators.http import require_GET, require_POST

from annotation.models import Study
from concord.accounts.models import Workspace
from concord.accounts.selectors.lookup import fetch, workspace_for
from concord.accounts.states import Action
from concord.accounts.web.create import CreatePage
from concord.catalog.models import DatasetVersion
from concord.core.errors import DomainError, Missing
from concord.core.web.pictures import picture_file
from concord.core.web.shared import show_refusal
from concord.scorecards.models import Scorecard
from concord.scorecards.responses import download
from concord.scorecards.selectors.pictures import pictures
from concord.scorecards.selectors.proposals import answering_systems, judged_versions, proposals
from concord.scorecards.selectors.scorecards import is_stale, last_job, latest, scorecards_of
from concord.scorecards.services.exports import picture_of
from concord.scorecards.services.requests import request_snapshot
from concord.scorecards.services.scorecards import create_scorecard, delete_scorecard, update_scorecard
from concord.scorecards.web.forms import DimensionFormSet, ScorecardForm, from_proposals, from_scorecard
from concord.scorecards.web.present import present


@login_required
@require_GET
def scorecards(request: HttpRequest, workspace: str) -> HttpResponse:
    """All scorecards, and a button that makes one."""
    found = workspace_for(user=request.user, slug=workspace, to=Action.READ)
    return render(
        request, "scorecards/scorecards.html", {"workspace": found, "scorecards": scorecards_of(found)}
    )


class ScorecardPage(CreatePage):
    """The form with its rows, one for each dimension. Both are checked before anything is made."""

    form_class = ScorecardForm
    template = "scorecards/scorecard_form.html"

    def form(self, **given: Any) -> ScorecardForm:
        chosen = self.chosen()
        self.rows = DimensionFormSet(
            given.get("data"),
            prefix="dimension",
            initial=chosen.rows,
            form_kwargs={"workspace": self.workspace},
        )
        return ScorecardForm(
            **given,
            workspace=self.workspace,
            systems=answering_systems(self.workspace, chosen.version),
            initial=chosen.initial,
        )

    def valid(self, form: ScorecardForm) -> bool:
        return all([form.is_valid(), self.rows.is_valid()])  # both, so that all that is wrong is seen at once

    def refuse(self, form: ScorecardForm, error: DomainError) -> None:
        """At the row that it is about: `dimensions.2.labels` is a field of the third one that was ticked."""
        _, *at = error.field.split(".")
        if len(at) != 2:
            super().refuse(form, error)
            return
        ticked = [row for row in self.rows if row.cleaned_data.get("include")]
        error.field = at[1]
        show_refusal(ticked[int(at[0])], error)

    @abstractmethod
    def chosen(self) -> "Chosen":
        """What the form shows before anything is typed."""

    def arguments(self, form: ScorecardForm) -> dict[str, Any]:
        held = form.cleaned_data
        dimensions = [part.choice() for part in self.rows if part.cleaned_data.get("include")]
        return {**held, "systems": list(held["systems"]), "dimensions": dimensions}

    def done(self, form: ScorecardForm, made: Scorecard) -> HttpResponse:
        request_snapshot(actor=self.request.user, scorecard=made)
        return redirect("scorecard", workspace=self.workspace.slug, pk=made.pk)

    def context(self, form: ScorecardForm) -> dict[str, Any]:
        return {"formset": self.rows, "refused": form.is_bound, "scorecard": None}


@dataclass(frozen=True)
class Chosen:
    """The values that the form begins with."""

    initial: dict[str, Any]
    rows: list[dict[str, Any]]
    version: DatasetVersion | None = None


class NewScorecard(ScorecardPage):
    """Choose systems and dimensions; what exists is proposed."""

    def chosen(self) -> Chosen:
        found, version = self.workspace, self.version
        proposed = proposals(found, version, study=self.study)
        studies = {proposal.study for proposal in proposed if proposal.study is not None}
        systems = sorted({pk for each in studies for pk in each.systems.values_list("pk", flat=True)})
        if not systems and version is not None:
            systems = list(answering_systems(found, version).values_list("pk", flat=True))
        initial = {"confidence": 0.95, "version": version and version.pk, "systems": systems}
        return Chosen(initial, from_proposals(proposed), version)

    @cached_property
    def study(self) -> Study | None:
        return _study(self.request, self.workspace)

    @cached_property
    def versions(self) -> list[DatasetVersion]:
        return judged_versions(self.workspace)

    @cached_property
    def version(self) -> DatasetVersion | None:
        """That of the study, else the one named by `?version=`, else the one that was judged last."""
        if self.study is not None:
            return self.study.version
        wanted = self.request.GET.get("version", "")
        newest = self.versions[0] if self.versions else None
        return next((version for version in self.versions if str(version.pk) == wanted), newest)

    def make(self, form: ScorecardForm) -> Scorecard:
        return create_scorecard(actor=self.request.user, workspace=self.workspace, **self.arguments(form))

    def context(self, form: ScorecardForm) -> dict[str, Any]:
        return {**super().context(form), "versions": self.versions, "version": self.version}


class EditScorecard(ScorecardPage):
    """Change the definition; it is computed again afterwards."""

    @cached_property
    def scorecard(self) -> Scorecard:
        pk: int = self.kwargs["pk"]
        return fetch(Scorecard, user=self.request.user, pk=pk, to=self.to, workspace=self.workspace)

    def gate(self) -> None:
        _ = self.scorecard

    def chosen(self) -> Chosen:
        return Chosen(*from_scorecard(self.scorecard))

    def make(self, form: ScorecardForm) -> Scorecard:
        return update_scorecard(actor=self.request.user, scorecard=self.scorecard, **self.arguments(form))

    def context(self, form: ScorecardForm) -> dict[str, Any]:
        return {**super().context(form), "scorecard": self.scorecard}


def _study(request: HttpRequest, workspace: Workspace) -> Study | None:
    """The study that a link named with `?study=`, so that its page can lead here."""
    pk = request.GET.get("study", "")
    return fetch(Study, user=request.user, pk=pk, workspace=workspace) if pk.isdigit() else None


@login_required
@require_GET
def scorecard(request: HttpRequest, workspace: str, pk: int) -> HttpResponse:
    """The latest snapshot, or how far its computing is."""
    found = workspace_for(user=request.user, slug=workspace, to=Action.READ)
    shown = fetch(Scorecard, user=request.user, pk=pk, workspace=found)
    snapshot, job = latest(shown), last_job(shown.pk)
    context: dict[str, Any] = {
        "workspace": found,
        "scorecard": shown,
        "snapshot": snapshot,
        "job": _under_way(job),
    }
    if snapshot is not None:
        context |= {"result": snapshot.result, "stale": is_stale(shown, snapshot)}
        context |= present(snapshot.result, pictures(snapshot))
    return render(request, "scorecards/scorecard.html", context)


def _under_way(job: Any) -> Any:
    """A job that runs, waits or failed; one that is done says nothing that the snapshot does not."""
    return job if job is not None and job.state in ("queued", "running", "failed") else None


@login_required
@require_GET
def scorecard_progress(request: HttpRequest, workspace: str, pk: int) -> HttpResponse:
    """The progress of computing, as a part of the page; when it is done, the page is loaded again."""
    found = workspace_for(user=request.user, slug=workspace, to=Action.READ)
    shown = fetch(Scorecard, user=request.user, pk=pk, workspace=found)
    job = last_job(shown.pk)
    answer = render(
        request, "scorecards/_progress.html", {"workspace": found, "scorecard": shown, "job": job}
    )
    if job is None or job.state in ("done", "cancelled"):
        answer["HX-Refresh"] = "true"
    return answer


@login_required
@require_POST
def scorecard_compute(request: HttpRequest, workspace: str, pk: int) -> HttpResponse:
    """Have it computed from the evidence as it is now."""
    found = fetch(Scorecard, user=request.user, pk=pk, workspace__slug=workspace)
    request_snapshot(actor=request.user, scorecard=found)
    return redirect("scorecard", workspace=workspace, pk=pk)


@login_required
@require_POST
def scorecard_delete(request: HttpRequest, workspace: str, pk: int) -> HttpResponse:
    """Delete the scorecard; ratings and scores stay."""
    gone = fetch(Scorecard, user=request.user, pk=pk, workspace__slug=workspace)
    delete_scorecard(actor=request.user, scorecard=gone)
    messages.success(request, f"The scorecard “{gone.name}” is deleted. Ratings and scores are untouched.")
    return redirect("scorecards", workspace=workspace)


@login_required
@require_GET
def scorecard_export(
    request: HttpRequest, workspace: str, pk: int, kind: str
) -> HttpResponse | StreamingHttpResponse:
    """The latest snapshot as a file."""
    found = workspace_for(user=request.user, slug=workspace, to=Action.READ)
    snapshot = latest(fetch(Scorecard, user=request.user, pk=pk, workspace=found))
    if kind not in ("json", "csv"):
        raise Missing("A scorecard is exported as json or csv.")
    if snapshot is None:
        raise Missing("This scorecard was never computed.", code="no_snapshot")
    return download(request.user, snapshot, kind)


@login_required
@require_GET
def scorecard_picture(request: HttpRequest, workspace: str, pk: int, key: str, kind: str) -> HttpResponse:
    """A picture of the latest snapshot as a file."""
    found = workspace_for(user=request.user, slug=workspace, to=Action.READ)
    snapshot = latest(fetch(Scorecard, user=request.user, pk=pk, workspace=found))
    if snapshot is None:
        raise Missing("This scorecard was never computed.", code="no_snapshot")
    drawn = picture_of(actor=request.user, snapshot=snapshot, key=key, kind=kind)
    return picture_file(drawn, kind, f"scorecard-{pk}-{snapshot.digest[:8]}-{key}")
