"""The few marks that every picture is made of, as Altair layers. Positions are pixels, except along a panel's own scale."""

import json
from collections.abc import Sequence
from typing import Any

import altair as alt

from concord.charts.palette import INK, LINE, SOFT, STRONG, SUNKEN, SURFACE
from concord.charts.scale import Scale
from concord.charts.text import clean

# Square pixels at which the marks look equally large.
AREAS = {
    "circle": 72.0,
    "square": 64.0,
    "diamond": 116.0,
    "triangle-up": 80.0,
    "triangle-left": 46.0,
    "triangle-right": 46.0,
}


def bare() -> alt.Chart:
    """Return a chart without data, to be marked, encoded and then filled by `layer`."""
    return alt.Chart(alt.NamedData(name="rows"))


def layer(chart: alt.Chart, rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the chart as one layer of a specification, with its rows.

    Layers are put together as plain data: Altair copies and checks everything again on each level, rows included, which
    takes ten times as long as drawing them.
    """
    made: dict[str, Any] = chart.to_dict(validate=False)
    return {"mark": made["mark"], "encoding": made["encoding"], "data": {"values": list(rows)}}


def pixels_x(field: str) -> alt.X:
    return alt.X(f"{field}:Q", scale=None, axis=None)


def pixels_y(field: str) -> alt.Y:
    return alt.Y(f"{field}:Q", scale=None, axis=None)


def along(scale: Scale) -> Any:
    """Return the scale as Altair's."""
    return alt.Scale(domain=[scale.low, scale.high], nice=False, zero=False)


def tick_axis(scale: Scale, **more: Any) -> Any:
    """Return an axis of texts only: an expression puts factor and unit on, and the unit enters it as a quoted constant."""
    # Without a count of its own Vega leaves out ticks where it thinks them too many.
    unit = json.dumps(clean(scale.unit) if scale.unit else "")
    shown = f"format(datum.value * {scale.factor!r}, ',.{scale.decimals}f') + {unit}"
    return alt.Axis(
        values=list(scale.ticks), tickCount=len(scale.ticks), labelExpr=shown, labelColor=SOFT, labelFontSize=12, labelPadding=6,
        labelOverlap=False, labelFlush=False, labelBound=False, ticks=False, domain=False, grid=False, title=None,
        aria=False, **more,
    )  # fmt: skip


def stripes(rows: int, height: float, left: float, right: float) -> dict[str, Any]:
    """Return a ground under every other row, so that a row can be followed across."""
    found = [{"a": left, "b": right, "t": height * row, "u": height * (row + 1)} for row in range(1, rows, 2)]
    mark = bare().mark_rect(fill=SUNKEN, aria=False)
    return layer(mark.encode(x=pixels_x("a"), x2=alt.X2("b:Q"), y=pixels_y("t"), y2=alt.Y2("u:Q")), found)


def gridlines(scale: Scale, height: float) -> dict[str, Any]:
    """Return a line at every tick, with its text below."""
    rows = [{"x": tick, "t": 0.0, "u": height} for tick in scale.ticks]
    mark = bare().mark_rule(color=LINE, strokeWidth=1, aria=False)
    x = alt.X("x:Q", scale=along(scale), axis=tick_axis(scale, orient="bottom"))
    return layer(mark.encode(x=x, y=pixels_y("t"), y2=alt.Y2("u:Q")), rows)


def line_across(value: float, scale: Scale, height: float) -> dict[str, Any]:
    """Return the line of no difference, of chance or of a limit."""
    rows = [{"x": value, "t": 0.0, "u": height}]
    mark = bare().mark_rule(color=STRONG, strokeWidth=1.5, strokeDash=[4, 3], aria=False)
    return layer(mark.encode(x=alt.X("x:Q", scale=along(scale)), y=pixels_y("t"), y2=alt.Y2("u:Q")), rows)


def intervals(rows: Sequence[dict[str, Any]], scale: Scale) -> dict[str, Any]:
    """Return lines from `low` to `high` at `y`, in `ink`."""
    mark = bare().mark_rule(strokeWidth=2, aria=False)
    x = alt.X("low:Q", scale=along(scale))
    return layer(
        mark.encode(x=x, x2=alt.X2("high:Q"), y=pixels_y("y"), color=alt.Color("ink:N", scale=None)), rows
    )


def points(rows: Sequence[dict[str, Any]], scale: Scale) -> dict[str, Any]:
    """Return marks at `value` and `y`, filled or hollow, with the words of hovering."""
    return layer(_point(alt.X("value:Q", scale=along(scale))), rows)


def free_points(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return marks at pixels `x` and `y`: those of a legend."""
    return layer(_point(pixels_x("x")), rows)


def _point(x: alt.X) -> alt.Chart:
    mark = bare().mark_point(filled=True, opacity=1)
    made: alt.Chart = mark.encode(
        x=x, y=pixels_y("y"),
        shape=alt.Shape("shape:N", scale=None), size=alt.Size("area:Q", scale=None),
        fill=alt.Fill("fill:N", scale=None), stroke=alt.Stroke("stroke:N", scale=None),
        strokeWidth=alt.StrokeWidth("edge:Q", scale=None), description=alt.Description("says:N"),
    )  # fmt: skip
    return made


def spot(value: float, y: float, *, shape: str, ink: str, says: str, hollow: bool = False) -> dict[str, Any]:
    """Return a row for `points`: a filled mark has an edge of the ground's colour, a hollow one is all edge."""
    fill, stroke, edge = (SURFACE, ink, 1.75) if hollow else (ink, SURFACE, 1.0)
    return {
        "value": value, "y": y, "shape": shape, "area": AREAS[shape], "fill": fill, "stroke": stroke, "edge": edge,
        "says": says,
    }  # fmt: skip


def words(rows: Sequence[dict[str, Any]], *, halo: bool = False) -> list[dict[str, Any]]:
    """Return texts at pixels `x`, `y`; a layer for each combination of side and weight.

    With `halo` the ground's colour lies around each letter, for texts that stand among lines.
    """
    rows = [row for row in rows if row["text"]]
    kinds = sorted({(row["anchor"], row["bold"]) for row in rows})
    layers = []
    for anchor, bold in kinds:
        some = [row for row in rows if (row["anchor"], row["bold"]) == (anchor, bold)]
        if halo:
            layers.append(
                _words(anchor, bold, [{**row, "ink": SURFACE} for row in some], stroke=SURFACE, strokeWidth=3)
            )
        layers.append(_words(anchor, bold, some))
    return layers


def _words(anchor: Any, bold: bool, rows: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    weight: Any = "bold" if bold else "normal"
    mark = bare().mark_text(
        align=anchor, baseline="middle", fontSize=12, fontWeight=weight, aria=False, **more
    )
    fill = alt.Fill("ink:N", scale=None)
    return layer(mark.encode(x=pixels_x("x"), y=pixels_y("y"), text=alt.Text("text:N"), fill=fill), rows)


def word(
    x: float, y: float, text: str, *, anchor: str = "left", ink: str = INK, bold: bool = False
) -> dict[str, Any]:
    """Return a row for `words`."""
    return {"x": x, "y": y, "text": text, "anchor": anchor, "ink": ink, "bold": bold}
