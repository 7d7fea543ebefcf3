"""The rating page on small and large screens, in other scripts, and as its reader likes it."""

from typing import Any

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ARABIC = "هذا جواب طويل باللغة العربية.\n\n- أولا\n- ثانيا"


def open_at(page: Any, study: Any, width: int, height: int) -> None:
    page.set_viewport_size({"width": width, "height": height})
    page.goto(f"/rate/{study.pk}/")
    page.wait_for_selector("html.is-live")
    page.keyboard.press("Escape")


def inside(page: Any, selector: str) -> bool:
    box = page.locator(selector).first.bounding_box()
    size = page.viewport_size
    return (
        box["x"] >= 0
        and box["y"] >= 0
        and box["x"] + box["width"] <= size["width"] + 1
        and box["y"] + box["height"] <= size["height"] + 1
    )


@pytest.mark.parametrize(("width", "height"), [(390, 844), (640, 400), (844, 390), (1280, 800), (1920, 1080)])
def test_outputs_and_question_are_on_the_screen_together(
    page: Any, sign_in: Any, rater: Any, make_study: Any, width: int, height: int
) -> None:
    study = make_study("side_by_side", ["helpful"])
    sign_in(page, rater)
    open_at(page, study, width, height)
    assert inside(page, ".bar")
    assert page.locator("#side-A").bounding_box()["y"] < height
    assert page.evaluate("() => document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_on_a_phone_the_outputs_are_cards_to_swipe(
    page: Any, sign_in: Any, rater: Any, make_study: Any
) -> None:
    study = make_study("side_by_side", ["helpful"])
    sign_in(page, rater)
    open_at(page, study, 390, 844)
    assert page.locator("#side-A").bounding_box()["width"] > 350
    assert page.locator("#side-B").bounding_box()["x"] > 340
    page.locator(".side-tabs a", has_text="B").click()
    page.wait_for_function("() => document.querySelector('#side-B').getBoundingClientRect().x < 60")
    page.get_by_role("radio", name="Equal").check()
    page.get_by_role("button", name="Next").click()
    expect(page.locator("#rate-count")).to_have_text("2 of 10")


def test_on_a_phone_one_question_is_open_and_the_others_show_their_answer(
    page: Any, sign_in: Any, rater: Any, make_study: Any
) -> None:
    study = make_study("scale", ["quality", "unsafe", "errors"])
    sign_in(page, rater)
    open_at(page, study, 390, 844)
    expect(page.get_by_role("radio", name="Good")).to_be_attached()
    page.get_by_role("radio", name="Good").check()
    expect(page.get_by_role("radio", name="Yes")).to_be_visible()
    assert not page.locator("[data-question]").first.locator(".options").is_visible()
    assert page.locator("[data-question]").first.locator(".ask-text").get_attribute("data-answer") == "Good"
    page.locator("[data-question]").first.click()
    assert page.locator("[data-question]").first.locator(".options").is_visible()


def test_right_to_left_answers_stand_right(page: Any, sign_in: Any, rater: Any, make_study: Any) -> None:
    study = make_study("scale", ["quality"], texts=(ARABIC, ARABIC))
    sign_in(page, rater)
    open_at(page, study, 1280, 800)
    direction = page.locator(".side .content p").first.evaluate(
        "element => getComputedStyle(element).direction"
    )
    assert direction == "rtl"
    assert page.locator(".bar").evaluate("element => getComputedStyle(element).direction") == "ltr"


def test_typeface_size_and_appearance_stay_with_the_account(
    page: Any, sign_in: Any, rater: Any, make_study: Any
) -> None:
    study = make_study("scale", ["quality"])
    sign_in(page, rater)
    open_at(page, study, 1280, 800)
    page.locator("#view > summary").click()
    before = page.locator(".side .content p").first.evaluate("element => getComputedStyle(element).fontSize")
    for name in ("Serif", "Large", "Dark"):
        with page.expect_response("**/preferences/"):
            page.get_by_role("button", name=name, exact=True).click()
    page.reload()
    assert page.locator("html").get_attribute("data-theme") == "dark"
    assert page.locator("html").get_attribute("data-font") == "serif"
    after = page.locator(".side .content p").first.evaluate("element => getComputedStyle(element).fontSize")
    assert float(after.removesuffix("px")) > float(before.removesuffix("px"))


def test_answers_can_scroll_apart(page: Any, sign_in: Any, rater: Any, make_study: Any) -> None:
    study = make_study("side_by_side", ["helpful"], texts=("word " * 3000, "other " * 3000))
    sign_in(page, rater)
    open_at(page, study, 1280, 800)
    page.locator("#view > summary").click()
    page.get_by_label("Scroll both answers together").uncheck()
    page.keyboard.press("Escape")
    page.locator("#side-B").hover()
    page.mouse.wheel(0, 400)
    page.wait_for_function("() => document.querySelector('#side-B').scrollTop > 0")
    assert page.locator("#side-A").evaluate("element => element.scrollTop") == 0
