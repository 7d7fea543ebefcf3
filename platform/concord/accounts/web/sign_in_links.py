"""Opening a link that signs somebody in."""

from django.contrib.auth import login
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from concord.accounts.services.sign_in_links import person_of_link
from concord.accounts.web.invitations import BACKEND
from concord.core.errors import Missing


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def sign_in_link(request: HttpRequest, secret: str) -> HttpResponse:
    """Looking uses nothing up, so a mail program that follows links does no harm; the button signs in."""
    try:
        if request.method != "POST":
            return render(request, "accounts/sign_in_link.html", {"person": person_of_link(secret=secret)})
        with transaction.atomic():
            # Under the row's lock until the sign-in is written: of two clicks the second finds the link used.
            login(request, person_of_link(secret=secret, lock=True), backend=BACKEND)
    except Missing as error:
        return render(request, "accounts/sign_in_link.html", {"error": error}, status=error.status)
    return redirect("home")
