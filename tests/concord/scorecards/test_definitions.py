"""Making scorecards: what is refused, in which words, and what is filled in."""

import pytest

from concord.catalog.models import System
from concord.core.actors import BACKGROUND
from concord.core.errors import Conflict, DomainError, Invalid
from concord.core.models import AuditEvent
from concord.scorecards.services.reading import read_definition
from concord.scorecards.services.scorecards import create_scorecard, update_scorecard

pytestmark = pytest.mark.django_db


def make(made, definition, **changes):
    return create_scorecard(
        workspace=made.workspace,
        actor=BACKGROUND,
        **read_definition(definition | changes, workspace=made.workspace),
    )


def test_the_unsafe_labels_and_their_direction_are_the_default(scorecard):
    dimension = scorecard.dimensions.get()
    assert (dimension.estimand, dimension.labels, dimension.direction) == ("rate", [2.0], "lower")
    assert AuditEvent.objects.filter(verb="scorecard.created").exists()


def part(definition, **changes):
    return {"dimensions": [definition["dimensions"][0] | changes]}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"estimand": "mean"}, "wrong_estimand"),
        ({"estimand": "win_rate"}, "wrong_estimand"),
        ({"estimand": "rate", "labels": [7]}, "unknown_label"),
        ({"criterion": "unheard-of"}, "unknown_criterion"),
        ({"study": "unheard of"}, "unknown_study"),
        ({"scorer": "unheard of"}, "unknown_scorer"),
        ({"study": None, "scorer": None}, "dimension_without_side"),
        ({"where": ["half"]}, "bad_filter"),
        ({"colour": "red"}, "bad_definition"),
    ],
)
def test_a_dimension_that_makes_no_sense_is_refused(made, definition, changes, code):
    with pytest.raises(Invalid) as refusal:
        make(made, definition, **part(definition, **changes))
    assert refusal.value.code == code


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"dimensions": []}, "no_dimension"),
        ({"systems": []}, "no_system"),
        ({"systems": ["Ada", "Zoe"]}, "unknown_system"),
        ({"dataset": "unheard of"}, "unknown_dataset"),
        ({"confidence": 1.5}, "bad_confidence"),
        ({"confidence": "very"}, "bad_definition"),
        ({"question": " "}, "bad_definition"),
        ({"name": "x" * 161}, "bad_name"),
        ({"baseline": "=Bob", "systems": ["Ada"]}, "bad_baseline"),
    ],
)
def test_a_scorecard_that_makes_no_sense_is_refused(made, definition, changes, code):
    with pytest.raises(DomainError) as refusal:
        make(made, definition, **changes)
    assert refusal.value.code == code


def test_two_dimensions_of_one_name_are_refused(made, definition):
    with pytest.raises(Invalid, match="Two dimensions are called"):
        make(made, definition, dimensions=definition["dimensions"] * 2)


def test_a_name_is_taken_once(made, definition, scorecard):
    with pytest.raises(Conflict, match="already"):
        make(made, definition)


def test_another_workspaces_things_cannot_be_used(made, definition, other_workspace):
    with pytest.raises(Invalid):
        read_definition(definition, workspace=other_workspace)
    foreign = System.objects.create(workspace=other_workspace, name="Foreign")
    arguments = read_definition(definition, workspace=made.workspace)
    with pytest.raises(Invalid, match="must be of this workspace"):
        create_scorecard(workspace=made.workspace, actor=BACKGROUND, **(arguments | {"systems": [foreign]}))


def test_labels_may_be_given_in_words(made, definition):
    card = make(made, definition, **part(definition, estimand="rate", labels=["safe"], direction="higher"))
    assert card.dimensions.get().labels == [1.0]


def test_rated_means_what_people_judged(made, definition):
    System.objects.create(workspace=made.workspace, name="Silent")
    assert {str(s) for s in make(made, definition, systems="rated").systems.all()} == {"Ada", "=Bob"}


def test_a_changed_definition_replaces_the_dimensions(made, definition, scorecard):
    changed = definition | {"name": "Renamed", "systems": ["Ada"]}
    update_scorecard(
        scorecard=scorecard, actor=BACKGROUND, **read_definition(changed, workspace=made.workspace)
    )
    scorecard.refresh_from_db()
    assert (scorecard.name, scorecard.systems.count(), scorecard.dimensions.count()) == ("Renamed", 1, 1)
