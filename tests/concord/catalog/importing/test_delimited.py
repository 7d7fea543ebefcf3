"""Tables of delimited cells: which mark cuts them, which lines are headers, and the number of each line."""

import io
from typing import Any

import pytest

from concord.catalog.importing import delimited
from concord.catalog.importing.delimited import csv_lines, guess_delimiter, header, separator_of
from concord.catalog.importing.sources import Raw
from concord.core.errors import Invalid


def table(content: str, delimiter: str = ",", **more: Any) -> Raw:
    raw = content.encode()
    return Raw(io.BytesIO(raw), "t.csv", "csv", False, len(raw), "utf-8-sig", delimiter, **more)


def lines(content: str, *wanted: str, **more: Any) -> list[tuple[int, list[str]]]:
    return [
        (line.number, line.values)
        for line in csv_lines(table(content, **more), list(wanted))
        if not line.error
    ]


def errors(content: str, *wanted: str, **more: Any) -> list[tuple[int, str, str]]:
    found = csv_lines(table(content, **more), list(wanted))
    return [(line.number, line.error, line.excerpt) for line in found if line.error]


@pytest.mark.parametrize(
    ("line", "mark"),
    [
        ("sep=;\r\n", ";"),
        ("SEP=,\n", ","),
        ('"sep=|"\n', "|"),
        ("sep=;", ";"),
        ("sep=;;\n", ""),
        ("sep,x\n", ""),
        ("sep=x,y\n", ""),
        ("", ""),
    ],
)
def test_the_line_that_spreadsheets_write_for_each_other(line: str, mark: str) -> None:
    assert separator_of(line) == mark


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("a,b\n1,2\n", ","),
        ("a;b\n1;2\n", ";"),
        ("a\tb\n1\t2\n", "\t"),
        ("a|b\n1|2\n", "|"),
        ("a\n1\n", ","),
        ("", ","),
        ('a;b;"tick any: x, y, z, w"\n1;2;"x, y"\n3;4;\n', ";"),
        ("a;b,c,d\n1;2\n3;4\n", ";"),
        ("a,b;c,d\n1,2;3,4\n5,6;7,8\n", ","),
        ("sep=|\na;b\n1;2\n", "|"),
        ("a;b\n\n1;2\n\n", ";"),
        ("a,b;c\n" + "1;2\n" * 19 + "1,2\n" * 30, ";"),
    ],
)
def test_the_mark_that_cuts_records_into_equally_many_cells(text: str, mark: str) -> None:
    assert guess_delimiter(text) == mark


def test_only_the_first_records_tell_the_mark() -> None:
    assert delimited.LOOKED_AT == 20
    assert guess_delimiter("a,b;c\n" + "1,2\n" * 10 + "1;2\n" * 9 + "1;2\n" * 50) == ","


def test_a_mark_under_which_a_cell_is_beyond_the_limit_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    import csv

    before = csv.field_size_limit(30)
    try:
        assert guess_delimiter("a;" * 20 + "a\n" + "1;" * 20 + "1\n") == ";"
    finally:
        csv.field_size_limit(before)


def test_columns_are_the_names_of_the_first_line() -> None:
    assert header(table(" a ,b,\n1,2,3\n")) == ["a", "b", ""]
    assert header(table("sep=;\nb;a\n", ";")) == ["b", "a"]
    assert header(table("x\ny\na,b\n1,2\n", skip_lines=2)) == ["a", "b"]
    assert header(table("x\nsep=;\na;b\n", ";", skip_lines=1)) == ["a", "b"]
    assert header(table("u1,SysA,4\n", header=False)) == ["1", "2", "3"]


