"""Invitations by link: issued, revoked, accepted."""

from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from concord.accounts.models import Invitation, Membership, User, Workspace
from concord.accounts.selectors.lookup import fetch, require
from concord.accounts.services.secrets import digest, new_secret
from concord.accounts.services.users import check_email, create_user
from concord.accounts.states import ALLOWED, Action, Role, covers
from concord.accounts.studies import give_place, has_study, is_let_in
from concord.core.errors import Conflict, Forbidden, Invalid, Missing
from concord.core.services.audit import record

LONGEST = timedelta(days=365)
MOST_USES = 1000


@dataclass(frozen=True, kw_only=True)
class IssuedInvitation:
    """The one moment at which the link's secret is known."""

    invitation: Invitation
    secret: str


@dataclass(frozen=True, kw_only=True)
class Accepted:
    user: User
    membership: Membership
    study_id: int | None


@transaction.atomic
def invite(
    *,
    actor: User,
    workspace: Workspace,
    role: str,
    email: str = "",
    uses: int = 1,
    valid_for: timedelta = timedelta(days=14),
    study_id: int | None = None,
) -> IssuedInvitation:
    """A link that lets `uses` people join with `role`; with `email`, only that address, once.

    Owners invite anyone; designers invite raters to their studies. `study_id` is where a rater lands: a study
    of this workspace, and another's is refused in the same words as one that does not exist.
    """
    require(actor=actor, workspace=workspace, to=Action.DESIGN if role == Role.RATER else Action.MANAGE)
    email = email.strip().lower()
    if email:
        check_email(email)
    _check(role, uses, valid_for, study_id)
    if study_id is not None and not has_study(workspace.pk, study_id):
        raise Invalid(
            f"There is no study {study_id} in this workspace.", code="unknown_study", field="study_id"
        )
    secret = new_secret()
    invitation = Invitation.objects.create(
        workspace=workspace,
        role=role,
        email=email,
        secret_digest=digest(secret),
        uses_left=1 if email else uses,
        expires_at=timezone.now() + valid_for,
        study_id=study_id,
        created_by=actor,
    )
    record(
        actor=actor,
        verb="invitation.issued",
        workspace_id=workspace.pk,
        obj=invitation,
        role=role,
        email=email,
        uses=invitation.uses_left,
    )
    return IssuedInvitation(invitation=invitation, secret=secret)


def _check(role: str, uses: int, valid_for: timedelta, study_id: int | None) -> None:
    if role not in Role.values:
        raise Invalid(
            f"{role!r} is not a role; it is one of {', '.join(Role.values)}.", code="bad_role", field="role"
        )
    if not 1 <= uses <= MOST_USES:
        raise Invalid(
            f"An invitation is for 1 to {MOST_USES} people, not {uses}.", code="bad_uses", field="uses"
        )
    if not timedelta(0) < valid_for <= LONGEST:
        raise Invalid(
            f"An invitation is valid for up to {LONGEST.days} days.", code="bad_period", field="valid_for"
        )
    if study_id is not None and Action.RATE not in ALLOWED[role]:
        raise Invalid(
            f"A {role} does not rate, so the invitation cannot lead to a study.",
            code="no_rater",
            field="study_id",
        )


@transaction.atomic
def revoke_invitation(*, actor: User, invitation_id: int) -> Invitation:
    """The link stops working at once. Who joined by it stays. Revoking twice changes nothing.

    Owners revoke any invitation, designers those that they issued.
    """
    invitation = fetch(Invitation, user=actor, pk=invitation_id, to=Action.DESIGN)
    if invitation.created_by_id != actor.pk:
        require(actor=actor, workspace=invitation.workspace, to=Action.MANAGE)
    now = timezone.now()
    if Invitation.objects.filter(pk=invitation.pk, revoked_at=None).update(revoked_at=now):
        record(actor=actor, verb="invitation.revoked", workspace_id=invitation.workspace_id, obj=invitation)
    invitation.refresh_from_db()
    return invitation


def open_invitation(*, secret: str) -> Invitation:
    """The invitation behind a link: `Missing` for a made-up one, `Conflict` (the reason is its code) for a spent one."""
    invitation = find_invitation(secret=secret)
    refuse_spent(invitation)
    return invitation


