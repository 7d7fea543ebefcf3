"""Reading long tables line by line in bounded memory: CSV, TSV, JSON lines, JSON arrays and Parquet, plain or gzipped.

A line that cannot be read is handed on as a `Line` with an error: one bad line never stops the others.
"""

import csv
import gzip
import io
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, NamedTuple

from concord.core.errors import Invalid

FORMATS = ("csv", "tsv", "jsonl", "json", "parquet")
MAX_LINE = 16 * 1024 * 1024  # characters of one line; longer ones are rejected, not read
MAX_COLUMNS = 2_000
MAX_RATIO = 400  # a gzip file that unpacks to more than this many times its size is taken for an attack
SAMPLE = 200
EXCERPT = 120

csv.field_size_limit(MAX_LINE)


class Line(NamedTuple):
    """One record of the file. `values` follow the columns asked for; with an `error` there are none."""

    number: int
    values: list[Any]
    error: str = ""
    excerpt: str = ""


@dataclass
class Source:
    """An opened file. `position()` and `size` are in bytes of the file as stored, for progress."""

    raw: BinaryIO
    name: str
    format: str
    compressed: bool
    size: int
    encoding: str = ""
    delimiter: str = ""

    def position(self) -> int:
        return self.raw.tell()

    def columns(self) -> list[str]:
        """The columns of a table, or the keys (dotted where nested) seen in the first objects."""
        if self.format == "parquet":
            return [str(name) for name in _parquet(self.raw).schema_arrow.names]
        if self.format in ("csv", "tsv"):
            return _header(_text_lines(self), self)
        names: dict[str, None] = {}
        for _, found in zip(range(SAMPLE), _objects(self), strict=False):
            if isinstance(found[1], dict):
                names.update(dict.fromkeys(_paths(found[1])))
        if not names:
            raise Invalid(
                "No objects were found in this file: it must hold one JSON object per line, or an array of them."
            )
        return list(names)

    def lines(self, wanted: list[str]) -> Iterator[Line]:
        """Every line, with the values of `wanted` columns in that order."""
        if self.format == "parquet":
            return _parquet_lines(self.raw, wanted)
        if self.format in ("csv", "tsv"):
            return _csv_lines(self, wanted)
        return _object_lines(self, wanted)


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
    source = Source(raw, name, found, compressed, size, encoding or _guess_encoding(head))
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


