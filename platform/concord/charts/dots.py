"""Fifty quantile dots a system, in rows: every dot is two hundredths of its values."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import altair as alt
import numpy as np

from concord.charts import marks
from concord.charts.palette import INK, SOFT, look_of
from concord.charts.rendering import Sheet, concatenated
from concord.charts.rows import Axis, DistributionRow
from concord.charts.scale import Scale, overhang, scale_around
from concord.charts.text import clean, fitted, width_of

DOTS, SIZE, PILE = 50, 5.0, 40.0
ROW, NAME_LINE = 56.0, 16.0
HEAD, AXIS_ROOM, LEFT, RIGHT = 24.0, 24.0, 16.0, 32.0
WIDEST, NAMES_SHARE, STACKED_BELOW = 560.0, 0.24, 480.0


def dots_sheet(rows: Sequence[DistributionRow], axis: Axis, width: float) -> Sheet:
    """Return each system's row of dots, with a line at its median."""
    stacked = width < STACKED_BELOW
    longest = max(width_of(row.system) for row in rows)
    names = 0.0 if stacked else min(longest + 14, NAMES_SHARE * width)
    before, after = overhang((value for row in rows for value in row.values), axis)
    left, right = max(names + LEFT, before), max(RIGHT, after)
    plot = min(width - left - right, WIDEST)
    row_height = ROW + (NAME_LINE if stacked else 0)
    scale = scale_around((value for row in rows for value in row.values), axis, most=max(2, int(plot // 80)))
    height = row_height * len(rows)
    layers = [
        marks.stripes(len(rows), row_height, -left, plot + right),
        marks.gridlines(scale, height),
        *([marks.line_across(axis.line, scale, height)] if axis.line is not None else []),
    ]
    for place, row in enumerate(rows):
        base = row_height * (place + 1) - 8
        layers += _row(row, scale, plot, base)
    layers += marks.words([*_names(rows, row_height, stacked, names, left, plot), _head(axis, plot)])
    panel = {"layer": layers, "width": plot, "height": height}
    return Sheet(
        spec=concatenated([panel], columns=1, gap=0, row_gap=0),
        left=left, top=HEAD, width=width, height=HEAD + height + AXIS_ROOM,
    )  # fmt: skip


def _head(axis: Axis, plot: float) -> dict[str, Any]:
    return marks.word(0, -12, fitted(clean(axis.name), plot), bold=True)


def _row(row: DistributionRow, scale: Scale, plot: float, base: float) -> list[dict[str, Any]]:
    if not row.values:
        return marks.words(
            [marks.word(4, base - ROW / 2 + 8, fitted(clean(row.undefined), plot - 8), ink=SOFT)]
        )
    look = look_of(row.number)
    found = [{"x": x, "y": y, "ink": look.colour} for x, y in piled(row.values, scale, plot, base)]
    circle = marks.bare().mark_point(filled=True, opacity=1, shape="circle", size=SIZE**2 * 0.8, aria=False)
    dot = circle.encode(x=marks.pixels_x("x"), y=marks.pixels_y("y"), fill=alt.Fill("ink:N", scale=None))
    middle = scale.at(float(np.median(row.values)), plot)
    line = marks.bare().mark_rule(color=INK, strokeWidth=2, aria=False)
    tick = line.encode(x=marks.pixels_x("x"), y=marks.pixels_y("a"), y2=alt.Y2("b:Q"))
    return [marks.layer(dot, found), marks.layer(tick, [{"x": middle, "a": base + 1, "b": base + 7}])]


def piled(values: Sequence[float], scale: Scale, plot: float, base: float) -> list[tuple[float, float]]:
    """Return where the quantile dots lie, piled up from `base`; a high pile is pressed into its row."""
    levels = (np.arange(DOTS) + 0.5) / DOTS
    columns = [round(scale.at(float(value), plot) / SIZE) for value in np.quantile(values, levels)]
    step = min(SIZE, PILE / max(Counter(columns).values()))
    seen: Counter[int] = Counter()
    found = []
    for column in columns:
        found.append((min(column * SIZE, plot), base - SIZE / 2 - step * seen[column]))
        seen[column] += 1
    return found


def _names(
    rows: Sequence[DistributionRow], height: float, stacked: bool, names: float, left: float, plot: float
) -> list[dict[str, Any]]:
    if stacked:
        return [
            marks.word(0, height * place + NAME_LINE / 2 + 2, fitted(clean(row.system), plot))
            for place, row in enumerate(rows)
        ]
    return [
        marks.word(6 - left, height * (place + 1) - 16, fitted(clean(row.system), names - 8))
        for place, row in enumerate(rows)
    ]
