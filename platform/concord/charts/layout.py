"""Where rows, dimensions and their numbers stand at one width: as many side by side as stay legible."""

import math
from dataclasses import dataclass

from concord.charts.rows import Axis
from concord.charts.scale import overhang
from concord.charts.text import width_of, wrapped

STEP, LINE = 12.0, 16.0
AXIS_ROOM, BAND_GAP, GAP = 24.0, 20.0, 28.0
# At least this much is left beside a plot; more where half a tick's text stands out further.
INSET, OUTSET = 18.0, 26.0
WIDEST_PLOT, LEAST_PLOT = 560.0, 130.0
NAMES_SHARE, NAMES_SHARE_ALONE = 0.24, 0.36  # where several dimensions, or one alone, need the rest
STACKED_BELOW = 480.0


@dataclass(frozen=True, kw_only=True)
class Spot:
    """One figure of a cell: its mark, where it lies, its interval."""

    shape: str
    ink: str
    value: float | None
    low: float | None
    high: float | None
    says: str
    hollow: bool = False

    @property
    def ends(self) -> list[float]:
        return [end for end in (self.low, self.value, self.high) if end is not None]


@dataclass(frozen=True, kw_only=True)
class Cell:
    """What stands where a row and a dimension meet; without spots, `missing` says why."""

    spots: tuple[Spot, ...] = ()
    text: str = ""
    says: str = ""
    missing: str = ""


@dataclass(frozen=True, kw_only=True)
class Field:
    """All that is drawn: row names, axes, and a cell for each pair of them, by row and axis."""

    names: tuple[str, ...]
    axes: tuple[Axis, ...]
    cells: dict[tuple[int, int], Cell]
    legend: tuple[tuple[Spot, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Layout:
    """Where things are at one width. `stacked` has names above their marks instead of beside them.

    `inset` is what lies before the first plot: names, or where they stand above, half a tick's text.
    """

    width: float
    inset: float
    names: float
    across: int
    plot: float
    numbers: float
    full: bool
    stacked: bool
    row: float
    head: float
    legend: float

    @property
    def panel(self) -> float:
        return self.plot + self.numbers


def balanced(count: int, most: int) -> int:
    """Return how many stand side by side so that bands are equally long: four as two and two."""
    return math.ceil(count / math.ceil(count / most))


def layout_for(field: Field, width: float) -> Layout:
    """Return the layout with as many dimensions side by side as stay legible; on a phone one, names above their marks."""
    return _stacked(field, width) if width < STACKED_BELOW else _side_by_side(field, width)


def _stacked(field: Field, width: float) -> Layout:
    inset, outset = _insets(field)
    plot = math.floor(width - inset - outset)
    rows = [(field.names[row], cell) for (row, _), cell in field.cells.items() if cell.spots]
    full = all(width_of(name) + 12 + width_of(cell.says) <= plot for name, cell in rows)
    return _layout(
        field, width, inset=inset, names=0.0, across=1, plot=plot, numbers=0.0, full=full, stacked=True
    )


def _insets(field: Field) -> tuple[float, float]:
    """Return the room to the left and to the right of a plot that the texts of its outermost ticks need."""
    found = [
        overhang((end for cell in cells for spot in cell.spots for end in spot.ends), axis)
        for place, axis in enumerate(field.axes)
        for cells in [[cell for (_, at), cell in field.cells.items() if at == place]]
    ]
    return max(INSET, *(left for left, _ in found)), max(OUTSET, *(right for _, right in found))


def _side_by_side(field: Field, width: float) -> Layout:
    """Figures stand in full where all dimensions then still fit side by side, else in short."""
    inset, outset = _insets(field)
    names = max(
        min(
            max(width_of(name) for name in field.names) + 14,
            (NAMES_SHARE if len(field.axes) > 1 else NAMES_SHARE_ALONE) * width,
        ),
        inset,
    )
    count = len(field.axes)
    numbers = _numbers(field, full=True)
    across = _across(width - names, count, numbers)
    full = across == count and numbers <= _most_numbers(_room(width - names, across))
    if not full:
        numbers = _numbers(field, full=False)
        across = balanced(count, _across(width - names, count, numbers))
    room = _room(width - names, across)
    numbers = min(numbers, _most_numbers(room))
    # Whole pixels: Vega places panels by their widths rounded up.
    plot = math.floor(min(room - numbers - max(outset - numbers, 0.0), WIDEST_PLOT))
    return _layout(
        field,
        width,
        inset=names,
        names=names,
        across=across,
        plot=plot,
        numbers=numbers,
        full=full,
        stacked=False,
    )


def _layout(
    field: Field,
    width: float,
    *,
    inset: float,
    names: float,
    across: int,
    plot: float,
    numbers: float,
    full: bool,
    stacked: bool,
) -> Layout:
    most = max((len(cell.spots) for cell in field.cells.values()), default=1)
    return Layout(
        width=width,
        inset=inset,
        names=names,
        across=across,
        plot=plot,
        numbers=numbers,
        full=full,
        stacked=stacked,
        row=max(24.0, STEP * max(most, 1) + 10) + (LINE if stacked else 0.0),
        head=_head(field, plot + numbers),
        legend=_legend_height(field, width),
    )


def _room(width: float, across: int) -> float:
    """Return the width of one dimension of so many side by side, its numbers included."""
    return (width - GAP * (across - 1)) / across


def _most_numbers(room: float) -> float:
    return max(room / 2, room - LEAST_PLOT)


def _across(room: float, count: int, numbers: float) -> int:
    return max(1, min(count, int((room + GAP) // (LEAST_PLOT + numbers + 8 + GAP))))


def _numbers(field: Field, *, full: bool) -> float:
    """Return the width of the column of numbers beside the marks."""
    texts = [cell.says if full else cell.text for cell in field.cells.values() if cell.spots]
    widest = max((width_of(text) for text in texts), default=0.0)
    return widest + 12 if widest else 0.0


def _head(field: Field, panel: float) -> float:
    lines = max(len(wrapped(axis.name, panel, bold=True)) for axis in field.axes)
    hints = any(axis.better or (axis.line is not None and axis.line_says) for axis in field.axes)
    return LINE * (lines + hints) + 6


def legend_lines(field: Field, width: float) -> list[tuple[float, int]]:
    """Return how far along and on which line each mark of the legend stands."""
    x, line = 6.0, 0
    found = []
    for _, says in field.legend:
        if x > 6 and x + width_of(says) + 11 > width:
            x, line = 6.0, line + 1
        found.append((x, line))
        x += width_of(says) + 34
    return found


def _legend_height(field: Field, width: float) -> float:
    lines = 1 + max((line for _, line in legend_lines(field, width)), default=-1)
    return LINE * lines + 8 if lines else 0.0