@pytest.mark.parametrize(
    ("content", "more", "said"),
    [
        ("", {}, "must name the columns"),
        (",,\n1,2,3\n", {}, "must name the columns"),
        ("a,b\n", {"skip_lines": 5}, "must name the columns"),
        ("a,a\n", {}, "same name"),
        ('"a"b\n', {}, "cannot be read"),
    ],
)
def test_a_first_line_that_names_no_columns(content: str, more: Any, said: str) -> None:
    with pytest.raises(Invalid, match=said):
        header(table(content, **more))


def test_a_table_may_be_as_wide_as_this_and_no_wider() -> None:
    assert len(header(table(",".join(f"c{n}" for n in range(2_000)) + "\n"))) == 2_000
    with pytest.raises(Invalid, match="2,001 columns; at most 2,000"):
        header(table(",".join(f"c{n}" for n in range(2_001)) + "\n"))


def test_values_come_in_the_order_in_which_they_are_asked_for() -> None:
    assert lines("a,b,c\n1,2,3\n4,5,6\n", "c", "a") == [(2, ["3", "1"]), (3, ["6", "4"])]
    assert lines("a,b\n1,2\n") == [(2, [])]


def test_numbers_are_those_of_an_editor_whatever_comes_before() -> None:
    assert lines("sep=;\na;b\n1;2\n", "b", delimiter=";") == [(3, ["2"])]
    assert lines("note\nnote\na,b\n1,2\n", "b", skip_lines=2) == [(4, ["2"])]
    assert lines("1,2\n3,4\n", "2", header=False) == [(1, ["2"]), (2, ["4"])]
    assert lines('"a\nx",b\n1,2\n\n"3\n3",4\n5,6\n', "b") == [(3, ["2"]), (5, ["4"]), (7, ["6"])]


KEYS = '"{""ImportId"":""a""}","{""ImportId"":""b""}"\n'


def test_the_headers_of_a_survey_platform_are_no_answers() -> None:
    assert lines(f"a,b\nHow good?,Who?\n{KEYS}1,2\n", "a") == [(4, ["1"])]
    assert lines(f"a,b\n{KEYS}1,2\n", "a") == [(3, ["1"])]
    assert len(lines(f"a,b\n1,2\n3,4\n{KEYS}", "a")) == 3, "further down it is what somebody wrote"
    assert lines('a,b\n"{""ImportId"":""a""}",x\n', "b") == [(2, ["x"])], "one cell alone makes no header"
    assert lines("a,b\n\n1,2\n", "a") == [(3, ["1"])]
    assert lines(f"{KEYS}1,2\n", "1", header=False)[1] == (2, ["1"])


def test_bad_lines_are_told_with_their_number_and_beginning() -> None:
    content = 'a,b\n1\n2,3,4\n5,6\n7,"8"x\n9,"0\n'
    assert errors(content, "a") == [
        (2, "has 1 cells where the header has 2", "1"),
        (3, "has 3 cells where the header has 2", "2 | 3 | 4"),
        (5, "is not well-formed CSV: ',' expected after '\"'", ""),
        (6, "opens a quote that is never closed; lines up to 6 could not be read", ""),
    ]
    assert lines(content, "a") == [(4, ["5"])]


def test_bytes_of_another_encoding_cost_their_own_record_only() -> None:
    raw = b'a,b\n1,"\xff\nx"\n2,\xe4\n3,4\n'
    source = Raw(io.BytesIO(raw), "t.csv", "csv", False, len(raw), "utf-8-sig", ",")
    found = list(csv_lines(source, ["a"]))
    assert [(line.number, line.error) for line in found] == [
        (2, "holds bytes that are not UTF-8"),
        (4, "holds bytes that are not UTF-8"),
        (5, ""),
    ]


def test_a_cell_beyond_the_limit_says_how_far_it_reaches() -> None:
    import csv

    before = csv.field_size_limit(50)
    try:
        found = errors("a,b\n1," + "x" * 60 + "\n2,3\n", "a")
    finally:
        csv.field_size_limit(before)
    assert found == [
        (2, "has a cell of more than 16,777,216 characters; lines up to 2 could not be read", "")
    ]
