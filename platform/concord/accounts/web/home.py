"""The way in: to a workspace, or to the studies that one rates in."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from concord.accounts.context import LAST
from concord.accounts.links import first_page, start_of
from concord.accounts.selectors.lookup import workspace_for
from concord.accounts.selectors.people import may_create_workspace, memberships_of
from concord.accounts.services.workspaces import create_workspace
from concord.accounts.states import Action
from concord.accounts.web.forms import WorkspaceForm, add_domain_error
from concord.core.errors import Forbidden, Invalid


@require_safe
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """The workspace visited last, else one in which there is something to see, else the studies to rate in."""
    memberships = list(memberships_of(request.user))
    if not memberships:
        return render(request, "accounts/nowhere.html", {"may_create": may_create_workspace(request.user)})
    last = request.session.get(LAST)
    ways = [start_of(each) for each in sorted(memberships, key=lambda each: each.workspace.slug != last)]
    return redirect(next((way for way in ways if way.startswith("/w/")), ways[0]))


@require_safe
@login_required
def workspace_home(request: HttpRequest, workspace: str) -> HttpResponse:
    """Opens the workspace, and remembers it for the pages that lie in none."""
    found = workspace_for(user=request.user, slug=workspace, to=Action.READ)
    request.session[LAST] = found.slug
    return redirect(first_page(found.slug))


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def new_workspace(request: HttpRequest) -> HttpResponse:
    if not may_create_workspace(request.user):
        raise Forbidden("People who were invited to rate or to read do not make workspaces of their own.")
    form = WorkspaceForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            made = create_workspace(owner=request.user, name=form.cleaned_data["name"])  # type: ignore[arg-type]
        except Invalid as error:
            add_domain_error(form, error, name="name")
        else:
            return redirect("workspace", made.slug)
    return render(request, "accounts/workspace_new.html", {"form": form}, status=400 if form.errors else 200)
