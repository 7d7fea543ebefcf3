"""The page of endpoint keys: names, addresses and dates, never a key."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from concord.accounts.selectors.lookup import fetch
from concord.accounts.states import Action
from concord.accounts.web.create import CreatePage
from concord.core.errors import Conflict, Invalid
from evaluation.models import Secret
from evaluation.selectors.pages import secrets_of
from evaluation.services.secrets import add_secret, bind_secret, delete_secret
from evaluation.web.forms import SecretForm


@method_decorator(sensitive_post_parameters("value"), name="dispatch")
class Secrets(CreatePage):
    form_class = SecretForm
    template = "evaluation/secrets.html"
    to = Action.MANAGE

    def make(self, form: SecretForm) -> Secret:
        return add_secret(actor=self.request.user, workspace=self.workspace, **form.cleaned_data)

    def done(self, form: SecretForm, made: Secret) -> HttpResponse:
        messages.success(self.request, f"The key {made.name} is kept, for {made.address} only.")
        return redirect("secrets", workspace=self.workspace.slug)

    def context(self, form: SecretForm) -> dict[str, Any]:
        listed = [each for each in sorted(settings.ENDPOINT_KEYS) if each[0] == self.workspace.slug]
        return {"secrets": secrets_of(self.workspace), "variables": [each[1:] for each in listed]}


@require_POST
@login_required
def bind(request: HttpRequest, workspace: str, pk: int) -> HttpResponse:
    """An owner says where a key from before keys had addresses may be sent to."""
    row = fetch(Secret, user=request.user, pk=pk, workspace__slug=workspace)
    try:
        bound = bind_secret(actor=request.user, secret=row, address=request.POST.get("address", ""))
    except (Conflict, Invalid) as error:
        messages.error(request, error.message)
    else:
        messages.success(request, f"The key {bound.name} is for {bound.address} only.")
    return redirect("secrets", workspace=workspace)


@require_POST
@login_required
def delete(request: HttpRequest, workspace: str, pk: int) -> HttpResponse:
    row = fetch(Secret, user=request.user, pk=pk, workspace__slug=workspace)
    delete_secret(actor=request.user, secret=row)
    messages.success(request, f"The key {row.name} was deleted.")
    return redirect("secrets", workspace=workspace)
