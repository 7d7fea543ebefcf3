"""The progress of a background job, as the part of a page that asks for itself until the job is over."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from concord.core.selectors.visible import job_for


@login_required
def job(request: HttpRequest, workspace: str, pk: int) -> HttpResponse:
    """The part for htmx; a page around it for everybody else."""
    found = job_for(user=request.user, slug=workspace, pk=pk)
    part = bool(getattr(request, "htmx", False))
    template = "components/job.html" if part else "core/job.html"
    return render(request, template, {"job": found, "job_url": request.path, "title": found.name})
