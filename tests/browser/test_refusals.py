"""A refusal of a service in a real browser: at its field, told to a screen reader, and what was typed is kept."""

from collections.abc import Callable
from typing import Any

import pytest

from concord.catalog.models import Criterion, Dataset
from concord.catalog.services.criteria import create_criterion
from concord.catalog.services.datasets import create_dataset
from concord.catalog.services.systems import create_system
from concord.scorecards.services.defining import DimensionChoice
from concord.scorecards.services.scorecards import create_scorecard
from evaluation.models import Scorer
from tests.accessibility import violations

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def told(page: Any, field: Any) -> str:
    """What a screen reader says of the field beside its label."""
    ids = (field.get_attribute("aria-describedby") or "").split()
    return " ".join(page.locator(f"#{each}").inner_text() for each in ids)


@pytest.fixture
def at_work(workspace: Any, designer: Any, page: Any, sign_in: Callable[..., None]) -> Any:
    create_dataset(actor=designer, workspace=workspace, name="Questions")
    system = create_system(actor=designer, workspace=workspace, name="Ada")
    asked = {"template": "yes_no", "name": "Correct", "question": "Is it right?", "direction": "higher"}
    criterion = create_criterion(actor=designer, workspace=workspace, definition=asked)
    scorer = Scorer.objects.create(workspace=workspace, name="exact")
    create_scorecard(
        actor=designer,
        workspace=workspace,
        name="Which?",
        question="Which one?",
        systems=[system],
        dimensions=[DimensionChoice(criterion=criterion, scorer=scorer)],
    )
    sign_in(page, designer)
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_name_that_is_taken_is_said_at_the_name(at_work: Any, scheme: str) -> None:
    page = at_work
    page.emulate_media(color_scheme=scheme)
    page.goto("/w/acme/datasets/new/")
    page.get_by_label("Name").fill("Questions")
    page.get_by_label("Source").fill("a friend")
    page.locator("form.form button.button-primary").click()
    name = page.get_by_label("Name")
    assert name.get_attribute("aria-invalid") == "true"
    assert "There is already a dataset" in told(page, name)
    assert name.input_value() == "Questions"
    assert page.get_by_label("Source").input_value() == "a friend"
    assert not violations(page)
    assert Dataset.objects.count() == 1


def test_a_question_that_exists_is_said_at_the_name_that_its_slug_is_made_of(at_work: Any) -> None:
    page = at_work
    page.goto("/w/acme/criteria/new/")
    page.get_by_label("Name", exact=True).fill("correct")
    page.get_by_label("Question").fill("Is it?")
    page.get_by_label("Direction").select_option("higher")
    page.locator("form.form button.button-primary").click()
    assert "already a criterion" in told(page, page.get_by_label("Name", exact=True))
    assert page.get_by_label("Question").input_value() == "Is it?"
    assert Criterion.objects.count() == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_dimension_is_refused_at_its_own_row(at_work: Any, scheme: str) -> None:
    page = at_work
    page.emulate_media(color_scheme=scheme)
    page.goto("/w/acme/scorecards/")
    page.get_by_role("link", name="Which?").first.click()
    page.goto(f"{page.url.rstrip('/')}/edit/")
    page.locator("#id_dimension-0-estimand").select_option("win_rate")
    page.locator("form.scorecard-form button.button-primary").click()
    field = page.locator("#id_dimension-0-estimand")
    assert field.get_attribute("aria-invalid") == "true"
    assert "a win rate is for comparisons" in told(page, field)
    assert field.input_value() == "win_rate"
    assert page.locator("#id_dimension-1-estimand").get_attribute("aria-invalid") is None
    assert not violations(page)
