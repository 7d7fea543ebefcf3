"""How a figure moved while its evidence grew: small multiples, one a name, points with intervals over how much there was."""

import math
from collections.abc import Sequence
from typing import Any

import altair as alt

from concord.charts import marks
from concord.charts.palette import LINE, SOFT, STRONG
from concord.charts.picture import WIDTHS, Picture
from concord.charts.rendering import Sheet, check_widths, concatenated, drawn
from concord.charts.rows import Axis, CourseRow
from concord.charts.scale import Scale, scale_around
from concord.charts.text import clean, fitted

INKED = "var(--series-1)"
LEFT, RIGHT, HEAD, FOOT = 40.0, 28.0, 30.0, 44.0
LEAST, WIDEST, HEIGHT = 240.0, 420.0, 120.0


def course(
    rows: Sequence[CourseRow], x: Axis, y: Axis, *, key: str, title: str, widths: tuple[float, ...] = WIDTHS
) -> Picture:
    """Draw each name's figures in a panel of its own, all panels on one scale both ways.

    `title` and `key` are as for `forest`; names stand in the order in which they come.

    Raises
    ------
    ValueError
        For no row, or two rows of one name at one place.
    """
    places = [(row.name, row.at) for row in rows]
    if not rows or len(set(places)) < len(places):
        raise ValueError(f"a course needs rows, one a name and place, but has {places}")
    check_widths(widths)
    sheets = [_sheet(rows, x, y, width) for width in widths]
    return drawn(sheets, key=key, title=title, description=_description(rows, x, y))


def _sheet(rows: Sequence[CourseRow], x: Axis, y: Axis, width: float) -> Sheet:
    names = list(dict.fromkeys(row.name for row in rows))
    across = max(1, min(len(names), int(width // (LEAST + LEFT + RIGHT))))
    plot = min(WIDEST, width / across - LEFT - RIGHT)
    right = scale_around([*(row.at for row in rows), *_known(x)], x, most=max(2, int(plot // 90)))
    up = scale_around([*(end for row in rows for end in row.ends), *_known(y)], y, most=4)
    panels = [
        _panel(name, [row for row in rows if row.name == name], (x, y), (right, up), plot) for name in names
    ]
    bands = math.ceil(len(names) / across)
    return Sheet(
        spec=concatenated(panels, columns=across, gap=LEFT + RIGHT, row_gap=HEAD + FOOT),
        left=LEFT, top=HEAD, width=width, height=bands * (HEAD + HEIGHT + FOOT),
    )  # fmt: skip


def _known(axis: Axis) -> list[float]:
    """Return the ends that nothing can lie beyond: they are shown, so that courses can be compared by eye."""
    return [end for end in (axis.low, axis.high) if end is not None]


def _panel(
    name: str, rows: Sequence[CourseRow], axes: tuple[Axis, Axis], scales: tuple[Scale, Scale], plot: float
) -> dict[str, Any]:
    right, up = scales
    level = marks.bare().mark_rule(color=LINE, strokeWidth=1, aria=False)
    y = alt.Y("y:Q", scale=marks.along(up), axis=marks.tick_axis(up, orient="left"))
    grid = level.encode(y=y, x=marks.pixels_x("a"), x2=alt.X2("b:Q"))
    head = [
        marks.word(8 - LEFT, 14 - HEAD, fitted(clean(name), plot + LEFT - 8), bold=True),
        marks.word(plot, HEIGHT + 32, fitted(clean(axes[0].name), plot), anchor="right", ink=SOFT),
    ]
    layers = [
        marks.layer(grid, [{"y": tick, "a": 0.0, "b": plot} for tick in up.ticks]),
        *([_line(axes[1].line, up, plot)] if axes[1].line is not None else []),
        marks.gridlines(right, HEIGHT),
        _intervals(rows, right, up),
        marks.points([_spot(row, right, up) for row in rows], right),
        *marks.words(head),
    ]
    return {"layer": layers, "width": plot, "height": HEIGHT}


def _line(value: float, up: Scale, plot: float) -> dict[str, Any]:
    rule = marks.bare().mark_rule(color=STRONG, strokeWidth=1.5, strokeDash=[4, 3], aria=False)
    y = alt.Y("y:Q", scale=marks.along(up))
    return marks.layer(
        rule.encode(y=y, x=marks.pixels_x("a"), x2=alt.X2("b:Q")), [{"y": value, "a": 0.0, "b": plot}]
    )


def _intervals(rows: Sequence[CourseRow], right: Scale, up: Scale) -> dict[str, Any]:
    rule = marks.bare().mark_rule(color=INKED, strokeWidth=2, aria=False)
    encoded = rule.encode(
        x=alt.X("x:Q", scale=marks.along(right)),
        y=alt.Y("low:Q", scale=marks.along(up)), y2=alt.Y2("high:Q"),
    )  # fmt: skip
    held = [
        {"x": row.at, "low": up.within(row.low), "high": up.within(row.high)}
        for row in rows
        if row.low is not None and row.high is not None
    ]
    return marks.layer(encoded, held)


def _spot(row: CourseRow, right: Scale, up: Scale) -> dict[str, Any]:
    y = HEIGHT - up.at(row.value, HEIGHT)
    return marks.spot(
        right.within(row.at), y, shape="circle", ink=INKED, says=clean(f"{row.name}: {row.says}")
    )


def _description(rows: Sequence[CourseRow], x: Axis, y: Axis) -> str:
    last = {row.name: row for row in sorted(rows, key=lambda row: row.at)}
    each = "; ".join(f"{name}: {row.says}" for name, row in last.items())
    return (
        f"{y.name} upwards over {x.name}, a panel for each of: {', '.join(last)}. Points with intervals."
        f" Last: {each}. The table holds all figures."
    )
