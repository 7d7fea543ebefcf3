"""The rating page where scripts are off."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from annotation.models import Assignment, Rating

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def plain(browser: Any, live_server: Any) -> Iterator[Any]:
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()


def test_a_study_is_rated_skipped_and_undone_by_plain_forms(
    plain: Any, sign_in: Any, rater: Any, make_study: Any
) -> None:
    study = make_study("scale", ["quality"], examples=2, instructions="")
    sign_in(plain, rater)
    plain.goto("/rate/")
    plain.get_by_role("link", name="Begin").click()
    expect(plain.locator("#rate-count")).to_have_text("1 of 4")
    plain.get_by_role("radio", name="Good").check()
    plain.get_by_role("button", name="Next").click()
    expect(plain.locator("#rate-count")).to_have_text("2 of 4")
    plain.get_by_role("button", name="Undo").click()
    expect(plain.locator('input[value="4"]')).to_be_checked()
    plain.get_by_role("radio", name="Excellent").check()
    plain.get_by_role("button", name="Next").click()
    plain.get_by_role("button", name="Skip").click()
    plain.get_by_role("radio", name="Cannot judge").check()
    plain.get_by_label("Why can this not be judged?").fill("No idea")
    plain.get_by_role("button", name="Next").click()
    plain.get_by_role("radio", name="Poor").check()
    plain.get_by_role("button", name="Pause").click()
    expect(plain).to_have_url(re.compile(r"/rate/$"))
    ratings = Rating.objects.filter(study=study, current=True).order_by("id")
    assert [(rating.value, rating.reason) for rating in ratings] == [(5.0, ""), (None, "No idea")]
    assert Assignment.objects.filter(study=study, state="skipped").count() == 1
    plain.get_by_role("link", name="Go on").click()
    expect(plain.locator('input[value="2"]')).to_be_checked()


def test_a_missing_answer_loses_nothing_of_the_rest(
    plain: Any, sign_in: Any, rater: Any, make_study: Any
) -> None:
    study = make_study("scale", ["quality", "errors"], instructions="")
    sign_in(plain, rater)
    plain.goto(f"/rate/{study.pk}/")
    key = plain.locator("form[data-key]").get_attribute("data-key")
    plain.get_by_role("radio", name="Good").check()
    plain.get_by_role("button", name="Next").click()
    expect(plain.locator("#notices")).to_contain_text("Nothing was saved")
    expect(plain.locator("form[data-key]")).to_have_attribute("data-key", key)
    expect(plain.locator('input[value="4"]')).to_be_checked()
    expect(plain.locator("[data-error]").nth(1)).to_contain_text("Please answer")
    plain.locator("input.number").fill("3")
    plain.get_by_role("button", name="Next").click()
    expect(plain.locator("#rate-count")).to_have_text("2 of 20")


def test_enter_in_a_field_means_next_not_skip(plain: Any, sign_in: Any, rater: Any, make_study: Any) -> None:
    study = make_study("scale", ["errors"], instructions="")
    sign_in(plain, rater)
    plain.goto(f"/rate/{study.pk}/")
    plain.locator("input.number").fill("3")
    plain.locator("input.number").press("Enter")
    expect(plain.locator("#rate-count")).to_have_text("2 of 20")
    assert Rating.objects.get(study=study).value == 3
