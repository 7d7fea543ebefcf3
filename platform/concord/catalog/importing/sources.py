"""The bytes of an upload as text: unzipped, decoded and cut into physical lines, all in bounded memory."""

import gzip
import io
import zlib
from dataclasses import dataclass
from typing import Any, BinaryIO, NamedTuple, cast

from concord.core.errors import Invalid

MAX_LINE = 16 * 1024 * 1024  # characters of one line; longer ones are rejected, not read
MAX_RATIO = 400  # a gzip file that unpacks to more than this many times its size is taken for an attack
MAX_COLUMNS = 2_000
EXCERPT = 120


class Line(NamedTuple):
    """One record of the file. `values` follow the columns asked for; with an `error` there are none."""

    number: int
    values: list[Any]
    error: str = ""
    excerpt: str = ""


@dataclass
class Raw:
    """An opened file and how it is to be read."""

    raw: BinaryIO
    name: str
    format: str
    compressed: bool
    size: int
    encoding: str = ""
    delimiter: str = ""
    skip_lines: int = 0  # physical lines before the table
    header: bool = True  # whether the first line names the columns; without one they are called 1, 2, 3...

    @property
    def encoding_name(self) -> str:
        return self.encoding.upper().removesuffix("-SIG")


def usable(names: list[str]) -> list[str]:
    """The names of the columns, where each is a text of its own. Raises `Invalid` otherwise."""
    if any("\x00" in name for name in names):
        raise Invalid(
            "The names of the columns hold null bytes: this is not a text file.",
            code="unreadable_file",
            field="file",
        )
    if any(has_surrogates(name) for name in names):
        raise Invalid(
            "The names of the columns hold bytes that are no text in this encoding.",
            code="unreadable_file",
            field="file",
        )
    twice = sorted({name for name in names if name and names.count(name) > 1})
    if twice:
        raise Invalid(
            f"Two columns have the same name: {', '.join(twice)}. Rename one of them.",
            code="unreadable_file",
            field="file",
        )
    return names


def shown(text: str) -> str:
    """A text of the file as a page or PostgreSQL can hold it: halves of characters and null bytes are replaced by a mark."""
    if "\x00" not in text and not has_surrogates(text):
        return text
    return text.encode("utf-8", "replace").decode().replace("\x00", "\N{REPLACEMENT CHARACTER}")


def excerpt(value: Any) -> str:
    """The beginning of what stood in the file, to be shown."""
    return shown(str(value)[:EXCERPT])


class _Unclosed(io.RawIOBase):
    """The bytes of a file that stays open when whoever reads them is done: the same file is read several times."""

    def __init__(self, raw: BinaryIO) -> None:
        self._raw = raw

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        piece = self._raw.read(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)


class _Bounded(io.RawIOBase):
    """Bytes of a gzip stream, refused beyond `MAX_RATIO` times the size of the file."""

    def __init__(self, source: Raw) -> None:
        self._stream = gzip.GzipFile(fileobj=source.raw, mode="rb")
        self._left = max(source.size, 1024) * MAX_RATIO + MAX_LINE

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            read = self._stream.readinto(buffer)
        except (OSError, EOFError, zlib.error) as error:
            raise Invalid(
                f"The gzipped file is damaged: {error}.", code="unreadable_file", field="file"
            ) from error
        self._left -= read
        if self._left < 0:
            raise Invalid(
                "This gzip file unpacks to far more than its size; it is not read.",
                code="unreadable_file",
                field="file",
            )
        return read


def byte_stream(source: Raw) -> BinaryIO:
    """The unpacked bytes, from the beginning."""
    source.raw.seek(0)
    plain: io.RawIOBase = _Bounded(source) if source.compressed else _Unclosed(source.raw)
    return cast(BinaryIO, io.BufferedReader(plain, 1 << 18))


class TextLines:
    """Physical lines as text. `bad` is the last line with bytes that are not in the encoding; too long a line is cut."""

    def __init__(self, source: Raw) -> None:
        try:
            # surrogateescape keeps undecodable bytes visible, so that only their own lines are rejected
            self.stream = io.TextIOWrapper(
                byte_stream(source), encoding=source.encoding, errors="surrogateescape", newline=""
            )
        except LookupError as error:
            raise Invalid(
                f"{source.encoding!r} is no known encoding.", code="unreadable_file", field="file"
            ) from error
        self.number = 0
        self.bad = 0

    def __iter__(self) -> "TextLines":
        return self

    def __next__(self) -> str:
        try:
            line = self.stream.readline(MAX_LINE)
        except UnicodeError as error:
            raise Invalid(
                f"The file cannot be decoded: {error}.", code="unreadable_file", field="file"
            ) from error
        if not line:
            raise StopIteration
        self.number += 1
        if len(line) == MAX_LINE and not line.endswith("\n"):
            self._skip()
        if not line.isascii() and has_surrogates(line):
            self.bad = self.number
        return line

    def _skip(self) -> None:
        while (rest := self.stream.readline(MAX_LINE)) and not rest.endswith("\n"):
            pass


def has_surrogates(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return True
    return False
