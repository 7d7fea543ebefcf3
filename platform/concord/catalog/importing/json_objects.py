"""JSON lines and JSON arrays of objects."""

import io
import json
from collections.abc import Iterator
from typing import Any

from concord.catalog.importing.sources import MAX_LINE, Line, Raw, TextLines, byte_stream, excerpt
from concord.core.errors import Invalid

PIECE = 1 << 16  # characters


def object_lines(source: Raw, wanted: list[str]) -> Iterator[Line]:
    for number, found, error in objects(source):
        if error:
            yield Line(
                number,
                [],
                error,
                excerpt(found),
            )
        elif not isinstance(found, dict):
            yield Line(number, [], "is not a JSON object", excerpt(found))
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


def paths(found: dict[str, Any], prefix: str = "") -> Iterator[str]:
    for key, value in found.items():
        if isinstance(value, dict) and value and prefix.count(".") < 3:
            yield from paths(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}"


def objects(source: Raw) -> Iterator[tuple[int, Any, str]]:
    return _array(source) if source.format == "json" else _json_lines(source)


def _json_lines(source: Raw) -> Iterator[tuple[int, Any, str]]:
    lines = TextLines(source)
    for text in lines:
        if lines.bad == lines.number:
            yield lines.number, text, f"holds bytes that are not {source.encoding_name}"
        elif not text.strip():
            continue
        elif len(text) >= MAX_LINE:
            yield lines.number, text, f"has more than {MAX_LINE:,} characters"
        else:
            try:
                yield lines.number, json.loads(text, object_pairs_hook=_once), ""
            except (ValueError, RecursionError) as error:
                yield lines.number, text, f"is not JSON: {_reason(error)}"


def _array(source: Raw) -> Iterator[tuple[int, Any, str]]:
    """The elements of the one JSON array that the file is; numbers are places in the array, from 1."""
    text = _Pieces(source)
    if text.next_character() != "[":
        raise _refused("The file is not a JSON array.")
    text.at += 1
    number, may_end = 0, True
    while True:
        character = text.next_character()
        if character == "]" and may_end:
            break
        if number and may_end:
            if character != ",":
                raise _refused(f"{_after(number)} stands neither a comma nor the end of the array.")
            text.at += 1
            may_end = False
            continue
        found = text.element(number + 1)
        number, may_end = number + 1, True
        yield number, found, ""
    text.at += 1
    if text.next_character():
        raise _refused(
            f"The array ends after its element {number:,}, and the file goes on with {text.ahead()!r}: a .json file holds "
            "one array. Join the arrays, or write one object a line (.jsonl)."
        )


def _after(number: int) -> str:
    return f"After element {number:,} of the array"


def _refused(words: str) -> Invalid:
    return Invalid(words, code="unreadable_file", field="file")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose keys are each there once: of two values for one name neither is the right one."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {excerpt(twice)!r} stands twice in one object")
    return found


class _Pieces:
    """The text of a file, a piece at a time; `at` is the place in the piece that is held."""

    def __init__(self, source: Raw) -> None:
        self._stream = io.TextIOWrapper(byte_stream(source), encoding=source.encoding, errors="strict")
        self._decode = json.JSONDecoder(object_pairs_hook=_once).raw_decode
        self._held = ""
        self.at = 0

    def next_character(self) -> str:
        """The next one that is no white space, which stays there; empty at the end of the file."""
        while True:
            while self.at < len(self._held) and self._held[self.at] in " \t\r\n":
                self.at += 1
            if self.at < len(self._held):
                return self._held[self.at]
            if not self._read_on(PIECE):
                return ""

    def element(self, number: int) -> Any:
        """The value that begins here. Raises `Invalid` where there is none, or a longer one than is read."""
        while True:
            try:
                found, end = self._decode(self._held, self.at)
                if end == len(self._held):  # a number or word at the end of the piece may go on
                    raise ValueError("it does not end")
            except (ValueError, RecursionError) as error:
                held = len(self._held) - self.at
                # Only at the end of the piece can more text mend it.
                if held >= MAX_LINE or not self._read_on(max(PIECE, held)):
                    raise _refused(
                        f"Element {number:,} of the array is not JSON (or too long): {_reason(error)}; "
                        "nothing after it can be read."
                    ) from None
            else:
                self.at = end
                return found

    def ahead(self) -> str:
        return excerpt(self._held[self.at : self.at + 20])

    def _read_on(self, size: int) -> bool:
        more = _read(self._stream, size)
        self._held, self.at = self._held[self.at :] + more, 0
        return bool(more)


def _reason(error: Exception) -> str:
    return (
        "it is nested too deeply" if isinstance(error, RecursionError) else str(error).partition(": line")[0]
    )


def _read(stream: "io.TextIOWrapper[Any]", size: int) -> str:
    try:
        return stream.read(size)
    except UnicodeError as error:
        raise Invalid(
            f"The file is not {stream.encoding}: {error}.", code="unreadable_file", field="file"
        ) from error
