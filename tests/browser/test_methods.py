"""The pages about methods, as a reader sees them: on a phone, in the dark, by keyboard, without JavaScript."""

from typing import Any

import pytest

from concord.core.services.method_pages import shelf

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PHONE = {"width": 390, "height": 800}
# What is wider than its own box without a way to scroll there, and boxes that a keyboard cannot reach to scroll them.
CUT_OFF = """() => [...document.querySelectorAll("main *")].filter((box) => {
    if (box.closest("svg") || box.scrollWidth <= box.clientWidth + 1 || !box.clientWidth) return false;
    const how = getComputedStyle(box).overflowX;
    if (how === "visible") return !box.closest("pre, .table-wrap, .figure") && getComputedStyle(box).display !== "inline";
    return how !== "auto" || box.tabIndex !== 0;
}).map((box) => box.outerHTML.slice(0, 120))"""
WIDTHS = "() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]"
INK = """() => ["svg text", ".figure"].map((part) => {
    const style = getComputedStyle(document.querySelector(".method " + part));
    return part === ".figure" ? style.color : style.fill;
})"""


def test_no_page_scrolls_sideways_on_a_phone(page: Any) -> None:
    page.set_viewport_size(PHONE)
    scrolled = 0
    for path in ["", *(f"{slug}/" for slug in shelf().pages)]:
        page.goto(f"/methods/{path}")
        wide, room = page.evaluate(WIDTHS)
        assert wide <= room, f"/methods/{path} scrolls sideways"
        assert page.evaluate(CUT_OFF) == [], f"/methods/{path}"
        scrolled += page.evaluate(
            "() => [...document.querySelectorAll('pre')].filter((box) => box.scrollWidth > box.clientWidth).length"
        )
    assert scrolled > 40, "code keeps its lines and scrolls inside itself"


@pytest.mark.parametrize(("chosen", "system"), [("dark", "light"), ("light", "dark"), ("system", "dark")])
def test_a_picture_has_the_ink_of_the_theme_that_was_chosen(
    page: Any, sign_in: Any, viewer: Any, refused: list[str], chosen: str, system: str
) -> None:
    viewer.preferences = {**viewer.preferences, "theme": chosen}
    viewer.save()
    sign_in(page, viewer)
    page.emulate_media(color_scheme=system)
    page.goto("/methods/bradley_terry/")
    drawn, ink = page.evaluate(INK)
    assert drawn == ink
    light = sum(int(part) for part in drawn.removeprefix("rgb(").removesuffix(")").split(",")) > 3 * 128
    assert light == (chosen == "dark" or (chosen == "system" and system == "dark"))
    assert refused == []


def test_without_javascript_a_reader_finds_the_formula_and_the_next_page(
    browser: Any, live_server: Any
) -> None:
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/methods/")
    page.get_by_role("link", name="Krippendorff's alpha").first.click()
    page.get_by_role("link", name="Formula").first.click()
    assert page.url.endswith("/methods/krippendorff_alpha/#formula")
    page.get_by_role("link", name="Next").click()
    assert page.url.endswith("/methods/alpha_parts/")
    context.close()


def test_from_a_study_s_alpha_to_its_formula_by_keyboard(
    page: Any, sign_in: Any, owner: Any, rater: Any, other_rater: Any, make_study: Any
) -> None:
    from annotation.services.assigning import next_task
    from annotation.services.joining import seat_for
    from annotation.services.snapshots import take_snapshot
    from annotation.services.submitting import Answer, submit

    study = make_study("side_by_side", ["helpful"], examples=3)
    for user in (rater, other_rater):
        seat = seat_for(user=user, study_id=study.pk)
        for value in (2, 1, -1):
            task = next_task(seat=seat)
            answers = {one.id: Answer(value) for one in task.questions}
            submit(seat=seat, key=task.key, answers=answers, seconds=4)
    take_snapshot(study=study)
    sign_in(page, owner)
    page.goto(f"/w/{study.workspace.slug}/studies/{study.pk}/")
    link = page.get_by_role("link", name="Krippendorff's alpha").first
    for _ in range(80):
        page.keyboard.press("Tab")
        if link.evaluate("(link) => link === document.activeElement"):
            break
    page.keyboard.press("Enter")
    page.wait_for_url("**/methods/krippendorff_alpha/")
    assert page.get_by_role("heading", name="Formula").is_visible()
