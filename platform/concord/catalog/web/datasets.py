"""Pages of datasets, their versions and examples."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from concord.accounts.selectors.lookup import fetch, workspace_for
from concord.accounts.states import Action
from concord.accounts.web.create import CreatePage
from concord.catalog.models import Dataset, DatasetVersion, Example
from concord.catalog.selectors.pages import datasets_of, examples_of, neighbours, outputs_of
from concord.catalog.selectors.slices import slice_values
from concord.catalog.services import datasets as services
from concord.catalog.services import exports
from concord.catalog.web.forms import DatasetForm
from concord.core.errors import Missing
from concord.core.web.shared import page_of

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


class NewDataset(CreatePage):
    form_class = DatasetForm
    template = "catalog/dataset_form.html"

    def make(self, form: DatasetForm) -> Dataset:
        return services.create_dataset(actor=self.request.user, workspace=self.workspace, **form.cleaned_data)

    def done(self, form: DatasetForm, made: Dataset) -> HttpResponse:
        return redirect("dataset", workspace=self.workspace.slug, pk=made.pk)


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
    services.freeze(actor=request.user, version=_version_of(request, workspace, pk))
    return redirect("dataset", workspace=workspace, pk=pk)


@require_POST
@login_required
def new_version(request: HttpRequest, workspace: str, pk: int) -> HttpResponse:
    services.new_version(actor=request.user, version=_version_of(request, workspace, pk))
    return redirect("dataset", workspace=workspace, pk=pk)


def _version_of(request: HttpRequest, slug: str, pk: int) -> DatasetVersion:
    return _version(request, fetch(Dataset, user=request.user, pk=pk, workspace__slug=slug))


@require_safe
@login_required
def export(request: HttpRequest, workspace: str, pk: int, what: str) -> HttpResponseBase:
    """The version's examples or outputs as CSV."""
    version = _version_of(request, workspace, pk)
    export_as = {"examples": exports.examples_csv, "outputs": exports.outputs_csv}[what]
    rows = export_as(actor=request.user, version=version)
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
