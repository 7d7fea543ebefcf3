"""Parquet: columns, dotted paths into structs, and rows numbered across batches."""

import io

import pyarrow
import pyarrow.parquet
import pytest

from concord.catalog.importing import parquet
from concord.catalog.importing.parquet import parquet_columns, parquet_lines
from concord.core.errors import Invalid


def written(**columns: list[object]) -> io.BytesIO:
    buffer = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.table(columns), buffer)
    return buffer


def test_columns_and_rows() -> None:
    file = written(a=[1, 2], b=["x", None])
    assert parquet_columns(file) == ["a", "b"]
    assert [(line.number, line.values) for line in parquet_lines(file, ["b", "a"])] == [
        (1, ["x", 1]),
        (2, [None, 2]),
    ]
    assert [(line.number, line.values) for line in parquet_lines(file, [])] == [(1, []), (2, [])]


def test_paths_lead_into_structs_and_a_column_goes_by_its_own_name_first() -> None:
    file = io.BytesIO()
    table = pyarrow.table({"s": [{"x": {"y": 1}}, None], "s.x": ["own", "name"]})
    pyarrow.parquet.write_table(table, file)
    assert [line.values for line in parquet_lines(file, ["s.x.y", "s.x"])] == [[1, "own"], [None, "name"]]
    flat = written(s=[5, 6])
    assert [line.values for line in parquet_lines(flat, ["s.x"])] == [[None], [None]]


def test_columns_that_nobody_asks_for_are_not_read() -> None:
    """The second column holds a time that Python has nothing for."""
    file = io.BytesIO()
    table = pyarrow.table({"a": [1], "t": pyarrow.array([2**61], pyarrow.timestamp("us"))})
    pyarrow.parquet.write_table(table, file)
    assert [line.values for line in parquet_lines(file, ["a"])] == [[1]]
    with pytest.raises(Invalid, match="after row 0"):
        list(parquet_lines(file, ["t"]))


def test_rows_are_counted_across_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "BATCH_ROWS", 2)
    found = list(parquet_lines(written(a=list(range(5))), ["a"]))
    assert [(line.number, line.values[0]) for line in found] == [(n + 1, n) for n in range(5)]


def test_damage_says_how_far_it_was_read(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Invalid, match="cannot be read"):
        parquet_columns(io.BytesIO(b"PAR1 nothing PAR1"))
    with pytest.raises(Invalid, match="after row 0"):
        list(parquet_lines(written(a=[1]), ["b"]))
