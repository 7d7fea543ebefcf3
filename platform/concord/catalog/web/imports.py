"""Pages of imports: upload, say what is what, look at every rejection, write, undo."""

import json
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from concord.accounts.models import Workspace
from concord.accounts.selectors.lookup import fetch, workspace_for
from concord.accounts.states import Action
from concord.accounts.web.create import CreatePage
from concord.catalog.importing import column_form
from concord.catalog.importing.mapping import unused_columns
from concord.catalog.importing.preview import preview
from concord.catalog.importing.proposal import labels_by_criterion, propose
from concord.catalog.importing.sample import Sample, sample_of
from concord.catalog.models import Criterion, Dataset, ImportBatch, ImportRejection, SavedMapping
from concord.catalog.selectors.importing import criteria_labels
from concord.catalog.services import exports
from concord.catalog.services.importing import batches
from concord.catalog.services.importing.uploads import store_upload
from concord.catalog.states import Direction, ImportState, Level
from concord.catalog.web.forms import UploadForm
from concord.core.errors import Conflict, DomainError, Invalid
from concord.core.web.shared import page_of

WORKING = (ImportState.CHECKING, ImportState.WRITING)
SAMPLES_SHOWN = 3


def _batch(request: HttpRequest, slug: str, pk: int) -> tuple[Workspace, ImportBatch]:
    """Imports are a designer's business: their files may hold what raters must not see."""
    found = workspace_for(user=request.user, slug=slug, to=Action.DESIGN)
    return found, fetch(ImportBatch, user=request.user, pk=pk, to=Action.DESIGN, workspace=found)


@require_safe
@login_required
def imports(request: HttpRequest, workspace: str) -> HttpResponse:
    found = workspace_for(user=request.user, slug=workspace, to=Action.DESIGN)
    rows = ImportBatch.objects.filter(workspace=found).select_related("file", "created_by").order_by("-id")
    page = page_of(request, rows)
    for batch in page:
        batch.in_order = batches.in_order(batch.written)
    return render(request, "catalog/imports.html", {"workspace": found, "page_obj": page})


class NewImport(CreatePage):
    form_class = UploadForm
    template = "catalog/import_new.html"

    def form_arguments(self) -> dict[str, Any]:
        saved = SavedMapping.objects.filter(workspace=self.workspace).order_by("name")
        return {"saved": list(saved.values_list("pk", "name"))}

    def make(self, form: UploadForm) -> ImportBatch:
        return _upload(self.request, self.workspace, form.cleaned_data)

    def done(self, form: UploadForm, made: ImportBatch) -> HttpResponse:
        return redirect("import", workspace=self.workspace.slug, pk=made.pk)


def _upload(request: HttpRequest, workspace: Workspace, data: dict[str, Any]) -> ImportBatch:
    upload = data["file"]
    file = store_upload(actor=request.user, workspace=workspace, source=upload, name=upload.name)
    batch = batches.create_import(actor=request.user, workspace=workspace, file=file)
    chosen = (
        SavedMapping.objects.filter(workspace=workspace, pk=data["saved"]).first() if data["saved"] else None
    )
    batches.set_mapping(actor=request.user, batch=batch, mapping=chosen.mapping if chosen else propose(batch))
    return batch


@require_safe
@login_required
@never_cache
def import_(request: HttpRequest, workspace: str, pk: int) -> HttpResponse:
    found, batch = _batch(request, workspace, pk)
    return _page(request, found, batch)


def _page(
    request: HttpRequest, workspace: Workspace, batch: ImportBatch, *, text: str = "", status: int = 200
) -> HttpResponse:
    working = batch.state in WORKING and batches.is_live(batch)
    context = {
        "workspace": workspace,
        "batch": batch,
        "working": working,
        "written": batches.in_order(batch.written),
        "abandoned": batch.state in WORKING and not working,
        "editable": batch.state in batches.EDITABLE,
        "rejections": page_of(
            request, ImportRejection.objects.filter(batch=batch).order_by("line", "id"), 50
        ),
    }
    if context["editable"]:
        context |= _editor(batch, text)
    return render(request, "catalog/import.html", context, status=status)


