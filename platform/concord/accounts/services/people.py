"""Roles of members, and members who leave."""

from django.db import transaction

from concord.accounts.models import Membership, User, Workspace
from concord.accounts.selectors.lookup import fetch
from concord.accounts.states import Action, Role
from concord.core.errors import Conflict, Invalid
from concord.core.services.audit import record


@transaction.atomic
def change_role(*, actor: User, membership_id: int, role: str) -> Membership:
    """Give a member another role. The last owner keeps theirs (`Conflict`, code `last_owner`)."""
    if role not in Role.values:
        raise Invalid(
            f"{role!r} is not a role; it is one of {', '.join(Role.values)}.", code="bad_role", field="role"
        )
    membership = _hold(actor=actor, membership_id=membership_id)
    if role != Role.OWNER:
        _refuse_last_owner(membership)
    before, membership.role = membership.role, role
    membership.save(update_fields=["role"])
    _note(actor, "membership.role_changed", membership, before=before, after=role)
    return membership


@transaction.atomic
def remove_member(*, actor: User, membership_id: int) -> None:
    """Take a member out, or leave oneself. What they made and rated stays; the last owner cannot go."""
    membership = _hold(actor=actor, membership_id=membership_id, or_own=True)
    _refuse_last_owner(membership)
    _note(actor, "membership.ended", membership, role=membership.role)
    membership.delete()


def _hold(*, actor: User, membership_id: int, or_own: bool = False) -> Membership:
    """The membership, looked up again under a lock on its workspace: changes of owners happen one after the other.

    The permission is asked again too, because the actor may have lost it while waiting for the lock.
    """
    found = _lookup(actor, membership_id, or_own)
    Workspace.objects.select_for_update().get(pk=found.workspace_id)
    return _lookup(actor, membership_id, or_own)


def _lookup(actor: User, membership_id: int, or_own: bool) -> Membership:
    own = Membership.objects.filter(pk=membership_id, user_id=actor.pk).first() if or_own else None
    return own or fetch(Membership, user=actor, pk=membership_id, to=Action.MANAGE)


def _refuse_last_owner(membership: Membership) -> None:
    if membership.role != Role.OWNER:
        return
    others = Membership.objects.filter(workspace=membership.workspace_id, role=Role.OWNER)
    if not others.exclude(pk=membership.pk).exists():
        raise Conflict("A workspace needs an owner. Make somebody else an owner first.", code="last_owner")


def _note(actor: User, verb: str, membership: Membership, **details: str) -> None:
    record(
        actor=actor,
        verb=verb,
        workspace_id=membership.workspace_id,
        obj=membership,
        person=membership.user_id,
        **details,
    )
