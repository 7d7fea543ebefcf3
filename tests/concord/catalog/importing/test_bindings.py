"""Bindings: what a cell means."""

from typing import Any

import pytest

from concord.catalog.importing.bindings import columns_of, compile_binding, problems, raw_text
from concord.catalog.importing.fields import Empty, Field, Reject

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


PLACES = {"c": 0, "a": 1, "b": 2}


def on_line(field: Field, binding: Any, *cells: Any) -> Any:
    return compile_binding(field, binding, PLACES)(list(cells))


def test_a_fields_own_settings() -> None:
    assert value(NAME, {}, "2.0") == "2"
    assert value(Field("version", max_length=10, verbatim=True), {}, " 2.0 ") == "2.0"
    assert value(TEXT, {}, "2.0") == "2.0", "what a system answered is not a name"
    plain = Field("plain")
    assert (plain.type, plain.required, plain.verbatim, plain.empty_is_value, plain.keep_raw) == (
        "text", True, False, False, False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("type_", "cell", "means"),
    [
        ("integer", "3.0", 3),
        ("boolean", "yes", True),
        ("json", '{"a": 1}', {"a": 1}),
        ("any", "8.0", "8.0"),
        ("number", "2", 2.0),
    ],
)
def test_each_type_has_its_conversion(type_: str, cell: Any, means: Any) -> None:
    found = value(Field("f", type_), {}, cell)
    assert (found, type(found)) == (means, type(means))


def test_empty_is_said_so_that_an_entry_may_skip_it() -> None:
    for cell in (None, " ", float("nan")):
        with pytest.raises(Empty):
            value(NUMBER, {}, cell)
    with pytest.raises(Reject) as caught:
        value(NUMBER, {}, "x")
    assert not isinstance(caught.value, Empty)
    assert value(Field("f", "number", required=False), {}, " ") is None
    assert reason(Field("f", "number", required=False), {"required": True}, "") == "is empty"


def test_texts_that_mean_empty() -> None:
    none = {"empty": ["NA", " nan"]}
    for cell in ("NA", " na ", "NaN", ""):
        assert reason(NUMBER, none, cell) == "is empty"
    assert value(NUMBER, {**none, "default": 1}, "NA") == 1
    assert value(NUMBER, none, 5) == 5
    assert value(Field("text", empty_is_value=True), {"empty": []}, "NA") == "NA"
    assert reason(Field("text", empty_is_value=True), none, "NA") == "is empty"
    assert raw_text({"column": "c", **none}, PLACES)(["NA"]) == ""
    assert raw_text({"column": "c", **none}, PLACES)(["NAB"]) == "NAB"


def test_what_stood_in_the_file_is_kept_as_text() -> None:
    raw = raw_text({"column": "b"}, PLACES)
    assert [raw([0, 0, cell]) for cell in (None, 8.0, " x ", 7)] == ["", "8", " x ", "7"]
    assert raw_text({"value": 4}, {})([]) == "4"


def test_a_map_reads_a_whole_number_whichever_way_it_is_written() -> None:
    assert [value(NUMBER, {"map": {"5": 1, "4.0": 2}}, cell) for cell in ("5.0", 5, 5.0, "4", "4.00")] == [
        1,
        1,
        1,
        2,
        2,
    ]
    assert value(NUMBER, {"map": {"5": 1, "5.0": 2}}, "5.0") == 2, "what is written exactly so comes first"
    assert value(TEXT, {"map": {"a": None}}, "a") is None


def test_contains_minds_capital_letters_and_says_so() -> None:
    binding = {"contains": {"very good": 5, "A": 1}}
    assert [value(NUMBER, binding, cell) for cell in ("a very good one", "B or A")] == [5, 1]
    assert (
        reason(NUMBER, binding, "Very Good")
        == "'Very Good' is not in the mapping (a part of it is, but for capital letters)"
    )
    assert reason(NUMBER, {"contains": {"x": 5}}, "Good") == "'Good' is not in the mapping"
    assert reason(NUMBER, {"map": {"x": 5}}, "y" * 100) == f"{'y' * 80!r} is not in the mapping"


def test_decimal_commas() -> None:
    assert value(NUMBER, {"decimal": ","}, "3,5") == 3.5
    assert value(NUMBER, {"decimal": ",", "scale": 2}, "3,5") == 7
    assert value(Field("n", "integer"), {"decimal": ",", "scale": 2}, "3,5") == 7
    assert value(NUMBER, {"decimal": ",", "unmapped": "unparsed"}, "3,5") == 3.5
    assert value(NUMBER, {"unmapped": "unparsed"}, "3,5") is None


