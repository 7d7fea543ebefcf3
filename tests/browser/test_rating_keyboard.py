"""Rating with nothing but the keyboard."""

from typing import Any

import pytest
from playwright.sync_api import expect

from annotation.models import Assignment, Rating

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def open_study(page: Any, study: Any) -> None:
    page.goto(f"/rate/{study.pk}/")
    page.wait_for_selector("html.is-live")
    page.keyboard.press("Escape")  # the instructions open by themselves the first time


def saved(study: Any) -> Any:
    return Rating.objects.filter(study=study, current=True).order_by("id")


def test_twenty_units_by_keyboard_alone(
    page: Any, sign_in: Any, rater: Any, make_study: Any, refused: list[str]
) -> None:
    study = make_study("scale", ["quality"])
    sign_in(page, rater)
    open_study(page, study)
    for place in range(20):
        expect(page.locator("#rate-count")).to_have_text(f"{place + 1} of 20")
        page.keyboard.press(str(place % 5 + 1))
        page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="You are through")).to_be_visible()
    assert [rating.value for rating in saved(study)] == [float(place % 5 + 1) for place in range(20)]
    assert refused == []


def test_several_questions_take_the_focus_in_turn(
    page: Any, sign_in: Any, rater: Any, make_study: Any, criteria: Any
) -> None:
    study = make_study("scale", ["quality", "unsafe", "errors"])
    sign_in(page, rater)
    open_study(page, study)
    page.keyboard.press("4")
    page.keyboard.press("2")
    page.keyboard.type("17")
    page.keyboard.press("Enter")
    expect(page.locator("#rate-count")).to_have_text("2 of 20")
    expect(page.locator("[data-status]")).to_have_text("Saved")
    by_criterion = {rating.criterion_id: rating.value for rating in saved(study)}
    assert by_criterion == {criteria["quality"].pk: 4, criteria["unsafe"].pk: 0, criteria["errors"].pk: 17}


def test_enter_without_an_answer_says_what_is_missing_and_saves_nothing(
    page: Any, sign_in: Any, rater: Any, make_study: Any
) -> None:
    study = make_study("scale", ["quality", "unsafe"])
    sign_in(page, rater)
    open_study(page, study)
    page.keyboard.press("4")
    page.keyboard.press("Enter")
    expect(page.locator("[data-question][data-active] [data-error]")).to_contain_text("Answer this first")
    expect(page.locator("[data-question][data-active]")).to_contain_text("Could it harm somebody?")
    assert saved(study).count() == 0


def test_a_number_out_of_range_is_refused_in_place(
    page: Any, sign_in: Any, rater: Any, make_study: Any
) -> None:
    study = make_study("scale", ["errors"])
    sign_in(page, rater)
    open_study(page, study)
    page.keyboard.type("21")
    page.keyboard.press("Enter")
    expect(page.locator("[data-error]")).not_to_be_empty()
    expect(page.locator("#rate-count")).to_have_text("1 of 20")


def test_cannot_judge_wants_a_reason(page: Any, sign_in: Any, rater: Any, make_study: Any) -> None:
    study = make_study("scale", ["quality"])
    sign_in(page, rater)
    open_study(page, study)
    page.keyboard.press("c")
    page.keyboard.press("Enter")
    expect(page.locator("[data-error]")).to_have_text("Say in a few words why.")
    page.keyboard.type("It is in Finnish, u s c i n ? 1")
    page.keyboard.press("Enter")
    expect(page.locator("#rate-count")).to_have_text("2 of 20")
    expect(page.locator("[data-status]")).to_have_text("Saved")
    rating = saved(study).get()
    assert (rating.value, rating.reason) == (None, "It is in Finnish, u s c i n ? 1")


def test_undo_brings_the_last_answer_back_and_the_correction_counts(
    page: Any, sign_in: Any, rater: Any, make_study: Any
) -> None:
    study = make_study("scale", ["quality"])
    sign_in(page, rater)
    open_study(page, study)
    page.keyboard.press("2")
    first = page.locator("form[data-key]").get_attribute("data-key")
    page.keyboard.press("Enter")
    expect(page.locator("[data-status]")).to_have_text("Saved")
    second = page.locator("form[data-key]").get_attribute("data-key")
    page.keyboard.press("u")
    expect(page.locator(f'form[data-key="{first}"]')).to_be_visible()
    expect(page.locator('input[value="2"]')).to_be_checked()
    expect(page.locator("#rate-count")).to_have_text("1 of 20")
    page.keyboard.press("5")
    page.keyboard.press("Enter")
    expect(page.locator(f'form[data-key="{second}"]')).to_be_visible()
    expect(page.locator("[data-status]")).to_have_text("Saved")
    assert [rating.value for rating in saved(study)] == [5.0]
    assert Rating.objects.filter(study=study).count() == 2


