"""Parquet: only the columns that are asked for are read, in batches of bounded size.

A file of some kilobytes can hold gigabytes: a long text that thousands of rows share is kept once (as a dictionary), and what
compresses very well is refused by what the file's own tables of contents say.
"""

from collections.abc import Iterator
from typing import Any, BinaryIO

from concord.catalog.importing.json_objects import look_up
from concord.catalog.importing.sources import MAX_COLUMNS, MAX_LINE, MAX_RATIO, Line, excerpt
from concord.core.errors import Invalid

BATCH_ROWS = 2048
NESTED_ROWS = 64  # of lists and structs, whose texts are not shared between rows
BATCH_BYTES = 32 * 1024 * 1024  # of one column
SMALL = 64 * 1024 * 1024  # bytes that any file may hold in one piece


def parquet_columns(raw: BinaryIO) -> list[str]:
    return [str(name) for name in _parquet(raw).schema_arrow.names]


def _parquet(raw: BinaryIO) -> Any:
    """The file, its texts to be read as dictionaries. Raises `Invalid` for damage, and for what unpacks to too much."""
    import pyarrow  # heavy: the web process needs it only here
    import pyarrow.parquet as parquet

    raw.seek(0)
    try:
        schema = parquet.read_schema(raw)
        shared = [field.name for field in schema if _is_text(pyarrow.types, field.type)]
        raw.seek(0)
        file = parquet.ParquetFile(raw, read_dictionary=shared)
        chunks = list(_chunks(file.metadata))
    except Exception as error:  # pyarrow raises many kinds for damaged files
        raise _refused(f"The Parquet file cannot be read: {error}.") from error
    if len(schema.names) > MAX_COLUMNS:
        raise _refused(
            f"The file has {len(schema.names):,} columns; at most {MAX_COLUMNS:,} can be imported."
        )
    for name, unpacked, packed in chunks:
        if unpacked > SMALL and unpacked > MAX_RATIO * max(packed, 1):
            raise _refused(
                f"The column {excerpt(name)} of this Parquet file unpacks to more than {MAX_RATIO} times its size; "
                "it is not read."
            )
    return file


def _is_text(types: Any, kind: Any) -> bool:
    return bool(types.is_string(kind) or types.is_large_string(kind) or types.is_binary(kind))


def _chunks(metadata: Any) -> Iterator[tuple[str, int, int]]:
    """Name, bytes unpacked and bytes packed of every piece of a column."""
    for place in range(metadata.num_row_groups):
        group = metadata.row_group(place)
        for column in map(group.column, range(group.num_columns)):
            yield column.path_in_schema, column.total_uncompressed_size, column.total_compressed_size


def _batch_rows(file: Any) -> int:
    """As many rows as take `BATCH_BYTES` of the widest column, on average; few where columns are nested."""
    rows = max(file.metadata.num_rows, 1)
    widest: dict[str, int] = {}
    for name, unpacked, _ in _chunks(file.metadata):
        widest[name] = widest.get(name, 0) + unpacked
    nested = any(field.type.num_fields for field in file.schema_arrow)
    most = NESTED_ROWS if nested else BATCH_ROWS
    return max(1, min(most, BATCH_BYTES * int(rows) // max(1, *widest.values(), 1)))


def _refused(words: str) -> Invalid:
    return Invalid(words, code="unreadable_file", field="file")


def parquet_lines(raw: BinaryIO, wanted: list[str]) -> Iterator[Line]:
    """Every row, numbered from 1, with the values of `wanted` (dotted paths reach into structs)."""
    file = _parquet(raw)
    known = set(file.schema_arrow.names)
    tops = {path: path if path in known else path.split(".")[0] for path in wanted}
    number = 0
    try:
        for batch in file.iter_batches(
            batch_size=_batch_rows(file), columns=sorted(set(tops.values())) or None
        ):
            data = {name: _values(batch.column(name)) for name in batch.schema.names}
            picked = [_picked(data[tops[path]], path, tops[path]) for path in wanted]
            for place in range(batch.num_rows):
                number += 1
                yield _line(number, [column[place] for column in picked])
    except Invalid:
        raise
    except Exception as error:  # damage, and values that Python has nothing for (dates after the year 9999)
        raise Invalid(
            f"The Parquet file cannot be read after row {number:,}: {error}.",
            code="unreadable_file",
            field="file",
        ) from error
    finally:
        _give_back()


def _give_back() -> None:
    """pyarrow keeps what it has freed for itself; the next import may be in another process."""
    import pyarrow

    pyarrow.default_memory_pool().release_unused()


def _values(column: Any) -> list[Any]:
    """As Python has them; rows that share a text share it here as well."""
    if not hasattr(column, "dictionary"):
        return list(column.to_pylist())
    texts = column.dictionary.to_pylist()
    return [None if place is None else texts[place] for place in column.indices.to_pylist()]


def _line(number: int, values: list[Any]) -> Line:
    for value in values:
        if isinstance(value, str | bytes) and len(value) > MAX_LINE:
            return Line(number, [], f"has a cell of more than {MAX_LINE:,} characters", excerpt(value))
    return Line(number, values)


def _picked(values: list[Any], path: str, top: str) -> list[Any]:
    if path == top:
        return values
    rest = path.removeprefix(f"{top}.")
    return [look_up(value, rest) if isinstance(value, dict) else None for value in values]
