"""Which dataset of a workspace a file may be about."""

from typing import Any

import pytest

from concord.catalog.importing.proposal import propose
from concord.catalog.models import Dataset, DatasetVersion
from concord.catalog.selectors.importing import Holding, datasets_holding, version_named

pytestmark = pytest.mark.django_db
MARKS = b"item,model,rater,rating\n"


@pytest.fixture
def dataset(written: Any) -> Any:
    """`dataset(name, keys, system)`: outputs of one system to these examples."""

    def make(name: str, keys: str, system: str = "Larch", version: str = "") -> None:
        lines = "".join(f"{system},{version},{key},answer {key} of {name}\n" for key in keys)
        fields = {
            "system": {"column": "m"},
            "system_version": {"column": "v"},
            "example": {"column": "i"},
            "text": {"column": "t"},
        }
        mapping = {"dataset": name, "records": [{"kind": "outputs", "fields": fields}]}
        written(f"m,v,i,t\n{lines}".encode(), mapping, f"{name}.csv")

    return make


@pytest.fixture
def proposed(upload: Any) -> Any:
    def dataset_of(keys: str, system: str = "Larch", **more: Any) -> Any:
        lines = "".join(f"{key},{system},ann,{1 + place % 5}\n" for place, key in enumerate(keys))
        return propose(upload(MARKS + lines.encode(), {}, "marks.csv"))["dataset"]

    return dataset_of


def test_what_each_dataset_has_of_the_examples(workspace: Any, other_workspace: Any, dataset: Any) -> None:
    dataset("rivers", "12345")
    dataset("towns", "45", "Oak", "2")
    assert datasets_holding(workspace.pk, keys={"3", "4", "9"}, systems=()) == [
        Holding("rivers", 2, 5),
        Holding("towns", 1, 2),
    ]
    assert datasets_holding(workspace.pk, keys={"9"}, systems=()) == []
    assert datasets_holding(other_workspace.pk, keys={"4"}, systems=()) == []
    for name, found in (("Larch", ["rivers"]), ("Oak", ["towns"]), ("Oak 2", ["towns"]), ("Elm", [])):
        held = datasets_holding(workspace.pk, keys={"4"}, systems={name})
        assert [one.name for one in held] == found, name


def test_of_two_datasets_the_one_whose_examples_are_exactly_those_of_the_file(
    dataset: Any, proposed: Any
) -> None:
    dataset("rivers", "123")
    dataset("towns", "12345")
    assert proposed("123") == "rivers"
    assert proposed("12345") == "towns"


def test_where_several_could_be_meant_it_is_asked(dataset: Any, proposed: Any, upload: Any) -> None:
    dataset("rivers", "123")
    dataset("towns", "12345")
    assert proposed("12") == ""
    assert proposed("1239") == ""
    dataset("lakes", "123")
    assert proposed("123") == ""


def test_one_dataset_is_taken_where_it_has_most_of_them_and_answers_by_the_system(
    dataset: Any, proposed: Any
) -> None:
    dataset("rivers", "12345")
    assert proposed("12") == "rivers"
    assert proposed("1289") == "rivers"
    assert proposed("1789") == "", "one of four is a coincidence"
    assert proposed("12", system="Elm") == "marks", "nothing of Elm's is in there"
    assert proposed("89") == "marks"


def test_the_version_that_a_mapping_names(workspace: Any, other_workspace: Any) -> None:
    found = Dataset.objects.create(workspace=workspace, name="Rivers")
    first, second = (DatasetVersion.objects.create(dataset=found, number=n) for n in (1, 2))
    assert version_named(workspace.pk, {"dataset": "Rivers"}) == second.pk
    assert version_named(workspace.pk, {"dataset": " Rivers ", "version": 1}) == first.pk
    assert version_named(workspace.pk, {"dataset": "Rivers", "version": 3}) is None
    assert version_named(other_workspace.pk, {"dataset": "Rivers"}) is None
    assert version_named(workspace.pk, {}) is None
