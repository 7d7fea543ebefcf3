"""The way in: to a workspace, or to the studies that one rates in."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from concord.accounts.context import LAST
from concord.accounts.links import first_page, start_of
from concord.accounts.models import Workspace
from concord.accounts.selectors.lookup import workspace_for
from concord.accounts.selectors.people import may_create_workspace, memberships_of, require_may_create
from concord.accounts.services.workspaces import create_workspace
from concord.accounts.states import Action
from concord.accounts.web.create import CreatePage
from concord.accounts.web.forms import WorkspaceForm


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


class NewWorkspace(CreatePage):
    form_class = WorkspaceForm
    template = "accounts/workspace_new.html"

    def gate(self) -> None:
        require_may_create(self.request.user)

    def frame(self) -> dict[str, Any]:
        """It lies in no workspace yet."""
        return {}

    def make(self, form: WorkspaceForm) -> Workspace:
        return create_workspace(actor=self.request.user, name=form.cleaned_data["name"])  # type: ignore[arg-type]

    def done(self, form: WorkspaceForm, made: Workspace) -> HttpResponse:
        return redirect("workspace", made.slug)
