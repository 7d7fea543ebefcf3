"""People through the API: the same services, the same refusals."""

from typing import Any

import pytest
from django.test import Client

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
    api = Caller(owner)
    status, made = api("post", "invitations/", workspace="acme", role="rater", uses=3, days=2, study_id=9)
    assert status == 201
    assert made["link"].startswith("http://testserver/invitation/")
    assert (made["uses_left"], made["study_id"], made["workspace"]) == (3, 9, "acme")
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
