"""What every page's frame needs: the workspaces of this person and the one being looked at."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from concord.accounts.models import Membership
from concord.accounts.states import ALLOWED


def workspace(request: HttpRequest) -> dict[str, Any]:
    """`memberships`, `membership` (of the workspace named in the URL, else the first) and `can` (set of actions). Lazy: no query unless used."""

    def memberships() -> list[Membership]:
        if not request.user.is_authenticated:
            return []
        return list(Membership.objects.select_related("workspace").filter(user=request.user).order_by("workspace__name"))

    def current() -> Membership | None:
        match = request.resolver_match
        slug = match.kwargs.get("workspace") if match else None
        mine = memberships()
        return next((m for m in mine if m.workspace.slug == slug), mine[0] if mine and slug is None else None)

    membership = SimpleLazyObject(current)
    return {
        "memberships": SimpleLazyObject(memberships),
        "membership": membership,
        "can": SimpleLazyObject(lambda: ALLOWED[membership.role] if membership else frozenset()),
    }
