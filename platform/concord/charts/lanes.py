"""Points with intervals in rows, dimensions as small multiples that wrap: what forests and differences have in common."""

import math
from collections.abc import Sequence
from typing import Any

from concord.charts import marks
from concord.charts.layout import (
    AXIS_ROOM,
    BAND_GAP,
    GAP,
    LINE,
    STEP,
    Cell,
    Field,
    Layout,
    Spot,
    layout_for,
    legend_lines,
)
from concord.charts.palette import SOFT
from concord.charts.picture import Picture
from concord.charts.rendering import Sheet, check_widths, concatenated, drawn
from concord.charts.rows import Axis
from concord.charts.scale import Scale, scale_around
from concord.charts.text import clean, fitted, width_of, wrapped


def draw(field: Field, *, key: str, title: str, description: str, widths: tuple[float, ...]) -> Picture:
    """Return the field drawn at each width."""
    check_widths(widths)
    sheets = [_sheet(field, layout_for(field, width), width) for width in widths]
    return drawn(sheets, key=key, title=title, description=description)


def _sheet(field: Field, layout: Layout, width: float) -> Sheet:
    rows = len(field.names)
    height = layout.row * rows
    bands = math.ceil(len(field.axes) / layout.across)
    row_gap = layout.head + AXIS_ROOM + BAND_GAP
    panels = [_panel(field, layout, place, height) for place in range(len(field.axes))]
    return Sheet(
        spec=concatenated(panels, columns=layout.across, gap=layout.numbers + GAP, row_gap=row_gap),
        left=layout.inset,
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
    left = -layout.inset if first else 0.0
    ends = 0.0 if _last(field, layout, place) else GAP
    right = layout.width - layout.inset if layout.stacked else layout.panel + ends
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


def _behind(cell: Cell, layout: Layout) -> str:
    """Return what stands behind a name on its line."""
    return cell.says if layout.full else cell.text or cell.says


def _beside(cells: Sequence[Cell], layout: Layout) -> list[dict[str, Any]]:
    """Return the numbers beside the marks, and the words of cells without a figure."""
    found = []
    for row, cell in enumerate(cells):
        if not cell.spots:
            room = layout.panel - 8
            found.append(marks.word(4, _middle(layout, row), fitted(clean(cell.missing), room), ink=SOFT))
        elif layout.stacked:
            y = layout.row * row + LINE / 2 + 2
            found.append(marks.word(layout.panel, y, _behind(cell, layout), anchor="right"))
        else:
            text = fitted(cell.says if layout.full else cell.text, layout.numbers - 8)
            found.append(marks.word(layout.panel, _middle(layout, row), text, anchor="right"))
    return found


def _names(field: Field, layout: Layout, cells: Sequence[Cell]) -> list[dict[str, Any]]:
    found = []
    for row, name in enumerate(field.names):
        if layout.stacked:
            taken = width_of(_behind(cells[row], layout)) + 12 if cells[row].spots else 0
            y = layout.row * row + LINE / 2 + 2
            found.append(marks.word(0, y, fitted(clean(name), layout.panel - taken)))
        else:
            found.append(
                marks.word(6 - layout.names, _middle(layout, row), fitted(clean(name), layout.names - 14))
            )
    return found


def _legend_places(field: Field, layout: Layout) -> list[tuple[float, float]]:
    top = -layout.head - layout.legend + LINE / 2
    return [(x - layout.inset, top + LINE * line) for x, line in legend_lines(field, layout.width)]


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
