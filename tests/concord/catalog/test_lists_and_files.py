"""Datasets, systems and outputs as pages list them and files hold them, counted by hand."""

import csv
import io
from collections.abc import Iterator
from typing import Any

import pytest

from concord.catalog.models import Dataset, DatasetVersion, Example, Output, OutputSet, System
from concord.catalog.selectors.pages import datasets_of, examples_of, neighbours, outputs_of, systems_of
from concord.catalog.services.datasets import (
    create_dataset,
    digest_of,
    example_digest,
    freeze,
    new_version,
    refresh_version,
)
from concord.catalog.services.exports import examples_csv, outputs_csv
from concord.catalog.services.systems import archive_system, change_system, create_system
from concord.core.errors import Conflict, Forbidden, Invalid

EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"  # SHA-256 of nothing


def example(key: str = "a", **more: Any) -> dict[str, Any]:
    return {"key": key, "content": [], "choices": None, "reference": None, "slices": {}, **more}


def test_a_digest_is_of_what_is_said_and_of_nothing_else() -> None:
    import hashlib

    said = b'{"choices":null,"content":[],"key":"a","reference":"\xc3\xa9","slices":{"x":1,"y":2}}'
    assert (
        example_digest(example(reference="é", slices={"y": 2, "x": 1}, position=5, id=9))
        == hashlib.sha256(said).digest()
    )
    both = example_digest(example("a")) + example_digest(example("b"))
    assert digest_of([example("a"), example("b")]) == hashlib.sha256(both).hexdigest()
    assert digest_of([]) == EMPTY


@pytest.mark.parametrize("part", ["key", "content", "choices", "reference", "slices"])
def test_each_part_of_an_example_changes_its_digest(part: str) -> None:
    assert example_digest(example()) != example_digest({**example(), part: ["x"]})


@pytest.fixture
def version(workspace: Any) -> DatasetVersion:
    """Five examples e0 ... e4, of which e1, e2 and e3 share a position."""
    dataset = Dataset.objects.create(workspace=workspace, name="Questions")
    made: DatasetVersion = DatasetVersion.objects.create(dataset=dataset)
    for number, position in enumerate((0, 1, 1, 1, 2)):
        Example.objects.create(
            version=made,
            key=f"e{number}",
            position=position,
            content=[{"type": "text", "text": f"=question {number}"}],
            reference=[f"gold {number}"] if number else None,
            slices={"lang": "de" if number % 2 else "en"},
        )
    return made


def keys(rows: Any) -> list[str]:
    return [row.key for row in rows]


@pytest.mark.django_db
def test_every_example_is_reached_by_going_on_and_by_going_back(version: DatasetVersion) -> None:
    order = list(examples_of(version, {}))
    assert keys(order) == ["e0", "e1", "e2", "e3", "e4"]
    ids: list[int | None] = [None, *(one.pk for one in order), None]
    for place, one in enumerate(order, 1):
        found = neighbours(one)
        assert (found.before, found.after) == (ids[place - 1], ids[place + 1])


@pytest.mark.django_db
def test_examples_are_narrowed_by_slices_and_by_their_key(version: DatasetVersion) -> None:
    assert keys(examples_of(version, {"lang": "de"})) == ["e1", "e3"]
    assert keys(examples_of(version, {"lang": "de"}, search="E3")) == ["e3"]
    assert keys(examples_of(version, {"lang": "fr"})) == keys(examples_of(version, {"topic": "x"})) == []


@pytest.mark.django_db
def test_counts_of_systems_and_datasets_do_not_multiply(
    version: DatasetVersion, workspace: Any, other_workspace: Any, designer: Any
) -> None:
    first, second = (System.objects.create(workspace=workspace, name=name) for name in ("Alpha", "beta"))
    System.objects.create(workspace=other_workspace, name="Alpha")
    for name in ("old", "new"):
        made = OutputSet.objects.create(workspace=workspace, kind="import", name=name)
        for one in version.examples.all()[:2]:
            Output.objects.create(output_set=made, system=first, example=one, text=name)
    archive_system(actor=designer, system=second)
    assert [(one.name, one.outputs_count) for one in systems_of(workspace)] == [("Alpha", 4)]
    assert [(one.name, one.outputs_count) for one in systems_of(workspace, archived=True)] == [("beta", 0)]
    assert [one.name for one in systems_of(workspace, search="ALP")] == ["Alpha"]
    assert list(systems_of(workspace, search="beta")) == []
    archive_system(actor=designer, system=second, archived=False)
    assert [one.name for one in systems_of(workspace, search="b")] == ["beta"]
    found = outputs_of(version.examples.get(key="e0"))
    assert [one.text for one in found] == ["new", "old"], "the newest set first"
    assert list(outputs_of(version.examples.get(key="e4"))) == []
    (dataset,) = datasets_of(workspace)
    assert (dataset.newest, dataset.examples_count, dataset.frozen_at) == (1, 0, None)


