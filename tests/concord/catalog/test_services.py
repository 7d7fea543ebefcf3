"""Criteria, systems, blocks and slices: what is refused, and what a selector gives."""

import pytest

from concord.catalog.models import Dataset, DatasetVersion, Example
from concord.catalog.selectors.slices import examples_where, slice_names, slice_values
from concord.catalog.services.blocks import chat, file_ids, validate_blocks
from concord.catalog.services.criteria import TEMPLATES, create_criterion, criterion_fields
from concord.catalog.services.systems import archive_system, change_system, create_system
from concord.core.errors import Conflict, Invalid

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


@pytest.mark.django_db
def test_a_slug_is_taken_once_in_a_workspace(workspace, other_workspace):
    for space in (workspace, other_workspace):
        create_criterion(workspace=space, definition={"template": "likert", **BASE})
    with pytest.raises(Conflict):
        create_criterion(workspace=workspace, definition={"template": "yes_no", **BASE})


@pytest.mark.parametrize(
    ("kind", "config"),
    [
        ("recorded", {"path": "/x"}),
        ("transformers", {}),
        ("transformers", {"path": "https://host/model"}),
        ("torch", {"path": "/models/net.pkl"}),
        ("openai", {"base_url": "file:///etc/passwd", "model": "m"}),
        ("openai", {"base_url": "https://user:secret@host/v1", "model": "m"}),
        ("openai", {"base_url": "https://host/v1", "model": "m", "api_key": "sk-1"}),
        ("openai", {"base_url": "https://host/v1", "model": "m", "key_env": "HOME"}),
        ("openai", {"base_url": "https://[host/v1", "model": "m"}),
        ("openai", {"base_url": "https://host/v1", "model": "m", "concurrency": 0}),
        ("magic", {}),
        ("recorded", []),
    ],
)
@pytest.mark.django_db
def test_a_configuration_that_does_not_fit_its_kind_is_refused(workspace, kind, config):
    with pytest.raises(Invalid):
        create_system(workspace=workspace, name="x", kind=kind, config=config)


@pytest.mark.django_db
def test_a_system_changes_as_a_whole_and_can_be_put_away(workspace):
    system = create_system(workspace=workspace, name="m", version="1")
    with pytest.raises(Invalid):
        change_system(system=system, kind="torch")
    changed = change_system(system=system, kind="torch", config={"path": "/models/net.pt2"})
    assert (changed.name, changed.kind) == ("m", "torch")
    with pytest.raises(Invalid):
        change_system(system=system, prices={"input_per_million": -1, "currency": "EUR"})
    with pytest.raises(Conflict):
        create_system(workspace=workspace, name="m", version="1")
    assert archive_system(system=system).archived_at is not None
    assert archive_system(system=system, archived=False).archived_at is None


@pytest.mark.parametrize(
    "content",
    [
        "text",
        [{"type": "text"}],
        [{"type": "video", "file": 1}],
        [{"type": "html", "text": "<b>"}],
        [{"type": "image", "file": "https://elsewhere/x.png"}],
        [{"type": "image", "file": True}],
        [{"type": "chat", "turns": []}],
        [{"type": "chat", "turns": [{"role": "robot", "content": "x"}]}],
        [{"type": "text", "text": "\x00"}],
        [{"type": "text", "text": "x"}] * 501,
    ],
)
def test_content_outside_the_vocabulary_is_refused(content):
    with pytest.raises(Invalid):
        validate_blocks(content)


def test_blocks_keep_what_they_may_say_and_nothing_else():
    content = validate_blocks(
        [
            {"type": "image", "file": 3, "alt": "a cat", "onload": "x"},
            {"type": "code", "text": "1", "language": "py"},
        ]
    )
    assert content == [
        {"type": "image", "file": 3, "alt": "a cat"},
        {"type": "code", "text": "1", "language": "py"},
    ]
    assert file_ids(content) == [3]
    assert chat([{"role": "user", "content": "Hi", "name": "x"}])[0]["turns"] == [
        {"role": "user", "content": "Hi"}
    ]


@pytest.fixture
def version(workspace) -> DatasetVersion:
    dataset = Dataset.objects.create(workspace=workspace, name="Sliced")
    version = DatasetVersion.objects.create(dataset=dataset)
    rows = [{"lang": "de", "topic": "a"}, {"lang": "de"}, {"lang": "en", "topic": "a"}, {"odd__in": "x"}]
    Example.objects.bulk_create(
        [Example(version=version, key=str(n), slices=slices) for n, slices in enumerate(rows)]
    )
    return version


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("where", "keys"),
    [
        ({}, "0123"),
        ({"lang": "de"}, "01"),
        ({"lang": "de", "topic": "a"}, "0"),
        ({"lang": ["de", "en"], "topic": "a"}, "02"),
        ({"lang": []}, ""),
        ({"odd__in": ["x"]}, "3"),
        ({"lang": "fr"}, ""),
    ],
)
def test_examples_of_a_slice(version, where, keys):
    ids = examples_where(version.pk, where)
    assert ids.dtype == "int64"
    found = Example.objects.in_bulk(ids.tolist())
    assert "".join(found[pk].key for pk in ids.tolist()) == keys


@pytest.mark.django_db
def test_slices_are_named_and_counted(version):
    assert slice_names(version.pk) == ["lang", "odd__in", "topic"]
    assert slice_values(version.pk)["lang"] == {"de": 2, "en": 1}
