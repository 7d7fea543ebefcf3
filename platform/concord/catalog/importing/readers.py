"""Reading long tables line by line in bounded memory: CSV, TSV, JSON lines, JSON arrays and Parquet, plain or gzipped."""

import zlib
from collections.abc import Iterator
from typing import BinaryIO

from concord.catalog.importing.delimited import csv_lines, guess_delimiter
from concord.catalog.importing.delimited import header as header_of
from concord.catalog.importing.json_objects import object_lines, objects, paths
from concord.catalog.importing.parquet import parquet_columns, parquet_lines
from concord.catalog.importing.sources import Line, Raw, usable
from concord.core.errors import Invalid

FORMATS = ("csv", "tsv", "jsonl", "json", "parquet")
SAMPLE = 200
MAX_SKIPPED = 1_000
HEAD = 65_536  # bytes by which a file is told


class Source(Raw):
    """An opened file. `position()` and `size` are in bytes of the file as stored, for progress."""

    def position(self) -> int:
        return self.raw.tell()

    def columns(self) -> list[str]:
        """The columns of a table, or the keys (dotted where nested) seen in the first objects."""
        if self.format == "parquet":
            return usable(parquet_columns(self.raw))
        if self.format in ("csv", "tsv"):
            return header_of(self)
        names: dict[str, None] = {}
        for _, found in zip(range(SAMPLE), objects(self), strict=False):
            if isinstance(found[1], dict):
                names.update(dict.fromkeys(paths(found[1])))
        if not names:
            raise Invalid(
                "No objects were found in this file: it must hold one JSON object per line, or an array of them.",
                code="unreadable_file",
                field="file",
            )
        return usable(list(names))

    def lines(self, wanted: list[str]) -> Iterator[Line]:
        """Every line, with the values of `wanted` columns in that order."""
        if self.format == "parquet":
            return parquet_lines(self.raw, wanted)
        if self.format in ("csv", "tsv"):
            return csv_lines(self, wanted)
        return object_lines(self, wanted)


def open_source(
    raw: BinaryIO,
    *,
    name: str,
    size: int,
    format: str = "",
    encoding: str = "",
    delimiter: str = "",
    skip_lines: int = 0,
    header: bool = True,
) -> Source:
    """Look at the file and say how it is to be read; what the mapping states (`format`...) is taken as it is."""
    head = raw.read(HEAD)
    raw.seek(0)
    compressed = head[:2] == b"\x1f\x8b"
    if compressed:
        head = _unzip_head(head)
    found = format or _guess(name.removesuffix(".gz").lower(), head)
    if found not in FORMATS:
        raise Invalid(
            f"{found!r} is no format that can be imported; choose one of {', '.join(FORMATS)}.",
            code="unreadable_file",
            field="file",
        )
    if not head:
        raise Invalid("The file is empty.", code="unreadable_file", field="file")
    if found == "parquet" and compressed:
        raise Invalid(
            "A gzipped Parquet file cannot be read in pieces: unpack it first (Parquet is compressed inside).",
            code="unreadable_file",
            field="file",
        )
    if encoding:
        _check_encoding(encoding)
    if type(skip_lines) is not int or not 0 <= skip_lines <= MAX_SKIPPED:
        raise Invalid(
            f"skip_lines is the number of lines before the table, at most {MAX_SKIPPED}.",
            code="unreadable_file",
            field="file",
        )
    if not isinstance(header, bool):
        raise Invalid(
            "header is true or false: whether the first line names the columns.",
            code="unreadable_file",
            field="file",
        )
    told = encoding or _guess_encoding(head)
    source = Source(raw, name, found, compressed, size, told, skip_lines=skip_lines, header=header)
    if len(delimiter) > 1:
        raise Invalid("A delimiter is one character.", code="unreadable_file", field="file")
    if found in ("csv", "tsv"):
        source.delimiter = delimiter or ("\t" if found == "tsv" else _guess_delimiter(head, source))
    return source


def _unzip_head(head: bytes) -> bytes:
    try:
        return zlib.decompressobj(wbits=31).decompress(head, HEAD)
    except zlib.error as error:
        raise Invalid(
            "The file looks gzipped, but it cannot be unpacked: it is damaged.",
            code="unreadable_file",
            field="file",
        ) from error


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
        raise Invalid(
            f"{encoding[:40]!r} is no encoding that files can be read in.",
            code="unreadable_file",
            field="file",
        ) from error


def _guess_encoding(head: bytes) -> str:
    return "utf-16" if head[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"


def _guess_delimiter(head: bytes, source: Source) -> str:
    lines = head.decode(source.encoding, "replace").splitlines(keepends=True)
    if len(head) >= HEAD and len(lines) > 1:
        lines.pop()  # cut, most likely
    return guess_delimiter("".join(lines[source.skip_lines :]))
