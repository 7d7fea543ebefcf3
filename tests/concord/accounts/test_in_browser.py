"""The pages of people in a real browser: joining by a link, and what a screen reader and a phone make of them."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from concord.accounts.models import Membership, User, Workspace
from concord.accounts.services.invitations import invite
from tests.accessibility import violations_in_all_looks

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def pages(owner: User, rater: User, workspace: Workspace) -> dict[str, str]:
    link = invite(actor=owner, workspace=workspace, role="rater", uses=9)
    return {
        "sign in": "/account/login/",
        "forgotten": "/account/password/reset/",
        "invitation": f"/invitation/{link.secret}/",
        "spent invitation": "/invitation/nonsense/",
        "people": "/w/acme/people/",
        "tokens": "/settings/tokens/",
        "account": "/settings/",
        "new workspace": "/workspaces/new/",
    }


def test_pages_of_people_are_accessible_and_fit(
    page: Any, pages: dict[str, str], owner: User, sign_in: Callable[..., None]
) -> None:
    wrong: list[str] = []
    for name, path in pages.items():
        if name == "people":
            sign_in(page, owner)
        page.goto(path)
        wrong += [f"{name} {one}" for one in violations_in_all_looks(page)]
    assert not wrong, "\n".join(wrong)


def test_an_owner_invites_and_a_stranger_joins_by_keyboard(
    page: Any, browser: Any, owner: User, sign_in: Callable[..., None]
) -> None:
    sign_in(page, owner)
    page.goto("/w/acme/people/")
    page.get_by_role("radio", name="Viewer: reads").check()
    page.get_by_role("button", name="Make the link").press("Enter")
    link = page.get_by_label("The invitation's link").input_value()

    other = browser.new_context()
    joining = other.new_page()
    joining.goto(link)
    joining.get_by_label("Your e-mail address").focus()
    for words in ("new@example.com", "New Person", "seven brave otters"):
        joining.keyboard.type(words)
        joining.keyboard.press("Tab")
    with joining.expect_navigation(url=re.compile("/w/acme/")):
        joining.keyboard.press("Enter")
    other.close()
    assert Membership.objects.get(user__email="new@example.com").role == "viewer"


def test_joining_and_choosing_a_role_work_without_scripts(
    browser: Any, live_server: Any, owner: User, workspace: Workspace
) -> None:
    link = invite(actor=owner, workspace=workspace, role="viewer").secret
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"/invitation/{link}/")
    page.get_by_label("Your e-mail address").fill("new@example.com")
    page.get_by_label("Your name").fill("New Person")
    page.get_by_label("A password").fill("seven brave otters")
    page.get_by_role("button", name="Join").click()
    assert "/w/acme/" in page.url

    Membership.objects.filter(user__email="new@example.com").update(role="owner")
    page.goto("/w/acme/people/")
    page.get_by_label("Role of Owner").select_option("reviewer")
    page.get_by_role("row", name="owner@example.com").get_by_role("button", name="Change").click()
    assert "is now a reviewer" in page.content()
    context.close()
    assert Membership.objects.get(user=owner).role == "reviewer"


def test_choosing_the_dark_theme_stays_on_the_page_and_lasts(
    page: Any, owner: User, sign_in: Callable[..., None]
) -> None:
    sign_in(page, owner)
    page.goto("/w/acme/people/")
    page.get_by_label(re.compile("Your account")).click()
    page.get_by_role("button", name="Dark").click()
    page.wait_for_selector("html[data-theme=dark]")
    assert page.url.endswith("/w/acme/people/")
    page.goto("/settings/")
    assert page.locator("html[data-theme=dark]").count() == 1
