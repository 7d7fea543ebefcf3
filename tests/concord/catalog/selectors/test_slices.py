"""Slices of a dataset version, and the examples of one."""

import pytest

from concord.catalog.models import Dataset, DatasetVersion, Example
from concord.catalog.selectors.slices import examples_where, slice_names, slice_values


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
