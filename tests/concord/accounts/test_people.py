"""Roles change hands, and a workspace never loses its last owner."""

import threading
from collections.abc import Callable
from functools import partial

import pytest
from django.db import connection, transaction

from concord.accounts.models import Membership, User, Workspace
from concord.accounts.services.people import change_role, remove_member
from concord.accounts.services.users import create_user, save_preferences
from concord.accounts.states import Role
from concord.core.errors import Conflict, DomainError, Forbidden, Invalid, Missing
from concord.core.models import AuditEvent

pytestmark = pytest.mark.django_db


def place(user: User) -> int:
    return int(Membership.objects.values_list("pk", flat=True).get(user=user))


def test_an_owner_changes_a_role_and_the_note_has_both(owner: User, rater: User) -> None:
    assert change_role(actor=owner, membership_id=place(rater), role="reviewer").role == "reviewer"
    note = AuditEvent.objects.get(verb="membership.role_changed")
    assert note.details == {"person": rater.pk, "before": "rater", "after": "reviewer"}


def test_nobody_else_changes_roles_not_even_their_own(designer: User, rater: User, stranger: User) -> None:
    for actor, whose, error in (
        (designer, designer, Forbidden),
        (designer, rater, Forbidden),
        (rater, rater, Forbidden),
        (stranger, rater, Missing),
    ):
        with pytest.raises(error):
            change_role(actor=actor, membership_id=place(whose), role="owner")
    assert set(Membership.objects.filter(workspace__slug="acme").values_list("role", flat=True)) == {
        "designer",
        "rater",
    }


def test_a_made_up_role_is_refused_by_service_and_database(owner: User, rater: User) -> None:
    with pytest.raises(Invalid, match="'king' is not a role"):
        change_role(actor=owner, membership_id=place(rater), role="king")
    with pytest.raises(Exception, match="membership_role_known"), transaction.atomic():
        Membership.objects.filter(user=rater).update(role="king")


def test_the_last_owner_stays_owner_and_stays(owner: User, designer: User) -> None:
    for leave in (
        lambda: change_role(actor=owner, membership_id=place(owner), role="viewer"),
        lambda: remove_member(actor=owner, membership_id=place(owner)),
    ):
        with pytest.raises(Conflict) as refused:
            leave()
        assert refused.value.code == "last_owner"
    change_role(actor=owner, membership_id=place(designer), role="owner")
    remove_member(actor=owner, membership_id=place(owner))
    assert Membership.objects.get(role=Role.OWNER).user == designer


def test_an_owner_removes_members_and_anyone_leaves(
    owner: User, designer: User, rater: User, viewer: User
) -> None:
    remove_member(actor=owner, membership_id=place(designer))
    remove_member(actor=rater, membership_id=place(rater))
    with pytest.raises(Forbidden):
        remove_member(actor=viewer, membership_id=place(owner))
    assert set(Membership.objects.values_list("user", flat=True)) == {owner.pk, viewer.pk}


def test_a_stranger_cannot_tell_whether_a_membership_exists(owner: User, stranger: User) -> None:
    with pytest.raises(Missing) as real:
        remove_member(actor=stranger, membership_id=place(owner))
    with pytest.raises(Missing) as made_up:
        remove_member(actor=stranger, membership_id=10**9)
    assert real.value.message == made_up.value.message


def race(*actions: Callable[[], object]) -> list[DomainError]:
    """Run all at once, each on its own connection; the refusals."""
    together, refused = threading.Barrier(len(actions)), []

    def run(action: Callable[[], object]) -> None:
        together.wait()
        try:
            action()
        except DomainError as error:
            refused.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[action]) for action in actions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return refused


def two_owners() -> tuple[User, User]:
    workspace = Workspace.objects.create(name="Two", slug="two")
    pair = (User.objects.create_user("a@example.com"), User.objects.create_user("b@example.com"))
    Membership.objects.bulk_create(Membership(workspace=workspace, user=user, role="owner") for user in pair)
    return pair


@pytest.mark.django_db(transaction=True)
def test_two_owners_who_leave_at_once_leave_one_behind() -> None:
    for _ in range(5):
        User.objects.all().delete()
        Workspace.objects.all().delete()
        a, b = two_owners()
        refused = race(
            partial(remove_member, actor=a, membership_id=place(a)),
            partial(remove_member, actor=b, membership_id=place(b)),
        )
        assert [error.code for error in refused] == ["last_owner"]
        assert Membership.objects.filter(role=Role.OWNER).count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_owners_who_depose_each_other_leave_one_owner() -> None:
    for _ in range(5):
        User.objects.all().delete()
        Workspace.objects.all().delete()
        a, b = two_owners()
        refused = race(
            partial(change_role, actor=a, membership_id=place(b), role="viewer"),
            partial(change_role, actor=b, membership_id=place(a), role="viewer"),
        )
        # The second was deposed while waiting, so it is no longer theirs to do.
        assert [error.code for error in refused] == ["forbidden"]
        assert Membership.objects.filter(role=Role.OWNER).count() == 1


@pytest.mark.django_db(transaction=True)
def test_control_without_the_lock_both_owners_can_leave() -> None:
    """The race is real: looking first and deleting afterwards, without the lock, empties the workspace."""
    a, b = two_owners()
    looked = threading.Barrier(2)

    def leave(own: int) -> None:
        with transaction.atomic():
            if Membership.objects.filter(role=Role.OWNER).exclude(pk=own).exists():
                looked.wait(timeout=10)
                Membership.objects.filter(pk=own).delete()

    race(partial(leave, place(a)), partial(leave, place(b)))
    assert Membership.objects.filter(role=Role.OWNER).count() == 0


def test_a_new_person_is_known_by_address_in_any_case(db: None) -> None:
    made = create_user(email=" Ada@Example.COM ", name=" Ada  L. ", password="seven brave otters")
    assert (made.email, made.name, made.check_password("seven brave otters")) == (
        "ada@example.com",
        "Ada L.",
        True,
    )
    with pytest.raises(Conflict) as refused:
        create_user(email="ADA@example.com")
    assert refused.value.code == "email_taken"


@pytest.mark.parametrize(
    ("email", "password", "field"),
    [
        ("no address", "seven brave otters", "email"),
        ("a@b.example", "short", "password"),
        ("a@b.example", "password123", "password"),
    ],
)
def test_bad_addresses_and_passwords_are_refused_by_name(
    db: None, email: str, password: str, field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        create_user(email=email, password=password)
    assert refused.value.field == field
    assert not User.objects.exists()


def test_nobody_signs_in_as_a_person_without_a_password(db: None) -> None:
    made = create_user(email="sim@example.com", is_simulated=True)
    assert made.is_simulated
    assert not made.has_usable_password()


def test_preferences_keep_what_is_not_named_and_refuse_nonsense(owner: User) -> None:
    save_preferences(actor=owner, theme="dark")
    assert save_preferences(actor=owner, font="serif") == {"theme": "dark", "font": "serif"}
    for bad in ({"theme": "pink"}, {"colour": "dark"}):
        with pytest.raises(Invalid):
            save_preferences(actor=owner, **bad)
    owner.refresh_from_db()
    assert owner.preferences == {"theme": "dark", "font": "serif"}
