"""A list of many rows asks the database as often as a list of few: no page and no API list loads row by row."""

from typing import Any

import pytest
from django.db import connection, models
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from annotation.models import Study
from concord.catalog.models import Criterion, Dataset, DatasetVersion, Example, ImportBatch, System
from concord.scorecards.models import Scorecard
from evaluation.models import Benchmark, Run
from tests.permissions.support import gather, routes

pytestmark = pytest.mark.django_db
MORE = 12


def another(row: models.Model, number: int) -> models.Model:
    """The same row again, under another name, with its own copy of what only one row may point to."""
    copy = type(row)._default_manager.get(pk=row.pk)
    kept = {field.name: getattr(copy, field.name) for field in copy._meta.local_many_to_many}
    links = {name: list(manager.all()) for name, manager in kept.items()}
    for unique in ("name", "slug", "key"):
        if hasattr(copy, unique):
            setattr(copy, unique, f"{getattr(copy, unique)}-{number}")
    for field in copy._meta.local_concrete_fields:
        if isinstance(field, models.OneToOneField) and getattr(copy, field.name) is not None:
            setattr(copy, field.name, another(getattr(copy, field.name), number))
    copy.pk = None
    copy._state.adding = True
    copy.save()
    for name, linked in links.items():
        getattr(copy, name).set(linked)
    if isinstance(row, Dataset):
        DatasetVersion.objects.create(dataset=copy)
    return copy


LISTS: dict[str, type[models.Model]] = {
    "systems": System,
    "datasets": Dataset,
    "dataset": Example,
    "criteria": Criterion,
    "imports": ImportBatch,
    "studies": Study,
    "benchmarks": Benchmark,
    "runs": Run,
    "scorecards": Scorecard,
    "api:system-list": System,
    "api:dataset-list": Dataset,
    "api:criterion-list": Criterion,
    "api:import-list": ImportBatch,
    "api:study-list": Study,
    "api:benchmark-list": Benchmark,
    "api:run-list": Run,
    "api:scorecard-list": Scorecard,
}


@pytest.mark.parametrize("name", LISTS)
def test_a_list_asks_as_often_for_many_rows_as_for_two(name: str, workspace: Any, owner: Any) -> None:
    if name not in routes():
        pytest.skip("no such route")
    model = LISTS[name]
    kwargs = gather("samples", workspace, owner, name).get(name, {})
    row = model._default_manager.order_by("pk")[0]
    another(row, 0)
    client = Client()
    client.force_login(owner)
    url = reverse(name, kwargs=kwargs)
    client.get(url)

    def queries() -> list[str]:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(url).status_code == 200
        return [query["sql"] for query in captured]

    few = queries()
    for number in range(1, MORE + 1):
        another(row, number)
    many = queries()
    assert len(many) <= len(few), "\n".join(sql[:200] for sql in many)
    assert len(few) <= 20, "\n".join(sql[:200] for sql in few)
