"""Making, naming and entering workspaces."""

import threading
from typing import Any

import pytest
from django.db import connection

from concord.accounts.models import Membership, User, Workspace
from concord.accounts.selectors.lookup import fetch, may, workspace_for
from concord.accounts.services.workspaces import create_workspace, rename_workspace
from concord.accounts.states import ALLOWED, Action, Role, covers, lands_in_studies
from concord.core.errors import Forbidden, Invalid, Missing
from concord.core.models import AuditEvent

pytestmark = pytest.mark.django_db


def test_the_maker_owns_the_workspace_and_the_note_says_so(owner: User) -> None:
    made = create_workspace(actor=owner, name="  Clinic   notes ")
    assert (made.name, made.slug) == ("Clinic notes", "clinic-notes")
    assert Membership.objects.get(workspace=made).role == Role.OWNER
    note = AuditEvent.objects.get(verb="workspace.created")
    assert (note.actor, note.object_id, note.workspace_id) == (owner, made.pk, made.pk)


def test_equal_names_get_different_addresses(owner: User) -> None:
    slugs = [create_workspace(actor=owner, name="Same").slug for _ in range(3)]
    assert slugs == ["same", "same-2", "same-3"]


@pytest.mark.parametrize("name", ["日本語", "!!!"])
def test_a_name_without_latin_letters_still_gets_an_address(owner: User, name: str) -> None:
    made = create_workspace(actor=owner, name=name)
    assert (made.name, made.slug) == (name, "workspace")


@pytest.mark.parametrize("name", ["", "   ", "x" * 121])
def test_a_workspace_needs_a_name_of_reasonable_length(owner: User, name: str) -> None:
    with pytest.raises(Invalid, match="1 to 120"):
        create_workspace(actor=owner, name=name)
    assert Workspace.objects.count() == 1


def test_who_only_rates_or_reads_makes_no_workspace(rater: User, viewer: User) -> None:
    for person in (rater, viewer):
        with pytest.raises(Forbidden):
            create_workspace(actor=person, name="Mine")


def test_who_is_nowhere_yet_may_make_one(db: None) -> None:
    newcomer = User.objects.create_user("new@example.com")
    assert create_workspace(actor=newcomer, name="First").slug == "first"


def test_renaming_keeps_the_address(
    owner: User, designer: User, stranger: User, workspace: Workspace
) -> None:
    assert rename_workspace(actor=owner, workspace=workspace, name="Zenith").slug == "acme"
    with pytest.raises(Forbidden):
        rename_workspace(actor=designer, workspace=workspace, name="Mine")
    with pytest.raises(Missing):
        rename_workspace(actor=stranger, workspace=workspace, name="Mine")
    assert Workspace.objects.get(pk=workspace.pk).name == "Zenith"


@pytest.mark.django_db(transaction=True)
def test_two_at_once_with_one_name_both_get_a_workspace() -> None:
    people = [User.objects.create_user(f"p{i}@example.com") for i in range(6)]
    together = threading.Barrier(len(people))
    slugs: list[str] = []

    def make(person: User) -> None:
        together.wait()
        try:
            slugs.append(create_workspace(actor=person, name="Race").slug)
        finally:
            connection.close()

    threads = [threading.Thread(target=make, args=[person]) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(slugs) == ["race", "race-2", "race-3", "race-4", "race-5", "race-6"]


def test_lookup_tells_strangers_nothing_and_members_why(
    owner: User, rater: User, stranger: User, workspace: Workspace
) -> None:
    assert workspace_for(user=owner, slug="acme", to=Action.MANAGE) == workspace
    with pytest.raises(Forbidden, match="does not let you"):
        workspace_for(user=rater, slug="acme")
    with pytest.raises(Missing):
        workspace_for(user=stranger, slug="acme")
    mine = Membership.objects.get(user=owner)
    with pytest.raises(Forbidden):
        fetch(Membership, user=rater, pk=mine.pk)
    with pytest.raises(Missing):
        fetch(Membership, user=stranger, pk=mine.pk)
    assert may(user=owner, workspace=workspace, to=Action.MANAGE)
    assert not may(user=stranger, workspace=workspace, to=Action.READ)


# The table of roles, written out a second time: changing it must be a decision.
MAY: dict[str, set[str]] = {
    "owner": {"manage", "design", "review", "read", "rate"},
    "designer": {"design", "review", "read", "rate"},
    "reviewer": {"review", "read", "rate"},
    "rater": {"rate"},
    "viewer": {"read"},
}


def test_roles_against_the_table_in_words() -> None:
    assert {role: {str(action) for action in actions} for role, actions in ALLOWED.items()} == MAY


def test_a_role_covers_what_it_may_do_and_no_more() -> None:
    pairs: set[tuple[Any, Any]] = {(a, b) for a in Role.values for b in Role.values if covers(a, b)}
    same = {(role, role) for role in Role.values}
    assert pairs - same == {
        *(("owner", other) for other in ("designer", "reviewer", "rater", "viewer")),
        *(("designer", other) for other in ("reviewer", "rater", "viewer")),
        ("reviewer", "rater"),
        ("reviewer", "viewer"),
    }
    assert lands_in_studies(["rater"])
    assert not lands_in_studies(["rater", "viewer"])


def test_a_name_at_its_limit_is_kept_and_its_address_cut(owner: User) -> None:
    made = create_workspace(actor=owner, name="x" * 120)
    assert (made.name, made.slug) == ("x" * 120, "x" * 50)
    assert create_workspace(actor=owner, name="x" * 120).slug == "x" * 50 + "-2"
    assert create_workspace(actor=owner, name="y").name == "y"


def test_a_number_that_is_free_again_is_used_again(owner: User) -> None:
    first, second, third = (create_workspace(actor=owner, name="Same") for _ in range(3))
    second.delete()
    assert create_workspace(actor=owner, name="Same").slug == "same-2"
    assert create_workspace(actor=owner, name="Same").slug == "same-4"
    assert {first.slug, third.slug} == {"same", "same-3"}


def test_renaming_is_told_with_both_names_and_refuses_an_empty_one(owner: User, workspace: Workspace) -> None:
    rename_workspace(actor=owner, workspace=workspace, name=" Zenith  labs ")
    told = AuditEvent.objects.get(verb="workspace.renamed")
    assert told.details == {"before": "Acme", "after": "Zenith labs"}
    with pytest.raises(Invalid) as refused:
        rename_workspace(actor=owner, workspace=workspace, name=" ")
    assert (refused.value.code, refused.value.field) == ("bad_name", "name")
    assert Workspace.objects.get(pk=workspace.pk).name == "Zenith labs"
