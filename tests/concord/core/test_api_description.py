"""The OpenAPI document says null where null comes, and 202 where work was only queued."""

from typing import Any

import pytest
from drf_spectacular.generators import SchemaGenerator


@pytest.fixture(scope="module")
def described() -> Any:
    return SchemaGenerator().get_schema(request=None, public=True)


@pytest.mark.parametrize(
    ("kind", "field"),
    [
        ("Dimension", "study"),
        ("Dimension", "scorer"),
        ("Scorecard", "baseline"),
        ("Scorecard", "dataset"),
        ("Progress", "seconds_each"),
        ("Progress", "seconds_left"),
    ],
)
def test_what_may_be_null_says_so(described: Any, kind: str, field: str) -> None:
    shown = described["components"]["schemas"][kind]["properties"][field]
    assert shown.get("nullable") is True or "null" in shown["type"]


def test_what_is_always_there_does_not(described: Any) -> None:
    shown = described["components"]["schemas"]["Progress"]["properties"]["given"]
    assert (shown["type"], shown.get("nullable")) == ("integer", None)


@pytest.mark.parametrize("path", ["imports/{id}/check", "imports/{id}/write", "scorecards/{id}/compute"])
def test_what_is_only_queued_is_accepted_and_not_done(described: Any, path: str) -> None:
    answers = described["paths"][f"/api/v1/{path}/"]["post"]["responses"]
    assert "202" in answers
    assert "200" not in answers
