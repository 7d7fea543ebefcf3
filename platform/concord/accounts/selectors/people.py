"""Who belongs to a workspace, who was invited, and what a person holds."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from concord.accounts.models import ApiToken, Invitation, Membership, User, Workspace
from concord.accounts.states import Action, roles_for
from concord.core.errors import Forbidden


def members_of(workspace: Workspace) -> QuerySet[Membership]:
    """Everyone in the workspace, by name."""
    found: QuerySet[Membership] = Membership.objects.filter(workspace=workspace).select_related("user")
    return found.order_by("user__name", "user__email")


def people_who(workspace: Workspace, action: str) -> QuerySet[User]:
    """Members who may do `action` in the workspace."""
    return User.objects.filter(memberships__workspace=workspace, memberships__role__in=roles_for(action))


def open_invitations(workspace: Workspace) -> QuerySet[Invitation]:
    """Invitations whose link still works, newest first."""
    found: QuerySet[Invitation] = Invitation.objects.filter(
        workspace=workspace, revoked_at=None, uses_left__gte=1, expires_at__gt=timezone.now()
    )
    return found.select_related("created_by").order_by("-created_at")


def memberships_of(user: Any) -> QuerySet[Membership]:
    """The workspaces of a person, by name; none for anonymous people."""
    found: QuerySet[Membership] = Membership.objects.select_related("workspace").order_by("workspace__name")
    return found.filter(user=user) if user.is_authenticated else found.none()


def live_tokens(user: Any) -> QuerySet[ApiToken]:
    """A person's tokens that were not revoked, newest first; expired ones stay in sight."""
    return ApiToken.objects.filter(user=user, revoked_at=None).order_by("-created_at")


def may_create_workspace(user: Any) -> bool:
    """Administrators, people who design somewhere, and people who are nowhere yet; never someone who only came to rate."""
    if user.is_staff or not user.is_authenticated:
        return bool(user.is_staff)
    roles = set(Membership.objects.filter(user=user).values_list("role", flat=True))
    return not roles or bool(roles & set(roles_for(Action.DESIGN)))


def require_may_create(user: Any) -> None:
    """`Forbidden` to whoever may not make a workspace."""
    if not may_create_workspace(user):
        raise Forbidden("People who were invited to rate or to read do not make workspaces of their own.")