def test_a_cell_may_repeat_the_cell_of_another_column() -> None:
    winner = {"column": "c", "same_as": {"left": "a", "right": "b"}, "map": {"left": 1, "right": 3, "tie": 2}}
    assert [on_line(NUMBER, winner, cell, "Oak", 8.0) for cell in ("Oak", " oak ", "8.0", 8, "tie")] == [
        1,
        1,
        3,
        3,
        2,
    ]
    for cells in (("Elm", "Oak", "Ash"), ("Oak", "Oak", "Oak"), ("Oak", None, None)):
        with pytest.raises(Reject, match="is not in the mapping"):
            on_line(NUMBER, winner, *cells)
    with pytest.raises(Empty):
        on_line(NUMBER, winner, None, None, None)


def test_a_prefix_stands_before_the_folded_name() -> None:
    assert value(NAME, {"prefix": "A "}, " 7.0 ") == "A 7"
    assert value(TEXT, {"prefix": "A "}, "7") == "7", "a text is no name"


def test_a_hash_is_the_same_for_the_same_prompt() -> None:
    example = Field("example", max_length=200)
    assert value(example, {"hash": True}, "Why?") == "5d8a995a6fa7cf7c"  # sha256sum
    assert value(example, {"hash": False}, "Why?") == "Why?"


def test_constants_are_the_same_on_every_line() -> None:
    assert on_line(NAME, {"value": 8.0}) == "8"
    assert on_line(TEXT, {"value": "x", "map": {"x": "y"}}, "other") == "y"
    with pytest.raises(Reject):
        on_line(NUMBER, {"value": "x"})


def test_slices_take_a_binding_each_and_leave_out_what_is_empty() -> None:
    field = Field("slices", "slices", required=False)
    table = {"topic": {"column": "a"}, "level": {"column": "b", "map": {"1": "easy"}, "unmapped": "keep"}}
    assert on_line(field, table, None, " geo ", 1) == {"topic": "geo", "level": "easy"}
    assert on_line(field, table, None, None, "x" * 200) == {"level": "x" * 200}
    with pytest.raises(Reject, match="at most 200"):
        on_line(field, table, None, None, "x" * 201)
    assert problems("slices", field, table) == []
    assert problems("slices", field, {"topic": {"columm": "a"}})[0].startswith("slices.topic")
    assert problems("slices", field, {"column": "topic"}), "a slice has a name of its own"
    assert problems("slices", field, "topic")


def test_the_columns_that_a_binding_reads() -> None:
    assert columns_of({"column": "a"}) == ["a"]
    assert columns_of({"column": 7}) == ["7"]
    assert columns_of({"column": "a", "same_as": {"left": "b", "right": "c"}}) == ["a", "b", "c"]
    assert columns_of({"value": 1}) == []
    assert columns_of({"topic": {"column": "a"}, "lang": {"column": "b"}, "odd": 1}) == ["a", "b"]
    assert columns_of({"column": {"column": "a"}}) == ["a"], "a slice that is called column"
    assert columns_of("a") == []


@pytest.mark.parametrize(
    ("field", "binding", "said"),
    [
        (NUMBER, {"scale": "2"}, "scale"),
        (NUMBER, {"scale": float("inf")}, "scale"),
        (NAME, {"scale": 2}, "scale"),
        (NUMBER, {"decimal": ";"}, "decimal"),
        (NUMBER, {"empty": "NA"}, "empty"),
        (NUMBER, {"empty": [1]}, "empty"),
        (NUMBER, {"same_as": "left"}, "same_as"),
        (NUMBER, {"contains": []}, "contains"),
        (NUMBER, {"unmapped": "drop"}, "unmapped"),
        (NUMBER, {"colour": 1}, "'colour' is unknown"),
    ],
)
def test_the_problem_of_a_binding_names_the_option(field: Field, binding: Any, said: str) -> None:
    (problem,) = problems("value", field, {"column": "a", **binding})
    assert problem.startswith("value: ")
    assert said in problem


@pytest.mark.parametrize(
    "binding",
    [
        {"column": "a"},
        {"value": None},
        {"column": "a", "map": {}, "contains": {}, "default": 1, "unmapped": "keep", "required": False},
        {"column": "a", "scale": 0.5, "decimal": ",", "empty": ["NA"], "same_as": {"x": "b"}},
        {"column": "a", "decimal": ".", "hash": True, "prefix": "x"},
    ],
)
def test_a_binding_that_means_something_is_no_problem(binding: Any) -> None:
    assert problems("value", NUMBER, binding) == []
    assert problems("value", Field("n", "integer"), binding) == []
