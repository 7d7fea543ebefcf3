"""The page of endpoint keys: names and dates, never a key."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from concord.accounts.selectors.lookup import fetch, workspace_for
from concord.accounts.states import Action
from concord.core.errors import DomainError
from concord.core.web.shared import show_refusal
from evaluation.models import Secret
from evaluation.selectors.pages import secrets_of
from evaluation.services.secrets import add_secret, delete_secret
from evaluation.web.forms import SecretForm


@sensitive_post_parameters("value")
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def secrets(request: HttpRequest, workspace: str) -> HttpResponse:
    found = workspace_for(user=request.user, slug=workspace, to=Action.MANAGE)
    form = SecretForm(request.POST or None)
    if form.is_valid():
        try:
            made = add_secret(actor=request.user, workspace=found, **form.cleaned_data)
        except DomainError as error:
            show_refusal(form, error)
        else:
            messages.success(request, f"The key {made.name} is kept.")
            return redirect("secrets", workspace=found.slug)
    context = {"workspace": found, "form": form, "secrets": secrets_of(found)}
    return render(request, "evaluation/secrets.html", context, status=400 if form.errors else 200)


@require_POST
@login_required
def delete(request: HttpRequest, workspace: str, pk: int) -> HttpResponse:
    found = workspace_for(user=request.user, slug=workspace, to=Action.MANAGE)
    row = fetch(Secret, user=request.user, pk=pk, to=Action.MANAGE, workspace=found)
    delete_secret(actor=request.user, secret=row)
    messages.success(request, f"The key {row.name} was deleted.")
    return redirect("secrets", workspace=found.slug)
