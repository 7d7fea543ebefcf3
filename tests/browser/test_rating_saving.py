"""A rating that the browser was told is saved, is saved; one that is not yet, is said so and kept."""

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from annotation.models import Assignment, Rating
from annotation.services.studies import close_study, pause_study

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def rating_page(page: Any, sign_in: Any, rater: Any, make_study: Any) -> Any:
    """The page of a study with one question and twenty units; `rating_page.study` is the study."""
    page.study = make_study("scale", ["quality"])
    sign_in(page, rater)
    page.goto(f"/rate/{page.study.pk}/")
    page.wait_for_selector("html.is-live")
    page.keyboard.press("Escape")
    return page


def answer(page: Any, digit: str) -> None:
    page.keyboard.press(digit)
    page.keyboard.press("Enter")


def values(study: Any) -> list[float]:
    return list(
        Rating.objects.filter(study=study, current=True).order_by("id").values_list("value", flat=True)
    )


def test_a_failed_save_is_loud_keeps_the_answer_and_tries_again(rating_page: Any) -> None:
    page = rating_page
    page.route("**/save/", lambda route: route.fulfill(status=503, body="down"))
    answer(page, "2")
    expect(page.locator("#notices")).to_contain_text("Not saved yet: 1 answer is kept in this browser")
    page.wait_for_selector("form[data-key]")  # on a busy machine the next task is a moment away
    answer(page, "3")
    expect(page.locator("#notices")).to_contain_text("2 answers are kept")
    assert values(page.study) == []
    page.unroute("**/save/")
    page.get_by_role("button", name="Try now").click()
    expect(page.locator("#notices")).to_be_empty()
    assert values(page.study) == [2.0, 3.0]


def test_answers_that_did_not_get_through_survive_a_reload(rating_page: Any) -> None:
    page = rating_page
    page.route("**/save/", lambda route: route.abort())
    answer(page, "4")
    expect(page.locator("#notices")).to_contain_text("Not saved yet")
    page.on("dialog", lambda dialog: dialog.accept())
    page.unroute("**/save/")
    page.goto(f"/rate/{page.study.pk}/")
    expect(page.locator("#rate-count")).to_have_text("2 of 20")
    expect(page.locator("#notices")).to_be_empty()
    assert values(page.study) == [4.0]


def test_an_answer_whose_confirmation_was_lost_is_counted_once(rating_page: Any) -> None:
    page = rating_page
    lost = []

    def lose(route: Any) -> None:
        route.fetch()  # the server saves it
        lost.append(route)
        route.abort()  # and the browser never hears of it

    page.route("**/save/", lose, times=1)
    answer(page, "5")
    expect(page.locator("#notices")).to_contain_text("Not saved yet")
    expect(page.locator("#notices")).to_be_empty()
    expect(page.locator("[data-status]")).to_have_text("Saved")
    assert len(lost) == 1
    assert values(page.study) == [5.0]


def test_signed_out_meanwhile_keeps_the_answer_until_one_is_in_again(
    rating_page: Any, sign_in: Any, rater: Any
) -> None:
    page = rating_page
    page.context.clear_cookies()
    answer(page, "1")
    expect(page.locator("#notices")).to_contain_text(
        "You are signed out. Your last answer is kept in this browser"
    )
    sign_in(page, rater)
    expect(page.locator("[data-status]")).to_have_text("Saved")
    assert values(page.study) == [1.0]


def test_what_is_half_answered_comes_back_after_a_reload(
    page: Any, sign_in: Any, rater: Any, make_study: Any
) -> None:
    study = make_study("scale", ["quality", "unsafe"])
    sign_in(page, rater)
    page.goto(f"/rate/{study.pk}/")
    page.keyboard.press("Escape")
    page.keyboard.press("4")
    expect(page.locator("[data-status]")).to_have_text("Draft saved")
    page.evaluate("sessionStorage.clear()")  # another browser would not have it
    page.reload()
    expect(page.locator('input[value="4"]')).to_be_checked()
    expect(page.locator("[data-question][data-active]")).to_contain_text("Could it harm somebody?")


def test_a_full_unit_keeps_the_answer_and_says_that_it_is_not_counted(
    rating_page: Any, other_rater: Any
) -> None:
    from annotation.services.assigning import next_task
    from annotation.services.joining import seat_for
    from annotation.services.submitting import Answer, submit

    page = rating_page
    held = Assignment.objects.get(key=page.locator("form[data-key]").get_attribute("data-key"))
    Assignment.objects.filter(pk=held.pk).update(state="expired")
    type(held.unit).objects.filter(pk=held.unit_id).update(given=2, free=0, open=False)
    answer(page, "3")
    expect(page.locator("#notices")).to_contain_text("Your answer is kept, but it is not counted")
    assert values(page.study) == []
    assert Rating.objects.filter(study=page.study).count() == 1
    seat = seat_for(user=other_rater, study_id=page.study.pk)
    task = next_task(seat=seat)
    assert task is not None
    assert submit(seat=seat, key=task.key, answers={task.questions[0].id: Answer(2)}).counted


def test_a_study_that_closes_meanwhile_ends_the_page_kindly(rating_page: Any, designer: Any) -> None:
    page = rating_page
    answer(page, "3")
    expect(page.locator("[data-status]")).to_have_text("Saved")
    page.wait_for_load_state("networkidle")
    close_study(study=page.study, actor=designer)
    expect(page.locator("form[data-key]")).to_be_visible()
    answer(page, "3")
    expect(page.locator("#notices")).to_contain_text("Your answer is kept, but it is not counted")
    expect(page.get_by_role("heading", name="This study is closed")).to_be_visible()
    assert values(page.study) == [3.0]


