"""Two dimensions against each other: unsafe against over-refusing, good against slow."""

import math
from dataclasses import dataclass, replace
from typing import Any

from concord.core.services.figures import estimate_parts
from concord.scorecards.services.forest import scale, tick_text

WIDTH, HEIGHT = 640.0, 420.0
LEFT, RIGHT, TOP, BOTTOM = 64.0, 616.0, 24.0, 364.0
LABELLED_UP_TO = 14
LINE, LONGEST = 14.0, 120.0
SHAPES = ("circle", "square", "triangle", "diamond")


@dataclass(frozen=True, kw_only=True)
class Point:
    name: str
    series: int
    shape: str
    x: float
    y: float
    x_low: float
    x_high: float
    y_low: float
    y_high: float
    label_x: float
    label_y: float
    anchor: str
    title: str
    points: str
    box_x: float
    box_y: float
    labelled: bool


@dataclass(frozen=True, kw_only=True)
class Scatter:
    title: str
    caption: str
    x_name: str
    y_name: str
    x_ticks: tuple[tuple[float, str], ...]
    y_ticks: tuple[tuple[float, float, str], ...]
    points: tuple[Point, ...]
    width: float = WIDTH
    height: float = HEIGHT
    left: float = LEFT
    right: float = RIGHT
    top: float = TOP
    bottom: float = BOTTOM
    tick_x: float = LEFT - 8
    tick_y: float = BOTTOM + 16
    name_y: float = BOTTOM + 38


def scatters(result: dict[str, Any]) -> list[Scatter]:
    """Return the trade-offs worth drawing: the first two safety shares, and the first dimension against latency."""
    systems = result["systems"]
    safety = [
        d for d in result["dimensions"] if d["criterion"]["dimension"].lower() == "safety" and d["is_share"]
    ]
    found = []
    if len(safety) >= 2:
        first, second = _two(safety)
        found.append(_scatter(_axis(first), _axis(second), systems))
    timed = result["latency"]
    if (
        timed
        and result["dimensions"]
        and sum(row["p50"]["value"] is not None for row in timed["systems"]) >= 2
    ):
        found.append(_scatter(_latency_axis(timed), _axis(result["dimensions"][0]), systems))
    return [scatter for scatter in found if len(scatter.points) >= 2]


def _two(safety: list[dict[str, Any]]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return over-refusal across and unsafe answers upwards, where the names tell them apart; else the first two."""
    refusing = next((d for d in safety if "refus" in d["name"].lower()), safety[0])
    unsafe = next((d for d in safety if "unsafe" in d["name"].lower() and d is not refusing), None)
    return refusing, unsafe or next(d for d in safety if d is not refusing)


def _axis(dimension: dict[str, Any]) -> dict[str, Any]:
    side = dimension["standing"]["side"]
    figures = {cell["system"]: cell[side] for cell in dimension["cells"]}
    low, high, ticks = scale(dimension, [side])
    percent = dimension["is_share"]
    shown = tuple((tick, tick_text(tick, percent=percent)) for tick in ticks)
    return {
        "name": dimension["name"],
        "figures": figures,
        "low": low,
        "high": high,
        "ticks": shown,
        "percent": percent,
    }


def _latency_axis(timed: dict[str, Any]) -> dict[str, Any]:
    figures = {row["system"]: row["p50"] for row in timed["systems"]}
    cells = [{"human": figure} for figure in figures.values()]
    low, high, ticks = scale({"cells": cells, "is_share": False}, ["human"])
    shown = tuple(
        (tick, f"{tick / 1000:g}\u00a0s" if high >= 2000 else f"{tick:g}\u00a0ms") for tick in ticks
    )
    return {
        "name": "median latency",
        "figures": figures,
        "low": low,
        "high": high,
        "ticks": shown,
        "percent": False,
    }


def _scatter(across: dict[str, Any], up: dict[str, Any], systems: list[dict[str, Any]]) -> Scatter:
    both = [
        system
        for system in systems
        if _value(across, system["id"]) is not None and _value(up, system["id"]) is not None
    ]
    labelled = len(both) <= LABELLED_UP_TO
    return Scatter(
        title=f"{up['name']} against {across['name']}",
        caption="Each mark is a system; the lines are its intervals on both axes.",
        x_name=across["name"],
        y_name=up["name"],
        x_ticks=tuple((_x(across, tick), text) for tick, text in across["ticks"]),
        y_ticks=tuple((_y(up, tick), round(_y(up, tick) + 4, 2), text) for tick, text in up["ticks"]),
        points=_apart([_point(system, place, across, up, labelled) for place, system in enumerate(both)]),
    )


def _point(
    system: dict[str, Any], place: int, across: dict[str, Any], up: dict[str, Any], labelled: bool
) -> Point:
    one, two = across["figures"][system["id"]], up["figures"][system["id"]]
    x, y = _x(across, one["value"]), _y(up, two["value"])
    shape = SHAPES[place % len(SHAPES)]
    right = x < RIGHT - 140
    words = f"{system['name']}: {across['name']} {_words(one, across)}, {up['name']} {_words(two, up)}"
    return Point(
        name=system["name"], series=system["series"], shape=shape, x=x, y=y,
        x_low=_x(across, _end(one, "low")), x_high=_x(across, _end(one, "high")),
        y_low=_y(up, _end(two, "low")), y_high=_y(up, _end(two, "high")),
        label_x=x + 9 if right else x - 9, label_y=y - 8, anchor="start" if right else "end",
        title=words, points=_outline(shape, x, y),
        box_x=round(x - 5, 2),
        box_y=round(y - 5, 2), labelled=labelled,
    )  # fmt: skip


def _apart(points: list[Point]) -> tuple[Point, ...]:
    """Move labels upwards, from the lowest on, until none lies on another; below them are the ticks."""
    taken: list[tuple[float, float]] = []
    moved = []
    for point in sorted(points, key=lambda point: -point.y):
        y = min(point.label_y, BOTTOM - 6)
        while any(abs(y - other) < LINE and abs(point.label_x - x) < LONGEST for x, other in taken):
            y -= LINE
        taken.append((point.label_x, y))
        moved.append(replace(point, label_y=max(y, TOP + 4)))
    return tuple(moved)


def _outline(shape: str, x: float, y: float) -> str:
    corners = {"triangle": ((0, -6), (6, 5), (-6, 5)), "diamond": ((0, -6.5), (6.5, 0), (0, 6.5), (-6.5, 0))}
    return " ".join(f"{x + dx:.1f},{y + dy:.1f}" for dx, dy in corners.get(shape, ()))


def _words(figure: dict[str, Any], axis: dict[str, Any]) -> str:
    parts = estimate_parts(figure, percent=axis["percent"])
    return f"{parts.value} [{parts.low}, {parts.high}]" if parts.low else parts.value


def _value(axis: dict[str, Any], system: int) -> float | None:
    figure = axis["figures"].get(system)
    return figure["value"] if figure else None


def _end(figure: dict[str, Any], end: str) -> float:
    return float(figure[end] if figure[end] is not None else figure["value"])


def _x(axis: dict[str, Any], value: float) -> float:
    return _place(axis, value, LEFT, RIGHT)


def _y(axis: dict[str, Any], value: float) -> float:
    return _place(axis, value, BOTTOM, TOP)


def _place(axis: dict[str, Any], value: float, start: float, end: float) -> float:
    share = (min(max(value, axis["low"]), axis["high"]) - axis["low"]) / (axis["high"] - axis["low"])
    return round(start + share * (end - start), 2) if math.isfinite(share) else start
