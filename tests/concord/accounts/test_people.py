"""Roles change hands, and a workspace never loses its last owner."""

import threading
from collections.abc import Callable
from functools import partial

import pytest
from django.db import connection, transaction

from concord.accounts.models import Membership, User, Workspace
from concord.accounts.services.people import change_role, remove_member
from concord.accounts.services.users import create_user, rename_user, save_preferences
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


def test_leaving_is_told_with_the_role_that_was_held(owner: User, designer: User) -> None:
    remove_member(actor=owner, membership_id=place(designer))
    told = AuditEvent.objects.get(verb="membership.ended")
    assert (told.actor, told.details) == (owner, {"person": designer.pk, "role": "designer"})
    assert told.workspace_id == Membership.objects.get(user=owner).workspace_id


@pytest.mark.parametrize("role", [str(role) for role in Role])
def test_an_owner_gives_any_role_and_takes_it_again(owner: User, rater: User, role: str) -> None:
    change_role(actor=owner, membership_id=place(rater), role=role)
    assert Membership.objects.get(user=rater).role == role
    change_role(actor=owner, membership_id=place(rater), role="viewer")
    assert Membership.objects.get(user=rater).role == "viewer"


def test_an_owner_beside_another_may_step_back(owner: User, designer: User) -> None:
    change_role(actor=owner, membership_id=place(designer), role="owner")
    assert change_role(actor=owner, membership_id=place(owner), role="viewer").role == "viewer"
    with pytest.raises(Forbidden):
        change_role(actor=owner, membership_id=place(owner), role="owner")


def test_an_owner_elsewhere_does_not_count_here(owner: User, stranger: User) -> None:
    with pytest.raises(Conflict, match="Make somebody else an owner first"):
        remove_member(actor=owner, membership_id=place(owner))


def test_the_only_owner_may_be_made_owner_once_more(owner: User) -> None:
    assert change_role(actor=owner, membership_id=place(owner), role="owner").role == "owner"


def test_a_made_up_role_says_at_which_field_before_anything_is_looked_up(stranger: User, owner: User) -> None:
    with pytest.raises(Invalid) as refused:
        change_role(actor=stranger, membership_id=place(owner), role="king")
    assert (refused.value.code, refused.value.field) == ("bad_role", "role")


@pytest.mark.parametrize(("length", "taken"), [(254, True), (255, False)])
def test_an_address_is_as_long_as_can_be_kept(db: None, length: int, taken: bool) -> None:
    email = "a" * (length - len("@example.com")) + "@example.com"
    if taken:
        assert create_user(email=email).email == email
    else:
        with pytest.raises(Invalid) as refused:
            create_user(email=email)
        assert (refused.value.code, refused.value.field) == ("bad_email", "email")


@pytest.mark.parametrize("password", ["grace.hopper@example", "Ada Lovelace 1"])
def test_a_password_like_ones_address_or_name_is_refused(db: None, password: str) -> None:
    with pytest.raises(Invalid, match="similar") as refused:
        create_user(email="grace.hopper@example.com", name="Ada Lovelace", password=password)
    assert (refused.value.code, refused.value.field) == ("bad_password", "password")


def test_a_long_name_is_cut_and_a_taken_address_told_at_its_field(db: None) -> None:
    assert create_user(email="a@example.com", name="x" * 130).name == "x" * 120
    with pytest.raises(Conflict) as taken:
        create_user(email="a@example.com", password="seven brave otters")
    assert taken.value.field == "email"


def test_renaming_tidies_the_name(owner: User) -> None:
    assert rename_user(actor=owner, name="  Ada \n Lovelace ").name == "Ada Lovelace"
    owner.refresh_from_db()
    assert owner.name == "Ada Lovelace"
    assert rename_user(actor=owner, name="x" * 200).name == "x" * 120


def test_a_preference_kept_in_another_tab_is_not_overwritten(owner: User) -> None:
    stale = User.objects.get(pk=owner.pk)
    save_preferences(actor=owner, theme="dark")
    assert save_preferences(actor=stale, size="large") == {"theme": "dark", "size": "large"}
    assert stale.preferences == {"theme": "dark", "size": "large"}
    with pytest.raises(Invalid) as refused:
        save_preferences(actor=owner, theme="light", font="comic")
    assert (refused.value.code, refused.value.field) == ("bad_preference", "font")
    assert User.objects.get(pk=owner.pk).preferences["theme"] == "dark", "all or nothing"
