"""CSV and TSV: a bad line is handed on with its reason and its number, and never stops the others."""

import csv
import io
import re
from collections.abc import Iterator
from contextlib import suppress
from itertools import chain, islice

from concord.catalog.importing.sources import MAX_COLUMNS, MAX_LINE, Line, Raw, TextLines, excerpt, usable
from concord.core.errors import Invalid

MARKS = ",;\t|"
LOOKED_AT = 20  # records by which the delimiter is told
SEPARATOR = re.compile(
    r'"?sep=(.)"?[\r\n]*', re.IGNORECASE
)  # the line that spreadsheets write for each other before the header
SURVEY = '"ImportId"'  # a survey platform writes names, questions and these keys, and then its answers

csv.field_size_limit(MAX_LINE)


def separator_of(line: str) -> str:
    """The delimiter that a line `sep=;` tells; "" where it is any other line."""
    told = SEPARATOR.fullmatch(line)
    return told[1] if told else ""


def guess_delimiter(text: str) -> str:
    """The mark that cuts the first records into equally many cells (marks within quotes cut nothing)."""
    first = io.StringIO(text, newline="").readline()
    return separator_of(first) or max(MARKS, key=lambda mark: _evenness(text, mark))


def _evenness(text: str, mark: str) -> tuple[float, int]:
    """The share of records that are as wide as the first one, and that width; nothing for a single column."""
    try:
        widths = [len(row) for row in islice(csv.reader(io.StringIO(text), delimiter=mark), LOOKED_AT) if row]
    except csv.Error:
        return 0.0, 0
    if not widths or widths[0] < 2:
        return 0.0, 0
    return widths.count(widths[0]) / len(widths), widths[0]


class Table:
    """The records of a table, counted as an editor counts their lines."""

    def __init__(self, source: Raw) -> None:
        self.lines = TextLines(source)
        for _ in range(source.skip_lines):
            next(self.lines, "")
        first = next(self.lines, "")
        kept = [] if separator_of(first) else [first]
        self._before = source.skip_lines + 1 - len(kept)
        self._reader = csv.reader(chain(kept, self.lines), delimiter=source.delimiter, strict=True)

    def __iter__(self) -> "Table":
        return self

    def __next__(self) -> list[str]:
        return next(self._reader)

    @property
    def number(self) -> int:
        """The last line read."""
        return self._before + self._reader.line_num


def header(source: Raw) -> list[str]:
    """The names of the columns. Raises `Invalid` where the first line cannot be a header."""
    try:
        names = [name.strip() for name in next(Table(source), [])]
    except csv.Error as error:
        raise Invalid(
            f"The header line cannot be read: {error}.", code="unreadable_file", field="file"
        ) from error
    if not any(names):
        raise Invalid(
            "The first line must name the columns; it is empty.", code="unreadable_file", field="file"
        )
    if len(names) > MAX_COLUMNS:
        raise Invalid(
            f"The file has {len(names):,} columns; at most {MAX_COLUMNS:,} can be imported.",
            code="unreadable_file",
            field="file",
        )
    return usable(names) if source.header else [str(place) for place in range(1, len(names) + 1)]


def csv_lines(source: Raw, wanted: list[str]) -> Iterator[Line]:
    """Every line of a table, with the values of `wanted`."""
    columns = header(source)
    places = [columns.index(name) for name in wanted]
    table = Table(source)
    for _ in range(_header_records(source)):
        next(table)
    width, before = len(columns), table.number
    while True:
        start = before + 1
        try:
            cells = next(table, None)
        except csv.Error as error:
            before = table.number
            yield Line(start, [], _quote_problem(str(error), before))
            continue
        before = table.number
        if cells is None:
            return
        if table.lines.bad >= start:
            reason = f"holds bytes that are not {source.encoding_name}"
            yield Line(start, [], reason, excerpt(" | ".join(cells)))
        elif len(cells) == width:
            yield Line(start, [cells[place] for place in places])
        elif cells:
            reason = f"has {len(cells)} cells where the header has {width}"
            yield Line(start, [], reason, excerpt(" | ".join(cells)))


def _header_records(source: Raw) -> int:
    """How many records come before the first answer: one, or those of a survey platform."""
    if not source.header:
        return 0
    first: list[list[str]] = []
    with suppress(csv.Error):  # said where the line is read
        first.extend(islice(Table(source), 3))
    keys = [place for place, cells in enumerate(first) if cells and all(SURVEY in cell for cell in cells)]
    return keys[0] + 1 if keys else 1


def _quote_problem(error: str, last: int) -> str:
    if "unexpected end of data" in error:
        return f"opens a quote that is never closed; lines up to {last:,} could not be read"
    if "field larger" in error:
        return f"has a cell of more than {MAX_LINE:,} characters; lines up to {last:,} could not be read"
    return f"is not well-formed CSV: {error}"
