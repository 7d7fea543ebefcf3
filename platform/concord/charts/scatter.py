"""Two figures of each system against each other, with intervals both ways and its name beside its mark."""

from collections.abc import Sequence
from typing import Any

import altair as alt

from concord.charts import marks
from concord.charts.labels import Box, place_labels
from concord.charts.palette import INK, LINE, SOFT, STRONG, look_of
from concord.charts.picture import WIDTHS, Picture
from concord.charts.rendering import Sheet, check_widths, concatenated, drawn
from concord.charts.rows import Axis, ScatterRow
from concord.charts.scale import Scale, scale_around
from concord.charts.text import clean, fitted

WIDEST, HEIGHT_SHARE = 720.0, 0.62
LEFT, RIGHT, TOP, BOTTOM = 64.0, 32.0, 26.0, 50.0
LEAST_HEIGHT = 240.0
NAME_ROOM = 190.0


def scatter(
    rows: Sequence[ScatterRow],
    x: Axis,
    y: Axis,
    *,
    key: str,
    title: str,
    diagonal: bool = False,
    widths: tuple[float, ...] = WIDTHS,
) -> Picture:
    """Draw each system as a mark at (x, y).

    With `diagonal` both axes share one scale, and a line shows where both figures are equal. A name for which there is no
    room is left out: hovering and the table have it. `title` and `key` are as for `forest`.

    Raises
    ------
    ValueError
        For no row, or two rows for one system.
    """
    names = [row.system for row in rows]
    if not rows or len(set(names)) < len(names):
        raise ValueError(f"a scatter needs rows, one a system, but has {names}")
    check_widths(widths)
    sheets = [_sheet(rows, (x, y), diagonal, width) for width in widths]
    return drawn(sheets, key=key, title=title, description=_description(rows, x, y))


def _sheet(rows: Sequence[ScatterRow], axes: tuple[Axis, Axis], diagonal: bool, width: float) -> Sheet:
    plot = min(width, WIDEST) - LEFT - RIGHT
    height = max(LEAST_HEIGHT, round(plot * HEIGHT_SHARE))
    across, up = _scales(rows, axes, diagonal, plot, height)
    layers = [
        *_grid(across, up, plot, height),
        *([_diagonal(across, up)] if diagonal else []),
        *_limits(axes, across, up),
        *_intervals(rows, across, up),
        *_points(rows, across, up, height),
        *marks.words(_names(rows, across, up, plot, height), halo=True),
        *marks.words(_axis_names(axes, plot, height)),
    ]
    panel = {"layer": layers, "width": plot, "height": height}
    return Sheet(
        spec=concatenated([panel], columns=1, gap=0, row_gap=0),
        left=LEFT, top=TOP, width=width, height=TOP + height + BOTTOM,
    )  # fmt: skip


