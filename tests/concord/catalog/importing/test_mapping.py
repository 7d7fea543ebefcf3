"""A mapping's parts."""

from typing import Any

import pytest

from concord.catalog.importing.mapping import bound_fields, columns_used, kind_of, unused_columns

ENTRY = {
    "kind": "ratings",
    "study": "S",
    "criterion": "help",
    "fields": {
        "system": {"column": "model"},
        "criterion": {"column": "question"},
        "value": {"column": "winner", "same_as": {"left": "a"}},
        "rater": {"value": "ann"},
    },
    "when": {"column": "round", "equals": 1},
}


@pytest.mark.parametrize(("entry", "kind"), [({"kind": "x"}, "x"), ({"kind": 1}, ""), ({}, "")])
def test_the_kind_of_an_entry(entry: dict[str, Any], kind: str) -> None:
    assert kind_of(entry) == kind


def test_a_key_of_the_entry_is_a_constant_unless_a_field_binds_it() -> None:
    bound = bound_fields(ENTRY)
    assert bound["study"] == {"value": "S"}
    assert bound["criterion"] == {"column": "question"}
    assert set(bound) == {"study", "criterion", "system", "value", "rater"}


def test_the_columns_that_an_entry_reads() -> None:
    assert sorted(columns_used(ENTRY)) == ["a", "model", "question", "round", "winner"]
    assert columns_used({**ENTRY, "when": None})[-1] != "round"
    assert "round" not in columns_used({**ENTRY, "when": {"equals": 1}})
    assert "round" not in columns_used({**ENTRY, "when": "column"})
    assert columns_used("ratings") == columns_used({"kind": "poems"}) == columns_used({}) == []


def test_columns_that_a_mapping_leaves_aside_are_named_in_their_order() -> None:
    assert unused_columns({"records": [ENTRY]}, ["z", "model", "a", "b", "round"]) == ["z", "b"]
