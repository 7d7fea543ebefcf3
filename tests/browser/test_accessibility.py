"""Every page passes axe's WCAG 2.2 A and AA rules, in light and dark, wide and narrow."""

from typing import Any

import pytest
from django.urls import reverse

from tests.accessibility import violations_in_all_looks

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

RULES: dict[str, Any] = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    }
}
# The headings inside a model's answer are its own, in whatever order it wrote them.
RULES["rules"] = {"heading-order": {"enabled": False}}
# A table about methods has rows of one kind, sometimes hundreds: six stand for them.
LATER_ROWS = ("tbody tr:nth-child(n+7)",)
LISTS = [
    "scorecards", "scorecard-new", "studies", "study-new", "runs", "run-new", "benchmarks", "benchmark-new",
    "datasets", "systems", "system-new", "criteria", "criterion-new", "imports", "import-new", "people",
]  # fmt: skip


def assert_accessible(page: Any, url: str, *, without: tuple[str, ...] = ()) -> None:
    """The page in both themes, and at phone width. Chromium runs axe past the page's policy."""
    response = page.goto(url)
    assert response.status == 200, (url, response.status)
    wrong = violations_in_all_looks(page, options=RULES, without=without)
    assert not wrong, f"{url}\n" + "\n".join(wrong)


@pytest.fixture
def page(browser: Any, live_server: Any) -> Any:
    context = browser.new_context(base_url=live_server.url, reduced_motion="reduce", bypass_csp=True)
    context.set_default_timeout(10_000)
    context.set_default_navigation_timeout(30_000)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("kind", ["scale", "side_by_side"])
def test_the_rating_page(page: Any, sign_in: Any, rater: Any, make_study: Any, kind: str) -> None:
    study = make_study(kind, ["quality", "unsafe", "errors"] if kind == "scale" else ["helpful"])
    sign_in(page, rater)
    assert_accessible(page, f"/rate/{study.pk}/")
    assert_accessible(page, "/rate/")


def test_the_way_in(page: Any) -> None:
    assert_accessible(page, reverse("account_login"))


@pytest.mark.parametrize("path", ["", "krippendorff_alpha/", "coverage/", "prediction_powered/"])
def test_the_pages_about_methods(page: Any, path: str) -> None:
    assert_accessible(page, f"/methods/{path}", without=LATER_ROWS)


@pytest.mark.parametrize("name", LISTS)
def test_an_empty_workspace(page: Any, sign_in: Any, owner: Any, workspace: Any, name: str) -> None:
    sign_in(page, owner)
    assert_accessible(page, reverse(name, kwargs={"workspace": workspace.slug}))


def test_the_pages_of_a_study(page: Any, sign_in: Any, owner: Any, make_study: Any) -> None:
    from annotation.models import Unit

    study = make_study("side_by_side", ["helpful"])
    here = {"workspace": study.workspace.slug}
    unit = Unit.objects.filter(study=study).order_by("pk")[0]
    sign_in(page, owner)
    for name, more in (
        ("studies", {}),
        ("study", {"pk": study.pk}),
        ("study-units", {"pk": study.pk}),
        ("study-unit", {"pk": study.pk, "unit": unit.pk}),
        ("dataset", {"pk": study.version.dataset_id}),
        ("example", {"pk": unit.example_id}),
        ("criterion", {"pk": study.study_criteria.get().criterion_id}),
        ("system", {"pk": study.systems.all()[0].pk}),
    ):
        assert_accessible(page, reverse(name, kwargs={**here, **more}))


WRONG = """<!doctype html><html lang="en"><head><title>Wrong</title><style>
@media (prefers-color-scheme: dark) { body { background: #000; color: #fff } .night { color: #333 } }
@media (max-width: 400px) { .wide { width: 900px } .phone { color: #eee } }
</style></head><body><main><h1>Wrong</h1>%s</main></body></html>"""


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ("<p>all is well</p>", []),
        ("<input>", ["1280 px, light: label", "390 px, light: label"]),
        ("<p class=night>dim</p>", ["1280 px, dark: color-contrast"]),
        ("<p class=phone>dim</p>", ["390 px, light: color-contrast"]),
        ("<p class=wide>far</p>", ["390 px, light: scrolls sideways"]),
    ],
)
def test_what_is_wrong_in_one_look_only_is_found(page: Any, part: str, said: list[str]) -> None:
    page.set_content(WRONG % part)
    found = violations_in_all_looks(page, options=RULES)
    assert [one.removeprefix("at ")[: len(start)] for one, start in zip(found, said, strict=True)] == said


def test_of_a_long_table_the_rows_that_stand_for_all_are_looked_at(page: Any) -> None:
    page.set_content(WRONG % f"<table>{'<tr><th><td><input>' * 9}</table>")
    assert violations_in_all_looks(page, options=RULES, without=LATER_ROWS)
    page.set_content(WRONG % f"<table>{'<tr><td>1<td>2' * 6}{'<tr><td>1<td><input>' * 9}</table>")
    assert violations_in_all_looks(page, options=RULES, without=LATER_ROWS) == []