def _scales(
    rows: Sequence[ScatterRow], axes: tuple[Axis, Axis], diagonal: bool, plot: float, height: float
) -> tuple[Scale, Scale]:
    xs = [end for row in rows for end in (row.x, row.x_low, row.x_high) if end is not None]
    ys = [end for row in rows for end in (row.y, row.y_low, row.y_high) if end is not None]
    if diagonal:
        xs = ys = [*xs, *ys]
    return (
        scale_around(xs, axes[0], most=max(2, int(plot // 80))),
        scale_around(ys, axes[1], most=max(2, int(plot // 80 if diagonal else height // 50))),
    )


def _grid(across: Scale, up: Scale, plot: float, height: float) -> list[dict[str, Any]]:
    mark = marks.bare().mark_rule(color=LINE, strokeWidth=1, aria=False)
    vertical = mark.encode(
        x=alt.X("x:Q", scale=marks.along(across), axis=marks.tick_axis(across, orient="bottom")),
        y=marks.pixels_y("a"), y2=alt.Y2("b:Q"),
    )  # fmt: skip
    level = mark.encode(
        y=alt.Y("y:Q", scale=marks.along(up), axis=marks.tick_axis(up, orient="left")),
        x=marks.pixels_x("a"), x2=alt.X2("b:Q"),
    )  # fmt: skip
    return [
        marks.layer(vertical, [{"x": tick, "a": 0.0, "b": height} for tick in across.ticks]),
        marks.layer(level, [{"y": tick, "a": 0.0, "b": plot} for tick in up.ticks]),
    ]


def _rule(rows: list[dict[str, Any]], across: Scale, up: Scale, **mark: Any) -> dict[str, Any]:
    """Return lines from (x, y) to (x2, y2), all on the scales."""
    chart = marks.bare().mark_rule(aria=False, **mark)
    return marks.layer(
        chart.encode(
            x=alt.X("x:Q", scale=marks.along(across)), x2=alt.X2("x2:Q"),
            y=alt.Y("y:Q", scale=marks.along(up)), y2=alt.Y2("y2:Q"), color=alt.Color("ink:N", scale=None),
        ),
        rows,
    )  # fmt: skip


def _diagonal(across: Scale, up: Scale) -> dict[str, Any]:
    low, high = max(across.low, up.low), min(across.high, up.high)
    row = {"x": low, "x2": high, "y": low, "y2": high, "ink": STRONG}
    return _rule([row], across, up, strokeWidth=1.5, strokeDash=[4, 3])


def _limits(axes: tuple[Axis, Axis], across: Scale, up: Scale) -> list[dict[str, Any]]:
    rows = []
    if axes[0].line is not None:
        rows.append({"x": axes[0].line, "x2": axes[0].line, "y": up.low, "y2": up.high, "ink": STRONG})
    if axes[1].line is not None:
        rows.append(
            {"x": across.low, "x2": across.high, "y": axes[1].line, "y2": axes[1].line, "ink": STRONG}
        )
    return [_rule(rows, across, up, strokeWidth=1.5, strokeDash=[4, 3])] if rows else []


def _intervals(rows: Sequence[ScatterRow], across: Scale, up: Scale) -> list[dict[str, Any]]:
    lines = []
    for row in rows:
        ink = look_of(row.number).colour
        x, y = across.within(row.x), up.within(row.y)
        if row.x_low is not None and row.x_high is not None:
            lines.append(
                {
                    "x": across.within(row.x_low),
                    "x2": across.within(row.x_high),
                    "y": y,
                    "y2": y,
                    "ink": ink,
                }
            )
        if row.y_low is not None and row.y_high is not None:
            lines.append(
                {"x": x, "x2": x, "y": up.within(row.y_low), "y2": up.within(row.y_high), "ink": ink}
            )
    return [_rule(lines, across, up, strokeWidth=1.5, strokeOpacity=0.6)] if lines else []


def _points(rows: Sequence[ScatterRow], across: Scale, up: Scale, height: float) -> list[dict[str, Any]]:
    found = []
    for row in rows:
        look = look_of(row.number)
        y = height - up.at(row.y, height)
        says = clean(f"{row.system}: {row.says}" if row.says else row.system)
        found.append(marks.spot(across.within(row.x), y, shape=look.shape, ink=look.colour, says=says))
    return [marks.points(found, across)]


def _names(
    rows: Sequence[ScatterRow], across: Scale, up: Scale, plot: float, height: float
) -> list[dict[str, Any]]:
    at = [(across.at(row.x, plot), height - up.at(row.y, height)) for row in rows]
    names = [fitted(clean(row.system), min(NAME_ROOM, plot * 0.45)) for row in rows]
    placed = place_labels(at, names, Box(left=2, right=plot + RIGHT - 2, top=2, bottom=height - 2))
    return [
        marks.word(label.x, label.y, name, anchor=label.anchor, ink=INK)
        for name, label in zip(names, placed, strict=True)
        if label is not None
    ]


def _axis_names(axes: tuple[Axis, Axis], plot: float, height: float) -> list[dict[str, Any]]:
    x, y = axes
    under = fitted(f"{clean(x.name)}{_better(x)} →", plot + LEFT)
    over = fitted(f"↑ {clean(y.name)}{_better(y)}", plot + LEFT)
    return [
        marks.word(plot, height + 38, under, anchor="right", ink=SOFT),
        marks.word(8 - LEFT, -14, over, ink=SOFT),
    ]


def _better(axis: Axis) -> str:
    return f" ({axis.better} is better)" if axis.better else ""


def _description(rows: Sequence[ScatterRow], x: Axis, y: Axis) -> str:
    each = "; ".join(f"{row.system}: {row.says}" if row.says else row.system for row in rows[:40])
    more = f"; and {len(rows) - 40} more" if len(rows) > 40 else ""
    return (
        f"{len(rows)} systems as marks, {x.name} across and {y.name} upwards, with intervals both ways. {each}{more}."
        " The table holds all figures."
    )
