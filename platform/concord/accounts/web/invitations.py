"""Opening an invitation's link, as a new person or as one who has an account."""

from allauth.core import ratelimit
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from concord.accounts.links import landing
from concord.accounts.models import Invitation
from concord.accounts.services.invitations import (
    Accepted,
    accept_as_new_person,
    accept_invitation,
    already_in,
    find_invitation,
    refuse_spent,
)
from concord.accounts.states import ROLE_MEANS, Role
from concord.accounts.web.forms import JoinForm
from concord.core.errors import Conflict, DomainError
from concord.core.web.shared import show_refusal

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("password")
@never_cache
def invitation(request: HttpRequest, secret: str) -> HttpResponse:
    """Looking changes nothing; the button or the form joins. Whoever is already in is taken where it leads."""
    try:
        found = find_invitation(secret=secret)
        if request.user.is_authenticated and already_in(invitation=found, user=request.user):
            return redirect(landing(accept_invitation(secret=secret, actor=request.user)))
        refuse_spent(found)
    except DomainError as error:
        return render(request, "accounts/invitation_closed.html", {"error": error}, status=error.status)
    if request.user.is_authenticated:
        return _join(request, found, secret)
    return _join_as_new(request, found, secret)


def _join(request: HttpRequest, found: Invitation, secret: str) -> HttpResponse:
    error = None
    if request.method == "POST":
        try:
            return _enter(request, accept_invitation(secret=secret, actor=request.user))  # type: ignore[arg-type]
        except DomainError as refused:
            error = refused
    elif found.email and found.email != request.user.email.lower():  # type: ignore[union-attr]
        error = Conflict(f"This invitation is for {found.email}.", code="invitation_email")
    return render(
        request,
        "accounts/invitation.html",
        _context(found) | {"error": error},
        status=error.status if error else 200,
    )


def _join_as_new(request: HttpRequest, found: Invitation, secret: str) -> HttpResponse:
    limited = ratelimit.consume_or_429(request, action="signup")
    if limited is not None:
        return limited  # type: ignore[no-any-return]
    form = JoinForm(request.POST if request.method == "POST" else None, address=found.email)
    if form.is_valid():
        try:
            accepted = accept_as_new_person(secret=secret, **form.cleaned_data)
        except DomainError as error:
            show_refusal(form, error)
        else:
            login(request, accepted.user, backend=BACKEND)
            return _enter(request, accepted)
    context = _context(found) | {"form": form}
    return render(request, "accounts/invitation.html", context, status=400 if form.errors else 200)


def _enter(request: HttpRequest, accepted: Accepted) -> HttpResponse:
    return redirect(landing(accepted))


def _context(found: Invitation) -> dict[str, object]:
    return {
        "invitation": found,
        "role": Role(found.role).label.lower(),
        "role_means": ROLE_MEANS[found.role],
    }
