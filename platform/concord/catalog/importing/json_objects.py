"""JSON lines and JSON arrays of objects."""

import io
import json
from collections.abc import Iterator
from typing import Any

from concord.catalog.importing.sources import MAX_LINE, Line, Raw, TextLines, byte_stream, excerpt
from concord.core.errors import Invalid


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
                yield lines.number, json.loads(text), ""
            except (ValueError, RecursionError) as error:
                yield lines.number, text, f"is not JSON: {error}"


def _array(source: Raw) -> Iterator[tuple[int, Any, str]]:
    """The elements of one JSON array; numbers are places in the array, from 1."""
    stream = io.TextIOWrapper(byte_stream(source), encoding=source.encoding, errors="strict")
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
                    f"Element {number + 1:,} of the array is not JSON (or too long); nothing after it can be read.",
                    code="unreadable_file",
                    field="file",
                ) from None
            buffer += more
            continue
        number += 1
        yield number, found, ""
        buffer = buffer[end:]


def _read(stream: "io.TextIOWrapper[Any]", size: int) -> str:
    try:
        return stream.read(size)
    except UnicodeError as error:
        raise Invalid(
            f"The file is not {stream.encoding}: {error}.", code="unreadable_file", field="file"
        ) from error
