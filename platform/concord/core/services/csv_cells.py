"""Cells of a CSV file that a spreadsheet can open without running anything."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\Z", re.ASCII)


def cell(value: Any) -> Any:
    """Return the value as it may stand in a CSV file.

    Text that a spreadsheet would take for a formula gets an apostrophe in front, also where blanks hide its first
    character; what is a plain number stays one; None is an empty cell.
    """
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str):
        return value if isinstance(value, int | float) else cell(str(value))
    text = value.replace("\x00", "")
    dangerous = text.startswith(_DANGEROUS) or text.lstrip().startswith(_DANGEROUS)
    return f"'{text}" if dangerous and not _NUMBER.match(text) else text


def row(values: Iterable[Any]) -> list[Any]:
    """Return a row of neutral cells."""
    return [cell(value) for value in values]


class _Line:
    """A file that gives back what is written to it."""

    def write(self, text: str) -> str:
        return text


def lines(header: Sequence[str], rows: Iterable[Iterable[Any]]) -> Iterator[str]:
    """Return the lines of a CSV file one by one, for streaming."""
    writer = csv.writer(_Line())
    yield writer.writerow(row(header))
    for values in rows:
        yield writer.writerow(row(values))
