"""Bindings: what a cell means."""

import pytest

from concord.catalog.importing.bindings import compile_binding, problems
from concord.catalog.importing.fields import Field, Reject

TEXT, NAME, NUMBER = Field("text"), Field("system", max_length=10), Field("value", "number")


def value(field, binding, cell):
    return compile_binding(field, {"column": "c", **binding}, {"c": 0})([cell])


def reason(field, binding, cell):
    with pytest.raises(Reject) as caught:
        value(field, binding, cell)
    assert caught.value.column == field.name
    return caught.value.reason


def test_text_is_kept_as_it_is_and_names_are_trimmed():
    assert value(TEXT, {}, "\n two ") == "\n two "
    assert value(NAME, {}, " two ") == "two"


def test_numbers_that_became_floats_in_a_table_with_gaps_keep_their_names():
    assert value(NAME, {}, 8.0) == "8"
    assert value(NAME, {}, 8.5) == "8.5"


@pytest.mark.parametrize("empty", [None, "", "  ", float("nan")])
def test_empty_cells_are_rejected_unless_there_is_a_default(empty):
    assert reason(NUMBER, {}, empty) == "is empty"
    assert value(NUMBER, {"default": 3}, empty) == 3
    assert value(NUMBER, {"required": False}, empty) is None


def test_an_empty_answer_is_an_answer_where_the_field_says_so():
    assert value(Field("text", empty_is_value=True), {}, "") == ""
    assert reason(Field("text", empty_is_value=True), {}, None) == "is empty"


def test_a_map_says_what_a_value_means_whatever_its_case():
    meaning = {"map": {"Left": 1, "tie": 2}}
    assert [value(NUMBER, meaning, cell) for cell in ("Left", " LEFT", "tie")] == [1, 1, 2]
    assert "'both' is not in the mapping" in reason(NUMBER, meaning, "both")


def test_what_is_unmapped_may_be_unparsed_or_kept():
    assert value(NUMBER, {"map": {"a": 1}, "unmapped": "unparsed"}, "I cannot judge that.") is None
    assert value(TEXT, {"map": {"a": "b"}, "unmapped": "keep"}, "c") == "c"
    assert value(NUMBER, {"unmapped": "unparsed"}, "no number") is None


def test_contains_takes_the_first_part_that_is_there_or_the_default():
    binding = {"contains": {"contrast": "unsafe"}, "default": "safe"}
    assert [value(NAME, binding, cell) for cell in ("contrast_homonyms", "homonyms")] == ["unsafe", "safe"]


def test_scale_turns_seconds_into_milliseconds():
    assert value(NUMBER, {"scale": 1000}, "1.5") == 1500


@pytest.mark.parametrize("cell", ["one", "inf", "NaN", True])
def test_what_is_no_finite_number_is_rejected(cell):
    if cell is True:
        assert value(NUMBER, {}, cell) == 1.0
    else:
        assert "number" in reason(NUMBER, {}, cell)


def test_text_that_the_database_cannot_hold_is_rejected_not_changed():
    assert "null byte" in reason(TEXT, {}, "a\x00b")
    assert "half a character" in reason(TEXT, {}, "a\ud800b")
    assert "null byte" in reason(Field("reference", "any"), {}, {"a": "b\x00"})


def test_names_that_are_too_long_are_rejected_not_cut():
    assert "at most 10 fit" in reason(NAME, {}, "x" * 11)


def test_a_prefix_keeps_names_of_different_files_apart():
    assert value(NAME, {"prefix": "A "}, 7) == "A 7"


def test_a_hash_names_an_example_by_its_prompt():
    first, second = (value(Field("example", max_length=200), {"hash": True}, text) for text in ("a", "b"))
    assert first != second
    assert len(first) == 16


@pytest.mark.parametrize(
    "binding",
    [
        "column",
        {},
        {"column": "a", "value": 1},
        {"column": "a", "mapp": {}},
        {"column": "a", "map": []},
        {"value": 1, "unmapped": "x"},
    ],
)
def test_a_binding_that_means_nothing_is_a_problem(binding):
    assert problems("value", NUMBER, binding)
