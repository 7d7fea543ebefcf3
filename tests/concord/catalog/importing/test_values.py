"""Cells as typed values: what each conversion gives, and the reason where it gives nothing."""

from typing import Any

import pytest

from concord.catalog.importing import values
from concord.catalog.importing.fields import Empty, Reject


def reason(convert: Any, *cell: Any, **more: Any) -> str:
    with pytest.raises(Reject) as caught:
        convert("field", *cell, **more)
    assert caught.value.column == "field"
    return caught.value.reason


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("8.0", "8.0"),
        (True, "true"),
        (False, "false"),
        (8.0, "8"),
        (-8.0, "-8"),
        (8.5, "8.5"),
        (1e15 - 1, "999999999999999"),
        (1e15, "1000000000000000.0"),
        (-1e15, "-1000000000000000.0"),
        (1e300, "1e+300"),
        (12345678901234567890, "12345678901234567890"),
        (float("inf"), "inf"),
    ],
)
def test_cells_as_text(raw: Any, text: str) -> None:
    assert values.as_text("field", raw) == text


@pytest.mark.parametrize("raw", [[1], {"a": 1}])
def test_lists_and_objects_are_no_text(raw: Any) -> None:
    assert "list or an object" in reason(values.as_text, raw)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("8.0", "8"),
        (" 8.000 ", "8"),
        ("-3.0", "-3"),
        ("8.05", "8.05"),
        ("8.", "8."),
        (".0", ".0"),
        ("1.0.0", "1.0.0"),
        ("v8.0", "v8.0"),
        ("8.0 b", "8.0 b"),
        ("007.0", "007"),
        (" a b ", "a b"),
    ],
)
def test_whole_numbers_lose_their_point_and_nothing_else_changes(text: str, name: str) -> None:
    assert values.folded(text) == name


def test_names_are_trimmed_folded_and_fit() -> None:
    assert values.name_of("field", " 8.0 ", 10) == "8"
    assert values.name_of("field", " 8.0 ", 10, verbatim=True) == "8.0"
    assert values.name_of("field", "x" * 10, 10) == "x" * 10
    assert values.name_of("field", f"{'x' * 10} ", 10) == "x" * 10
    assert reason(values.name_of, "x" * 1234, 10) == "has 1,234 characters; at most 10 fit"
    with pytest.raises(Empty):
        values.name_of("field", "  ", 10)
    assert "null byte" in reason(values.name_of, "a\x00", 10)


def test_text_is_kept_or_rejected_never_changed() -> None:
    assert values.clean_text("field", " ä\n") == " ä\n"
    assert "null byte" in reason(values.clean_text, "\x00")
    assert "lone surrogate" in reason(values.clean_text, "\udc80")


@pytest.mark.parametrize(
    ("raw", "decimal", "number"),
    [
        ("3.5", ".", 3.5),
        (" 3 ", ".", 3.0),
        ("-1e3", ".", -1000.0),
        ("3,5", ",", 3.5),
        ("3", ",", 3.0),
        (3.5, ",", 3.5),
        (True, ".", 1.0),
    ],
)
def test_numbers(raw: Any, decimal: str, number: float) -> None:
    assert values.number_of("field", raw, decimal) == number


@pytest.mark.parametrize(
    ("raw", "decimal", "said"),
    [
        ("good", ".", "'good' is not a number"),
        ("3,5", ".", "'3,5' is not a number"),
        ("3.5", ",", "not a number with the decimal mark ,"),
        ("1.234,5", ",", "not a number with the decimal mark ,"),
        ("1_000", ".", "not a number with the decimal mark ."),
        ("1_000", ",", "not a number with the decimal mark ,"),
        ("nan", ".", "not a finite number"),
        ("-inf", ".", "not a finite number"),
        (None, ".", "'None' is not a number"),
        ([1], ".", "not a number"),
        (10**400, ".", "not a number"),
    ],
)
def test_what_is_no_number(raw: Any, decimal: str, said: str) -> None:
    assert said in reason(values.number_of, raw, decimal)


