"""Which pictures a snapshot has: its JSON in, drawn pictures out. For workers: it loads Altair."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from concord.charts.differences import differences
from concord.charts.forest import forest
from concord.charts.picture import Picture
from concord.charts.rows import Axis, DifferenceRow, ForestRow, ScatterRow, Side, share
from concord.charts.scatter import scatter
from concord.estimates.formatting import SCALES, Parts, column_digits, estimate_parts

SIDES: dict[str, Side] = {"human": "people", "automatic": "machine", "joint": "joint"}
MOST_DIFFERENCES = 40
LEAST_DIFFERENCES, LEAST_SYSTEMS = 2, 3
SECONDS_FROM_MS = 2000.0
DIFFERENCE_AXES = {
    "share": ("\u00a0pp", 100.0, "points"),
    "answer": ("", 1.0, ""),
    "log strength": ("", 1.0, ""),
}


def pictures_of(result: dict[str, Any]) -> Iterator[Picture]:
    """Yield the pictures of a snapshot: the forest, then of each dimension its differences and its machine, then trade-offs."""
    if not result["dimensions"] or not result["systems"]:
        return
    systems = names_of(result["systems"], "id")
    yield _forest(result, systems)
    for place, dimension in enumerate(result["dimensions"], start=1):
        known = [row for row in dimension["differences"]["rows"] if row["value"] is not None]
        if len(known) >= LEAST_DIFFERENCES:
            yield _differences(dimension, systems, f"differences-{place}", result)
        if len(_both_sides(dimension)) >= LEAST_SYSTEMS:
            yield _machine(dimension, systems, f"machine-{place}", result)
    for place, (x, y) in enumerate(_trade_offs(result), start=1):
        both = [system for system in systems if _known(x, system) and _known(y, system)]
        if len(both) >= 2:
            yield _against(x, y, both, systems, f"tradeoff-{place}", result)


def names_of(rows: Sequence[dict[str, Any]], key: str) -> dict[Any, str]:
    """Return the names of rows by key; where two are called alike, the later ones are numbered."""
    taken = {row["name"] for row in rows}
    used: set[str] = set()
    found = {}
    for place, row in enumerate(rows):
        name, number = row["name"], 1
        while name in used or (number > 1 and name in taken):
            number += 1
            name = f"{row['name']} ({number})"
        used.add(name)
        found[row[key] if key else place] = name
    return found


def _titled(title: str, result: dict[str, Any]) -> str:
    """Say in the picture itself, which travels alone, that ratings were simulated."""
    return f"{title} (simulated ratings)" if result["simulated"] else title


def _axis(dimension: dict[str, Any], name: str) -> Axis:
    better = {"higher": "higher", "lower": "lower"}.get(dimension["direction"], "")
    if not dimension["is_share"]:
        return Axis(name=name, better=better)  # type: ignore[arg-type]
    line = 0.5 if dimension["is_pairwise"] else None
    return share(name, better=better, line=line)  # type: ignore[arg-type]


def _ordered(dimension: dict[str, Any], systems: dict[int, str]) -> list[int]:
    """Return the systems best first by this dimension; those without a figure last."""
    place = {system: at for at, system in enumerate(dimension["order"])}
    return sorted(systems, key=lambda system: place.get(system, len(place)))


def _forest(result: dict[str, Any], systems: dict[int, str]) -> Picture:
    dimensions = result["dimensions"]
    names = names_of(dimensions, "")
    rows = [
        row
        for system in _ordered(dimensions[0], systems)
        for place, dimension in enumerate(dimensions)
        for row in _cell(dimension, system, systems[system], names[place])
    ]
    on = f" on {len(dimensions)} dimensions" if len(dimensions) > 1 else ""
    title = f"{result['scorecard']['name']}: {len(systems)} systems{on}, best first on {names[0]}"
    axes = [_axis(dimension, names[place]) for place, dimension in enumerate(dimensions)]
    return forest(rows, axes, key="forest", title=_titled(title, result))


def _cell(dimension: dict[str, Any], system: int, name: str, on: str) -> Iterator[ForestRow]:
    """Yield the rows of one cell; the numbers beside the marks are those of the side that leads."""
    cell = next(cell for cell in dimension["cells"] if cell["system"] == system)
    figures = {key: cell[key] for key in SIDES if cell[key] is not None}
    known = [key for key, figure in figures.items() if figure["value"] is not None]
    leading = dimension["standing"]["side"]
    written = leading if leading in known else next(iter(known), None)
    if not figures:
        yield ForestRow(
            system=name, dimension=on, side="people", value=None, undefined="neither rated nor scored"
        )
    for key, figure in figures.items():
        parts = _in_column(figure, [other[key] for other in dimension["cells"]], _scale(dimension))
        yield ForestRow(
            system=name,
            dimension=on,
            side=SIDES[key],
            value=figure["value"],
            **_interval(figure),
            text=parts.value if key == written else "",
            says=_said(parts),
            undefined=parts.undefined,
        )


def _interval(figure: dict[str, Any]) -> dict[str, float | None]:
    """Return the ends of an interval; where one only is known, the other side is open."""
    low, high = figure["low"], figure["high"]
    if low is None and high is None:
        return {"low": None, "high": None}
    return {"low": -math.inf if low is None else low, "high": math.inf if high is None else high}


def _scale(dimension: dict[str, Any]) -> str:
    return "percent" if dimension["is_share"] else ""


def _in_column(figure: dict[str, Any], column: Sequence[dict[str, Any] | None], scale: str) -> Parts:
    """Return the figure's texts with as many digits as its column has in the table."""
    return estimate_parts(figure, scale=scale, digits=column_digits(column, factor=SCALES[scale][0]))


