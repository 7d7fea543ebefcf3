"""Invitations: shown once, used as often as they say, by whom they are for."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from annotation.models import Study
from concord.accounts.models import Invitation, Membership, User, Workspace
from concord.accounts.services.invitations import (
    accept_as_new_person,
    accept_invitation,
    already_in,
    invite,
    open_invitation,
    revoke_invitation,
)
from concord.core.errors import Conflict, DomainError, Forbidden, Invalid, Missing
from concord.core.models import AuditEvent

pytestmark = pytest.mark.django_db


@pytest.fixture
def newcomer(db: None) -> User:
    return User.objects.create_user("new@example.com", "seven brave otters")


def study_in(workspace: Workspace) -> int:
    return Study.objects.create(workspace=workspace, name="Tone", kind="scale").pk


def role_of(user: User) -> str | None:
    return Membership.objects.filter(user=user, workspace__slug="acme").values_list("role", flat=True).first()


def test_only_a_digest_of_the_secret_is_kept(owner: User, workspace: Workspace) -> None:
    issued = invite(actor=owner, workspace=workspace, role="viewer")
    stored = Invitation.objects.values().get()
    assert issued.secret not in str(stored)
    assert issued.secret not in str(list(AuditEvent.objects.values()))
    assert len(issued.secret) >= 43
    assert stored["secret_digest"] != issued.secret


def test_accepting_joins_once_and_uses_one_up(owner: User, newcomer: User, workspace: Workspace) -> None:
    study = study_in(workspace)
    issued = invite(actor=owner, workspace=workspace, role="rater", uses=2, study_id=study)
    for _ in range(2):  # a double click
        accepted = accept_invitation(secret=issued.secret, actor=newcomer)
        assert (accepted.membership.role, accepted.study_id) == ("rater", study)
    assert Membership.objects.filter(user=newcomer).count() == 1
    assert Invitation.objects.get().uses_left == 1


def test_owners_invite_anyone_designers_raters_others_nobody(
    owner: User, designer: User, reviewer: User, rater: User, stranger: User, workspace: Workspace
) -> None:
    assert invite(actor=owner, workspace=workspace, role="owner")
    assert invite(actor=designer, workspace=workspace, role="rater")
    for actor, role, error in (
        (designer, "viewer", Forbidden),
        (reviewer, "rater", Forbidden),
        (rater, "rater", Forbidden),
        (stranger, "rater", Missing),
    ):
        with pytest.raises(error):
            invite(actor=actor, workspace=workspace, role=role)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"role": "king"}, "role"),
        ({"uses": 0}, "uses"),
        ({"uses": 1001}, "uses"),
        ({"valid_for": timedelta(0)}, "valid_for"),
        ({"valid_for": timedelta(days=366)}, "valid_for"),
        ({"role": "viewer", "study_id": 3}, "study_id"),
    ],
)
def test_an_invitation_that_makes_no_sense_is_refused(
    owner: User, workspace: Workspace, wrong: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        invite(**{"actor": owner, "workspace": workspace, "role": "rater"} | wrong)
    assert refused.value.field == field
    assert not Invitation.objects.exists()


def test_spent_links_say_why(owner: User, newcomer: User, workspace: Workspace) -> None:
    issued = [invite(actor=owner, workspace=workspace, role="rater") for _ in range(3)]
    revoke_invitation(actor=owner, invitation_id=issued[0].invitation.pk)
    Invitation.objects.filter(pk=issued[1].invitation.pk).update(expires_at=timezone.now())
    accept_invitation(secret=issued[2].secret, actor=User.objects.create_user("first@example.com"))
    for each, code in zip(
        issued, ("invitation_revoked", "invitation_expired", "invitation_used"), strict=True
    ):
        for attempt in (
            lambda each=each: open_invitation(secret=each.secret),
            lambda each=each: accept_invitation(secret=each.secret, actor=newcomer),
        ):
            with pytest.raises(Conflict) as refused:
                attempt()
            assert refused.value.code == code
    assert role_of(newcomer) is None
    with pytest.raises(Missing):
        open_invitation(secret="made-up")


def test_an_invitation_for_one_address_lets_only_that_address_in(
    owner: User, newcomer: User, workspace: Workspace
) -> None:
    issued = invite(actor=owner, workspace=workspace, role="viewer", email="Ada@Example.com ", uses=50)
    assert issued.invitation.uses_left == 1
    with pytest.raises(Forbidden) as refused:
        accept_invitation(secret=issued.secret, actor=newcomer)
    assert refused.value.code == "invitation_email"
    accepted = accept_as_new_person(
        secret=issued.secret, email="somebody.else@example.com", name="Ada", password="seven brave otters"
    )
    assert accepted.user.email == "ada@example.com"


def test_a_new_person_gets_account_and_membership_or_neither(owner: User, workspace: Workspace) -> None:
    issued = invite(actor=owner, workspace=workspace, role="rater")
    for wrong in ({"password": "short"}, {"email": "nonsense"}, {"email": "owner@example.com"}):
        given = {"email": "new@example.com", "name": "New", "password": "seven brave otters"} | wrong
        with pytest.raises(DomainError):
            accept_as_new_person(secret=issued.secret, **given)
    assert not User.objects.filter(email="new@example.com").exists()
    assert Invitation.objects.get().uses_left == 1


def test_a_member_who_may_do_more_stays_what_they_are_and_uses_nothing_up(
    owner: User, designer: User, workspace: Workspace
) -> None:
    issued = invite(actor=owner, workspace=workspace, role="rater")
    assert accept_invitation(secret=issued.secret, actor=designer).membership.role == "designer"
    assert Invitation.objects.get().uses_left == 1


def test_a_member_who_may_do_less_is_raised(owner: User, rater: User, workspace: Workspace) -> None:
    issued = invite(actor=owner, workspace=workspace, role="reviewer")
    accept_invitation(secret=issued.secret, actor=rater)
    assert role_of(rater) == "reviewer"
    assert Membership.objects.filter(user=rater).count() == 1


def test_a_reader_does_not_lose_reading_by_a_raters_link(
    owner: User, viewer: User, workspace: Workspace
) -> None:
    issued = invite(actor=owner, workspace=workspace, role="rater")
    with pytest.raises(Conflict) as refused:
        accept_invitation(secret=issued.secret, actor=viewer)
    assert refused.value.code == "other_role"
    assert (role_of(viewer), Invitation.objects.get().uses_left) == ("viewer", 1)


def test_designers_revoke_their_own_invitations_only(
    owner: User, designer: User, stranger: User, workspace: Workspace
) -> None:
    theirs = invite(actor=owner, workspace=workspace, role="rater").invitation
    own = invite(actor=designer, workspace=workspace, role="rater").invitation
    assert revoke_invitation(actor=designer, invitation_id=own.pk).revoked_at is not None
    with pytest.raises(Forbidden):
        revoke_invitation(actor=designer, invitation_id=theirs.pk)
    with pytest.raises(Missing):
        revoke_invitation(actor=stranger, invitation_id=theirs.pk)


@pytest.mark.django_db(transaction=True)
def test_twelve_people_on_a_link_for_five_make_five_members() -> None:
    workspace = Workspace.objects.create(name="Race", slug="race")
    owner = User.objects.create_user("owner@example.com")
    Membership.objects.create(workspace=workspace, user=owner, role="owner")
    secret = invite(actor=owner, workspace=workspace, role="rater", uses=5).secret
    people = [User.objects.create_user(f"p{i}@example.com") for i in range(12)]
    together, refused = threading.Barrier(len(people)), []

    def accept(person: User) -> None:
        together.wait()
        try:
            accept_invitation(secret=secret, actor=person)
        except Conflict as error:
            refused.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=accept, args=[person]) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Membership.objects.filter(workspace=workspace, role="rater").count() == 5
    assert refused == ["invitation_used"] * 7
    assert Invitation.objects.get().uses_left == 0


@pytest.mark.parametrize("email", ["nonsense", "a@b", "a" * 250 + "@example.com"])
def test_an_invitation_for_what_is_no_address_is_refused(
    owner: User, workspace: Workspace, email: str
) -> None:
    with pytest.raises(Invalid) as refused:
        invite(actor=owner, workspace=workspace, role="rater", email=email)
    assert (refused.value.code, refused.value.field) == ("bad_email", "email")
    assert not Invitation.objects.exists()


@pytest.mark.parametrize(
    "good",
    [{"uses": 1}, {"uses": 1000}, {"valid_for": timedelta(days=365)}, {"valid_for": timedelta(seconds=1)}],
)
def test_an_invitation_at_its_limits_is_taken(
    owner: User, workspace: Workspace, good: dict[str, Any]
) -> None:
    row = invite(**{"actor": owner, "workspace": workspace, "role": "rater"} | good).invitation
    assert row.uses_left == good.get("uses", 1)
    assert row.expires_at - timezone.now() <= good.get("valid_for", timedelta(days=14))
    assert row.expires_at > timezone.now() - timedelta(seconds=1)


@pytest.mark.parametrize("role", ["owner", "designer", "reviewer", "rater"])
def test_whoever_may_rate_can_be_led_to_a_study(owner: User, workspace: Workspace, role: str) -> None:
    study = study_in(workspace)
    made = invite(actor=owner, workspace=workspace, role=role, study_id=study).invitation
    assert made.study_id == study


def test_nobody_is_led_to_a_study_of_another_workspace(
    owner: User, workspace: Workspace, other_workspace: Workspace
) -> None:
    theirs = study_in(other_workspace)
    for wrong in (theirs, theirs + 1):
        with pytest.raises(Invalid) as refused:
            invite(actor=owner, workspace=workspace, role="rater", study_id=wrong)
        assert (refused.value.code, refused.value.field) == ("unknown_study", "study_id")
    assert not Invitation.objects.exists()


def test_an_invitation_is_told_with_role_address_and_uses(owner: User, workspace: Workspace) -> None:
    row = invite(actor=owner, workspace=workspace, role="viewer", email=" Ada@Example.com", uses=9).invitation
    told = AuditEvent.objects.get(verb="invitation.issued")
    assert (told.actor, told.object_id, told.workspace_id) == (owner, row.pk, workspace.pk)
    assert told.details == {"role": "viewer", "email": "ada@example.com", "uses": 1}
    assert row.created_by == owner


def test_revoking_twice_keeps_the_first_moment_and_is_told_once(owner: User, workspace: Workspace) -> None:
    row = invite(actor=owner, workspace=workspace, role="rater").invitation
    first = revoke_invitation(actor=owner, invitation_id=row.pk).revoked_at
    assert revoke_invitation(actor=owner, invitation_id=row.pk).revoked_at == first
    assert AuditEvent.objects.filter(verb="invitation.revoked").count() == 1


def test_joining_is_told_by_whoever_joined_and_only_once(
    owner: User, newcomer: User, workspace: Workspace
) -> None:
    issued = invite(actor=owner, workspace=workspace, role="rater", uses=2)
    for _ in range(2):
        accept_invitation(secret=issued.secret, actor=newcomer)
    told = AuditEvent.objects.get(verb="invitation.accepted")
    assert (told.actor, told.details) == (newcomer, {"role": "rater"})


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"revoked_at": timezone.now(), "uses_left": 0, "expires_at": timezone.now()}, "invitation_revoked"),
        ({"expires_at": timezone.now() - timedelta(days=1), "uses_left": 0}, "invitation_expired"),
        ({"uses_left": 0}, "invitation_used"),
    ],
)
def test_of_several_reasons_the_one_that_somebody_decided_is_told(
    owner: User, newcomer: User, workspace: Workspace, change: dict[str, Any], code: str
) -> None:
    issued = invite(actor=owner, workspace=workspace, role="rater")
    Invitation.objects.update(**change)
    with pytest.raises(Conflict, match="Ask whoever sent it") as refused:
        accept_invitation(secret=issued.secret, actor=newcomer)
    assert refused.value.code == code


def test_a_spent_link_is_still_a_way_in_for_who_may_do_as_much(
    owner: User, designer: User, viewer: User, workspace: Workspace
) -> None:
    issued = invite(actor=owner, workspace=workspace, role="reviewer")
    Invitation.objects.update(uses_left=0)
    assert already_in(invitation=issued.invitation, user=designer)
    assert not already_in(invitation=issued.invitation, user=viewer)
    assert accept_invitation(secret=issued.secret, actor=designer).membership.role == "designer"
    with pytest.raises(Conflict):
        accept_invitation(secret=issued.secret, actor=viewer)


def test_the_address_is_compared_without_its_case(owner: User, workspace: Workspace) -> None:
    issued = invite(actor=owner, workspace=workspace, role="viewer", email="ada@example.com")
    ada = User.objects.create(email="Ada@Example.com")
    assert accept_invitation(secret=issued.secret, actor=ada).membership.role == "viewer"


def test_nobody_is_made_who_cannot_join(owner: User, workspace: Workspace) -> None:
    issued = invite(actor=owner, workspace=workspace, role="rater")
    Invitation.objects.update(uses_left=0)
    with pytest.raises(Conflict):
        accept_as_new_person(
            secret=issued.secret, email="n@example.com", name="N", password="seven brave otters"
        )
    assert not User.objects.filter(email="n@example.com").exists()
