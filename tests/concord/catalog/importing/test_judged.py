"""Whom an answer is about: one system or two, by name and version."""

from typing import Any

import pytest

from concord.catalog.importing.fields import Reject
from concord.catalog.importing.judged import JUDGED_FIELDS, Judged


class Votes(Judged):
    kind = "votes"


def votes(*bound: str) -> Votes:
    return Votes({}, frozenset(bound))


def test_one_system_or_both_sides_are_bound_and_nothing_between() -> None:
    assert votes("system").problems_of_sides() == []
    assert votes("left_system", "right_system").problems_of_sides() == []
    assert votes("left_system").problems_of_sides() == [
        "Votes of pairs need both left_system and right_system."
    ]
    assert votes("example").problems_of_sides() == ["Votes need a system, or left_system and right_system."]
    assert votes("system", "left_system", "right_system").problems_of_sides() == [
        "Votes are of one system or of a pair, not of both."
    ]
    assert not votes("system").pairwise
    assert votes("right_system").pairwise


def test_a_version_belongs_to_the_name_of_its_own_side() -> None:
    one = {"system": "Ada", "system_version": "2", "left_system": "Bob"}
    assert votes("system").systems(one) == ("Ada 2", None)
    both = {
        "left_system": "Ada",
        "left_system_version": "1",
        "right_system": "Ada",
        "right_system_version": "2",
    }
    assert votes("left_system", "right_system").systems(both) == ("Ada 1", "Ada 2")


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        ({"left_system": "", "right_system": "Bob"}, "left_system", "is empty"),
        ({"left_system": "Ada"}, "right_system", "is empty"),
        ({"left_system": "Ada", "right_system": "Ada"}, "right_system", "is the same system as on the left"),
    ],
)
def test_a_pair_has_two_sides(row: dict[str, Any], column: str, reason: str) -> None:
    with pytest.raises(Reject) as refused:
        votes("left_system", "right_system").systems(row)
    assert (refused.value.column, refused.value.reason) == (column, reason)


def test_one_output_has_a_system() -> None:
    with pytest.raises(Reject) as refused:
        votes("system").systems({"system": ""})
    assert refused.value.column == "system"


def test_no_system_is_required_by_itself() -> None:
    assert not any(field.required for field in JUDGED_FIELDS)
