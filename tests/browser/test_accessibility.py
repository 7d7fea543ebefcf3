"""Every page passes axe's WCAG 2.2 A and AA rules, in light and dark, wide and narrow."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

RULES: dict[str, Any] = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    }
}
# The headings inside a model's answer are its own, in whatever order it wrote them.
RULES["rules"] = {"heading-order": {"enabled": False}}
LISTS = [
    "scorecards", "scorecard-new", "studies", "study-new", "runs", "run-new", "benchmarks", "benchmark-new",
    "datasets", "systems", "system-new", "criteria", "criterion-new", "imports", "import-new", "people",
]  # fmt: skip


def assert_accessible(page: Any, url: str) -> None:
    """The page in both themes, and at phone width. Chromium runs axe past the page's policy."""
    for width, scheme in ((1280, "light"), (1280, "dark"), (390, "light")):
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=scheme)
        response = page.goto(url)
        assert response.status == 200, (url, response.status)
        found = Axe().run(page, options=RULES).response["violations"]
        said = [f"{one['id']}: {one['help']}\n    {one['nodes'][0]['html'][:200]}" for one in found]
        assert not said, f"{url} at {width} px, {scheme}:\n" + "\n".join(said)
        widths = page.evaluate(
            "() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]"
        )
        assert widths[0] <= widths[1], f"{url} scrolls sideways at {width} px: {widths}"


@pytest.fixture
def page(browser: Any, live_server: Any) -> Any:
    context = browser.new_context(base_url=live_server.url, reduced_motion="reduce", bypass_csp=True)
    context.set_default_timeout(10_000)
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
    assert_accessible(page, f"/methods/{path}")


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
