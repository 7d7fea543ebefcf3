"""The forest chart: systems as rows, dimensions as columns, in each cell people, machine and both with their intervals.

Only geometry is decided here; the template draws it, and the stylesheet colours it.
"""

import math
from dataclasses import dataclass, field
from typing import Any

from concord.core.services.figures import estimate_parts

WIDEST_PANEL = 560.0
GAP = 22.0
TOP = 46.0
BOTTOM = 30.0
STEP = 11.0
SIDES = (("human", "people"), ("automatic", "machine"), ("joint", "joint"))
WORDS = {"human": "people", "automatic": "machine", "joint": "people and machine together"}


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """The room there is: in all, for names, for numbers, and for how many letters of a system and a dimension."""

    width: float
    label: float
    text: float
    longest: int
    title: int


WIDE = Sheet(width=1120.0, label=186.0, text=62.0, longest=27, title=38)
NARROW = Sheet(width=350.0, label=112.0, text=44.0, longest=16, title=30)


@dataclass(frozen=True, kw_only=True)
class Mark:
    """One estimate: where it lies, its interval, and its words."""

    side: str
    x: float
    y: float
    low: float | None
    high: float | None
    title: str
    points: str = ""
    box_x: float = 0.0
    box_y: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Row:
    name: str
    label: str
    y: float
    top: float
    text_y: float
    shaded: bool
    height: float
    texts: tuple[tuple[float, str, str], ...] = ()
    words: tuple[tuple[float, str, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Panel:
    """One dimension: its scale and its marks."""

    name: str
    hint: str
    left: float
    right: float
    ticks: tuple[tuple[float, str], ...]
    reference: float | None
    marks: tuple[Mark, ...]


@dataclass(frozen=True, kw_only=True)
class Band:
    """One chart: a few dimensions side by side."""

    width: float
    height: float
    top: float
    bottom: float
    hint_y: float
    label_y: float
    rows: tuple[Row, ...]
    panels: tuple[Panel, ...]
    description: str
    sides: tuple[tuple[str, str], ...] = field(default=())


def forest(result: dict[str, Any], *, across: int) -> list[Band]:
    """Return the charts, with at most `across` dimensions side by side in each; one at a time is for a phone."""
    wide = across > 1
    dimensions = result["dimensions"]
    across = balanced(len(dimensions), across)
    groups = [dimensions[i : i + across] for i in range(0, len(dimensions), across)]
    order = _order(dimensions[0], result["systems"]) if dimensions else []
    sheet = WIDE if wide else NARROW
    return [_band(group, order, across, sheet) for group in groups]


def balanced(count: int, most: int) -> int:
    """Return how many stand side by side so that the rows of charts are equally long: four as two and two."""
    return math.ceil(count / math.ceil(count / most)) if count else 1


def sides_of(dimensions: list[dict[str, Any]]) -> tuple[tuple[str, str], ...]:
    """Return the sides that have any figure, as (key, class)."""
    return tuple(
        (key, name)
        for key, name in SIDES
        if any(cell[key] and cell[key]["value"] is not None for d in dimensions for cell in d["cells"])
    )


def _band(dimensions: list[dict[str, Any]], order: list[dict[str, Any]], across: int, sheet: Sheet) -> Band:
    sides = sides_of(dimensions)
    height = max(22.0, STEP * max(len(sides), 1) + 8)
    panel = min(WIDEST_PANEL, (sheet.width - sheet.label) / min(across, len(dimensions)) - GAP)
    lefts = [sheet.label + i * (panel + GAP) for i in range(len(dimensions))]
    panels = tuple(
        _panel(d, order, sides, left, left + panel - sheet.text, height, sheet.title)
        for d, left in zip(dimensions, lefts, strict=True)
    )
    rows = tuple(
        _row(place, system, dimensions, lefts, panel, height, sheet.longest)
        for place, system in enumerate(order)
    )
    bottom = TOP + height * len(order)
    return Band(
        width=lefts[-1] + panel + 4,
        height=bottom + BOTTOM,
        top=TOP,
        bottom=bottom,
        hint_y=TOP - 14,
        label_y=bottom + 16,
        rows=rows,
        panels=panels,
        description=_description(dimensions, order),
        sides=tuple((WORDS[key], name) for key, name in sides),
    )


def _order(dimension: dict[str, Any], systems: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the systems best first by the first dimension; those without a figure last."""
    place = {system: at for at, system in enumerate(dimension["order"])}
    return sorted(systems, key=lambda system: place.get(system["id"], len(place)))


def _row(
    place: int,
    system: dict[str, Any],
    dimensions: list[dict[str, Any]],
    lefts: list[float],
    panel: float,
    height: float,
    longest: int,
) -> Row:
    texts, words = [], []
    for dimension, left in zip(dimensions, lefts, strict=True):
        cell = _cell(dimension, system["id"])
        shown = cell[dimension["standing"]["side"]] or next(
            (cell[key] for key, _ in SIDES if cell[key]), None
        )
        parts = estimate_parts(shown, percent=dimension["is_share"])
        full = f"{parts.value} [{parts.low}, {parts.high}]" if parts.low else parts.value or parts.undefined
        if parts.undefined:
            words.append((left + 4, "no figure", parts.undefined))
        else:
            texts.append((left + panel, parts.value, full))
    return Row(
        name=system["name"],
        label=_short(system["name"], longest),
        y=TOP + height * (place + 0.5),
        top=TOP + height * place,
        text_y=TOP + height * (place + 0.5) + 4,
        shaded=place % 2 == 1,
        height=height,
        texts=tuple(texts),
        words=tuple(words),
    )


def _panel(
    dimension: dict[str, Any],
    order: list[dict[str, Any]],
    sides: tuple[tuple[str, str], ...],
    left: float,
    right: float,
    height: float,
    longest: int,
) -> Panel:
    low, high, ticks = scale(dimension, [key for key, _ in sides])

    def at(value: float) -> float:
        return round(left + (min(max(value, low), high) - low) / (high - low) * (right - left), 2)

    marks = []
    for place, system in enumerate(order):
        cell = _cell(dimension, system["id"])
        present = [(key, name) for key, name in sides if cell[key] and cell[key]["value"] is not None]
        for i, (key, name) in enumerate(present):
            y = TOP + height * (place + 0.5) + STEP * (i - (len(present) - 1) / 2)
            marks.append(_mark(cell[key], key, name, system["name"], dimension, at, y))
    percent = dimension["is_share"]
    return Panel(
        name=_short(dimension["name"], longest),
        hint=_hint(dimension),
        left=left,
        right=right,
        ticks=tuple((at(tick), tick_text(tick, percent=percent)) for tick in ticks),
        reference=at(0.5) if dimension["is_pairwise"] and low < 0.5 < high else None,
        marks=tuple(marks),
    )


def _mark(
    figure: dict[str, Any], key: str, name: str, system: str, dimension: dict[str, Any], at: Any, y: float
) -> Mark:
    x = at(figure["value"])
    parts = estimate_parts(figure, percent=dimension["is_share"])
    interval = f" [{parts.low}, {parts.high}]" if parts.low else ""
    diamond = f"{x},{y - 5.5:.2f} {x + 5.5:.2f},{y:.2f} {x},{y + 5.5:.2f} {x - 5.5:.2f},{y:.2f}"
    return Mark(
        side=name,
        x=x,
        y=round(y, 2),
        low=at(figure["low"]) if figure["low"] is not None else None,
        high=at(figure["high"]) if figure["high"] is not None else None,
        title=f"{system}, {dimension['name']}, {WORDS[key]}: {parts.value}{interval}, n = {parts.n}",
        points=diamond,
        box_x=round(x - 4, 2),
        box_y=round(y - 4, 2),
    )


def scale(dimension: dict[str, Any], sides: list[str]) -> tuple[float, float, list[float]]:
    """Return the ends of a dimension's scale and its ticks: round numbers around everything drawn, within 0..1 for shares."""
    ends = [
        end
        for cell in dimension["cells"]
        for key in sides
        if cell[key] and cell[key]["value"] is not None
        for end in (cell[key]["low"], cell[key]["value"], cell[key]["high"])
        if end is not None
    ]
    if not ends:
        return 0.0, 1.0, [0.0, 0.5, 1.0]
    low, high = min(ends), max(ends)
    if dimension["is_share"]:
        low, high = max(0.0, low), min(1.0, high)
    step = _step(max(high - low, 1e-9 + abs(high) * 1e-6) / 5)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    last = max(last, first + 1)
    return first * step, last * step, [round(i * step, 10) for i in range(first, last + 1)]


def tick_text(tick: float, *, percent: bool) -> str:
    return f"{100 * tick:,g}\u00a0%" if percent else f"{tick:,g}".replace("-", "\u2212")


def _step(rough: float) -> float:
    """Return 1, 2 or 5 times a power of ten, not below `rough`."""
    power = 10.0 ** math.floor(math.log10(rough))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough * 0.999999)


def _hint(dimension: dict[str, Any]) -> str:
    return {"higher": "better →", "lower": "← better"}.get(dimension["direction"], "")


def _cell(dimension: dict[str, Any], system: int) -> dict[str, Any]:
    return next(cell for cell in dimension["cells"] if cell["system"] == system)


def _short(name: str, longest: int) -> str:
    return name if len(name) <= longest else name[: longest - 1].rstrip() + "…"


def _description(dimensions: list[dict[str, Any]], order: list[dict[str, Any]]) -> str:
    names = ", ".join(dimension["name"] for dimension in dimensions)
    return f"{len(order)} systems as rows; columns: {names}. All figures are in the tables below."
