"""Jobs and files as each role may see them, and columns straight from the database."""

from typing import Any

import numpy as np
import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection

from concord.core.errors import Forbidden, Missing
from concord.core.models import Job, StoredFile
from concord.core.selectors.arrays import columns
from concord.core.selectors.gate import pass_gate
from concord.core.selectors.visible import file_for, job_for

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(owner: Any, designer: Any, reviewer: Any, viewer: Any, rater: Any, stranger: Any) -> dict[str, Any]:
    people = {"owner": owner, "designer": designer, "reviewer": reviewer, "viewer": viewer, "rater": rater}
    return people | {"stranger": stranger, "nobody": AnonymousUser()}


def outcome(call: Any) -> str:
    try:
        call()
    except Forbidden:
        return "forbidden"
    except Missing:
        return "missing"
    return "seen"


def test_a_job_is_seen_by_whoever_reads_its_workspace(cast: dict[str, Any], workspace: Any) -> None:
    job = Job.objects.create(name="x", workspace_id=workspace.pk)
    expected = dict.fromkeys(("owner", "designer", "reviewer", "viewer"), "seen")
    expected |= {"rater": "forbidden", "stranger": "missing", "nobody": "missing"}
    for slug in (None, "acme"):
        found = {
            who: outcome(lambda p=person, s=slug: job_for(user=p, pk=job.pk, slug=s))
            for who, person in cast.items()
        }
        assert found == expected, slug
    assert outcome(lambda: job_for(user=cast["stranger"], pk=job.pk, slug="other")) == "missing"
    assert outcome(lambda: job_for(user=cast["owner"], pk=job.pk + 99)) == "missing"
    assert job_for(user=cast["viewer"], pk=job.pk, slug="acme") == job


def test_what_belongs_to_no_workspace_is_missing_for_everybody(cast: dict[str, Any]) -> None:
    job = Job.objects.create(name="x")
    for person in cast.values():
        assert outcome(lambda p=person: job_for(user=p, pk=job.pk)) == "missing"
        assert outcome(lambda p=person: job_for(user=p, pk=job.pk, slug="acme")) in ("missing", "forbidden")
        assert outcome(lambda p=person: pass_gate(user=p, workspace_id=None, to="read")) == "missing"
        assert outcome(lambda p=person: pass_gate(user=p, workspace_id=10**9, to="read")) == "missing"


@pytest.mark.parametrize("media_type", ["image/png", "image/webp", "text/csv", "text/plain"])
def test_readers_see_every_file_and_raters_none_that_no_task_of_theirs_shows(
    cast: dict[str, Any], workspace: Any, media_type: str
) -> None:
    stored = StoredFile.objects.create(
        workspace_id=workspace.pk, digest="0" * 64, size=1, media_type=media_type, name="a", path="p"
    )
    found = {
        who: outcome(lambda p=person: file_for(user=p, slug="acme", pk=stored.pk))
        for who, person in cast.items()
    }
    assert found == {
        **dict.fromkeys(("owner", "designer", "reviewer", "viewer"), "seen"),
        "rater": "forbidden",
        "stranger": "missing",
        "nobody": "missing",
    }
    assert outcome(lambda: file_for(user=cast["stranger"], slug="other", pk=stored.pk)) == "missing"
    assert outcome(lambda: file_for(user=cast["rater"], slug="acme", pk=stored.pk + 9)) == "missing"


VALUES = "(VALUES (1, 0.5, true), (-7, -1e300, false), (9007199254740993, 'NaN'::float8, true)) v(a, b, c)"


def test_columns_come_as_they_lie_in_the_database() -> None:
    found = columns(f"SELECT a, b, c::int AS c FROM {VALUES}", {"a": int, "b": float, "c": int})
    assert list(found) == ["a", "b", "c"]
    assert found["a"].tolist() == [1, -7, 9007199254740993]
    assert found["b"].tolist()[:2] == [0.5, -1e300]
    assert np.isnan(found["b"][2])
    assert (found["a"].dtype, found["b"].dtype) == (np.int64, np.float64)
    assert found["b"].flags.writeable


def test_columns_are_read_by_name_and_cast() -> None:
    found = columns("SELECT 3 AS b, 4.75::numeric AS a, 'x' AS ignored", {"a": float, "b": int})
    assert (found["a"].tolist(), found["b"].tolist()) == ([4.75], [3])


def test_no_row_is_an_empty_column_of_its_kind() -> None:
    found = columns("SELECT 1 AS a, 2.0 AS b WHERE false", {"a": int, "b": float})
    assert (found["a"].tolist(), found["b"].tolist()) == ([], [])
    assert (found["a"].dtype, found["b"].dtype) == (np.int64, np.float64)


def test_parameters_are_values_and_never_sql() -> None:
    hostile = "x'; DROP TABLE core_job; --"
    found = columns("SELECT length(%s) AS n", {"n": int}, [hostile])
    assert found["n"].tolist() == [len(hostile)]
    assert "core_job" in connection.introspection.table_names()


def test_a_hundred_thousand_rows_keep_their_order() -> None:
    found = columns("SELECT i, sqrt(i) AS r FROM generate_series(1, 100000) i", {"i": int, "r": float})
    assert np.array_equal(found["i"], np.arange(1, 100_001))
    assert np.allclose(found["r"], np.sqrt(np.arange(1, 100_001)))
