"""Signing in, being refused, forgetting one's password."""

import re
from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client, override_settings

from concord.accounts.models import User

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def nobody_was_counted() -> None:
    cache.clear()


def sign_in(client: Client, email: str, password: str, **more: str) -> Any:
    return client.post("/account/login/", {"login": email, "password": password, **more})


def test_sign_in_leads_where_one_was_going(client: Client, owner: User) -> None:
    assert client.get("/w/acme/people/")["Location"] == "/account/login/?next=/w/acme/people/"
    answer = sign_in(client, "OWNER@example.com", PASSWORD, next="/w/acme/people/")
    assert (answer.status_code, answer["Location"]) == (302, "/w/acme/people/")
    assert client.get("/w/acme/people/").status_code == 200


def test_sign_in_never_leads_to_another_site(client: Client, owner: User) -> None:
    assert sign_in(client, owner.email, PASSWORD, next="https://evil.example/")["Location"] == "/"


def test_a_wrong_password_says_so_and_keeps_the_address(client: Client, owner: User) -> None:
    answer = sign_in(client, owner.email, "wrong")
    page = answer.content.decode()
    assert "not correct" in page
    assert owner.email in page
    assert "_auth_user_id" not in client.session


def test_an_unknown_address_gets_the_same_answer_as_a_wrong_password(owner: User) -> None:
    def shown(email: str) -> str:
        page = sign_in(Client(), email, "wrong").content.decode()
        return re.sub(r'value="[^"]*"|csrfToken[^}]*|X-CSRFToken[^}]*', "", page)

    assert shown("owner@example.com") == shown("nobody@example.com")


def test_after_five_wrong_passwords_even_the_right_one_waits(client: Client, owner: User) -> None:
    for _ in range(5):
        sign_in(client, owner.email, "wrong")
    refused = sign_in(client, owner.email, PASSWORD)
    assert "Too many failed" in refused.content.decode()
    assert "_auth_user_id" not in client.session
    cache.clear()  # the five minutes are over
    assert sign_in(client, owner.email, PASSWORD).status_code == 302


def test_nobody_elsewhere_can_lock_somebody_out(owner: User) -> None:
    for _ in range(6):
        answer = Client(REMOTE_ADDR="198.51.100.1").post(
            "/account/login/", {"login": owner.email, "password": "wrong"}
        )
    assert "Too many failed" in answer.content.decode()
    at_home = Client(REMOTE_ADDR="203.0.113.7")
    assert sign_in(at_home, owner.email, PASSWORD).status_code == 302


@pytest.mark.parametrize("kind", ["known", "unknown", "locked", "without a password", "simulated"])
def test_every_refusal_costs_one_hash_of_a_password(
    kind: str, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hashing is what takes time: as much of it for an address that exists as for one that does not."""
    from django.contrib.auth.hashers import get_hasher

    if kind == "locked":
        User.objects.update(is_active=False)
    elif kind == "without a password":
        owner.set_unusable_password()
        owner.save()
    elif kind == "simulated":
        User.objects.update(is_simulated=True)
    hashed: list[str] = []
    hasher = type(get_hasher())
    monkeypatch.setattr(
        hasher, "encode", lambda self, password, salt, *rest: hashed.append(password) or "md5$x$y"
    )
    email = "nobody@example.com" if kind == "unknown" else owner.email
    assert "not correct" in sign_in(Client(), email, "wrong").content.decode()
    assert len(hashed) == 1


def test_a_flood_from_one_address_gets_a_clear_429(client: Client, owner: User) -> None:
    statuses = [sign_in(client, f"guess{i}@example.com", "wrong").status_code for i in range(31)]
    assert statuses[-1] == 429
    page = sign_in(client, "guess@example.com", "wrong").content.decode()
    assert "Too many attempts" in page


def test_behind_a_proxy_the_browsers_address_is_counted_and_a_made_up_one_is_not(
    client: Client, owner: User, settings: Any
) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    form = {"login": "guess@example.com", "password": "wrong"}

    def flood(forwarded: str) -> list[int]:
        headers = {"X-Forwarded-For": forwarded}
        return [client.post("/account/login/", form, headers=headers).status_code for _ in range(31)]

    assert 429 in flood("1.1.1.1, 198.51.100.7")
    # Another browser is not held up; the same one is not let off by putting another address in front.
    assert (
        client.post("/account/login/", form, headers={"X-Forwarded-For": "198.51.100.8"}).status_code == 200
    )
    again = client.post("/account/login/", form, headers={"X-Forwarded-For": "9.9.9.9, 198.51.100.7"})
    assert again.status_code == 429


def test_a_locked_person_is_told(client: Client, owner: User) -> None:
    User.objects.filter(pk=owner.pk).update(is_active=False)
    answer = client.post("/account/login/", {"login": owner.email, "password": PASSWORD}, follow=True)
    assert "This account is locked" in answer.content.decode()


def test_sign_up_is_closed_unless_it_was_opened(client: Client) -> None:
    new = {"email": "new@example.com", "password1": "seven brave otters", "password2": "seven brave otters"}
    assert "by invitation" in client.post("/account/signup/", new).content.decode()
    assert not User.objects.exists()
    with override_settings(OPEN_SIGNUP=True):
        answer = client.post("/account/signup/", new, follow=True)
    assert "You are in no workspace yet" in answer.content.decode()


def test_a_forgotten_password_is_replaced_by_mail(client: Client, owner: User) -> None:
    answer = client.post("/account/password/reset/", {"email": owner.email}, follow=True)
    assert "Look into your mail" in answer.content.decode()
    (letter,) = mail.outbox
    found = re.search(r"http://testserver(/\S+)", letter.body)
    assert found is not None, letter.body
    form = client.get(found[1], follow=True)
    address = form.redirect_chain[-1][0]
    new = {"password1": "nine calm badgers", "password2": "nine calm badgers"}
    assert "was changed" in client.post(address, new, follow=True).content.decode()
    assert sign_in(Client(), owner.email, "nine calm badgers").status_code == 302
    assert "no longer works" in Client().get(found[1], follow=True).content.decode()


def test_a_reset_for_an_unknown_address_looks_the_same_and_sends_nothing(client: Client, db: None) -> None:
    answer = client.post("/account/password/reset/", {"email": "nobody@example.com"}, follow=True)
    assert "Look into your mail" in answer.content.decode()
    assert mail.outbox == []


def test_signing_out_takes_a_button_not_a_link(client: Client, owner: User) -> None:
    client.force_login(owner)
    assert client.get("/account/logout/").status_code == 200
    assert "_auth_user_id" in client.session
    assert client.post("/account/logout/")["Location"] == "/account/login/"
    assert "_auth_user_id" not in client.session


def test_the_back_office_uses_the_throttled_sign_in(client: Client) -> None:
    assert client.get("/admin/login/?next=/admin/")["Location"].startswith("/account/login/")


def test_passwords_change_with_the_old_one_only(client: Client, owner: User) -> None:
    client.force_login(owner)
    new = {"password1": "nine calm badgers", "password2": "nine calm badgers"}
    client.post("/account/password/", {"oldpassword": "wrong", **new})
    owner.refresh_from_db()
    assert owner.check_password(PASSWORD)
    client.post("/account/password/", {"oldpassword": PASSWORD, **new})
    owner.refresh_from_db()
    assert owner.check_password("nine calm badgers")
