"""The tables of accounts."""

from concord.accounts.models.invitation import Invitation
from concord.accounts.models.token import ApiToken
from concord.accounts.models.user import User
from concord.accounts.models.workspace import Membership, Workspace, WorkspaceOwned, WorkspaceQuerySet

__all__ = ["ApiToken", "Invitation", "Membership", "User", "Workspace", "WorkspaceOwned", "WorkspaceQuerySet"]
