"""A link made on the machine signs in one person, once, within an hour."""

from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from concord.accounts.models import User
from concord.accounts.services import sign_in_links
from concord.accounts.services.sign_in_links import issue_sign_in_link, person_of_link
from concord.core.errors import Missing
from concord.core.models import AuditEvent

pytestmark = pytest.mark.django_db


def link(user: User) -> str:
    said = StringIO()
    call_command("sign_in_link", user.email.upper(), base="https://concord.example/", stdout=said)
    address = said.getvalue().strip()
    assert address.startswith("https://concord.example/account/link/")
    return address.removeprefix("https://concord.example")


def test_the_link_signs_in_once_and_looking_uses_nothing_up(owner: User) -> None:
    address, browser = link(owner), Client()
    for _ in range(2):
        page = browser.get(address)
        assert owner.email in page.content.decode()
        assert "no-store" in page["Cache-Control"]
    assert "_auth_user_id" not in browser.session
    assert browser.post(address)["Location"] == "/"
    assert browser.session["_auth_user_id"] == str(owner.pk)
    again = Client()
    assert (again.post(address).status_code, again.get(address).status_code) == (404, 404)
    assert "_auth_user_id" not in again.session
    told = AuditEvent.objects.get(verb="sign_in_link.issued")
    assert (told.part, told.object_id, told.actor) == ("sign_in_link", owner.pk, None)


def test_a_sign_in_of_the_same_second_ends_it_too(owner: User) -> None:
    owner.last_login = datetime.fromisoformat("2026-01-01T00:00:00.100000+00:00")
    owner.save()
    secret = issue_sign_in_link(email=owner.email)
    assert person_of_link(secret=secret) == owner
    owner.last_login += timedelta(microseconds=1)
    owner.save()
    with pytest.raises(Missing):
        person_of_link(secret=secret)


@pytest.mark.parametrize(("minutes", "works"), [(59, True), (61, False)])
def test_it_ends_after_an_hour(
    owner: User, minutes: int, works: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = issue_sign_in_link(email=owner.email)
    later = datetime.now() + timedelta(minutes=minutes)
    monkeypatch.setattr(sign_in_links._Tokens, "_now", lambda self: later)
    assert (Client().get(f"/account/link/{secret}/").status_code == 200) is works


def test_a_new_password_and_a_lock_end_it(owner: User) -> None:
    secret = issue_sign_in_link(email=owner.email)
    User.objects.update(is_active=False)
    assert Client().post(f"/account/link/{secret}/").status_code == 404
    User.objects.update(is_active=True)
    owner.set_password("nine calm badgers")
    owner.save()
    assert Client().post(f"/account/link/{secret}/").status_code == 404


@pytest.mark.parametrize(
    "made_up", ["x", ".", "MQ.a-b", "MQ", "____.x-y", "-1.c", "OTk5OTk5OTk5OTk5OTk5OTk5OTk5.a-b", "MQ.ż-ż"]
)
def test_what_is_made_up_is_refused(owner: User, made_up: str) -> None:
    assert Client().get(f"/account/link/{made_up}/").status_code == 404


def test_the_link_of_one_is_not_the_link_of_another(owner: User, rater: User) -> None:
    mine, theirs = (issue_sign_in_link(email=one.email) for one in (rater, owner))
    mixed = f"{theirs.partition('.')[0]}.{mine.partition('.')[2]}"
    assert Client().get(f"/account/link/{mixed}/").status_code == 404


def test_nobody_unknown_and_nobody_locked_gets_one(owner: User) -> None:
    with pytest.raises(CommandError, match="no account for"):
        call_command("sign_in_link", "nobody@example.com")
    User.objects.update(is_active=False)
    with pytest.raises(CommandError, match="is locked"):
        call_command("sign_in_link", owner.email)


def test_it_is_a_way_in_for_somebody_who_is_locked_out_by_wrong_passwords(owner: User) -> None:
    browser = Client()
    for _ in range(6):
        browser.post("/account/login/", {"login": owner.email, "password": "wrong"})
    answer: Any = browser.post(link(owner), follow=True)
    assert answer.context["user"] == owner
