"""Points with intervals in rows, dimensions as small multiples that wrap: what forests and differences have in common."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from concord.charts import marks
from concord.charts.palette import SOFT
from concord.charts.picture import Picture
from concord.charts.rendering import Sheet, check_widths, concatenated, drawn
from concord.charts.rows import Axis
from concord.charts.scale import Scale, scale_around
from concord.charts.text import clean, fitted, width_of, wrapped

STEP, LINE = 12.0, 16.0
AXIS_ROOM, BAND_GAP, GAP = 24.0, 20.0, 28.0
# Half a tick's text, which stands out beyond the last gridline.
INSET, OUTSET = 16.0, 20.0
WIDEST_PLOT, LEAST_PLOT = 560.0, 130.0
NAMES_SHARE = 0.24
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
    """Where things are at one width. `stacked` has names above their marks instead of beside them."""

    width: float
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


def draw(field: Field, *, key: str, title: str, description: str, widths: tuple[float, ...]) -> Picture:
    """Return the field drawn at each width."""
    check_widths(widths)
    sheets = [_sheet(field, layout_for(field, width), width) for width in widths]
    return drawn(sheets, key=key, title=title, description=description)


def balanced(count: int, most: int) -> int:
    """Return how many stand side by side so that bands are equally long: four as two and two."""
    return math.ceil(count / math.ceil(count / most))


def layout_for(field: Field, width: float) -> Layout:
    """Return the layout with as many dimensions side by side as stay legible."""
    stacked = width < STACKED_BELOW
    longest = max(width_of(name) for name in field.names)
    names = 0.0 if stacked else min(longest + 14, NAMES_SHARE * width)
    full = _numbers(field, full=True)
    count = len(field.axes)
    across = 1 if stacked else _across(width - names, count, full)
    in_full = stacked or across == count
    numbers = full if in_full else _numbers(field, full=False)
    if not in_full:
        across = balanced(count, _across(width - names, count, numbers))
    room = (width - names - GAP * (across - 1)) / across
    # In a phone's width figures stand behind the name, above their marks.
    numbers = 0.0 if stacked else min(numbers, room / 2)
    edges = INSET + OUTSET if stacked else max(OUTSET - numbers, 0.0)
    # Whole pixels: Vega places panels by their widths rounded up.
    plot = math.floor(min(room - numbers - edges, WIDEST_PLOT))
    marks_of_row = max((len(cell.spots) for cell in field.cells.values()), default=1)
    return Layout(
        width=width, names=names, across=across, plot=plot, numbers=numbers, full=in_full,
        stacked=stacked, row=max(24.0, STEP * max(marks_of_row, 1) + 10) + (LINE if stacked else 0.0),
        head=_head(field, plot + numbers),
        legend=_legend_height(field, width),
    )  # fmt: skip


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


def _sheet(field: Field, layout: Layout, width: float) -> Sheet:
    rows = len(field.names)
    height = layout.row * rows
    bands = math.ceil(len(field.axes) / layout.across)
    row_gap = layout.head + AXIS_ROOM + BAND_GAP
    panels = [_panel(field, layout, place, height) for place in range(len(field.axes))]
    left = INSET if layout.stacked else layout.names
    return Sheet(
        spec=concatenated(panels, columns=layout.across, gap=layout.numbers + GAP, row_gap=row_gap),
        left=left,
        top=layout.head + layout.legend,
        width=width,
        height=layout.legend + bands * (layout.head + height + AXIS_ROOM) + (bands - 1) * BAND_GAP,
    )


def _panel(field: Field, layout: Layout, place: int, height: float) -> dict[str, Any]:
    axis = field.axes[place]
    cells = [field.cells[row, place] for row in range(len(field.names))]
    most = max(2, int(layout.plot // 70))
    scale = scale_around((end for cell in cells for spot in cell.spots for end in spot.ends), axis, most=most)
    first = place % layout.across == 0
    left = -INSET if layout.stacked else -layout.names if first else 0.0
    right = layout.panel + (OUTSET if layout.stacked else 0 if _last(field, layout, place) else GAP)
    texts = [*_header(axis, layout), *_beside(cells, layout)]
    if first or layout.stacked:
        texts += _names(field, layout, cells)
    if place == 0:
        texts += _legend_words(field, layout)
    layers = [
        marks.stripes(len(cells), layout.row, left, right),
        marks.gridlines(scale, height),
        *([marks.line_across(axis.line, scale, height)] if axis.line is not None else []),
        *_marks(cells, layout, scale),
        *marks.words(texts),
        *(_legend_marks(field, layout) if place == 0 else []),
    ]
    return {"layer": layers, "width": layout.plot, "height": height}


def _last(field: Field, layout: Layout, place: int) -> bool:
    return (place + 1) % layout.across == 0 or place == len(field.axes) - 1


def _middle(layout: Layout, row: int) -> float:
    """Return the height around which a row's marks stand."""
    top = LINE if layout.stacked else 0.0
    return layout.row * row + top + (layout.row - top) / 2