def _guess_encoding(head: bytes) -> str:
    return "utf-16" if head[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"


def _guess_delimiter(head: bytes, encoding: str) -> str:
    first = head.decode(encoding, "replace").splitlines()[:1]
    counts = {mark: first[0].count(mark) for mark in ",;\t|"} if first else {",": 1}
    return max(counts, key=lambda mark: counts[mark])


class _Bounded(io.RawIOBase):
    """Bytes of a gzip stream, refused beyond `MAX_RATIO` times the size of the file."""

    def __init__(self, source: Source) -> None:
        self._stream = gzip.GzipFile(fileobj=source.raw, mode="rb")
        self._left = max(source.size, 1024) * MAX_RATIO + MAX_LINE

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            read = self._stream.readinto(buffer)
        except (OSError, EOFError, zlib.error) as error:
            raise Invalid(f"The gzipped file is damaged: {error}.") from error
        self._left -= read
        if self._left < 0:
            raise Invalid("This gzip file unpacks to far more than its size; it is not read.")
        return read


def _bytes(source: Source) -> io.BufferedIOBase:
    source.raw.seek(0)
    if source.compressed:
        return io.BufferedReader(_Bounded(source), 1 << 18)
    return source.raw  # type: ignore[return-value]


class _text_lines:
    """Physical lines as text. `bad` is the last line with bytes that are not in the encoding; too long a line is cut."""

    def __init__(self, source: Source) -> None:
        try:
            # surrogateescape keeps undecodable bytes visible, so that only their own lines are rejected
            self.stream = io.TextIOWrapper(
                _bytes(source), encoding=source.encoding, errors="surrogateescape", newline=""
            )
        except LookupError as error:
            raise Invalid(f"{source.encoding!r} is no known encoding.") from error
        self.number = 0
        self.bad = 0

    def __iter__(self) -> "_text_lines":
        return self

    def __next__(self) -> str:
        try:
            line = self.stream.readline(MAX_LINE)
        except UnicodeError as error:
            raise Invalid(f"The file cannot be decoded: {error}.") from error
        if not line:
            raise StopIteration
        self.number += 1
        if len(line) == MAX_LINE and not line.endswith("\n"):
            self._skip()
        if not line.isascii() and _has_surrogates(line):
            self.bad = self.number
        return line

    def _skip(self) -> None:
        while (rest := self.stream.readline(MAX_LINE)) and not rest.endswith("\n"):
            pass

    def close(self) -> None:
        """Let go of the wrapper without closing the file beneath."""
        self.stream.detach()


def _has_surrogates(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return True
    return False


def _header(lines: _text_lines, source: Source) -> list[str]:
    try:
        names = [
            name.strip() for name in next(csv.reader(lines, delimiter=source.delimiter, strict=True), [])
        ]
    except csv.Error as error:
        raise Invalid(f"The header line cannot be read: {error}.") from error
    finally:
        lines.close()
    if not any(names):
        raise Invalid("The first line must name the columns; it is empty.")
    if len(names) > MAX_COLUMNS:
        raise Invalid(f"The file has {len(names):,} columns; at most {MAX_COLUMNS:,} can be imported.")
    if any("\x00" in name for name in names):
        raise Invalid("The header holds null bytes: this is not a text file.")
    twice = sorted({name for name in names if name and names.count(name) > 1})
    if twice:
        raise Invalid(f"Two columns have the same name: {', '.join(twice)}. Rename one of them.")
    return names


def _csv_lines(source: Source, wanted: list[str]) -> Iterator[Line]:
    columns = source.columns()
    places = [columns.index(name) for name in wanted]
    lines = _text_lines(source)
    reader = csv.reader(lines, delimiter=source.delimiter, strict=True)
    next(reader)
    width, before = len(columns), reader.line_num
    while True:
        start = before + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            before = reader.line_num
            yield Line(start, [], _quote_problem(str(error), before))
            continue
        before = reader.line_num
        if cells is None:
            return
        if lines.bad >= start:
            yield Line(start, [], f"holds bytes that are not {_encoding_name(source)}", _excerpt(cells))
        elif len(cells) == width:
            yield Line(start, [cells[place] for place in places])
        elif cells:
            yield Line(start, [], f"has {len(cells)} cells where the header has {width}", _excerpt(cells))


def _encoding_name(source: Source) -> str:
    return source.encoding.upper().removesuffix("-SIG")


def _quote_problem(error: str, last: int) -> str:
    if "unexpected end of data" in error:
        return f"opens a quote that is never closed; lines up to {last:,} could not be read"
    if "field larger" in error:
        return f"has a cell of more than {MAX_LINE:,} characters; lines up to {last:,} could not be read"
    return f"is not well-formed CSV: {error}"


def _excerpt(cells: list[str]) -> str:
    return " | ".join(cells)[:EXCERPT].encode("utf-8", "replace").decode().replace("\x00", "?")


def _object_lines(source: Source, wanted: list[str]) -> Iterator[Line]:
    for number, found, error in _objects(source):
        if error:
            yield Line(
                number,
                [],
                error,
                str(found)[:EXCERPT].encode("utf-8", "replace").decode().replace("\x00", "?"),
            )
        elif not isinstance(found, dict):
            yield Line(number, [], "is not a JSON object", str(found)[:EXCERPT])
        else:
            yield Line(number, [look_up(found, path) for path in wanted])


def look_up(found: Any, path: str) -> Any:
    """The value of a key, or of a dotted path where no key has that name; None where there is nothing."""
    if path in found:
        return found[path]
    for part in path.split("."):
        if not isinstance(found, dict):
            return None
        found = found.get(part)
    return found


def _paths(found: dict[str, Any], prefix: str = "") -> Iterator[str]:
    for key, value in found.items():
        if isinstance(value, dict) and value and prefix.count(".") < 3:
            yield from _paths(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}"


def _objects(source: Source) -> Iterator[tuple[int, Any, str]]:
    return _array(source) if source.format == "json" else _json_lines(source)


def _json_lines(source: Source) -> Iterator[tuple[int, Any, str]]:
    lines = _text_lines(source)
    for text in lines:
        if lines.bad == lines.number:
            yield lines.number, text, f"holds bytes that are not {_encoding_name(source)}"
        elif not text.strip():
            continue
        elif len(text) >= MAX_LINE:
            yield lines.number, text, f"has more than {MAX_LINE:,} characters"
        else:
            try:
                yield lines.number, json.loads(text), ""
            except (ValueError, RecursionError) as error:
                yield lines.number, text, f"is not JSON: {error}"
    lines.close()


def _array(source: Source) -> Iterator[tuple[int, Any, str]]:
    """The elements of one JSON array; numbers are places in the array, from 1."""
    stream = io.TextIOWrapper(_bytes(source), encoding=source.encoding, errors="strict")
    decode, number = json.JSONDecoder().raw_decode, 0
    buffer = _read(stream, 1 << 16).lstrip()[1:]
    while True:
        buffer = buffer.lstrip(" \t\r\n,")
        if buffer[:1] == "]":
            break
        try:
            found, end = decode(buffer)
            if end == len(buffer):  # a number or word at the end of the buffer may go on
                raise ValueError("cut")
        except (ValueError, RecursionError):
            more = _read(stream, max(1 << 16, len(buffer))) if len(buffer) < MAX_LINE else ""
            if not more:
                raise Invalid(
                    f"Element {number + 1:,} of the array is not JSON (or too long); nothing after it can be read."
                ) from None
            buffer += more
            continue
        number += 1
        yield number, found, ""
        buffer = buffer[end:]
    stream.detach()


def _read(stream: io.TextIOWrapper, size: int) -> str:
    try:
        return stream.read(size)
    except UnicodeError as error:
        raise Invalid(f"The file is not {stream.encoding}: {error}.") from error


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
    except (OSError, ValueError) as error:
        raise Invalid(f"The Parquet file is damaged after row {number:,}: {error}.") from error


def _picked(values: list[Any], path: str, top: str) -> list[Any]:
    if path == top:
        return values
    rest = path.removeprefix(f"{top}.")
    return [look_up(value, rest) if isinstance(value, dict) else None for value in values]
