"""What every page's frame needs: the workspaces of this person and the one being looked at."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from concord.accounts.models import Membership
from concord.accounts.selectors.people import memberships_of
from concord.accounts.states import ALLOWED

LAST = "workspace"  # the session remembers the workspace visited last, for pages that lie in none


def workspace(request: HttpRequest) -> dict[str, Any]:
    """`memberships`, `membership` and `can` (its actions). Lazy: one query, and none unless a template asks.

    `membership` is that of the workspace in the address, else of the one visited last, else the first.
    """
    memberships = SimpleLazyObject(lambda: list(memberships_of(request.user)))
    membership = SimpleLazyObject(lambda: _current(request, memberships))
    return {
        "memberships": memberships,
        "membership": membership,
        "can": SimpleLazyObject(lambda: ALLOWED[membership.role] if membership else frozenset()),
    }


def _current(request: HttpRequest, memberships: Any) -> Membership | None:
    match = request.resolver_match
    named = match.kwargs.get("workspace") if match else None
    slug = named or request.session.get(LAST)
    first = memberships[0] if memberships and not named else None
    return next((each for each in memberships if each.workspace.slug == slug), first)
