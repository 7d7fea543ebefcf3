"""Pages of datasets, their versions and examples."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from concord.accounts.models import Workspace
from concord.accounts.selectors.lookup import fetch, workspace_for
from concord.accounts.states import Action
from concord.catalog.models import Dataset, DatasetVersion, Example
from concord.catalog.selectors.pages import datasets_of, examples_of, neighbours, outputs_of
from concord.catalog.selectors.slices import slice_values
from concord.catalog.services import datasets as services
from concord.catalog.services import exports
from concord.catalog.web.forms import DatasetForm
from concord.core.errors import DomainError, Missing
from concord.core.web.shared import page_of, show_refusal

OUTPUTS_SHOWN = 12


@require_safe
@login_required
def datasets(request: HttpRequest, workspace: str) -> HttpResponse:
    found = workspace_for(user=request.user, slug=workspace, to=Action.READ)
    return render(
        request,
        "catalog/datasets.html",
        {"workspace": found, "page_obj": page_of(request, datasets_of(found))},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def new(request: HttpRequest, workspace: str) -> HttpResponse:
    found = workspace_for(user=request.user, slug=workspace, to=Action.DESIGN)
    form = DatasetForm(request.POST or None)
    if form.is_valid():
        try:
            made = services.create_dataset(workspace=found, **form.cleaned_data)
        except DomainError as error:
            show_refusal(form, error)
        else:
            return redirect("dataset", workspace=found.slug, pk=made.pk)
    context = {"workspace": found, "form": form}
    return render(request, "catalog/dataset_form.html", context, status=400 if form.errors else 200)


def _version(request: HttpRequest, dataset: Dataset) -> DatasetVersion:
    """The version that `?version=` names, the newest without it."""
    rows, number = (
        DatasetVersion.objects.filter(dataset=dataset).order_by("-number"),
        request.GET.get("version", ""),
    )
    version = (
        rows.filter(number=int(number)).first() if number.isdecimal() and len(number) < 9 else rows.first()
    )
    if version is None:
        raise Missing("This dataset has no such version.")
    version.dataset = dataset
    return version  # type: ignore[no-any-return]


@require_safe
@login_required
def dataset(request: HttpRequest, workspace: str, pk: int) -> HttpResponse:
    found = workspace_for(user=request.user, slug=workspace, to=Action.READ)
    row = fetch(Dataset, user=request.user, pk=pk, workspace=found)
    version, search = _version(request, row), request.GET.get("q", "").strip()
    slices = slice_values(version.pk)
    where = {name: request.GET[f"slice.{name}"] for name in slices if request.GET.get(f"slice.{name}")}
    context = {
        "workspace": found,
        "dataset": row,
        "version": version,
        "versions": DatasetVersion.objects.filter(dataset=row),
        "slices": [(name, values, where.get(name, "")) for name, values in slices.items()],
        "page_obj": page_of(request, examples_of(version, where, search)),
        "search": search,
        "narrowed": bool(where or search),
    }
    return render(request, "catalog/dataset.html", context)


@require_POST
@login_required
def freeze(request: HttpRequest, workspace: str, pk: int) -> HttpResponse:
    version, found = _changed_version(request, workspace, pk)
    services.freeze(version=version)
    return redirect("dataset", workspace=found.slug, pk=pk)


@require_POST
@login_required
def new_version(request: HttpRequest, workspace: str, pk: int) -> HttpResponse:
    version, found = _changed_version(request, workspace, pk)
    services.new_version(version=version)
    return redirect("dataset", workspace=found.slug, pk=pk)


def _changed_version(request: HttpRequest, slug: str, pk: int) -> tuple[DatasetVersion, Workspace]:
    found = workspace_for(user=request.user, slug=slug, to=Action.DESIGN)
    return _version(
        request, fetch(Dataset, user=request.user, pk=pk, to=Action.DESIGN, workspace=found)
    ), found


@require_safe
@login_required
def export(request: HttpRequest, workspace: str, pk: int, what: str) -> HttpResponseBase:
    """The version's examples or outputs as CSV."""
    found = workspace_for(user=request.user, slug=workspace, to=Action.READ)
    version = _version(request, fetch(Dataset, user=request.user, pk=pk, workspace=found))
    rows = {"examples": exports.examples_csv, "outputs": exports.outputs_csv}[what](version)
    response = StreamingHttpResponse(rows, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="dataset-{pk}-v{version.number}-{what}.csv"'
    return response


@require_safe
@login_required
def example(request: HttpRequest, workspace: str, pk: int) -> HttpResponse:
    """One example and what each system answered, side by side."""
    found = workspace_for(user=request.user, slug=workspace, to=Action.READ)
    row = fetch(Example, user=request.user, pk=pk, version__dataset__workspace=found)
    context = {
        "workspace": found,
        "example": row,
        "version": DatasetVersion.objects.select_related("dataset").get(pk=row.version_id),
        "page_obj": page_of(request, outputs_of(row), OUTPUTS_SHOWN),
        "neighbours": neighbours(row),
    }
    return render(request, "catalog/example.html", context)