def test_a_reason_quotes_no_more_than_the_beginning_of_a_word() -> None:
    assert reason(values.boolean_of, "x" * 200) == f"{'x' * 80!r} is neither yes nor no"


@pytest.mark.parametrize("text", ["a", "1_", "1e999 "])
@pytest.mark.parametrize(
    ("convert", "more"), [(values.number_of, {}), (values.integer_of, {}), (values.boolean_of, {})]
)
def test_a_reason_quotes_the_beginning_of_a_long_cell(convert: Any, more: Any, text: str) -> None:
    said = reason(convert, text + "x" * 200, **more)
    assert repr((text + "x" * 200).strip()[:80]) in said or repr((text + "x" * 200)[:80]) in said


def test_a_long_number_is_quoted_by_its_beginning_too() -> None:
    assert repr(f"{'9' * 80}") in reason(values.number_of, "9" * 400)
    assert repr(f"1.{'0' * 77}1") in reason(values.integer_of, f"1.{'0' * 77}1", 0.5)
    assert repr("0." + "5" * 78) in reason(values.integer_of, "0." + "5" * 100)


@pytest.mark.parametrize(
    ("raw", "scale", "number"),
    [("3.0", 1.0, 3), (2**31 - 1, 1.0, 2**31 - 1), (1 - 2**31, 1.0, 1 - 2**31), ("1.5", 2.0, 3)],
)
def test_whole_numbers(raw: Any, scale: float, number: int) -> None:
    found = values.integer_of("field", raw, scale)
    assert (found, type(found)) == (number, int)


def test_whole_numbers_are_not_scaled_unless_told() -> None:
    assert values.integer_of("field", "7") == 7
    assert values.integer_of("field", "7,0", decimal=",") == 7


@pytest.mark.parametrize("raw", ["1.5", 2**31, -(2**31), "x"])
def test_what_is_no_whole_number_that_fits(raw: Any) -> None:
    assert "number" in reason(values.integer_of, raw)


@pytest.mark.parametrize(
    ("raw", "finite"), [(1, True), (-0.5, True), (float("nan"), False), (float("inf"), False), ("1", False), (10**400, False)]
)  # fmt: skip
def test_finite_numbers_are_numbers(raw: Any, finite: bool) -> None:
    assert values.is_finite_number(raw) is finite


@pytest.mark.parametrize("raw", [True, "yes", " YES ", "y", "1", "t", "True", 1, 1.0, "1.0"])
def test_yes(raw: Any) -> None:
    assert values.boolean_of("field", raw) is True


@pytest.mark.parametrize("raw", [False, "no", "N", "0", "f", "False", 0, 0.0, "0.0"])
def test_no(raw: Any) -> None:
    assert values.boolean_of("field", raw) is False


@pytest.mark.parametrize("raw", ["perhaps", "2", 2, "yess"])
def test_neither_yes_nor_no(raw: Any) -> None:
    assert "neither yes nor no" in reason(values.boolean_of, raw)


def test_json_is_read_from_text_and_taken_as_it_is_otherwise() -> None:
    assert values.json_of("field", '{"a": [1, "ä"]}') == {"a": [1, "ä"]}
    assert values.json_of("field", ["ä"]) == ["ä"]
    assert reason(values.json_of, "{a}") == "is not JSON"
    assert reason(values.json_of, "[" * 100_000) == "is not JSON"


@pytest.mark.parametrize("raw", ["a\x00b", ["\x00"], {"\x00": 1}, "\ud800", ["\udfff"]])
def test_json_that_the_database_cannot_hold(raw: Any) -> None:
    assert "holds" in reason(values.clean_json, raw)


def test_json_has_no_nan() -> None:
    assert "cannot be kept as JSON" in reason(values.clean_json, [float("nan")])
    assert values.clean_json("field", "ä \\u0041") == "ä \\u0041"