def _editor(batch: ImportBatch, text: str) -> dict[str, Any]:
    """What one needs to correct a mapping; a file that can no longer be read says so instead."""
    problems = batches.problems_of(batch)
    try:
        sample = sample_of(batch)
    except DomainError as error:
        return {"problems": [error.message]}
    shown = _columns(batch, sample)
    return {
        "problems": problems,
        "columns": shown,
        "unused": [] if problems else unused_columns(batch.mapping, sample.columns),
        "roles": column_form.ROLES,
        "study": column_form.study_name(batch.mapping),
        "questions": batch.mapping.get("criteria", []),
        "taken": set(Criterion.objects.filter(workspace=batch.workspace_id).values_list("slug", flat=True)),
        "datasets": Dataset.objects.filter(workspace=batch.workspace_id).values_list("name", flat=True),
        "values": column_form.value_tables(batch.mapping, labels_by_criterion(batch)),
        "directions": Direction.choices,
        "levels": Level.choices,
        "text": text or json.dumps(batch.mapping, indent=2, ensure_ascii=False),
        "preview": [] if problems else preview(batch),
    }


def _columns(batch: ImportBatch, sample: Sample) -> list[dict[str, Any]]:
    roles = column_form.roles_of(batch.mapping)
    return [
        {
            "name": name,
            "role": roles.get(name, ""),
            "samples": [value[:80] for value in sample.distinct(name)[:SAMPLES_SHOWN]],
        }
        for name in sample.columns
    ]


@require_POST
@login_required
def mapping(request: HttpRequest, workspace: str, pk: int) -> HttpResponse:
    """Take the mapping from whichever form was sent: columns, answers, or JSON."""
    found, batch = _batch(request, workspace, pk)
    try:
        batches.set_mapping(actor=request.user, batch=batch, mapping=_mapping_from(request, batch))
    except (DomainError, ValueError, RecursionError) as error:
        said = error.message if isinstance(error, DomainError) else f"This is not JSON: {error}."
        messages.error(request, f"{said} The mapping is unchanged.")
        return _page(request, found, batch, text=request.POST.get("mapping", ""), status=400)
    return redirect("import", workspace=found.slug, pk=batch.pk)


def _mapping_from(request: HttpRequest, batch: ImportBatch) -> Any:
    posted = {key: str(value) for key, value in request.POST.items()}
    if "mapping" in posted:
        return json.loads(posted["mapping"])
    if "columns" in posted:
        sample = sample_of(batch)
        roles = {name: posted.get(f"role-{place}", "") for place, name in enumerate(sample.columns)}
        names = {"dataset": posted.get("dataset", "").strip(), "study": posted.get("study", "").strip()}
        return column_form.with_roles(
            batch.mapping, roles, sample, names=names, taken=criteria_labels(batch.workspace_id)
        )
    return column_form.with_answers(batch.mapping, posted)


@require_POST
@login_required
def save(request: HttpRequest, workspace: str, pk: int) -> HttpResponse:
    found, batch = _batch(request, workspace, pk)
    saved = batches.save_mapping(
        actor=request.user, workspace=found, name=request.POST.get("name", ""), mapping=batch.mapping
    )
    messages.success(request, f"The mapping was saved as {saved.name}.")
    return redirect("import", workspace=found.slug, pk=batch.pk)


@require_POST
@login_required
def step(request: HttpRequest, workspace: str, pk: int, do: str) -> HttpResponse:
    """Check, write or undo; a refusal is said on the page and changes nothing."""
    found, batch = _batch(request, workspace, pk)
    try:
        if do == "check":
            batches.start_check(actor=request.user, batch=batch)
        elif do == "write":
            batches.start_write(
                actor=request.user, batch=batch, keep_good_rows=request.POST.get("keep_good_rows") == "on"
            )
        else:
            batches.undo_import(actor=request.user, batch=batch)
            messages.success(request, "The import was undone: everything that it wrote is gone.")
    except (Conflict, Invalid) as error:
        messages.error(request, error.message)
    return redirect("import", workspace=found.slug, pk=batch.pk)


@require_safe
@login_required
@never_cache
def progress(request: HttpRequest, workspace: str, pk: int) -> HttpResponse:
    """The part of the page that asks for itself while a job works; when it is over the page loads anew."""
    found, batch = _batch(request, workspace, pk)
    if batch.state not in WORKING or not batches.is_live(batch):
        return HttpResponse(status=200, headers={"HX-Refresh": "true"})
    return render(request, "catalog/import_progress.html", {"workspace": found, "batch": batch})


@require_safe
@login_required
def rejections(request: HttpRequest, workspace: str, pk: int) -> HttpResponseBase:
    _, batch = _batch(request, workspace, pk)
    response = StreamingHttpResponse(
        exports.rejections_csv(actor=request.user, batch=batch), content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = f'attachment; filename="import-{batch.pk}-rejections.csv"'
    return response
