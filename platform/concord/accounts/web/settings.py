"""One's own account: name, looks, workspaces."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST

from concord.accounts.links import start_of
from concord.accounts.models import User
from concord.accounts.selectors.people import may_create_workspace, memberships_of
from concord.accounts.services.users import PREFERENCES, rename_user, save_preferences
from concord.accounts.web.forms import SettingsForm


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def account(request: HttpRequest) -> HttpResponse:
    user: User = request.user  # type: ignore[assignment]
    defaults = {name: values[0] for name, values in PREFERENCES.items()} | {"size": "medium"}
    form = SettingsForm(
        request.POST if request.method == "POST" else None,
        initial=defaults | user.preferences | {"name": user.name},
    )
    if form.is_valid():
        rename_user(actor=user, name=form.cleaned_data["name"])
        save_preferences(actor=user, **{name: form.cleaned_data[name] for name in PREFERENCES})
        messages.success(request, "Saved.")
        return redirect("settings")
    workspaces = [(membership, start_of(membership)) for membership in memberships_of(user)]
    context = {"form": form, "may_create": may_create_workspace(user), "workspaces": workspaces}
    return render(request, "accounts/settings.html", context, status=400 if form.errors else 200)


@require_POST
@login_required
def preferences(request: HttpRequest) -> HttpResponse:
    """Keep what is given of theme, font and size, and go back to where one was. 204 to scripts (`HX-Request`)."""
    given = {name: request.POST[name] for name in PREFERENCES if name in request.POST}
    save_preferences(actor=request.user, **given)  # type: ignore[arg-type]
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204)
    back = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(
        back, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return redirect(back if safe else "settings")
