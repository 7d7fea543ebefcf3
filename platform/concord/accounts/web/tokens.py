"""One's API tokens."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from concord.accounts.models import User
from concord.accounts.selectors.people import live_tokens
from concord.accounts.services.tokens import create_token, revoke_token
from concord.accounts.web.forms import TokenForm, add_domain_error
from concord.core.errors import Invalid


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def tokens(request: HttpRequest) -> HttpResponse:
    """The tokens one holds, and a form for a new one. Its secret is in the answer to that form, and nowhere else."""
    user: User = request.user  # type: ignore[assignment]
    form, issued = TokenForm(request.POST if request.method == "POST" else None), None
    if form.is_valid():
        try:
            issued = create_token(user=user, name=form.cleaned_data["name"], valid_for=form.valid_for())
        except Invalid as error:
            add_domain_error(form, error, name="name")
        else:
            form = TokenForm()
    context = {"form": form, "issued": issued, "tokens": live_tokens(user), "now": timezone.now()}
    return render(request, "accounts/tokens.html", context, status=400 if form.errors else 200)


@require_POST
@login_required
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    revoked = revoke_token(user=request.user, token_id=pk)  # type: ignore[arg-type]
    messages.success(request, f"{revoked.name} no longer works.")
    return redirect("settings-tokens")
