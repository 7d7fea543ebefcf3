"""The people of a workspace: members, roles, invitations, and its name."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from concord.accounts.links import invitation_url
from concord.accounts.models import Invitation, Membership, User, Workspace
from concord.accounts.selectors.lookup import fetch, may, membership_in, workspace_for
from concord.accounts.selectors.people import members_of, open_invitations
from concord.accounts.services import invitations as invitation_services
from concord.accounts.services import people as member_services
from concord.accounts.services.workspaces import rename_workspace
from concord.accounts.states import ROLE_MEANS, Action, Role
from concord.accounts.web.create import CreatePage
from concord.accounts.web.forms import InviteForm, WorkspaceForm
from concord.core.errors import DomainError, Missing


@method_decorator(never_cache, name="dispatch")
class People(CreatePage):
    """Who is in, and a form that invites. The new link is in the answer to that form, and nowhere else."""

    form_class = InviteForm
    template = "accounts/people.html"
    link = ""

    def form_arguments(self) -> dict[str, Any]:
        return {"roles": _roles_to_give(self.request, self.workspace)}

    def frame(self) -> dict[str, Any]:
        return _context(self.workspace) | {"link": self.link}

    def make(self, form: InviteForm) -> invitation_services.IssuedInvitation:
        return invitation_services.invite(
            actor=_user(self.request), workspace=self.workspace, **form.arguments()
        )

    def done(self, form: InviteForm, made: invitation_services.IssuedInvitation) -> HttpResponse:
        self.link = invitation_url(self.request, made.secret)
        return self.page(self.form())


def _context(workspace: Workspace) -> dict[str, Any]:
    return {
        "workspace": workspace,
        "members": members_of(workspace),
        "invitations": open_invitations(workspace),
        "roles": [(role.value, role.label, ROLE_MEANS[role]) for role in Role],
        "now": timezone.now(),
    }


def _roles_to_give(request: HttpRequest, workspace: Workspace) -> list[str]:
    """Owners invite anyone; designers invite raters."""
    everything = may(user=request.user, workspace=workspace, to=Action.MANAGE)
    return list(Role.values) if everything else [Role.RATER]


@require_POST
@login_required
def role(request: HttpRequest, workspace: str, pk: int) -> HttpResponse:
    """Give a member another role."""
    found = workspace_for(user=request.user, slug=workspace, to=Action.MANAGE)
    fetch(Membership, user=request.user, pk=pk, to=Action.MANAGE, workspace=found)
    try:
        changed = member_services.change_role(
            actor=_user(request), membership_id=pk, role=request.POST.get("role", "")
        )
    except DomainError as error:
        return _refused(request, found, error)
    messages.success(request, f"{changed.user} is now a {changed.role}.")
    return redirect("people", workspace)


@require_POST
@login_required
def remove(request: HttpRequest, workspace: str, pk: int) -> HttpResponse:
    """Take a member out of the workspace."""
    found = workspace_for(user=request.user, slug=workspace, to=Action.MANAGE)
    membership = fetch(Membership, user=request.user, pk=pk, to=Action.MANAGE, workspace=found)
    try:
        member_services.remove_member(actor=_user(request), membership_id=pk)
    except DomainError as error:
        return _refused(request, found, error)
    messages.success(
        request, f"{membership.user} is no longer in {found.name}. What they made and rated stays."
    )
    return redirect("home") if membership.user_id == request.user.pk else redirect("people", workspace)


@require_POST
@login_required
def leave(request: HttpRequest, workspace: str) -> HttpResponse:
    """Leave a workspace, whatever one's role in it."""
    membership = membership_in(user=request.user, slug=workspace)
    if membership is None:
        raise Missing("There is no such workspace.")
    member_services.remove_member(actor=_user(request), membership_id=membership.pk)
    messages.success(request, f"You have left {membership.workspace.name}.")
    return redirect("home")


@require_POST
@login_required
def revoke_invitation(request: HttpRequest, workspace: str, pk: int) -> HttpResponse:
    """Make a link stop working."""
    found = workspace_for(user=request.user, slug=workspace, to=Action.DESIGN)
    fetch(Invitation, user=request.user, pk=pk, to=Action.DESIGN, workspace=found)
    invitation_services.revoke_invitation(actor=_user(request), invitation_id=pk)
    messages.success(request, "The link no longer works. Whoever joined by it stays.")
    return redirect("people", workspace)


@require_POST
@login_required
def rename(request: HttpRequest, workspace: str) -> HttpResponse:
    """Change the workspace's name."""
    found = workspace_for(user=request.user, slug=workspace, to=Action.MANAGE)
    form = WorkspaceForm(request.POST)
    if not form.is_valid():
        messages.error(request, "A workspace needs a name of 1 to 120 characters. It keeps the one it has.")
        return redirect("people", workspace)
    rename_workspace(actor=_user(request), workspace=found, name=form.cleaned_data["name"])
    messages.success(
        request, "The workspace has its new name. Its address stays the same, so links keep working."
    )
    return redirect("people", workspace)


def _refused(request: HttpRequest, workspace: Workspace, error: DomainError) -> HttpResponse:
    """The same page with the reason, and nothing changed."""
    form = InviteForm(roles=_roles_to_give(request, workspace))
    context = _context(workspace) | {"form": form, "refused": error.message}
    return render(request, "accounts/people.html", context, status=error.status)


def _user(request: HttpRequest) -> User:
    """The signed-in person, as the services know them (`login_required` has seen to it)."""
    return request.user  # type: ignore[return-value]