def find_invitation(*, secret: str) -> Invitation:
    """The invitation behind a link, spent or not; `Missing` for a made-up one."""
    found = Invitation.objects.select_related("workspace", "created_by").filter(secret_digest=digest(secret))
    invitation = found.first()
    if invitation is None:
        raise Missing("This invitation does not exist. Check that the whole link was copied.")
    return invitation  # type: ignore[no-any-return]


def already_in(*, invitation: Invitation, user: User) -> bool:
    """Whether this person may already do what the invitation offers: then its link is simply a way in."""
    held = Membership.objects.filter(workspace=invitation.workspace_id, user=user).first()
    return held is not None and covers(held.role, invitation.role) and not _lacks_place(invitation, user)


def _lacks_place(invitation: Invitation, user: User) -> bool:
    """Whether the invitation leads to a study that this person, a member already, was not invited to before."""
    return invitation.study_id is not None and not is_let_in(user, invitation.study_id)


def refuse_spent(invitation: Invitation) -> None:
    """`Conflict` where the invitation was withdrawn, has expired or was used up."""
    ask = "Ask whoever sent it to you for a new one."
    if invitation.revoked_at is not None:
        raise Conflict(f"This invitation was withdrawn. {ask}", code="invitation_revoked")
    if invitation.expires_at <= timezone.now():
        raise Conflict(f"This invitation has expired. {ask}", code="invitation_expired")
    if invitation.uses_left < 1:
        raise Conflict(f"This invitation has been used up. {ask}", code="invitation_used")


@transaction.atomic
def accept_invitation(*, actor: User, secret: str) -> Accepted:
    """Join with the invitation's role, and enter its study. Someone who may already do as much uses nothing up.

    The row lock makes a double click one acceptance; the conditional UPDATE decides who gets the last use.
    """
    invitation = find_invitation(secret=secret)
    Invitation.objects.select_for_update().get(pk=invitation.pk)
    held = Membership.objects.filter(workspace=invitation.workspace, user=actor).first()
    if held is None or not covers(held.role, invitation.role) or _lacks_place(invitation, actor):
        _refuse_other_address(invitation, actor)
        held = _join(invitation, actor, held)
        _use_up(invitation)
        if invitation.study_id is not None:
            give_place(actor, invitation.study_id)
        record(
            actor=actor,
            verb="invitation.accepted",
            workspace_id=invitation.workspace_id,
            obj=invitation,
            role=held.role,
        )
    return Accepted(user=actor, membership=held, study_id=invitation.study_id)


@transaction.atomic
def accept_as_new_person(*, secret: str, email: str, name: str, password: str) -> Accepted:
    """Make the account and join, or neither."""
    invitation = open_invitation(secret=secret)
    user = create_user(email=invitation.email or email, name=name, password=password)
    return accept_invitation(secret=secret, actor=user)


def _refuse_other_address(invitation: Invitation, user: User) -> None:
    if invitation.email and invitation.email != user.email.lower():
        raise Forbidden(
            f"This invitation is for {invitation.email}, and you are signed in as {user.email}.",
            code="invitation_email",
        )


def _refuse_unlike_role(invitation: Invitation, held: Membership | None) -> None:
    """A reader who is invited to rate would lose what they may see: people decide that, not a link."""
    if held is not None and not covers(invitation.role, held.role):
        raise Conflict(
            f"You are a {held.role} in {invitation.workspace.name}, and this invitation is for a "
            f"{invitation.role}. Ask an owner of the workspace to change your role.",
            code="other_role",
        )


def _use_up(invitation: Invitation) -> None:
    usable = Invitation.objects.filter(
        pk=invitation.pk, uses_left__gte=1, revoked_at=None, expires_at__gt=timezone.now()
    )
    if not usable.update(uses_left=F("uses_left") - 1):
        invitation.refresh_from_db()
        refuse_spent(invitation)
        raise Conflict("This invitation can no longer be used.", code="invitation_used")


def _join(invitation: Invitation, user: User, held: Membership | None) -> Membership:
    """The membership with at least the invitation's role; nobody's role becomes less by a link."""
    if held is not None and covers(held.role, invitation.role):
        return held
    _refuse_unlike_role(invitation, held)
    membership, _ = Membership.objects.update_or_create(
        workspace=invitation.workspace, user=user, defaults={"role": invitation.role}
    )
    return membership
