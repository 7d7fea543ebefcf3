"""Parquet: only the columns that are asked for are read, in batches."""

from collections.abc import Iterator
from typing import Any, BinaryIO

from concord.catalog.importing.json_objects import look_up
from concord.catalog.importing.sources import Line
from concord.core.errors import Invalid

BATCH_ROWS = 2048


def parquet_columns(raw: BinaryIO) -> list[str]:
    return [str(name) for name in _parquet(raw).schema_arrow.names]


def _parquet(raw: BinaryIO) -> Any:
    import pyarrow.parquet as parquet  # heavy: the web process needs it only here

    raw.seek(0)
    try:
        return parquet.ParquetFile(raw)
    except Exception as error:  # pyarrow raises many kinds for damaged files
        raise Invalid(
            f"The Parquet file cannot be read: {error}.", code="unreadable_file", field="file"
        ) from error


def parquet_lines(raw: BinaryIO, wanted: list[str]) -> Iterator[Line]:
    """Every row, numbered from 1, with the values of `wanted` (dotted paths reach into structs)."""
    file = _parquet(raw)
    known = set(file.schema_arrow.names)
    tops = {path: path if path in known else path.split(".")[0] for path in wanted}
    number = 0
    try:
        for batch in file.iter_batches(batch_size=BATCH_ROWS, columns=sorted(set(tops.values())) or None):
            data = {name: batch.column(name).to_pylist() for name in batch.schema.names}
            picked = [_picked(data[tops[path]], path, tops[path]) for path in wanted]
            for place in range(batch.num_rows):
                number += 1
                yield Line(number, [column[place] for column in picked])
    except Exception as error:  # damage, and values that Python has nothing for (dates after the year 9999)
        raise Invalid(
            f"The Parquet file cannot be read after row {number:,}: {error}.",
            code="unreadable_file",
            field="file",
        ) from error


def _picked(values: list[Any], path: str, top: str) -> list[Any]:
    if path == top:
        return values
    rest = path.removeprefix(f"{top}.")
    return [look_up(value, rest) if isinstance(value, dict) else None for value in values]
