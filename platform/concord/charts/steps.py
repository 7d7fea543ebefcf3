"""Cumulative shares of a few systems laid over one another, each with its own dashes, mark and name."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import altair as alt
import numpy as np

from concord.charts import marks
from concord.charts.labels import Box, place_labels
from concord.charts.palette import LINE, SOFT, look_of
from concord.charts.rendering import Sheet, concatenated
from concord.charts.rows import Axis, DistributionRow, share
from concord.charts.scale import Scale, scale_around
from concord.charts.text import clean, fitted

MOST_SYSTEMS, MOST_STEPS = 8, 200
LEFT, RIGHT, TOP, BOTTOM, WIDEST = 52.0, 32.0, 26.0, 50.0, 640.0
DASHES: tuple[list[int], ...] = ([1, 0], [7, 3], [2, 2], [9, 3, 2, 3])


def steps_sheet(rows: Sequence[DistributionRow], axis: Axis, width: float) -> Sheet:
    """Return the curves; each carries its system's mark and name at a height of its own."""
    plot = min(width, WIDEST) - LEFT - RIGHT
    height = max(220.0, round(plot * 0.5))
    across = scale_around((value for row in rows for value in row.values), axis, most=max(2, int(plot // 80)))
    up = scale_around([0.0, 1.0], share("share"), most=4)
    drawn = [row for row in rows if row.values]
    held = [_held(row, place, len(drawn)) for place, row in enumerate(_by_median(drawn))]
    layers = [
        *_grid(across, up, plot, height),
        *(_curve(row, place, across, up) for place, row in enumerate(drawn)),
        *_marks(held, across, height),
        *marks.words(_names(held, across, plot, height), halo=True),
        *marks.words(_axis_names(axis, rows, plot, height)),
    ]
    panel = {"layer": layers, "width": plot, "height": height}
    return Sheet(
        spec=concatenated([panel], columns=1, gap=0, row_gap=0),
        left=LEFT, top=TOP, width=width, height=TOP + height + BOTTOM,
    )  # fmt: skip


def _by_median(rows: Sequence[DistributionRow]) -> list[DistributionRow]:
    return sorted(rows, key=lambda row: float(np.median(row.values)))


class _Held(NamedTuple):
    """A row, and the point that carries its name."""

    row: DistributionRow
    value: float
    level: float


def _held(row: DistributionRow, place: int, count: int) -> _Held:
    """Return a row with the point that carries its name: the leftmost curve's high up, the rightmost's low."""
    level = 0.85 - 0.6 * (place / (count - 1) if count > 1 else 0.5)
    return _Held(row, float(np.quantile(row.values, level, method="inverted_cdf")), level)


def _grid(across: Scale, up: Scale, plot: float, height: float) -> list[dict[str, Any]]:
    mark = marks.bare().mark_rule(color=LINE, strokeWidth=1, aria=False)
    y = alt.Y("y:Q", scale=marks.along(up), axis=marks.tick_axis(up, orient="left"))
    rows = [{"y": tick, "a": 0.0, "b": plot} for tick in up.ticks]
    level = marks.layer(mark.encode(y=y, x=marks.pixels_x("a"), x2=alt.X2("b:Q")), rows)
    return [level, marks.gridlines(across, height)]


def corners(values: Sequence[float]) -> list[tuple[float, float]]:
    """Return where a cumulative share steps up, as (value, share from there on): at every value, or at 200 quantiles."""
    ordered = np.sort(np.asarray(values, dtype=float))
    count = len(ordered)
    places = np.unique(np.linspace(0, count - 1, min(count, MOST_STEPS)).round().astype(int))
    return [(float(ordered[place]), (int(place) + 1) / count) for place in places]


def _curve(row: DistributionRow, place: int, across: Scale, up: Scale) -> dict[str, Any]:
    steps = corners(row.values)
    points = [{"x": steps[0][0], "y": 0.0}, *({"x": x, "y": y} for x, y in steps)]
    points = [{**point, "place": order} for order, point in enumerate(points)]
    mark = marks.bare().mark_line(
        interpolate="step-after", color=look_of(row.number).colour, strokeWidth=2,
        strokeDash=DASHES[place % len(DASHES)], aria=False,
    )  # fmt: skip
    return marks.layer(
        mark.encode(
            x=alt.X("x:Q", scale=marks.along(across)),
            y=alt.Y("y:Q", scale=marks.along(up)),
            order=alt.Order("place:Q"),
        ),
        points,
    )


def _marks(
    held: Sequence[tuple[DistributionRow, float, float]], across: Scale, height: float
) -> list[dict[str, Any]]:
    found = []
    for row, value, level in held:
        look = look_of(row.number)
        says = clean(f"{row.system}: {len(row.values):,} values")
        found.append(marks.spot(value, height * (1 - level), shape=look.shape, ink=look.colour, says=says))
    return [marks.points(found, across)]


def _names(
    held: Sequence[tuple[DistributionRow, float, float]], across: Scale, plot: float, height: float
) -> list[dict[str, Any]]:
    at = [(across.at(value, plot), height * (1 - level)) for _, value, level in held]
    names = [fitted(clean(row.system), plot * 0.4) for row, _, _ in held]
    placed = place_labels(at, names, Box(left=2, right=plot + RIGHT, top=-8, bottom=height))
    return [
        marks.word(label.x, label.y, name, anchor=label.anchor)
        for name, label in zip(names, placed, strict=True)
        if label is not None
    ]


def _axis_names(
    axis: Axis, rows: Sequence[DistributionRow], plot: float, height: float
) -> list[dict[str, Any]]:
    under = fitted(f"{clean(axis.name)} →", plot)
    lacking = "; ".join(f"{row.system}: {row.undefined}" for row in rows if not row.values)
    found = [
        marks.word(plot, height + 38, under, anchor="right", ink=SOFT),
        marks.word(8 - LEFT, -14, "↑ share of values at most so high", ink=SOFT),
    ]
    if lacking:
        room = plot + LEFT - 20 - len(under) * 7
        found.append(marks.word(8 - LEFT, height + 38, fitted(clean(lacking), room), ink=SOFT))
    return found
