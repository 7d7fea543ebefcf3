"""Reading long tables line by line in bounded memory: CSV, TSV, JSON lines, JSON arrays and Parquet, plain or gzipped."""

import zlib
from collections.abc import Iterator
from typing import Any, BinaryIO

from concord.catalog.services.importing.objects import look_up, object_lines, objects, paths
from concord.catalog.services.importing.sources import Line, Raw, usable
from concord.catalog.services.importing.tables import csv_lines, header
from concord.core.errors import Invalid

FORMATS = ("csv", "tsv", "jsonl", "json", "parquet")
SAMPLE = 200


class Source(Raw):
    """An opened file. `position()` and `size` are in bytes of the file as stored, for progress."""

    def position(self) -> int:
        return self.raw.tell()

    def columns(self) -> list[str]:
        """The columns of a table, or the keys (dotted where nested) seen in the first objects."""
        if self.format == "parquet":
            return usable([str(name) for name in _parquet(self.raw).schema_arrow.names])
        if self.format in ("csv", "tsv"):
            return header(self)
        names: dict[str, None] = {}
        for _, found in zip(range(SAMPLE), objects(self), strict=False):
            if isinstance(found[1], dict):
                names.update(dict.fromkeys(paths(found[1])))
        if not names:
            raise Invalid(
                "No objects were found in this file: it must hold one JSON object per line, or an array of them."
            )
        return usable(list(names))

    def lines(self, wanted: list[str]) -> Iterator[Line]:
        """Every line, with the values of `wanted` columns in that order."""
        if self.format == "parquet":
            return _parquet_lines(self.raw, wanted)
        if self.format in ("csv", "tsv"):
            return csv_lines(self, wanted)
        return object_lines(self, wanted)


def open_source(
    raw: BinaryIO, *, name: str, size: int, format: str = "", encoding: str = "", delimiter: str = ""
) -> Source:
    """Look at the file and say how it is to be read; what the mapping states (`format`...) is taken as it is."""
    head = raw.read(65536)
    raw.seek(0)
    compressed = head[:2] == b"\x1f\x8b"
    if compressed:
        head = _unzip_head(head)
    found = format or _guess(name.removesuffix(".gz").lower(), head)
    if found not in FORMATS:
        raise Invalid(f"{found!r} is no format that can be imported; choose one of {', '.join(FORMATS)}.")
    if not head:
        raise Invalid("The file is empty.")
    if found == "parquet" and compressed:
        raise Invalid(
            "A gzipped Parquet file cannot be read in pieces: unpack it first (Parquet is compressed inside)."
        )
    if encoding:
        _check_encoding(encoding)
    source = Source(raw, name, found, compressed, size, encoding=encoding or _guess_encoding(head))
    if len(delimiter) > 1:
        raise Invalid("A delimiter is one character.")
    if found in ("csv", "tsv"):
        source.delimiter = delimiter or ("\t" if found == "tsv" else _guess_delimiter(head, source.encoding))
    return source


def _unzip_head(head: bytes) -> bytes:
    try:
        return zlib.decompressobj(wbits=31).decompress(head, 65536)
    except zlib.error as error:
        raise Invalid("The file looks gzipped, but it cannot be unpacked: it is damaged.") from error


def _guess(name: str, head: bytes) -> str:
    if head[:4] == b"PAR1":
        return "parquet"
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if name.endswith((".jsonl", ".ndjson", ".json")) or start in (b"{", b"["):
        return "json" if start == b"[" else "jsonl"
    return "tsv" if name.endswith((".tsv", ".tab")) else "csv"


def _check_encoding(encoding: str) -> None:
    """Python has codecs that are no encodings of text (rot13), and some that cannot go on after a bad byte (idna)."""
    try:
        b"\x00\x00\x00\x00".decode(encoding, "surrogateescape")
    except (LookupError, ValueError) as error:
        raise Invalid(f"{encoding[:40]!r} is no encoding that files can be read in.") from error


def _guess_encoding(head: bytes) -> str:
    return "utf-16" if head[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"


def _guess_delimiter(head: bytes, encoding: str) -> str:
    first = head.decode(encoding, "replace").splitlines()[:1]
    counts = {mark: first[0].count(mark) for mark in ",;\t|"} if first else {",": 1}
    return max(counts, key=lambda mark: counts[mark])


def _parquet(raw: BinaryIO) -> Any:
    import pyarrow.parquet as parquet  # heavy: the web process needs it only here

    raw.seek(0)
    try:
        return parquet.ParquetFile(raw)
    except Exception as error:  # pyarrow raises many kinds for damaged files
        raise Invalid(f"The Parquet file cannot be read: {error}.") from error


def _parquet_lines(raw: BinaryIO, wanted: list[str]) -> Iterator[Line]:
    file = _parquet(raw)
    known = set(file.schema_arrow.names)
    tops = {path: path if path in known else path.split(".")[0] for path in wanted}
    number = 0
    try:
        for batch in file.iter_batches(batch_size=2048, columns=sorted(set(tops.values())) or None):
            data = {name: batch.column(name).to_pylist() for name in batch.schema.names}
            picked = [_picked(data[tops[path]], path, tops[path]) for path in wanted]
            for place in range(batch.num_rows):
                number += 1
                yield Line(number, [column[place] for column in picked])
    except Exception as error:  # damage, and values that Python has nothing for (dates after the year 9999)
        raise Invalid(f"The Parquet file cannot be read after row {number:,}: {error}.") from error


def _picked(values: list[Any], path: str, top: str) -> list[Any]:
    if path == top:
        return values
    rest = path.removeprefix(f"{top}.")
    return [look_up(value, rest) if isinstance(value, dict) else None for value in values]
