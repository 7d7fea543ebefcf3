"""The pages of scorecards."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from annotation.models import Study
from concord.accounts.models import Workspace
from concord.accounts.selectors.lookup import fetch, workspace_for
from concord.accounts.states import Action
from concord.catalog.models import DatasetVersion
from concord.core.errors import DomainError, Missing
from concord.core.web.pictures import KINDS_OF_PICTURE, picture_file
from concord.scorecards.models import Scorecard
from concord.scorecards.responses import download
from concord.scorecards.selectors.pictures import picture, pictures
from concord.scorecards.selectors.proposals import answering_systems, judged_versions, proposals
from concord.scorecards.selectors.scorecards import is_stale, last_job, latest, scorecards_of
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


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def scorecard_new(request: HttpRequest, workspace: str) -> HttpResponse:
    """Choose systems and dimensions; what exists is proposed."""
    found = workspace_for(user=request.user, slug=workspace, to=Action.DESIGN)
    study = _study(request, found)
    versions = judged_versions(found)
    version = study.version if study is not None else _chosen(request, versions)
    proposed = proposals(found, version, study=study)
    studies = {proposal.study for proposal in proposed if proposal.study is not None}
    systems = sorted({pk for each in studies for pk in each.systems.values_list("pk", flat=True)})
    if not systems and version is not None:
        systems = list(answering_systems(found, version).values_list("pk", flat=True))
    initial = {"confidence": 0.95, "version": version and version.pk, "systems": systems}
    extra = {"versions": versions, "version": version}
    return _form(request, found, None, initial, from_proposals(proposed), version, extra)


def _chosen(request: HttpRequest, versions: list[DatasetVersion]) -> DatasetVersion | None:
    """The dataset version named by `?version=`, else the one that was judged last."""
    wanted = request.GET.get("version", "")
    return next(
        (version for version in versions if str(version.pk) == wanted), versions[0] if versions else None
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def scorecard_edit(request: HttpRequest, workspace: str, pk: int) -> HttpResponse:
    """Change the definition; it is computed again afterwards."""
    found = workspace_for(user=request.user, slug=workspace, to=Action.DESIGN)
    scorecard = fetch(Scorecard, user=request.user, pk=pk, to=Action.DESIGN, workspace=found)
    return _form(request, found, scorecard, *from_scorecard(scorecard), None, {})


def _form(
    request: HttpRequest,
    workspace: Workspace,
    scorecard: Scorecard | None,
    initial: dict[str, Any],
    rows: list[dict[str, Any]],
    version: DatasetVersion | None,
    extra: dict[str, Any],
) -> HttpResponse:
    form = ScorecardForm(
        request.POST or None,
        workspace=workspace,
        systems=answering_systems(workspace, version),
        initial=initial,
    )
    formset = DimensionFormSet(
        request.POST or None, prefix="dimension", initial=rows, form_kwargs={"workspace": workspace}
    )
    if request.method == "POST" and form.is_valid() and formset.is_valid():
        chosen = [part.choice() for part in formset if part.cleaned_data.get("include")]
        arguments: dict[str, Any] = {
            **form.cleaned_data,
            "systems": list(form.cleaned_data["systems"]),
            "dimensions": chosen,
        }
        try:
            if scorecard is None:
                made = create_scorecard(workspace=workspace, actor=request.user, **arguments)
            else:
                made = update_scorecard(scorecard=scorecard, actor=request.user, **arguments)
        except DomainError as error:
            form.add_error("name" if error.code in ("name", "name_taken") else None, error.message)
        else:
            request_snapshot(scorecard=made)
            return redirect("scorecard", workspace=workspace.slug, pk=made.pk)
    refused = request.method == "POST"
    context = {
        "workspace": workspace,
        "scorecard": scorecard,
        "form": form,
        "formset": formset,
        "refused": refused,
        **extra,
    }
    return render(request, "scorecards/scorecard_form.html", context, status=400 if refused else 200)


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
    found = workspace_for(user=request.user, slug=workspace, to=Action.DESIGN)
    request_snapshot(scorecard=fetch(Scorecard, user=request.user, pk=pk, to=Action.DESIGN, workspace=found))
    return redirect("scorecard", workspace=found.slug, pk=pk)


@login_required
@require_POST
def scorecard_delete(request: HttpRequest, workspace: str, pk: int) -> HttpResponse:
    """Delete the scorecard; ratings and scores stay."""
    found = workspace_for(user=request.user, slug=workspace, to=Action.DESIGN)
    gone = fetch(Scorecard, user=request.user, pk=pk, to=Action.DESIGN, workspace=found)
    delete_scorecard(scorecard=gone, actor=request.user)
    messages.success(request, f"The scorecard “{gone.name}” is deleted. Ratings and scores are untouched.")
    return redirect("scorecards", workspace=found.slug)


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
    return download(snapshot, kind)


@login_required
@require_GET
def scorecard_picture(request: HttpRequest, workspace: str, pk: int, key: str, kind: str) -> HttpResponse:
    """A picture of the latest snapshot as a file."""
    found = workspace_for(user=request.user, slug=workspace, to=Action.READ)
    snapshot = latest(fetch(Scorecard, user=request.user, pk=pk, workspace=found))
    if kind not in KINDS_OF_PICTURE:
        raise Missing("A picture is given as svg or png.")
    if snapshot is None:
        raise Missing("This scorecard was never computed.", code="no_snapshot")
    name = f"scorecard-{pk}-{snapshot.digest[:8]}-{key}"
    return picture_file(picture(snapshot, key), kind, name)
