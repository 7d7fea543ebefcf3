"""CSV and TSV: a bad line is handed on with its reason and its number, and never stops the others."""

import csv
from collections.abc import Iterator

from concord.catalog.importing.sources import MAX_LINE, Line, Raw, TextLines, excerpt, usable
from concord.core.errors import Invalid

MAX_COLUMNS = 2_000

csv.field_size_limit(MAX_LINE)


def header(source: Raw) -> list[str]:
    """The names of the columns. Raises `Invalid` where the first line cannot be a header."""
    lines = TextLines(source)
    try:
        names = [
            name.strip() for name in next(csv.reader(lines, delimiter=source.delimiter, strict=True), [])
        ]
    except csv.Error as error:
        raise Invalid(f"The header line cannot be read: {error}.") from error
    if not any(names):
        raise Invalid("The first line must name the columns; it is empty.")
    if len(names) > MAX_COLUMNS:
        raise Invalid(f"The file has {len(names):,} columns; at most {MAX_COLUMNS:,} can be imported.")
    return usable(names)


def csv_lines(source: Raw, wanted: list[str]) -> Iterator[Line]:
    """Every line of a table, with the values of `wanted`."""
    columns = header(source)
    places = [columns.index(name) for name in wanted]
    lines = TextLines(source)
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
            yield Line(
                start, [], f"holds bytes that are not {source.encoding_name}", excerpt(" | ".join(cells))
            )
        elif len(cells) == width:
            yield Line(start, [cells[place] for place in places])
        elif cells:
            yield Line(
                start, [], f"has {len(cells)} cells where the header has {width}", excerpt(" | ".join(cells))
            )


def _quote_problem(error: str, last: int) -> str:
    if "unexpected end of data" in error:
        return f"opens a quote that is never closed; lines up to {last:,} could not be read"
    if "field larger" in error:
        return f"has a cell of more than {MAX_LINE:,} characters; lines up to {last:,} could not be read"
    return f"is not well-formed CSV: {error}"