def test_skip_puts_the_task_aside_and_shows_the_next(
    page: Any, sign_in: Any, rater: Any, make_study: Any
) -> None:
    study = make_study("scale", ["quality"], examples=1)
    sign_in(page, rater)
    open_study(page, study)
    page.keyboard.press("s")
    expect(page.locator("[data-status]")).to_have_text("Skipped")
    page.keyboard.press("3")
    page.keyboard.press("Enter")
    expect(page.locator(".rate-end")).to_be_visible()
    assert sorted(Assignment.objects.filter(study=study).values_list("state", flat=True)) == [
        "skipped",
        "submitted",
    ]


def test_arrows_move_the_answer_and_scroll_the_text(
    page: Any, sign_in: Any, rater: Any, make_study: Any
) -> None:
    study = make_study("side_by_side", ["helpful"], texts=("word " * 3000, "word " * 3000))
    sign_in(page, rater)
    open_study(page, study)
    for key in ("ArrowRight", "ArrowRight", "ArrowRight", "ArrowLeft"):
        page.keyboard.press(key)
    expect(page.locator('input[value="1"]')).to_be_checked()
    page.keyboard.press("ArrowDown")
    assert page.locator(".task-scroll").evaluate("element => element.scrollTop") > 0


def test_a_note_goes_with_the_answer(page: Any, sign_in: Any, rater: Any, make_study: Any) -> None:
    study = make_study("scale", ["quality"])
    sign_in(page, rater)
    open_study(page, study)
    page.keyboard.press("n")
    page.keyboard.type("see line 2\nand 3")
    page.keyboard.press("Escape")
    page.keyboard.press("3")
    page.keyboard.press("Enter")
    expect(page.locator("[data-status]")).to_have_text("Saved")
    assert saved(study).get().comment == "see line 2\nand 3"


def test_letter_keys_can_be_switched_off(page: Any, sign_in: Any, rater: Any, make_study: Any) -> None:
    study = make_study("scale", ["quality"])
    sign_in(page, rater)
    open_study(page, study)
    page.locator("#view > summary").click()
    page.get_by_label("Letter keys").uncheck()
    page.keyboard.press("Escape")
    key = page.locator("form[data-key]").get_attribute("data-key")
    page.keyboard.press("s")
    expect(page.locator("form[data-key]")).to_have_attribute("data-key", key)


def test_the_answer_bar_never_moves(page: Any, sign_in: Any, rater: Any, make_study: Any) -> None:
    study = make_study("side_by_side", ["helpful"])
    sign_in(page, rater)
    page.set_viewport_size({"width": 1280, "height": 800})
    open_study(page, study)
    before = page.locator(".bar").bounding_box()
    for _ in range(4):
        page.keyboard.press("4")
        assert page.locator(".bar").bounding_box() == before
        page.keyboard.press("Enter")
        assert page.locator(".bar").bounding_box() == before


def test_side_by_side_is_stored_in_the_units_own_orientation(
    page: Any, sign_in: Any, rater: Any, make_study: Any
) -> None:
    study = make_study("side_by_side", ["helpful"], texts=("THE BETTER ONE", "the other one"))
    sign_in(page, rater)
    open_study(page, study)
    stood_left = set()
    for place in range(10):
        expect(page.locator("#rate-count")).to_have_text(f"{place + 1} of 10")
        left = page.locator("#side-A").inner_text()
        stood_left.add("BETTER" in left)
        page.keyboard.press("1" if "BETTER" in left else "5")
        page.keyboard.press("Enter")
    expect(page.locator(".rate-end")).to_be_visible()
    ratings = list(saved(study).select_related("unit__output"))
    assert len(ratings) == 10
    assert {rating.value for rating in ratings if rating.unit.output.text == "THE BETTER ONE"} <= {2.0}
    assert {rating.value for rating in ratings if rating.unit.output.text != "THE BETTER ONE"} <= {-2.0}
    assert stood_left == {True, False}