@pytest.mark.django_db
def test_a_new_version_says_the_same_in_the_same_order_and_the_frozen_one_stays(
    version: DatasetVersion, designer: Any, workspace: Any
) -> None:
    frozen = freeze(actor=designer, version=version)
    assert (frozen.examples_count, frozen.frozen_at is not None) == (5, True)
    at = frozen.frozen_at
    assert freeze(actor=designer, version=version).frozen_at == at, "twice is once"
    copy = new_version(actor=designer, version=frozen)
    assert (copy.number, copy.examples_count, copy.digest, copy.frozen_at) == (2, 5, frozen.digest, None)
    assert keys(examples_of(copy, {})) == ["e0", "e1", "e2", "e3", "e4"]
    empty = new_version(actor=designer, version=frozen, copy=False)
    assert (empty.number, empty.examples_count, empty.digest) == (3, 0, EMPTY)
    Example.objects.filter(version=copy, key="e1").update(position=9)
    assert refresh_version(version=copy).digest == frozen.digest, "the order is no part of what is said"
    Example.objects.filter(version=copy, key="e1").update(reference="other")
    assert refresh_version(version=copy).digest != frozen.digest
    (dataset,) = datasets_of(workspace)
    assert (dataset.newest, dataset.examples_count) == (3, 0)


@pytest.mark.django_db
def test_names_of_datasets_are_given_once(designer: Any, viewer: Any, workspace: Any) -> None:
    made = create_dataset(actor=designer, workspace=workspace, name=" Mine ", licence="CC0")
    assert (made.name, made.versions.get().digest) == ("Mine", EMPTY)
    with pytest.raises(Conflict) as taken:
        create_dataset(actor=designer, workspace=workspace, name="Mine")
    with pytest.raises(Invalid) as unnamed:
        create_dataset(actor=designer, workspace=workspace, name=" ")
    assert (taken.value.field, unnamed.value.field) == ("name", "name")
    with pytest.raises(Forbidden):
        create_dataset(actor=viewer, workspace=workspace, name="Other")


@pytest.mark.django_db
def test_a_system_is_changed_as_a_whole_or_not_at_all(designer: Any, workspace: Any) -> None:
    create_system(actor=designer, workspace=workspace, name="A", version="1")
    made = create_system(actor=designer, workspace=workspace, name="A", version="2", description="d")
    with pytest.raises(Conflict, match="'A 1'"):
        change_system(actor=designer, system=made, version="1")
    with pytest.raises(Invalid) as caught:
        change_system(actor=designer, system=made, kind="openai")
    assert caught.value.field == "config"
    changed = change_system(actor=designer, system=made, name="B", prices={"per_hour": 1, "currency": "EUR"})
    assert (changed.name, changed.version, changed.description, changed.prices["per_hour"]) == (
        "B",
        "2",
        "d",
        1,
    )
    with pytest.raises(Conflict, match="'B 2'"):
        create_system(actor=designer, workspace=workspace, name="B", version="2")


def table(lines: Iterator[str]) -> list[list[str]]:
    return list(csv.reader(io.StringIO("".join(lines).lstrip("\ufeff"))))


@pytest.mark.django_db
def test_files_row_by_row(version: DatasetVersion, viewer: Any, workspace: Any) -> None:
    Example.objects.filter(key="e4").update(slices={"topic": "x"}, reference="plain")
    found = table(examples_csv(actor=viewer, version=version))
    assert found[0] == ["example", "prompt", "reference", "lang", "topic"]
    assert found[1] == ["e0", "'=question 0", "", "en", ""], "a formula is none in a file"
    assert found[2] == ["e1", "'=question 1", '["gold 1"]', "de", ""]
    assert found[5] == ["e4", "'=question 4", "plain", "", "x"]
    assert [row[0] for row in found[1:]] == ["e0", "e1", "e2", "e3", "e4"]
    system = System.objects.create(workspace=workspace, name="S", version="v2")
    made = OutputSet.objects.create(workspace=workspace, kind="import", name="n")
    e0, e1 = version.examples.order_by("key")[:2]
    Output.objects.create(output_set=made, system=system, example=e1, text="+A1*2", epoch=2)
    blocks = [{"type": "text", "text": "in blocks"}]
    Output.objects.create(output_set=made, system=system, example=e0, text="", content=blocks)
    assert table(outputs_csv(actor=viewer, version=version)) == [
        ["system", "example", "epoch", "output_set", "output"],
        ["S v2", "e0", "1", str(made.pk), "in blocks"],
        ["S v2", "e1", "2", str(made.pk), "'+A1*2"],
    ]