def _marks(cells: Sequence[Cell], layout: Layout, scale: Scale) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = []
    spots: list[dict[str, Any]] = []
    for row, cell in enumerate(cells):
        for place, one in enumerate(cell.spots):
            y = _middle(layout, row) + STEP * (place - (len(cell.spots) - 1) / 2)
            if one.low is not None and one.high is not None:
                ends = {"low": scale.within(one.low), "high": scale.within(one.high)}
                lines.append({**ends, "y": y, "ink": one.ink})
                spots += _arrows(one, scale, y)
            if one.value is not None:
                look: dict[str, Any] = {"shape": one.shape, "ink": one.ink, "hollow": one.hollow}
                spots.append(marks.spot(scale.within(one.value), y, says=one.says, **look))
    return [marks.intervals(lines, scale), marks.points(spots, scale)]


def _arrows(one: Spot, scale: Scale, y: float) -> list[dict[str, Any]]:
    """Return the arrow heads of ends that are open."""
    found = []
    for end, shape, at in ((one.low, "triangle-left", scale.low), (one.high, "triangle-right", scale.high)):
        if end is not None and math.isinf(end):
            found.append(marks.spot(at, y, shape=shape, ink=one.ink, says=one.says))
    return found


def _header(axis: Axis, layout: Layout) -> list[dict[str, Any]]:
    """Return the dimension's name on one or two lines, and beneath it which way is better and what the line means."""
    lines = wrapped(clean(axis.name), layout.panel, bold=True)
    top = -layout.head + 8
    found = [marks.word(0, top + LINE * place, line, bold=True) for place, line in enumerate(lines)]
    y = -LINE / 2 - 3
    hint = {"higher": "better →", "lower": "← better", "": ""}[axis.better]
    if hint:
        at = layout.plot if axis.better == "higher" else 0
        anchor = "right" if axis.better == "higher" else "left"
        found.append(marks.word(at, y, hint, ink=SOFT, anchor=anchor))
    if axis.line is not None and axis.line_says:
        room = layout.panel - (width_of(hint) + 12 if hint else 0)
        says = fitted(f"┆ {clean(axis.line_says)}", room)
        at, anchor = (layout.plot, "right") if axis.better == "lower" else (0, "left")
        found.append(marks.word(at, y, says, ink=SOFT, anchor=anchor))
    return found


def _beside(cells: Sequence[Cell], layout: Layout) -> list[dict[str, Any]]:
    """Return the numbers beside the marks, and the words of cells without a figure."""
    found = []
    for row, cell in enumerate(cells):
        if not cell.spots:
            room = layout.panel - 8
            found.append(marks.word(4, _middle(layout, row), fitted(clean(cell.missing), room), ink=SOFT))
        elif layout.stacked and cell.says:
            y = layout.row * row + LINE / 2 + 2
            found.append(marks.word(layout.panel, y, cell.says, anchor="right"))
        else:
            text = fitted(cell.says if layout.full else cell.text, layout.numbers - 8)
            found.append(marks.word(layout.panel, _middle(layout, row), text, anchor="right"))
    return found


def _names(field: Field, layout: Layout, cells: Sequence[Cell]) -> list[dict[str, Any]]:
    found = []
    for row, name in enumerate(field.names):
        if layout.stacked:
            taken = width_of(cells[row].says) + 12 if cells[row].spots else 0
            room = layout.panel - taken
            found.append(marks.word(0, layout.row * row + LINE / 2 + 2, fitted(clean(name), room)))
        else:
            found.append(
                marks.word(6 - layout.names, _middle(layout, row), fitted(clean(name), layout.names - 14))
            )
    return found


def _legend_lines(field: Field, width: float) -> list[tuple[float, int]]:
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
    lines = 1 + max((line for _, line in _legend_lines(field, width)), default=-1)
    return LINE * lines + 8 if lines else 0.0


def _legend_places(field: Field, layout: Layout) -> list[tuple[float, float]]:
    left = INSET if layout.stacked else layout.names
    top = -layout.head - layout.legend + LINE / 2
    return [(x - left, top + LINE * line) for x, line in _legend_lines(field, layout.width)]


def _legend_words(field: Field, layout: Layout) -> list[dict[str, Any]]:
    places = _legend_places(field, layout)
    return [
        marks.word(x + 11, y, says, ink=SOFT) for (x, y), (_, says) in zip(places, field.legend, strict=True)
    ]


def _legend_marks(field: Field, layout: Layout) -> list[dict[str, Any]]:
    rows = [
        {**marks.spot(0, y, shape=one.shape, ink=one.ink, says=says, hollow=one.hollow), "x": x}
        for (x, y), (one, says) in zip(_legend_places(field, layout), field.legend, strict=True)
    ]
    return [marks.free_points(rows)] if rows else []
