"""Parquet: columns, dotted paths into structs, and rows numbered across batches."""

import io
import random
import subprocess
import sys
from pathlib import Path

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


LONG = "x" * 90_000
BOMBS: dict[str, object] = {
    "text": LONG,
    "bytes": LONG.encode(),
    "in lists": [LONG],
    "in structs": {"t": LONG},
}
READ = """
import io, resource, sys
import pyarrow, pyarrow.parquet
from concord.catalog.importing.parquet import parquet_columns, parquet_lines
buffer = io.BytesIO(open(sys.argv[1], "rb").read())
list(parquet_lines(io.BytesIO(open(sys.argv[2], "rb").read()), ["s"]))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
read = sum(1 for line in parquet_lines(buffer, parquet_columns(buffer)) if not line.error)
print(read, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


@pytest.mark.parametrize("kind", BOMBS)
def test_what_many_rows_share_takes_its_room_once(kind: str, tmp_path: Path) -> None:
    bomb, small = tmp_path / "bomb.parquet", tmp_path / "small.parquet"
    table = pyarrow.table({"s": [BOMBS[kind]] * 8_000, "n": list(range(8_000))})
    pyarrow.parquet.write_table(table, bomb, compression="zstd")
    pyarrow.parquet.write_table(table.slice(0, 1), small)
    assert bomb.stat().st_size < 100_000
    script = [sys.executable, "-c", READ, str(bomb), str(small)]
    read, grown = map(int, subprocess.run(script, capture_output=True, text=True, check=True).stdout.split())
    assert read == 8_000
    assert grown < 60, f"{grown} MB"


def test_what_unpacks_to_far_more_than_its_size_is_refused_before_it_is_read() -> None:
    buffer = io.BytesIO()
    table = pyarrow.table({"s": ["x" * 100_000 + str(n) for n in range(1_000)]})
    pyarrow.parquet.write_table(
        table, buffer, compression="zstd", use_dictionary=False, write_statistics=False
    )
    assert buffer.tell() < 250_000
    with pytest.raises(
        Invalid, match="column s of this Parquet file unpacks to more than 400 times its size"
    ):
        parquet_columns(buffer)


def test_texts_and_what_is_missing_are_the_same_as_without_sharing() -> None:
    columns = {"t": ["a", None, "b", "a", ""], "b": [b"x", None, b"", b"x", b"y"], "n": [1, None, 3, 4, 5]}
    assert [line.values for line in parquet_lines(written(**columns), ["t", "b", "n"])] == [
        list(row) for row in zip(*columns.values(), strict=True)
    ]


def test_a_cell_and_a_table_that_are_too_long_or_wide_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "MAX_LINE", 3)
    found = list(parquet_lines(written(a=["abc", "abcd", "x"]), ["a"]))
    assert [(line.values, bool(line.error)) for line in found] == [
        (["abc"], False),
        ([], True),
        (["x"], False),
    ]
    monkeypatch.setattr(parquet, "MAX_COLUMNS", 1)
    with pytest.raises(Invalid, match="has 2 columns; at most 1"):
        parquet_columns(written(a=[1], b=[2]))


def test_few_rows_are_taken_at_once_where_they_are_wide_or_nested(monkeypatch: pytest.MonkeyPatch) -> None:
    assert parquet._batch_rows(parquet._parquet(written(a=[1, 2]))) == parquet.BATCH_ROWS
    assert parquet._batch_rows(parquet._parquet(written(a=[[1], [2]]))) == parquet.NESTED_ROWS
    wide = written(a=[random.Random(n).randbytes(1000).hex() for n in range(50)], b=[1] * 50)
    monkeypatch.setattr(parquet, "BATCH_BYTES", 10_000)
    assert parquet._batch_rows(parquet._parquet(wide)) == 4
