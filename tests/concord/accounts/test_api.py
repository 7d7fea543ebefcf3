"""People through the API: the same services, the same refusals."""

from typing import Any

import pytest
from django.test import Client
from django.utils.dateparse import parse_datetime

from annotation.models import Study
from concord.accounts.models import Invitation, Membership, User, Workspace

pytestmark = pytest.mark.django_db


class Caller:
    def __init__(self, user: User) -> None:
        self.client = Client()
        self.client.force_login(user)

    def __call__(self, method: str, path: str, **body: Any) -> tuple[int, Any]:
        answer = getattr(self.client, method)(
            f"/api/v1/{path}", body or None, content_type="application/json"
        )
        return answer.status_code, answer.json() if answer.content else None


def test_workspaces_are_made_named_and_listed_with_ones_role(owner: User, rater: User) -> None:
    api = Caller(owner)
    status, made = api("post", "workspaces/", name="Second")
    assert (status, made["slug"], made["role"]) == (201, "second", "owner")
    assert api("patch", "workspaces/second/", name="Renamed")[1]["name"] == "Renamed"
    assert {row["slug"] for row in api("get", "workspaces/")[1]["results"]} == {"acme", "second"}
    assert Caller(rater)("get", "workspaces/")[1]["results"][0]["role"] == "rater"
    assert Caller(rater)("get", "workspaces/second/")[0] == 404


def test_members_are_listed_changed_and_removed(owner: User, rater: User) -> None:
    api, pk = Caller(owner), Membership.objects.get(user=rater).pk
    rows = api("get", "memberships/?workspace=acme")[1]["results"]
    assert {(row["person"]["email"], row["role"], row["workspace"]) for row in rows} == {
        ("owner@example.com", "owner", "acme"),
        ("rater@example.com", "rater", "acme"),
    }
    assert api("patch", f"memberships/{pk}/", role="viewer")[1]["role"] == "viewer"
    assert api("patch", f"memberships/{pk}/", role="king")[0] == 400
    assert api("delete", f"memberships/{pk}/") == (204, None)
    assert not Membership.objects.filter(pk=pk).exists()


