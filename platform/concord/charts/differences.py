"""Differences between systems with their simultaneous intervals, and the line at which there is none."""

from collections.abc import Sequence
from dataclasses import replace

from concord.charts.lanes import draw
from concord.charts.layout import Cell, Field, Spot
from concord.charts.palette import INK
from concord.charts.picture import WIDTHS, Picture
from concord.charts.rows import Axis, DifferenceRow
from concord.charts.text import clean

TOLD, NOT_TOLD = "told apart", "not told apart"


def differences(
    rows: Sequence[DifferenceRow],
    axis: Axis,
    *,
    key: str,
    title: str,
    widths: tuple[float, ...] = WIDTHS,
) -> Picture:
    """Draw contrasts as rows, in the order given; filled where systems are told apart, hollow where not.

    The axis's line is at 0 unless it says otherwise (a ratio has it at 1). `title` and `key` are as for `forest`.

    Raises
    ------
    ValueError
        For no row, or two rows for one pair of systems.
    """
    pairs = [(row.system, row.against) for row in rows]
    if not rows or len(set(pairs)) < len(pairs):
        raise ValueError(f"differences need rows, one a pair of systems, but have {pairs}")
    axis = axis if axis.line is not None else replace(axis, line=0.0)
    field = Field(
        names=tuple(f"{row.system} − {row.against}" for row in rows),
        axes=(axis,),
        cells={(place, 0): _cell(row) for place, row in enumerate(rows)},
        legend=_legend(rows),
    )
    return draw(field, key=key, title=title, description=_description(rows, axis), widths=widths)


def _cell(row: DifferenceRow) -> Cell:
    if row.value is None and row.low is None:
        return Cell(missing=row.undefined)
    verdict = TOLD if row.told_apart else NOT_TOLD
    words = row.says or row.text
    says = clean(f"{row.system} − {row.against}: {words or row.value}, {verdict}")
    mark = Spot(
        shape="diamond",
        ink=INK,
        value=row.value,
        low=row.low,
        high=row.high,
        says=says,
        hollow=not row.told_apart,
    )
    return Cell(
        spots=(mark,), text=clean(row.text or words) if words else "", says=clean(words) if words else ""
    )


def _legend(rows: Sequence[DifferenceRow]) -> tuple[tuple[Spot, str], ...]:
    drawn = [row for row in rows if row.value is not None]
    return tuple(
        (Spot(shape="diamond", ink=INK, value=0, low=None, high=None, says="", hollow=not told), says)
        for told, says in ((True, TOLD), (False, NOT_TOLD))
        if any(row.told_apart == told for row in drawn)
    )


def _description(rows: Sequence[DifferenceRow], axis: Axis) -> str:
    told = sum(row.told_apart for row in rows)
    missing = [
        f"{row.system} − {row.against}: {row.undefined}"
        for row in rows
        if row.value is None and row.undefined
    ]
    parts = [
        f"{len(rows)} differences on {axis.name} as rows, each with its interval, and a line where there is none.",
        f"{told} told apart, filled; {len(rows) - told - len(missing)} not told apart, hollow.",
        f"Without a figure: {'; '.join(missing)}." if missing else "",
        "The table holds all figures.",
    ]
    return " ".join(part for part in parts if part)
