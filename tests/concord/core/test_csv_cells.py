"""No cell of an export is a formula."""

import csv
import io
from typing import Any

import pytest

from concord.core.services.csv_cells import cell, lines


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
