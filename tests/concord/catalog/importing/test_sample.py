"""The first lines of a file."""

from typing import Any

import pytest

from concord.catalog.importing.sample import Sample, is_number, sample_of

TABLE = Sample(["a", "b", "c"], [["1", "x" * 24, None], ["2.5", "y" * 24, ""], ["1", "", "z"]])


def test_values_leave_out_what_is_empty() -> None:
    assert TABLE.values("c") == ["z"]
    assert TABLE.distinct("a") == ["1", "2.5"]
    assert Sample(["n"], [[1], [1.0], [True]]).distinct("n") == ["1", "1.0", "True"]
    assert Sample(["a"]).rows == []


def test_a_column_of_numbers_has_nothing_else() -> None:
    assert TABLE.is_numeric("a")
    assert not TABLE.is_numeric("b")
    assert not Sample(["a"], [["1"], ["x"]]).is_numeric("a")
    assert not Sample(["a"], [[None]]).is_numeric("a"), "nothing is no number"


@pytest.mark.parametrize(
    ("lengths", "long"), [((24, 24), False), ((24, 25), True), ((1, 48), True), ((1, 46), False), ((), False)]
)
def test_a_long_column_has_more_than_24_characters_on_the_average(
    lengths: tuple[int, ...], long: bool
) -> None:
    assert Sample(["a"], [["x" * n] for n in lengths]).is_long("a") is long


@pytest.mark.parametrize(
    ("value", "number"),
    [
        ("1", True),
        (" 2e3 ", True),
        (1.5, True),
        ("nan", True),
        ("x", False),
        (None, False),
        (True, False),
        ([1], False),
    ],
)
def test_what_reads_as_a_number(value: Any, number: bool) -> None:
    assert is_number(value) is number


def test_a_sample_is_the_good_lines_of_the_columns_that_have_a_name(batch: Any) -> None:
    found = sample_of(batch(b"a,,b\n1,2,3\n4\n5,6,7\n"))
    assert (found.columns, found.rows) == (["a", "b"], [["1", "3"], ["5", "7"]])
    many = sample_of(batch(b"a,b\n" + b"1,2\n" * 300))
    assert len(many.rows) == 200