def test_a_conflict_is_a_problem_with_a_stable_code(owner: User) -> None:
    pk = Membership.objects.get(user=owner).pk
    client = Client()
    client.force_login(owner)
    answer = client.delete(f"/api/v1/memberships/{pk}/")
    assert answer.status_code == 409
    assert answer["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert (problem["code"], problem["status"]) == ("last_owner", 409)
    assert "needs an owner" in problem["detail"]


def test_an_invitation_gives_its_link_once(owner: User, workspace: Workspace) -> None:
    api, study = Caller(owner), Study.objects.create(workspace=workspace, name="Tone", kind="scale").pk
    status, made = api("post", "invitations/", workspace="acme", role="rater", uses=3, days=2, study_id=study)
    assert status == 201
    assert made["link"].startswith("http://testserver/invitation/")
    assert (made["uses_left"], made["study_id"], made["workspace"]) == (3, study, "acme")
    secret = made["link"].rstrip("/").rpartition("/")[2]
    assert secret not in str(api("get", f"invitations/{made['id']}/")[1])
    assert api("delete", f"invitations/{made['id']}/")[0] == 204
    assert Invitation.objects.get().revoked_at is not None
    assert Client().get(f"/invitation/{secret}/").status_code == 409


@pytest.mark.parametrize(
    ("body", "status", "code", "field"),
    [
        ({"role": "rater"}, 400, "no_workspace", "workspace"),
        ({"workspace": "other", "role": "rater"}, 404, "not_found", None),
        ({"workspace": "acme", "role": "rater", "uses": 0}, 400, "invalid", "uses"),
        ({"workspace": "acme", "role": "viewer", "study_id": 3}, 400, "no_rater", "study_id"),
        ({"workspace": ["acme"], "role": "rater"}, 400, "no_workspace", "workspace"),
    ],
)
def test_bad_invitations_say_what_is_wrong(
    owner: User, stranger: User, body: dict[str, Any], status: int, code: str, field: str | None
) -> None:
    answered, problem = Caller(owner)("post", "invitations/", **body)
    assert (answered, problem["code"], problem.get("field")) == (status, code, field)
    assert set(problem.get("errors", {})) == ({field} if field else set())
    assert not Invitation.objects.exists()


def test_an_invitation_leads_to_no_study_of_another_workspace(
    owner: User, workspace: Workspace, other_workspace: Workspace
) -> None:
    """Nor to one that does not exist; the answers do not tell these two apart, even to an owner of both."""
    Membership.objects.create(workspace=other_workspace, user=owner, role="owner")
    theirs = Study.objects.create(workspace=other_workspace, name="Theirs", kind="scale").pk
    api, answers = Caller(owner), []
    for wrong in (theirs, theirs + 1):
        status, problem = api("post", "invitations/", workspace="acme", study_id=wrong)
        assert (status, problem["code"], problem["field"]) == (400, "unknown_study", "study_id")
        answers.append(str(problem).replace(str(wrong), "N"))
    assert answers[0] == answers[1]
    assert not Invitation.objects.exists()
    assert api("post", "invitations/", workspace="other", study_id=theirs)[0] == 201


def test_tokens_are_ones_own(owner: User, designer: User) -> None:
    api = Caller(owner)
    status, made = api("post", "tokens/", name="script", days=None)
    assert (status, made["expires_at"]) == (201, None)
    assert made["secret"].startswith(made["prefix"])
    assert "secret" not in api("get", f"tokens/{made['id']}/")[1]
    assert Caller(designer)("get", f"tokens/{made['id']}/")[0] == 404
    assert Caller(designer)("delete", f"tokens/{made['id']}/")[0] == 404
    assert Caller(designer)("get", "tokens/")[1]["results"] == []
    assert api("delete", f"tokens/{made['id']}/")[0] == 204
    assert api("get", "tokens/")[1]["results"] == []


def test_who_may_not_sees_or_changes_nothing_of_the_people(
    owner: User, designer: User, viewer: User, stranger: User
) -> None:
    pk = Membership.objects.get(user=viewer).pk
    for person, listed, seen, changed in (
        (owner, 200, 200, 200),
        (designer, 200, 200, 403),
        (viewer, 403, 403, 403),
        (stranger, 404, 404, 404),
    ):
        api = Caller(person)
        assert api("get", "memberships/?workspace=acme")[0] == listed, person
        assert api("get", f"memberships/{pk}/")[0] == seen, person
        assert api("patch", f"memberships/{pk}/", role="viewer")[0] == changed, person
    assert Caller(stranger)("get", "memberships/")[1]["results"][0]["workspace"] == "other"


def test_lists_are_narrowed_to_one_workspace(owner: User, other_workspace: Workspace) -> None:
    Membership.objects.create(workspace=other_workspace, user=owner, role="designer")
    api = Caller(owner)
    for slug in ("acme", "other"):
        assert api("post", "invitations/", workspace=slug)[0] == 201
    for path in ("memberships", "invitations"):
        both = api("get", f"{path}/")[1]["results"]
        assert {row["workspace"] for row in both} == {"acme", "other"}
        one = api("get", f"{path}/?workspace=other")[1]["results"]
        assert [row["workspace"] for row in one] == ["other"]
        assert api("get", f"{path}/?workspace=nowhere")[0] == 404


def test_an_invitation_has_its_defaults_and_its_limits(owner: User) -> None:
    api = Caller(owner)
    made = api("post", "invitations/", workspace="acme")[1]
    assert (made["role"], made["uses_left"], made["email"], made["study_id"]) == ("rater", 1, "", None)
    days = (parse_datetime(made["expires_at"]) - parse_datetime(made["created_at"])).total_seconds() / 86400
    assert days == pytest.approx(14, abs=0.01)
    for field, wrong in (
        ("uses", 1001),
        ("days", 0),
        ("days", 366),
        ("role", "king"),
        ("email", "nonsense"),
        ("email", "a" * 250 + "@example.com"),
        ("study_id", "seven"),
        ("study_id", 10**30),
    ):
        status, problem = api("post", "invitations/", **{"workspace": "acme", field: wrong})
        assert (status, problem["code"], problem["field"]) == (400, "invalid", field), (field, wrong)
    assert api("post", "invitations/", workspace="acme", uses=1000, days=365)[0] == 201


def test_a_token_has_a_name_an_age_and_its_limits(owner: User) -> None:
    api = Caller(owner)
    made = api("post", "tokens/", name="script")[1]
    days = (parse_datetime(made["expires_at"]) - parse_datetime(made["created_at"])).total_seconds() / 86400
    assert days == pytest.approx(90, abs=0.01)
    for body in ({"name": ""}, {"name": "x" * 81}, {"name": "x", "days": 0}, {"name": "x", "days": 731}, {}):
        status, problem = api("post", "tokens/", **body)
        assert (status, problem["code"]) == (400, "invalid"), body
    assert api("post", "tokens/", name="x", days=730)[0] == 201


def test_a_designers_link_is_for_raters_and_an_owners_for_anyone(owner: User, designer: User) -> None:
    for person, role, status in (
        (owner, "owner", 201),
        (designer, "rater", 201),
        (designer, "viewer", 403),
    ):
        assert Caller(person)("post", "invitations/", workspace="acme", role=role)[0] == status
    theirs = Invitation.objects.get(created_by=owner).pk
    assert Caller(designer)("delete", f"invitations/{theirs}/")[0] == 403
    own = Invitation.objects.get(created_by=designer).pk
    assert Caller(designer)("delete", f"invitations/{own}/")[0] == 204
    assert Caller(owner)("delete", f"invitations/{own}/")[0] == 204, "revoking twice changes nothing"


@pytest.mark.parametrize("path", ["memberships", "invitations", "tokens"])
def test_a_number_that_nothing_has_is_missing_however_large(owner: User, path: str) -> None:
    api = Caller(owner)
    for pk in ("999999", "9" * 40):
        assert api("get", f"{path}/{pk}/")[0] == 404
        assert api("delete", f"{path}/{pk}/")[0] == 404


def test_a_list_of_tokens_is_paged_newest_first(owner: User) -> None:
    api = Caller(owner)
    made = [api("post", "tokens/", name=f"t{i}")[1]["id"] for i in range(5)]
    first = api("get", "tokens/?page_size=2")[1]
    assert [row["id"] for row in first["results"]] == made[:2:-1]
    second = api("get", first["next"].partition("/api/v1/")[2])[1]
    assert [row["id"] for row in second["results"]] == made[2:0:-1]
    assert first["previous"] is None
    api("post", "tokens/", name="meanwhile")
    third = api("get", second["next"].partition("/api/v1/")[2])[1]
    assert [row["id"] for row in third["results"]] == made[:1], "a new row shifts nothing"
    assert third["next"] is None
