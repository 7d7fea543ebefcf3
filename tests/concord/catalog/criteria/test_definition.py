"""Definitions of criteria: what a template fills in, and what is refused."""

import pytest

from concord.catalog.criteria.definition import criterion_fields
from concord.catalog.criteria.templates import TEMPLATES
from concord.core.errors import Invalid

BASE = {"name": "Help", "question": "Does it help?", "direction": "higher"}


@pytest.mark.parametrize("template", sorted(TEMPLATES))
def test_every_template_makes_a_criterion(template):
    fields = criterion_fields({"template": template, **BASE})
    assert fields["slug"] == "help"
    assert (fields["labels"] == []) == (template == "numeric")


@pytest.mark.parametrize("template", ["preference", "graded_preference"])
def test_mirrors_of_a_preference_swap_the_sides_and_swapping_twice_changes_nothing(template):
    labels = {label["value"]: label for label in criterion_fields({"template": template, **BASE})["labels"]}
    flipped = {"left": "right", "right": "left", "tie": "tie"}
    for value, label in labels.items():
        mirror = labels[label["mirror"]]
        assert mirror["mirror"] == value
        assert mirror["outcome"] == flipped[label["outcome"]]


PAIR = {"value": 1, "label": "L", "outcome": "left", "mirror": 2}


@pytest.mark.parametrize(
    ("definition", "says"),
    [
        ("clarity", "object"),
        ({"template": "stars", **BASE}, "no template"),
        ({"template": "likert", "name": "x", "question": ""}, "question"),
        ({"template": "yes_no", "name": "x", "question": "x?"}, "Say which end is good"),
        ({"template": "likert", **BASE, "labels": [{"value": 1, "label": "one"}]}, "between 2 and"),
        (
            {
                "template": "likert",
                **BASE,
                "labels": [{"value": 1, "label": "a"}, {"value": 1, "label": "b"}],
            },
            "same value",
        ),
        (
            {
                "template": "likert",
                **BASE,
                "labels": [{"value": "1", "label": "a"}, {"value": 2, "label": "b"}],
            },
            "a number as value",
        ),
        (
            {
                "template": "preference",
                **BASE,
                "labels": [PAIR, {"value": 2, "label": "R", "outcome": "left", "mirror": 1}],
            },
            "mirror",
        ),
        (
            {"template": "preference", **BASE, "labels": [PAIR, {"value": 2, "label": "R", "mirror": 1}]},
            "outcome",
        ),
        ({"template": "numeric", **BASE, "minimum": 5, "maximum": 1}, "below"),
        ({"template": "likert", **BASE, "colour": "red"}, "no colour"),
    ],
)
def test_a_bad_definition_is_refused_with_a_sentence(definition, says):
    with pytest.raises(Invalid, match=says):
        criterion_fields(definition)
