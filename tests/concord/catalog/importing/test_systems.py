"""Systems as a kind of record, and the names by which others find them."""

import pytest

from concord.catalog.importing.systems import (
    FULL_NAME,
    LEFT_VERSION,
    RIGHT_VERSION,
    SYSTEM,
    VERSION,
    Systems,
    full_name,
)


@pytest.mark.parametrize(("name", "version", "full"), [("a", "1", "a 1"), ("a", None, "a"), ("a", "", "a")])
def test_a_full_name_has_the_version_where_one_is_told(name: str, version: str | None, full: str) -> None:
    assert full_name(name, version) == full


def test_versions_are_taken_as_they_stand_and_may_be_missing() -> None:
    for field in (VERSION, LEFT_VERSION, RIGHT_VERSION):
        assert (field.verbatim, field.required, field.max_length) == (True, False, 80)
    assert [LEFT_VERSION.name, RIGHT_VERSION.name] == ["left_system_version", "right_system_version"]
    assert (SYSTEM.required, SYSTEM.max_length, SYSTEM.verbatim) == (True, 160, False)
    assert len(full_name("n" * 160, "v" * 80)) == FULL_NAME


def test_a_line_describes_a_system() -> None:
    assert Systems({}, frozenset()).parse({"system": "a", "description": "old"}) == ("a", None, "old", None)
    assert not Systems.needs_dataset
    assert Systems.fields[-1].required is False