def test_a_paused_study_takes_what_is_on_the_screen(rating_page: Any, designer: Any) -> None:
    page = rating_page
    expect(page.locator("form[data-key]")).to_be_visible()
    page.wait_for_load_state("networkidle")
    pause_study(study=page.study, actor=designer)
    answer(page, "3")
    answer(page, "2")
    expect(page.get_by_role("heading", name="This study is paused")).to_be_visible()
    assert values(page.study) == [3.0, 2.0]


def test_pause_hands_back_what_is_held(rating_page: Any) -> None:
    page = rating_page
    answer(page, "3")
    expect(page.locator("[data-status]")).to_have_text("Saved")
    page.keyboard.press("2")
    page.get_by_role("button", name="Pause").click()
    expect(page).to_have_url(re.compile(r"/rate/$"))
    assert Assignment.objects.filter(study=page.study, state="leased").count() == 0
    page.get_by_role("link", name="Go on").click()
    expect(page.locator('input[value="2"]')).to_be_checked()


def test_a_late_answer_to_an_early_request_never_brings_an_answered_task_back(
    page: Any, sign_in: Any, rater: Any, make_study: Any
) -> None:
    study = make_study("scale", ["quality"])
    sign_in(page, rater)
    held: list[Any] = []
    page.route("**/next/**", lambda route: held.append((route, route.fetch())), times=1)
    page.goto(f"/rate/{study.pk}/")
    page.wait_for_selector("html.is-live")
    page.keyboard.press("Escape")
    answer(page, "3")
    expect(page.locator("#rate-count")).to_have_text("2 of 20")
    answer(page, "4")
    expect(page.locator("#rate-count")).to_have_text("3 of 20")
    expect(page.locator("[data-status]")).to_have_text("Saved")
    route, early = held[0]
    route.fulfill(response=early)  # the task in it was answered meanwhile
    page.wait_for_load_state("networkidle")
    for place, digit in enumerate("512", start=3):
        expect(page.locator("#rate-count")).to_have_text(f"{place} of 20")
        answer(page, digit)
    expect(page.locator("#rate-count")).to_have_text("6 of 20")
    expect(page.locator("[data-status]")).to_have_text("Saved")
    assert values(study) == [3.0, 4.0, 5.0, 1.0, 2.0]


def test_an_answer_that_the_server_does_not_take_comes_back_with_its_task(rating_page: Any) -> None:
    page = rating_page
    key = page.locator("form[data-key]").get_attribute("data-key")
    body = '{"detail": "It was refused.", "code": "answers", "errors": {}}'
    page.route(
        "**/save/",
        lambda route: route.fulfill(status=400, body=body, content_type="application/json"),
        times=1,
    )
    answer(page, "4")
    expect(page.locator("#notices")).to_contain_text("One answer was not taken: It was refused.")
    assert values(page.study) == []
    expect(page.locator("[data-question]")).to_be_visible()
    answer(page, "2")
    expect(page.locator(f'form[data-key="{key}"]')).to_be_visible()
    expect(page.locator('input[value="4"]')).to_be_checked()
    page.keyboard.press("Enter")
    expect(page.locator("#rate-count")).to_have_text("3 of 20")
    expect(page.locator("[data-status]")).to_have_text("Saved")
    assert sorted(values(page.study)) == [2.0, 4.0]


def test_the_time_with_the_task_in_view_is_measured(rating_page: Any) -> None:
    page = rating_page
    page.wait_for_timeout(700)
    answer(page, "3")
    expect(page.locator("[data-status]")).to_have_text("Saved")
    seconds = Rating.objects.get(study=page.study, current=True).seconds
    assert 0.6 < seconds < 8


def test_what_somebody_left_unsent_stays_until_he_signs_in_again(
    rating_page: Any, sign_in: Any, rater: Any, other_rater: Any
) -> None:
    page, address = rating_page, f"/rate/{rating_page.study.pk}/"
    page.on("dialog", lambda dialog: dialog.accept())
    page.route("**/save/", lambda route: route.abort())
    answer(page, "4")
    expect(page.locator("#notices")).to_contain_text("Not saved yet")
    page.unroute("**/save/")
    sign_in(page, other_rater)
    page.goto(address)
    page.wait_for_selector("html.is-live")
    expect(page.locator("#notices")).to_contain_text("1 answer of somebody else waits in this browser")
    expect(page.locator(".rate-who")).to_contain_text(other_rater.get_short_name())
    page.keyboard.press("Escape")
    answer(page, "2")
    expect(page.locator("[data-status]")).to_have_text("Saved")
    assert values(page.study) == [2.0], "nobody's answer was sent as another's"
    sign_in(page, rater)
    page.goto(address)
    expect(page.locator("#notices")).to_be_empty()
    expect(page.locator("#rate-count")).to_have_text("2 of 20")
    given = Rating.objects.filter(study=page.study, current=True).values_list("rater__user", "value")
    assert sorted(given) == sorted([(rater.pk, 4.0), (other_rater.pk, 2.0)])


def test_a_full_disk_is_said_and_the_answer_is_kept(rating_page: Any) -> None:
    page = rating_page
    page.route("**/save/", lambda route: route.fulfill(status=507, body="full"))
    answer(page, "2")
    expect(page.locator("#notices")).to_contain_text(
        "kept in this browser. The server's disk is full. Trying again"
    )
    page.unroute("**/save/")
    page.get_by_role("button", name="Try now").click()
    expect(page.locator("#notices")).to_be_empty()
    assert values(page.study) == [2.0]
