"""No cell of an export is a formula."""

import csv
import io
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from concord.core.services.csv_cells import cell, lines, row


@pytest.mark.parametrize("text", ["=1+1", "+cmd", "-2+3", "@SUM(A1)", "\t=1", "\r=1", " =1", "\n@x", "-1_0"])
def test_what_a_spreadsheet_would_run_is_text(text: str) -> None:
    assert cell(text) == f"'{text}"


@pytest.mark.parametrize("value", ["-3.5", "+4", -3.5, 7, True, "plain", "a=b", "", "-1e-7"])
def test_numbers_and_plain_text_stay_as_they_are(value: Any) -> None:
    assert cell(value) == value


def test_what_is_missing_is_empty() -> None:
    assert cell(None) == ""


def test_lines_read_back_as_they_were() -> None:
    text = "".join(lines(["a", "b"], [["one, two", 'say "hi"\nthere'], ["=x", None]]))
    assert list(csv.reader(io.StringIO(text, newline=""))) == [
        ["a", "b"],
        ["one, two", 'say "hi"\nthere'],
        ["'=x", ""],
    ]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (False, False),
        (0, 0),
        (1.5, 1.5),
        (float("inf"), float("inf")),
        (Decimal("2.50"), "2.50"),
        (Decimal("-2.50"), "-2.50"),
        (date(2026, 12, 1), "2026-12-01"),
        (["=1"], "['=1']"),
    ],
)
def test_numbers_stay_numbers_and_all_else_becomes_text(value: Any, shown: Any) -> None:
    found = cell(value)
    assert found == shown
    assert type(found) is type(shown)


@pytest.mark.parametrize(
    "text",
    [
        "-",
        "+",
        "1-2",
        "-1-2",
        "-1+1",
        "+1e",
        "-.",
        "=",
        "@",
        "-١",
        "- 1",
        "--1",
        "+1;2",
        "\u00a0=1",
        "\x00=1",
    ],
)
def test_only_a_whole_number_keeps_its_sign(text: str) -> None:
    kept = text.replace("\x00", "")
    dangerous = kept.strip()[0] in "=+-@"
    assert cell(text) == (f"'{kept}" if dangerous else kept)


@pytest.mark.parametrize("text", ["-1", "+1", "-1.", "-.5", "+1e5", "-1.5E-07", "+0"])
def test_a_signed_number_in_a_text_stays_one(text: str) -> None:
    assert cell(text) == text
    assert cell(f"{text}\n") == f"'{text}\n"


@given(st.text(max_size=30))
def test_no_cell_begins_as_a_formula_does_and_nothing_is_lost(text: str) -> None:
    found = cell(text)
    bare = found.removeprefix("'") if found != text.replace("\x00", "") else found
    assert bare == text.replace("\x00", "")
    if found and found.lstrip()[:1] in ("=", "+", "-", "@"):
        float(found)


def test_a_row_is_neutral_cell_by_cell_and_lines_end_as_spreadsheets_expect() -> None:
    assert row(["=1", None, 2]) == ["'=1", "", 2]
    assert list(lines(["=h"], [])) == ["'=h\r\n"]
    assert list(lines(["a"], iter([[1], ["b,c"]]))) == ["a\r\n", "1\r\n", '"b,c"\r\n']
