"""The pages of people, as their forms are used."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from annotation.models import Study
from concord.accounts.models import ApiToken, Invitation, Membership, User, Workspace
from concord.accounts.services.invitations import invite

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nobody_was_counted() -> None:
    cache.clear()


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def text(answer: Any) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


def test_home_leads_each_person_to_their_place(owner: User, rater: User, viewer: User) -> None:
    assert signed_in(owner).get("/")["Location"] == "/w/acme/"
    assert signed_in(viewer).get("/")["Location"] == "/w/acme/"
    assert signed_in(rater).get("/")["Location"] == "/rate/"
    assert Client().get("/")["Location"] == "/account/login/?next=/"


def test_home_remembers_the_workspace_visited_last(owner: User) -> None:
    for name in ("Aardvark", "Zebra"):
        other = Workspace.objects.create(name=name, slug=name.lower())
        Membership.objects.create(workspace=other, user=owner, role="viewer")
    client = signed_in(owner)
    for slug in ("zebra", "acme"):
        client.get(f"/w/{slug}/")
        assert client.get("/")["Location"] == f"/w/{slug}/"
    assert "Acme" in text(client.get("/settings/tokens/")).partition("<nav")[0]


def test_someone_who_rates_here_and_designs_there_lands_there(
    rater: User, other_workspace: Workspace
) -> None:
    Membership.objects.create(workspace=other_workspace, user=rater, role="designer")
    assert signed_in(rater).get("/")["Location"] == "/w/other/"


def test_who_is_nowhere_is_told_what_to_do(db: None) -> None:
    client = signed_in(User.objects.create_user("new@example.com"))
    assert "Make a workspace" in text(client.get("/"))
    assert client.post("/workspaces/new/", {"name": "First"})["Location"] == "/w/first/"
    assert client.post("/workspaces/new/", {"name": " "}).status_code == 400


def test_an_invitations_link_is_shown_once_and_works(owner: User) -> None:
    client = signed_in(owner)
    made = text(client.post("/w/acme/people/", {"role": "viewer", "uses": "1", "days": "7"}))
    link = re.search(r'value="http://testserver(/invitation/[^"]+)"', made)
    assert link is not None
    assert link[1] not in text(client.get("/w/acme/people/"))

    newcomer = Client()
    page = text(newcomer.get(link[1]))
    assert "invites you to Acme" in page
    assert "viewer" in page
    form = {"email": "new@example.com", "name": "New Person", "password": "seven brave otters"}
    assert newcomer.post(link[1], form)["Location"] == "/w/acme/"
    assert newcomer.session["_auth_user_id"] == str(User.objects.get(email="new@example.com").pk)
    # The same person by the same link again: it is simply a way in. Anyone else: it is used up.
    assert newcomer.get(link[1])["Location"] == "/w/acme/"
    spent = Client().get(link[1])
    assert (spent.status_code, "used up" in text(spent)) == (409, True)


def test_a_rater_lands_in_the_study_that_the_invitation_names(owner: User, workspace: Workspace) -> None:
    study = Study.objects.create(workspace=workspace, name="Tone", kind="scale").pk
    secret = invite(actor=owner, workspace=workspace, role="rater", study_id=study, uses=2).secret
    form = {"email": "new@example.com", "name": "New", "password": "seven brave otters"}
    assert Client().post(f"/invitation/{secret}/", form)["Location"] == f"/rate/{study}/"
    plain = invite(actor=owner, workspace=workspace, role="rater").secret
    form["email"] = "other@example.com"
    assert Client().post(f"/invitation/{plain}/", form)["Location"] == "/rate/"


def test_a_form_with_mistakes_says_which_and_uses_nothing_up(owner: User, workspace: Workspace) -> None:
    secret = invite(actor=owner, workspace=workspace, role="rater").secret
    good = {"email": "new@example.com", "name": "New", "password": "seven brave otters"}
    for field, value, said in (
        ("email", "nonsense", "valid email"),
        ("email", owner.email, "already an account"),
        ("password", "short", "too short"),
        ("name", "", "required"),
    ):
        answer = Client().post(f"/invitation/{secret}/", good | {field: value})
        assert (answer.status_code, said in text(answer)) == (400, True), field
        assert "seven brave otters" not in text(answer)
    assert Invitation.objects.get().uses_left == 1
    assert User.objects.count() == 1


def test_looking_at_an_invitation_joins_nobody(owner: User, stranger: User, workspace: Workspace) -> None:
    secret = invite(actor=owner, workspace=workspace, role="viewer").secret
    client = signed_in(stranger)
    assert "You are signed in as <strong>stranger@example.com</strong>" in text(
        client.get(f"/invitation/{secret}/")
    )
    assert not Membership.objects.filter(user=stranger, workspace=workspace).exists()
    assert client.post(f"/invitation/{secret}/")["Location"] == "/w/acme/"


def test_an_invitation_for_another_address_offers_to_sign_out(
    owner: User, stranger: User, workspace: Workspace
) -> None:
    secret = invite(actor=owner, workspace=workspace, role="viewer", email="ada@example.com").secret
    page = signed_in(stranger).get(f"/invitation/{secret}/")
    assert (page.status_code, "This invitation is for ada@example.com" in text(page)) == (409, True)
    new = Client()
    assert "ada@example.com" in text(new.get(f"/invitation/{secret}/"))
    new.post(
        f"/invitation/{secret}/", {"email": "eve@example.com", "name": "A", "password": "seven brave otters"}
    )
    assert Membership.objects.get(role="viewer").user.email == "ada@example.com"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"revoked_at": timezone.now()}, "withdrawn"),
        ({"expires_at": timezone.now() - timedelta(days=1)}, "expired"),
        ({"uses_left": 0}, "used up"),
    ],
)
def test_a_spent_link_says_why(owner: User, workspace: Workspace, change: dict[str, Any], words: str) -> None:
    secret = invite(actor=owner, workspace=workspace, role="viewer").secret
    Invitation.objects.update(**change)
    for answer in (Client().get(f"/invitation/{secret}/"), Client().post(f"/invitation/{secret}/", {})):
        assert (answer.status_code, words in text(answer)) == (409, True)
    assert Client().get("/invitation/made-up/").status_code == 404


def test_signing_up_by_guessing_links_is_throttled(owner: User, workspace: Workspace) -> None:
    secret = invite(actor=owner, workspace=workspace, role="viewer").secret
    statuses = [Client().post(f"/invitation/{secret}/", {}).status_code for _ in range(61)]
    assert statuses == [400] * 60 + [429]


def test_an_owner_changes_roles_and_removes_people(owner: User, rater: User) -> None:
    client, pk = signed_in(owner), Membership.objects.get(user=rater).pk
    answer = client.post(f"/w/acme/people/{pk}/role/", {"role": "reviewer"}, follow=True)
    assert "Rater is now a reviewer." in text(answer)
    answer = client.post(f"/w/acme/people/{pk}/remove/", follow=True)
    assert "is no longer in Acme" in text(answer)
    assert not Membership.objects.filter(user=rater).exists()


def test_the_last_owner_is_told_why_not(owner: User) -> None:
    pk = Membership.objects.get(user=owner).pk
    for path, body in (
        (f"people/{pk}/role/", {"role": "viewer"}),
        (f"people/{pk}/remove/", {}),
        ("leave/", {}),
    ):
        answer = signed_in(owner).post(f"/w/acme/{path}", body)
        assert (answer.status_code, "A workspace needs an owner" in text(answer)) == (409, True), path


def test_a_membership_of_another_workspace_is_not_reached_through_mine(
    owner: User, other_workspace: Workspace
) -> None:
    """Owner of both: the address must still agree with the object."""
    Membership.objects.create(workspace=other_workspace, user=owner, role="owner")
    guest = User.objects.create_user("guest@example.com")
    there = Membership.objects.create(workspace=other_workspace, user=guest, role="viewer")
    assert signed_in(owner).post(f"/w/acme/people/{there.pk}/remove/").status_code == 404


def test_raters_leave_from_their_account_page(rater: User) -> None:
    client = signed_in(rater)
    assert "Leave Acme" in text(client.get("/settings/"))
    assert client.post("/w/acme/leave/")["Location"] == "/"
    assert not Membership.objects.filter(user=rater).exists()


def test_a_designer_invites_raters_and_sees_no_controls_for_members(owner: User, designer: User) -> None:
    client = signed_in(designer)
    page = text(client.get("/w/acme/people/"))
    assert "/role/" not in page
    assert "/remove/" not in page
    assert 'value="owner"' not in page
    assert client.post("/w/acme/people/", {"role": "owner", "uses": "1", "days": "7"}).status_code == 400
    assert client.post("/w/acme/people/", {"role": "rater", "uses": "1", "days": "7"}).status_code == 200


def test_names_are_text_and_never_markup(owner: User) -> None:
    User.objects.filter(pk=owner.pk).update(name="<script>alert(1)</script>")
    Workspace.objects.update(name="<img src=x onerror=alert(1)>")
    for path in ("/w/acme/people/", "/settings/", "/settings/tokens/"):
        page = text(signed_in(owner).get(path))
        assert "<script>alert" not in page, path
        assert "<img src=x" not in page, path


def test_a_token_is_shown_once_and_revoked(owner: User) -> None:
    client = signed_in(owner)
    made = text(client.post("/settings/tokens/", {"name": "nightly", "days": "90"}))
    secret = re.search(r'value="(con_[^"]+)"', made)
    assert secret is not None
    again = text(client.get("/settings/tokens/"))
    assert "nightly" in again
    assert secret[1] not in again
    token = ApiToken.objects.get()
    assert client.post(f"/settings/tokens/{token.pk}/revoke/")["Location"] == "/settings/tokens/"
    assert "You have none." in text(client.get("/settings/tokens/"))


def test_pages_with_a_secret_are_never_cached(owner: User, workspace: Workspace) -> None:
    secret = invite(actor=owner, workspace=workspace, role="viewer").secret
    client = signed_in(owner)
    for path in ("/settings/tokens/", "/w/acme/people/"):
        assert "no-store" in client.get(path)["Cache-Control"], path
    assert "no-store" in Client().get(f"/invitation/{secret}/")["Cache-Control"]


def test_the_theme_is_kept_and_one_stays_where_one_was(owner: User) -> None:
    client = signed_in(owner)
    answer = client.post("/settings/preferences/", {"theme": "dark", "next": "/w/acme/people/"})
    assert answer["Location"] == "/w/acme/people/"
    assert 'data-theme="dark"' in text(client.get("/w/acme/people/"))
    assert client.post("/settings/preferences/", {"next": "//evil.example/"})["Location"] == "/settings/"
    assert (
        client.post("/settings/preferences/", {"font": "serif"}, headers={"HX-Request": "true"}).status_code
        == 204
    )
    assert client.post("/settings/preferences/", {"theme": "pink"}).status_code == 400
    assert User.objects.get(pk=owner.pk).preferences == {"theme": "dark", "font": "serif"}


def test_the_account_page_keeps_name_and_looks(owner: User) -> None:
    client = signed_in(owner)
    form = {"name": "Ada L.", "theme": "light", "font": "serif", "size": "large"}
    assert client.post("/settings/", form)["Location"] == "/settings/"
    owner.refresh_from_db()
    assert (owner.name, owner.preferences) == ("Ada L.", {"theme": "light", "font": "serif", "size": "large"})


def test_the_people_page_asks_as_often_for_forty_members_as_for_two(
    owner: User, rater: User, workspace: Workspace, django_assert_num_queries: Any, settings: Any
) -> None:
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.db"
    client = signed_in(owner)
    client.get("/w/acme/people/")

    def queries() -> int:
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(connection) as captured:
            client.get("/w/acme/people/")
        return len(captured)

    few = queries()
    for i in range(40):
        user = User.objects.create_user(f"p{i}@example.com")
        Membership.objects.create(workspace=workspace, user=user, role="rater")
        invite(actor=owner, workspace=workspace, role="rater")
    assert queries() == few
    assert few <= 8


LONG = "a" * 250 + "@example.com"


def test_an_address_that_is_too_long_is_told_on_the_form(owner: User, workspace: Workspace) -> None:
    people = signed_in(owner).post(
        "/w/acme/people/", {"role": "rater", "uses": "1", "days": "7", "email": LONG}
    )
    assert (people.status_code, "is not an e-mail address" in text(people)) == (400, True)
    secret = invite(actor=owner, workspace=workspace, role="rater").secret
    form = {"email": LONG, "name": "New", "password": "seven brave otters"}
    joining = Client().post(f"/invitation/{secret}/", form)
    assert (joining.status_code, "is not an e-mail address" in text(joining)) == (400, True)
    assert User.objects.count() == 1


def test_renaming_by_page_keeps_the_name_where_the_new_one_is_none(owner: User) -> None:
    client = signed_in(owner)
    assert "keeps the one it has" in text(client.post("/w/acme/rename/", {"name": "x" * 121}, follow=True))
    assert Workspace.objects.get().name == "Acme"
    assert "has its new name" in text(client.post("/w/acme/rename/", {"name": "Zenith"}, follow=True))
    assert Workspace.objects.get().name == "Zenith"


def test_whoever_removes_themselves_is_led_home(owner: User, designer: User) -> None:
    Membership.objects.filter(user=designer).update(role="owner")
    client = signed_in(owner)
    own, other = Membership.objects.get(user=owner).pk, Membership.objects.get(user=designer).pk
    Membership.objects.create(
        workspace=Workspace.objects.get(), user=User.objects.create_user("x@example.com"), role="owner"
    )
    assert client.post(f"/w/acme/people/{other}/remove/")["Location"] == "/w/acme/people/"
    assert client.post(f"/w/acme/people/{own}/remove/")["Location"] == "/"


def test_a_role_that_does_not_exist_is_refused_on_the_page(owner: User, rater: User) -> None:
    pk = Membership.objects.get(user=rater).pk
    answer = signed_in(owner).post(f"/w/acme/people/{pk}/role/", {"role": "king"})
    assert (answer.status_code, "is not a role" in text(answer)) == (400, True)
    assert signed_in(owner).post(f"/w/acme/people/{pk}/role/").status_code == 400
    assert Membership.objects.get(user=rater).role == "rater"


@pytest.mark.parametrize("path", ["leave/", "rename/", "people/1/role/", "people/1/remove/"])
def test_what_changes_something_is_not_done_by_looking(owner: User, path: str) -> None:
    assert signed_in(owner).get(f"/w/acme/{path}").status_code == 405


def test_links_of_two_people_never_mix(owner: User, designer: User) -> None:
    """A page made once for each request: nobody sees the link or the token that somebody else has just made."""
    made = text(signed_in(owner).post("/w/acme/people/", {"role": "rater", "uses": "1", "days": "7"}))
    assert "/invitation/" in made
    assert 'value="http' not in text(signed_in(designer).get("/w/acme/people/"))
    token = text(signed_in(owner).post("/settings/tokens/", {"name": "x", "days": "0"}))
    assert 'value="con_' in token
    assert "con_" not in text(signed_in(designer).get("/settings/tokens/"))
