"""Pages of benchmarks."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from concord.accounts.selectors.lookup import fetch, workspace_for
from concord.accounts.states import Action
from concord.accounts.web.create import CreatePage
from concord.core.web.pictures import picture_file
from concord.core.web.shared import page_of
from evaluation.models import Benchmark
from evaluation.selectors.pages import benchmarks_of, runs_of
from evaluation.selectors.pictures import comparison_picture
from evaluation.selectors.summary import compared
from evaluation.services.benchmarks import create_benchmark, delete_benchmark
from evaluation.services.exports import comparison_file
from evaluation.web.forms import BenchmarkForm
from evaluation.web.present import compared_lines


@require_safe
@login_required
def benchmarks(request: HttpRequest, workspace: str) -> HttpResponse:
    found = workspace_for(user=request.user, slug=workspace, to=Action.READ)
    context = {"workspace": found, "page_obj": page_of(request, benchmarks_of(found))}
    return render(request, "evaluation/benchmarks.html", context)


class NewBenchmark(CreatePage):
    form_class = BenchmarkForm
    template = "evaluation/benchmark_form.html"

    def form_arguments(self) -> dict[str, Any]:
        initial = {"version": self.request.GET.get("version"), "scorers": ["exact_match"]}
        return {"workspace": self.workspace, "initial": initial}

    def make(self, form: BenchmarkForm) -> Benchmark:
        return create_benchmark(actor=self.request.user, workspace=self.workspace, **form.arguments())

    def done(self, form: BenchmarkForm, made: Benchmark) -> HttpResponse:
        messages.success(self.request, f"{made} was made. Run it on a system.")
        return redirect("benchmark", workspace=self.workspace.slug, pk=made.pk)


@require_safe
@login_required
def benchmark(request: HttpRequest, workspace: str, pk: int) -> HttpResponse:
    found = workspace_for(user=request.user, slug=workspace, to=Action.READ)
    row = fetch(Benchmark, user=request.user, pk=pk, workspace=found)
    rows = compared(row)
    lines = compared_lines(rows)
    context = {
        "workspace": found,
        "benchmark": row,
        "compared": rows,
        "lines": lines,
        "tokens_counted": any(line.counts_tokens for line in lines),
        "picture": comparison_picture(row, rows) if rows else None,
        "run_url": f"{reverse('run-new', args=[found.slug])}?benchmark={row.pk}",
        "page_obj": page_of(request, runs_of(found).filter(benchmark=row), 20),
    }
    return render(request, "evaluation/benchmark.html", context)


@require_POST
@login_required
def delete(request: HttpRequest, workspace: str, pk: int) -> HttpResponse:
    row = fetch(Benchmark, user=request.user, pk=pk, workspace__slug=workspace)
    delete_benchmark(actor=request.user, benchmark=row)
    messages.success(request, f"{row.name} was deleted.")
    return redirect("benchmarks", workspace=workspace)


@require_safe
@login_required
def benchmark_picture(request: HttpRequest, workspace: str, pk: int, kind: str) -> HttpResponse:
    """The comparison as a file."""
    found = workspace_for(user=request.user, slug=workspace, to=Action.READ)
    row = fetch(Benchmark, user=request.user, pk=pk, workspace=found)
    drawn = comparison_file(actor=request.user, benchmark=row, kind=kind)
    return picture_file(drawn, kind, f"benchmark-{pk}")
