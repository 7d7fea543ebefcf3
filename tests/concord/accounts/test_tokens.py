"""API tokens act as their person until they do not."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from concord.accounts.models import ApiToken, User
from concord.accounts.services.tokens import create_token, revoke_token, user_of_token
from concord.core.errors import Invalid, Missing
from concord.core.models import AuditEvent

pytestmark = pytest.mark.django_db


def status(secret: str, scheme: str = "Bearer") -> int:
    return Client().get("/api/v1/workspaces/", headers={"Authorization": f"{scheme} {secret}"}).status_code


def test_only_a_digest_of_the_secret_is_kept(owner: User) -> None:
    issued = create_token(actor=owner, name="nightly import")
    kept = str(list(ApiToken.objects.values())) + str(list(AuditEvent.objects.values()))
    assert issued.secret not in kept
    assert issued.secret.startswith(issued.token.prefix)
    assert len(issued.secret) - len(issued.token.prefix) >= 32


def test_a_token_opens_the_api_as_its_person(owner: User) -> None:
    secret = create_token(actor=owner, name="script").secret
    answer = Client().get("/api/v1/workspaces/", headers={"Authorization": f"Bearer {secret}"})
    assert [row["slug"] for row in answer.json()["results"]] == ["acme"]


def test_tokens_that_do_not_work_get_401_and_the_reason(owner: User) -> None:
    revoked, expired, locked = (
        create_token(actor=owner, name=name) for name in ("revoked", "expired", "locked")
    )
    revoke_token(actor=owner, token_id=revoked.token.pk)
    ApiToken.objects.filter(pk=expired.token.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert status(locked.secret) == 200
    User.objects.filter(pk=owner.pk).update(is_active=False)
    for secret in (revoked.secret, expired.secret, locked.secret, "con_made-up", "", "ü" * 5):
        assert status(secret) == 401, secret
    refused = Client().get("/api/v1/workspaces/", headers={"Authorization": "Bearer con_made-up"})
    assert refused["WWW-Authenticate"].startswith("Bearer")


def test_another_scheme_is_no_token(owner: User) -> None:
    secret = create_token(actor=owner, name="script").secret
    assert status(secret, "Basic") == 401
    assert status(secret, "bearer") == 200


def test_use_is_noted_at_most_once_a_minute(owner: User, django_assert_num_queries: Any) -> None:
    issued = create_token(actor=owner, name="script")
    user_of_token(secret=issued.secret)
    first = ApiToken.objects.get().last_used_at
    assert first is not None
    with django_assert_num_queries(1):
        user_of_token(secret=issued.secret)
    assert ApiToken.objects.get().last_used_at == first
    ApiToken.objects.update(last_used_at=first - timedelta(seconds=61))
    user_of_token(secret=issued.secret)
    assert ApiToken.objects.get().last_used_at >= first


def test_people_revoke_their_own_tokens_only(owner: User, designer: User) -> None:
    token = create_token(actor=owner, name="script").token
    with pytest.raises(Missing):
        revoke_token(actor=designer, token_id=token.pk)
    assert revoke_token(actor=owner, token_id=token.pk).revoked_at is not None


@pytest.mark.parametrize(
    ("name", "valid_for", "field"),
    [
        ("  ", None, "name"),
        ("x" * 81, None, "name"),
        ("x", timedelta(0), "valid_for"),
        ("x", timedelta(days=731), "valid_for"),
    ],
)
def test_tokens_need_a_name_and_a_sane_age(
    owner: User, name: str, valid_for: timedelta | None, field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        create_token(actor=owner, name=name, valid_for=valid_for)
    assert refused.value.field == field


def test_a_token_may_write_without_a_csrf_cookie_and_a_session_may_not(owner: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    secret = create_token(actor=owner, name="script").secret
    made = strict.post(
        "/api/v1/workspaces/",
        {"name": "By token"},
        content_type="application/json",
        headers={"Authorization": f"Bearer {secret}"},
    )
    assert made.status_code == 201
    strict.force_login(owner)
    assert (
        strict.post("/api/v1/workspaces/", {"name": "By cookie"}, content_type="application/json").status_code
        == 403
    )


def test_a_token_works_until_the_moment_it_expires(owner: User) -> None:
    issued = create_token(actor=owner, name="script", valid_for=timedelta(days=730))
    assert issued.token.expires_at is not None
    assert (
        timedelta(days=730) - timedelta(seconds=9)
        < issued.token.expires_at - timezone.now()
        <= timedelta(days=730)
    )
    assert user_of_token(secret=issued.secret) == (owner, issued.token)
    ApiToken.objects.update(expires_at=timezone.now() + timedelta(minutes=1))
    assert user_of_token(secret=issued.secret) is not None
    ApiToken.objects.update(expires_at=timezone.now())
    assert user_of_token(secret=issued.secret) is None


def test_a_token_without_an_end_works_until_it_is_revoked(owner: User) -> None:
    issued = create_token(actor=owner, name="script", valid_for=None)
    assert issued.token.expires_at is None
    assert user_of_token(secret=issued.secret) is not None
    revoke_token(actor=owner, token_id=issued.token.pk)
    assert user_of_token(secret=issued.secret) is None


def test_only_the_whole_secret_is_a_secret(owner: User) -> None:
    issued = create_token(actor=owner, name="script")
    for wrong in (
        "",
        issued.secret[:-1],
        issued.secret + "x",
        issued.secret.upper(),
        issued.token.secret_digest,
    ):
        assert user_of_token(secret=wrong) is None


def test_refused_tokens_are_not_noted_as_used(owner: User) -> None:
    issued = create_token(actor=owner, name="script")
    revoke_token(actor=owner, token_id=issued.token.pk)
    user_of_token(secret=issued.secret)
    assert ApiToken.objects.get().last_used_at is None


@pytest.mark.parametrize(("seconds", "noted"), [(55, False), (65, True)])
def test_use_is_noted_again_after_a_minute_and_not_before(owner: User, seconds: int, noted: bool) -> None:
    issued = create_token(actor=owner, name="script")
    before = timezone.now() - timedelta(seconds=seconds)
    ApiToken.objects.update(last_used_at=before)
    user_of_token(secret=issued.secret)
    assert (ApiToken.objects.get().last_used_at != before) == noted


def test_making_and_revoking_are_told_once_with_the_name_and_never_the_secret(owner: User) -> None:
    issued = create_token(actor=owner, name="  nightly   import ")
    first = revoke_token(actor=owner, token_id=issued.token.pk).revoked_at
    assert revoke_token(actor=owner, token_id=issued.token.pk).revoked_at == first
    told = list(AuditEvent.objects.order_by("pk").values_list("verb", "object_id", "details"))
    name = {"name": "nightly import"}
    assert told == [("token.created", issued.token.pk, name), ("token.revoked", issued.token.pk, name)]


@pytest.mark.parametrize("name", ["x", "x" * 80, "日本語"])
def test_a_name_within_its_limits_is_kept(owner: User, name: str) -> None:
    assert create_token(actor=owner, name=name).token.name == name


def test_a_prefix_tells_tokens_apart_and_no_more(owner: User) -> None:
    issued = create_token(actor=owner, name="x")
    assert len(issued.token.prefix) == 12
    assert issued.token.prefix.startswith("con_")
    assert str(issued.token) == f"x ({issued.token.prefix}…)"
