"""Lookup and permission in one call: who finds what, for every role and every action."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, transaction
from django.test import RequestFactory
from django.utils import timezone

from concord.accounts.context import workspace as frame
from concord.accounts.models import ApiToken, Invitation, Membership, User, Workspace
from concord.accounts.selectors.lookup import fetch, may, membership_in, require, workspace_for
from concord.accounts.selectors.people import (
    live_tokens,
    may_create_workspace,
    members_of,
    memberships_of,
    open_invitations,
    require_may_create,
)
from concord.accounts.services.invitations import invite
from concord.accounts.services.tokens import create_token
from concord.accounts.states import Action
from concord.core.actors import BACKGROUND
from concord.core.errors import Forbidden, Missing

pytestmark = pytest.mark.django_db
MAY = {
    "owner": "manage design review read rate",
    "designer": "design review read rate",
    "reviewer": "review read rate",
    "rater": "rate",
    "viewer": "read",
}


@pytest.fixture
def cast(owner: User, designer: User, reviewer: User, rater: User, viewer: User) -> dict[str, User]:
    return {"owner": owner, "designer": designer, "reviewer": reviewer, "rater": rater, "viewer": viewer}


def refused(call: Any) -> type[Exception] | None:
    try:
        call()
    except (Forbidden, Missing) as error:
        return type(error)
    return None


@pytest.mark.parametrize("action", [str(action) for action in Action])
def test_each_role_finds_the_workspace_and_its_things_for_what_it_may_do(
    cast: dict[str, User], stranger: User, workspace: Workspace, action: str
) -> None:
    row = invite(actor=cast["owner"], workspace=workspace, role="viewer").invitation
    for role, person in cast.items():
        allowed = action in MAY[role].split()
        expected = None if allowed else Forbidden
        assert refused(lambda p=person: workspace_for(user=p, slug="acme", to=action)) is expected, role
        assert refused(lambda p=person: fetch(Invitation, user=p, pk=row.pk, to=action)) is expected, role
        assert refused(lambda p=person: require(actor=p, workspace=workspace, to=action)) is expected, role
        assert may(user=person, workspace=workspace, to=action) == allowed
        assert list(Invitation.objects.visible_to(person, action)) == ([row] if allowed else [])
    for nobody in (stranger, AnonymousUser()):
        assert refused(lambda p=nobody: workspace_for(user=p, slug="acme", to=action)) is Missing
        assert refused(lambda p=nobody: fetch(Invitation, user=p, pk=row.pk, to=action)) is Missing
        assert refused(lambda p=nobody: require(actor=p, workspace=workspace, to=action)) is Missing
        assert not Invitation.objects.visible_to(nobody, action).exists()
    assert not may(user=stranger, workspace=workspace, to=action)


def test_the_installation_may_and_sees_all(workspace: Workspace, owner: User, stranger: User) -> None:
    require(actor=BACKGROUND, workspace=workspace, to=Action.MANAGE)
    assert Membership.objects.visible_to(BACKGROUND).count() == 2
    assert not Membership.objects.visible_to(None).exists()


def test_a_filter_narrows_what_is_found_and_says_no_more_than_missing(
    owner: User, workspace: Workspace
) -> None:
    mine = Membership.objects.get(user=owner)
    assert fetch(Membership, user=owner, pk=mine.pk, to=Action.MANAGE, workspace=workspace) == mine
    other = Workspace.objects.create(name="Else", slug="else")
    with pytest.raises(Missing, match="There is no such membership"):
        fetch(Membership, user=owner, pk=mine.pk, to=Action.MANAGE, workspace=other)
    with pytest.raises(Missing):
        fetch(Membership, user=owner, pk=mine.pk + 999)


def test_a_role_in_one_workspace_is_none_in_another(
    owner: User, workspace: Workspace, other_workspace: Workspace
) -> None:
    Membership.objects.create(workspace=other_workspace, user=owner, role="viewer")
    assert workspace_for(user=owner, slug="acme", to=Action.MANAGE) == workspace
    with pytest.raises(Forbidden, match="does not let you manage people, tokens and secrets"):
        workspace_for(user=owner, slug="other", to=Action.MANAGE)
    found = Membership.objects.visible_to(owner, Action.MANAGE)
    assert set(found.values_list("workspace__slug", flat=True)) == {"acme"}


def test_a_membership_is_found_by_the_address_of_the_workspace(owner: User, stranger: User) -> None:
    found = membership_in(user=owner, slug="acme")
    assert found is not None
    assert (found.role, found.workspace.slug) == ("owner", "acme")
    assert membership_in(user=stranger, slug="acme") is None
    assert membership_in(user=owner, slug="other") is None
    assert membership_in(user=AnonymousUser(), slug="acme") is None


def test_members_stand_by_name_and_then_by_address(workspace: Workspace) -> None:
    for email, name in (("c@x.org", "Ada"), ("b@x.org", "Zoe"), ("a@x.org", "Zoe")):
        user = User.objects.create_user(email, name=name)
        Membership.objects.create(workspace=workspace, user=user, role="viewer")
    assert [each.user.email for each in members_of(workspace)] == ["c@x.org", "a@x.org", "b@x.org"]


def test_only_links_that_still_work_are_listed_newest_first(owner: User, workspace: Workspace) -> None:
    made = [invite(actor=owner, workspace=workspace, role="rater").invitation for _ in range(5)]
    now = timezone.now()
    for row, change in zip(
        made, ({"revoked_at": now}, {"uses_left": 0}, {"expires_at": now}, {}, {"uses_left": 1}), strict=True
    ):
        if change:
            Invitation.objects.filter(pk=row.pk).update(**change)
    assert [row.pk for row in open_invitations(workspace)] == [made[4].pk, made[3].pk]


def test_ones_workspaces_stand_by_name_and_a_visitor_has_none(
    owner: User, other_workspace: Workspace, stranger: User
) -> None:
    first = Workspace.objects.create(name="Aardvark", slug="zz")
    Membership.objects.create(workspace=first, user=owner, role="viewer")
    assert [each.workspace.name for each in memberships_of(owner)] == ["Aardvark", "Acme"]
    assert not memberships_of(AnonymousUser()).exists()


def test_expired_tokens_stay_in_sight_and_revoked_ones_do_not(owner: User, designer: User) -> None:
    kept, revoked, expired = (create_token(actor=owner, name=name).token for name in "abc")
    create_token(actor=designer, name="theirs")
    ApiToken.objects.filter(pk=revoked.pk).update(revoked_at=timezone.now())
    ApiToken.objects.filter(pk=expired.pk).update(expires_at=timezone.now() - timedelta(days=1))
    assert [token.pk for token in live_tokens(owner)] == [expired.pk, kept.pk]


def test_who_may_make_a_workspace(cast: dict[str, User], db: None) -> None:
    allowed = {role for role, person in cast.items() if may_create_workspace(person)}
    assert allowed == {"owner", "designer"}
    newcomer = User.objects.create_user("new@example.com")
    assert may_create_workspace(newcomer)
    assert not may_create_workspace(AnonymousUser())
    assert may_create_workspace(User.objects.create_user("staff@example.com", is_staff=True))
    rates_and_reads = cast["rater"]
    other = Workspace.objects.create(name="Else", slug="else")
    place = Membership.objects.create(workspace=other, user=rates_and_reads, role="viewer")
    assert not may_create_workspace(rates_and_reads)
    with pytest.raises(Forbidden, match="invited to rate or to read"):
        require_may_create(rates_and_reads)
    Membership.objects.filter(pk=place.pk).update(role="designer")
    assert may_create_workspace(rates_and_reads), "it is enough to design somewhere"
    require_may_create(rates_and_reads)


def test_nobody_is_twice_in_a_workspace(owner: User, workspace: Workspace) -> None:
    with pytest.raises(IntegrityError, match="membership_once"), transaction.atomic():
        Membership.objects.create(workspace=workspace, user=owner, role="viewer")


def test_no_two_people_share_an_address_in_any_case(owner: User) -> None:
    with pytest.raises(IntegrityError, match="user_email_any_case"), transaction.atomic():
        User.objects.create(email="OWNER@example.com")
    with pytest.raises(ValueError, match="needs an e-mail address"):
        User.objects.create_user("")


def test_a_person_is_called_by_name_or_else_by_address(db: None) -> None:
    named = User(email="ada@example.com", name="Ada L.")
    unnamed = User(email="ada@example.com")
    assert (str(named), named.get_short_name()) == ("Ada L.", "Ada L.")
    assert (str(unnamed), unnamed.get_short_name()) == ("ada@example.com", "ada")
    boss = User.objects.create_superuser("Boss@Example.com", "seven brave otters")
    assert (boss.email, boss.is_staff, boss.is_superuser) == ("boss@example.com", True, True)


class TestFrame:
    """What every page's frame shows: one's workspaces, the one being looked at, and what one may do in it."""

    def framed(self, user: Any, *, named: str | None = None, last: str | None = None) -> dict[str, Any]:
        request: Any = RequestFactory().get("/")
        request.user, request.session = user, {"workspace": last} if last else {}
        request.resolver_match = None
        if named is not None:
            request.resolver_match = type("Match", (), {"kwargs": {"workspace": named}})()
        return frame(request)

    @pytest.fixture
    def both(self, owner: User) -> User:
        """Owner of Acme, viewer in Zenith."""
        place = Workspace.objects.create(name="Zenith", slug="zenith")
        Membership.objects.create(workspace=place, user=owner, role="viewer")
        return owner

    @pytest.mark.parametrize(
        ("named", "last", "slug"),
        [
            (None, None, "acme"),
            (None, "zenith", "zenith"),
            ("acme", "zenith", "acme"),
            ("zenith", None, "zenith"),
            (None, "gone", "acme"),
        ],
    )
    def test_it_is_that_of_the_address_else_the_last_else_the_first(
        self, both: User, named: str | None, last: str | None, slug: str
    ) -> None:
        found = self.framed(both, named=named, last=last)
        assert found["membership"].workspace.slug == slug
        may_manage = slug == "acme"
        assert ("manage" in found["can"]) == may_manage
        assert "read" in found["can"]

    def test_a_workspace_that_one_is_not_in_has_no_frame(self, both: User) -> None:
        found = self.framed(both, named="other", last="acme")
        assert not found["membership"]
        assert not found["can"]
        assert len(found["memberships"]) == 2

    def test_a_page_that_does_not_ask_costs_no_query(
        self, both: User, django_assert_num_queries: Any
    ) -> None:
        with django_assert_num_queries(0):
            found = self.framed(both)
        with django_assert_num_queries(1):
            assert (len(found["memberships"]), found["membership"].role) == (2, "owner")
            assert "manage" in found["can"]