def _said(parts: Parts) -> str:
    interval = f" [{parts.low}, {parts.high}]" if parts.low else ""
    return f"{parts.value}{interval} n = {parts.n}" if parts.value else ""


def _differences(
    dimension: dict[str, Any], systems: dict[int, str], key: str, result: dict[str, Any]
) -> Picture:
    found = dimension["differences"]
    unit, factor, scale = DIFFERENCE_AXES[found["scale"]]
    rows = [_difference(row, found["rows"], systems, scale) for row in found["rows"][:MOST_DIFFERENCES]]
    left_out = len(found["rows"]) - len(rows)
    title = f"Differences on {dimension['name']}" + (f", the first {len(rows)}" if left_out else "")
    words = "difference in log strength" if found["scale"] == "log strength" else "difference"
    better = {"higher": "higher", "lower": "lower"}.get(dimension["direction"], "")
    axis = Axis(name=words, unit=unit, factor=factor, better=better)  # type: ignore[arg-type]
    return differences(rows, axis, key=key, title=_titled(title, result))


def _difference(
    row: dict[str, Any], column: Sequence[dict[str, Any]], systems: dict[int, str], scale: str
) -> DifferenceRow:
    parts = _in_column(row, column, scale)
    return DifferenceRow(
        system=systems[row["system"]],
        against=systems[row["against"]],
        value=row["value"],
        **_interval(row),
        told_apart=row["differs"],
        text=parts.value,
        says=_said(parts),
        undefined=parts.undefined,
    )


def _both_sides(dimension: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the cells that have a figure from people and one from the machine."""
    return [
        cell
        for cell in dimension["cells"]
        if all(cell[side] and cell[side]["value"] is not None for side in ("human", "automatic"))
    ]


def _machine(dimension: dict[str, Any], systems: dict[int, str], key: str, result: dict[str, Any]) -> Picture:
    sides = {side: _side(dimension, side) for side in ("human", "automatic")}
    people, machine = (
        replace(sides[side]["axis"], name=name, line=None)
        for side, name in (("human", "people"), ("automatic", "machine"))
    )
    rows = [
        _point(system, systems, sides["human"], sides["automatic"])
        for system in (cell["system"] for cell in _both_sides(dimension))
    ]
    title = _titled(f"Machine against people on {dimension['name']}", result)
    return scatter(rows, people, machine, key=key, title=title, diagonal=True)


def _side(dimension: dict[str, Any], side: str) -> dict[str, Any]:
    """Return one side of a dimension as something to draw against something else."""
    axis = _axis(dimension, dimension["name"])
    return {
        "axis": axis,
        "name": axis.name,
        "scale": _scale(dimension),
        "figures": {cell["system"]: cell[side] for cell in dimension["cells"]},
    }


def _latency(timed: dict[str, Any]) -> dict[str, Any]:
    figures = {row["system"]: row["p50"] for row in timed["systems"]}
    slow = max((figure["value"] or 0.0 for figure in figures.values()), default=0.0) >= SECONDS_FROM_MS
    unit, factor = ("\u00a0s", 0.001) if slow else ("\u00a0ms", 1.0)
    axis = Axis(name="median latency", unit=unit, factor=factor, low=0.0, better="lower")
    return {"axis": axis, "name": axis.name, "scale": "ms", "figures": figures}


def _trade_offs(result: dict[str, Any]) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Yield what is worth drawing: the first two shares of safety, and the first dimension against latency."""
    safety = [
        d for d in result["dimensions"] if d["criterion"]["dimension"].lower() == "safety" and d["is_share"]
    ]
    if len(safety) >= 2:
        y, x = (_side(dimension, dimension["standing"]["side"]) for dimension in safety[:2])
        yield x, y
    if result["latency"]:
        first = result["dimensions"][0]
        yield _latency(result["latency"]), _side(first, first["standing"]["side"])


def _known(side: dict[str, Any], system: int) -> bool:
    figure = side["figures"].get(system)
    return bool(figure) and figure["value"] is not None


def _against(
    x: dict[str, Any],
    y: dict[str, Any],
    both: Sequence[int],
    systems: dict[int, str],
    key: str,
    result: dict[str, Any],
) -> Picture:
    rows = [_point(system, systems, x, y) for system in both]
    title = _titled(f"{y['name']} against {x['name']}", result)
    return scatter(rows, x["axis"], y["axis"], key=key, title=title)


def _point(system: int, systems: dict[int, str], x: dict[str, Any], y: dict[str, Any]) -> ScatterRow:
    one, two = x["figures"][system], y["figures"][system]
    said = [
        f"{side['name']} {_said(_in_column(figure, list(side['figures'].values()), side['scale']))}"
        for side, figure in ((x, one), (y, two))
    ]
    across, up = _interval(one), _interval(two)
    return ScatterRow(
        system=systems[system],
        number=system,
        x=one["value"],
        y=two["value"],
        x_low=across["low"],
        x_high=across["high"],
        y_low=up["low"],
        y_high=up["high"],
        says=", ".join(said),
    )
