"""One call that looks a thing up and says whether this person may do this to it."""

from typing import Any, TypeVar

from django.db.models import Model

from concord.accounts.models import Membership, Workspace
from concord.accounts.states import ALLOWED, Action
from concord.core.actors import Actor, Installation
from concord.core.errors import Forbidden, Missing

M = TypeVar("M", bound=Model)


def fetch(model: type[M], *, user: Any, pk: int | str, to: str = Action.READ, **filters: Any) -> M:
    """The row, or `Missing` where the person is in none of its workspaces, or `Forbidden` where the role does not reach.

    `model`'s default manager must come from a `WorkspaceQuerySet`.
    """
    manager = model._default_manager
    found = manager.visible_to(user, to).filter(pk=pk, **filters).first()  # type: ignore[attr-defined]
    if found is not None:
        return found  # type: ignore[no-any-return]
    path = manager.all().workspace_path  # type: ignore[attr-defined]
    authenticated = getattr(user, "is_authenticated", False)
    if authenticated and manager.filter(pk=pk, **filters, **{f"{path}__memberships__user": user}).exists():
        raise Forbidden(f"Your role in this workspace does not let you {Action(to).label}.")
    raise Missing(f"There is no such {model._meta.verbose_name}.")


def workspace_for(*, user: Any, slug: str, to: str = Action.READ) -> Workspace:
    """The workspace by its slug, if `user` may do `to` in it; `Missing` to strangers, `Forbidden` to lesser roles."""
    membership = membership_in(user=user, slug=slug)
    if membership is None:
        raise Missing("There is no such workspace.")
    if to not in ALLOWED[membership.role]:
        raise Forbidden(f"Your role in this workspace does not let you {Action(to).label}.")
    return membership.workspace


def membership_in(*, user: Any, slug: str) -> Membership | None:
    """This person's membership in the workspace, or None to strangers and anonymous people."""
    if not getattr(user, "is_authenticated", False):
        return None
    return Membership.objects.select_related("workspace").filter(user=user, workspace__slug=slug).first()


def may(*, user: Any, workspace: Workspace, to: str) -> bool:
    """Whether `user` may do `to` in `workspace` (to show or hide a button; the service call checks again)."""
    role = Membership.objects.filter(user=user, workspace=workspace).values_list("role", flat=True).first()
    return role is not None and to in ALLOWED[role]


def require(*, actor: Actor, workspace: Workspace, to: str) -> None:
    """The first line of every service: `Missing` to strangers, `Forbidden` to lesser roles.

    The one place in which it is decided whether somebody may write. The installation itself may.
    """
    if not isinstance(actor, Installation):
        workspace_for(user=actor, slug=workspace.slug, to=to)
