"""A histogram a system, all on the same two scales, every bar from 0."""

import math
from collections.abc import Sequence
from typing import Any

import altair as alt
import numpy as np

from concord.charts import marks
from concord.charts.palette import LINE, SOFT, SURFACE, look_of
from concord.charts.rendering import Sheet, concatenated
from concord.charts.rows import Axis, DistributionRow, share
from concord.charts.scale import Scale, scale_around
from concord.charts.text import clean, fitted

BINS = 20
HEIGHT, HEAD, AXIS_ROOM, BAND_GAP = 110.0, 26.0, 24.0, 16.0
LEFT, RIGHT, LEAST = 46.0, 32.0, 210.0


def bars_sheet(rows: Sequence[DistributionRow], axis: Axis, width: float) -> Sheet:
    """Return the histograms; a range is a twentieth of the scale."""
    across = max(1, min(len(rows), int(width // (LEAST + LEFT + RIGHT))))
    plot = math.floor(min(width / across - LEFT - RIGHT, 420.0))
    scale = scale_around((value for row in rows for value in row.values), axis, most=max(2, int(plot // 80)))
    edges = np.linspace(scale.low, scale.high, BINS + 1)
    shares = [np.histogram(row.values, edges)[0] / max(len(row.values), 1) for row in rows]
    up = scale_around([float(found.max()) for found in shares], share("share"), most=3, from_zero=True)
    panels = [
        _panel(row, found, edges, (scale, up), (axis.name if place == 0 else "", plot))
        for place, (row, found) in enumerate(zip(rows, shares, strict=True))
    ]
    bands = math.ceil(len(rows) / across)
    return Sheet(
        spec=concatenated(panels, columns=across, gap=LEFT + RIGHT, row_gap=HEAD + AXIS_ROOM + BAND_GAP),
        left=LEFT, top=HEAD + 18, width=width,
        height=18 + bands * (HEAD + HEIGHT + AXIS_ROOM) + (bands - 1) * BAND_GAP,
    )  # fmt: skip


def _panel(
    row: DistributionRow,
    shares: Any,
    edges: Any,
    scales: tuple[Scale, Scale],
    shown: tuple[str, float],
) -> dict[str, Any]:
    (scale, up), (name, plot) = scales, shown
    words = [marks.word(0, -12, fitted(clean(row.system), plot), bold=True)]
    if name:
        words.append(
            marks.word(8 - LEFT, -32, fitted(f"↑ share of values, {clean(name)} →", plot + LEFT), ink=SOFT)
        )
    if not row.values:
        words.append(marks.word(4, HEIGHT / 2, fitted(clean(row.undefined), plot - 8), ink=SOFT))
    bars = [
        {"a": float(a), "b": float(b), "t": float(part), "u": 0.0}
        for a, b, part in zip(edges[:-1], edges[1:], shares, strict=True)
        if part > 0
    ]
    layers = [_level(up, plot), _ground(scale), *([_bars(bars, scale, up, row.number)] if bars else [])]
    return {"layer": [*layers, *marks.words(words)], "width": plot, "height": HEIGHT}


def _level(up: Scale, plot: float) -> dict[str, Any]:
    mark = marks.bare().mark_rule(color=LINE, strokeWidth=1, aria=False)
    axis = marks.tick_axis(up, orient="left")
    y = alt.Y("y:Q", scale=marks.along(up), axis=axis)
    rows = [{"y": tick, "a": 0.0, "b": plot} for tick in up.ticks]
    return marks.layer(mark.encode(y=y, x=marks.pixels_x("a"), x2=alt.X2("b:Q")), rows)


def _ground(scale: Scale) -> dict[str, Any]:
    """Return the ticks of values below the bars."""
    mark = marks.bare().mark_rule(color=LINE, strokeWidth=1, aria=False)
    x = alt.X("x:Q", scale=marks.along(scale), axis=marks.tick_axis(scale, orient="bottom"))
    rows = [{"x": tick, "a": HEIGHT, "b": HEIGHT + 4} for tick in scale.ticks]
    return marks.layer(mark.encode(x=x, y=marks.pixels_y("a"), y2=alt.Y2("b:Q")), rows)


def _bars(rows: list[dict[str, Any]], scale: Scale, up: Scale, number: int) -> dict[str, Any]:
    mark = marks.bare().mark_rect(fill=look_of(number).colour, stroke=SURFACE, strokeWidth=1, aria=False)
    return marks.layer(
        mark.encode(
            x=alt.X("a:Q", scale=marks.along(scale)), x2=alt.X2("b:Q"),
            y=alt.Y("t:Q", scale=marks.along(up)), y2=alt.Y2("u:Q"),
        ),
        rows,
    )  # fmt: skip
