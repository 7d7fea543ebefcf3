"""One's API tokens."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from concord.accounts.selectors.people import live_tokens
from concord.accounts.services.tokens import IssuedToken, create_token, revoke_token
from concord.accounts.web.create import CreatePage
from concord.accounts.web.forms import TokenForm


@method_decorator(never_cache, name="dispatch")
class Tokens(CreatePage):
    """The tokens one holds, and a form for a new one. Its secret is in the answer to that form, and nowhere else."""

    form_class = TokenForm
    template = "accounts/tokens.html"
    issued: IssuedToken | None = None

    def gate(self) -> None:
        """Everybody has tokens of their own."""

    def frame(self) -> dict[str, Any]:
        return {"issued": self.issued, "tokens": live_tokens(self.request.user), "now": timezone.now()}

    def make(self, form: TokenForm) -> IssuedToken:
        return create_token(
            actor=self.request.user,  # type: ignore[arg-type]
            name=form.cleaned_data["name"],
            valid_for=form.valid_for(),
        )

    def done(self, form: TokenForm, made: IssuedToken) -> HttpResponse:
        self.issued = made
        return self.page(self.form())


@require_POST
@login_required
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    revoked = revoke_token(actor=request.user, token_id=pk)  # type: ignore[arg-type]
    messages.success(request, f"{revoked.name} no longer works.")
    return redirect("settings-tokens")
