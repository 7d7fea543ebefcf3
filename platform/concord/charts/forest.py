"""The forest: systems as rows, dimensions as small multiples; people a circle, machine a square, both together a diamond."""

from collections.abc import Sequence

from concord.charts.lanes import draw
from concord.charts.layout import Cell, Field, Spot
from concord.charts.palette import INK
from concord.charts.picture import WIDTHS, Picture
from concord.charts.rows import SIDES, Axis, ForestRow, Side
from concord.charts.text import clean

LOOKS: dict[Side, tuple[str, str, str]] = {
    "people": ("circle", "var(--series-1)", "people"),
    "machine": ("square", "var(--series-4)", "machine"),
    "joint": ("diamond", INK, "people and machine together"),
}
MOST_REASONS = 12


def forest(
    rows: Sequence[ForestRow],
    axes: Sequence[Axis],
    *,
    key: str,
    title: str,
    widths: tuple[float, ...] = WIDTHS,
) -> Picture:
    """Draw every system's figures on every dimension.

    Parameters
    ----------
    rows
        One for each system, dimension and side; systems stand in the order in which they come. The figure whose text
        stands beside the marks is the first of its cell that has one.
    axes
        The dimensions, by name, in their order.
    key
        Begins every id of the picture; one of its own on a page.
    title
        What is seen, for readers who do not see it and for the file.
    widths
        Widths in pixels to draw at, growing.

    Raises
    ------
    ValueError
        For no row, a row of no dimension, two rows for one mark, two dimensions of one name, or a cell without any row.
    """
    systems = tuple(dict.fromkeys(row.system for row in rows))
    _check(rows, axes, systems)
    cells = {
        (i, j): _cell([row for row in rows if row.system == system and row.dimension == axis.name])
        for i, system in enumerate(systems)
        for j, axis in enumerate(axes)
    }
    sides = [side for side in SIDES if any(row.side == side and _drawn(row) for row in rows)]
    legend = tuple(
        (
            Spot(shape=LOOKS[side][0], ink=LOOKS[side][1], value=0, low=None, high=None, says=""),
            LOOKS[side][2],
        )
        for side in sides
    )
    field = Field(names=systems, axes=tuple(axes), cells=cells, legend=legend)
    return draw(field, key=key, title=title, description=_description(field, sides), widths=widths)


def _check(rows: Sequence[ForestRow], axes: Sequence[Axis], systems: Sequence[str]) -> None:
    if not rows or not axes:
        raise ValueError(f"a forest needs rows and dimensions, but has {len(rows)} and {len(axes)}")
    names = [axis.name for axis in axes]
    if len(set(names)) < len(names):
        raise ValueError(f"dimensions must have names of their own, but are {names}")
    seen: set[tuple[str, str, str]] = set()
    for row in rows:
        mark = (row.system, row.dimension, row.side)
        if row.dimension not in names:
            raise ValueError(f"a row is on {row.dimension!r}, which is none of the dimensions {names}")
        if mark in seen:
            raise ValueError(f"two rows for {mark}")
        seen.add(mark)
    have = {(system, dimension) for system, dimension, _ in seen}
    lacking = next(((s, name) for s in systems for name in names if (s, name) not in have), None)
    if lacking:
        raise ValueError(f"no row, not even one that says why, for {lacking}")


def _drawn(row: ForestRow) -> bool:
    return row.value is not None or row.low is not None


def _cell(rows: Sequence[ForestRow]) -> Cell:
    found = sorted((row for row in rows if _drawn(row)), key=lambda row: SIDES.index(row.side))
    if not found:
        return Cell(missing=rows[0].undefined)
    first = next((row for row in rows if _drawn(row) and row.text), found[0])
    return Cell(
        spots=tuple(_spot(row) for row in found), text=clean(first.text) if first.text else "",
        says=clean(first.says or first.text) if first.says or first.text else "",
    )  # fmt: skip


def _spot(row: ForestRow) -> Spot:
    shape, ink, side = LOOKS[row.side]
    says = clean(f"{row.system}, {row.dimension}, {side}: {row.says or row.text or row.value}")
    return Spot(shape=shape, ink=ink, value=row.value, low=row.low, high=row.high, says=says)


def _description(field: Field, sides: Sequence[Side]) -> str:
    marks = ", ".join(f"{LOOKS[side][2]} as {LOOKS[side][0]}s" for side in sides)
    missing = [
        f"{field.names[i]} on {field.axes[j].name}: {cell.missing}"
        for (i, j), cell in field.cells.items()
        if not cell.spots
    ]
    parts = [
        f"{len(field.names)} systems as rows: {', '.join(field.names)}.",
        f"Dimensions side by side: {', '.join(axis.name for axis in field.axes)}.",
        f"Points with intervals: {marks}." if marks else "",
        f"Without a figure: {'; '.join(missing[:MOST_REASONS])}." if missing else "",
        f"{len(missing) - MOST_REASONS} more have none." if len(missing) > MOST_REASONS else "",
        "The table holds all figures.",
    ]
    return " ".join(part for part in parts if part)
