"""A snapshot's result, arranged for its page: names beside ids, rows in the order of the first dimension."""

from collections.abc import Iterable, Mapping
from typing import Any

from concord.estimates.formatting import aligned
from concord.scorecards.models import SnapshotPicture

SIDE_NAMES = {"human": "People", "automatic": "Machine", "joint": "People and machine"}
SOURCES = {
    "human": "the people’s",
    "automatic": "the machine’s",
    "joint": "those of people and machine together",
}
KINDS = {
    "disputed": "People disagree most",
    "machine_off": "The machine is furthest from people",
    "worst": "Judged worst",
}
PERCENTILES = ("p50", "p90", "p95", "p99")
COEFFICIENTS = ("pearson", "spearman", "kendall")
TRADE_OFFS = ("tradeoff-1", "tradeoff-2")
MOST_DIFFERENCES = 60
MOST_SLICE_COLUMNS = 8


def present(result: dict[str, Any], pictures: Mapping[str, SnapshotPicture]) -> dict[str, Any]:
    """Return what the template shows; of pictures, those that are drawn."""
    names = {system["id"]: system["name"] for system in result["systems"]}
    return {
        "pictures": pictures,
        "tradeoffs": [pictures[key] for key in TRADE_OFFS if key in pictures],
        "dimensions": [
            {
                **_dimension(d, result["systems"], names),
                "difference_picture": pictures.get(f"differences-{place}"),
                "machine_picture": pictures.get(f"machine-{place}"),
            }
            for place, d in enumerate(result["dimensions"], start=1)
        ],
        "latency": _latency(result["latency"], names),
        "numbers_from": _numbers_from(result["dimensions"]),
    }


def _numbers_from(dimensions: list[dict[str, Any]]) -> str:
    """Say whose figures the chart writes out: of each dimension, where they differ."""
    whose = {d["name"]: SOURCES[d["standing"]["side"]] for d in dimensions}
    if len(set(whose.values())) == 1:
        return next(iter(whose.values()))
    return "; ".join(f"on {name} {source}" for name, source in whose.items())


def _dimension(d: dict[str, Any], systems: list[dict[str, Any]], names: dict[int, str]) -> dict[str, Any]:
    sides = _sides_of(d) or [key for key in ("human", "automatic") if d[f"{key}_given"]]
    given = [key for key in ("human", "automatic", "joint") if any(cell[key] for cell in d["cells"])]
    if "joint" not in sides:
        given = [key for key in given if key != "joint"]
    scale = "percent" if d["is_share"] else ""
    for side in given:
        aligned([cell[side] for cell in d["cells"]], scale)
    shown = d["differences"]["rows"][:MOST_DIFFERENCES]
    aligned(shown, "points" if d["differences"]["scale"] == "share" else "")
    return {
        **d,
        "scale": scale,
        "sides": [(key, SIDE_NAMES[key]) for key in given],
        "rows": _cells(d, given, systems),
        "computed_by": _estimators(cell[side] for cell in d["cells"] for side in given),
        "figure_methods": _figure_methods(d, given),
        "holds": _holds(d, given),
        "no_joint": d["why_not_joint"],
        "difference_rows": [_difference(row, d, names) for row in shown],
        "difference_methods": _methods(d["differences"]["rows"]),
        "differences_computed_by": [*_estimators(d["differences"]["rows"]), "comparison.simultaneous"],
        "differences_left_out": max(0, len(d["differences"]["rows"]) - MOST_DIFFERENCES),
        "boards": [_board(side, board, names) for side, board in d["leaderboard"].items()],
        "trust": _trust(d["trust"], names, is_share=d["is_share"]),
        "errors_computed_by": _estimators(_errors(d["trust"])),
        "slice_tables": [_slices(part, d, systems) for part in d["slices"]],
        "kinds": [
            (KINDS[kind], [_item(item, names) for item in items])
            for kind, items in d["examples"].items()
            if items
        ],
    }


def _sides_of(d: dict[str, Any]) -> list[str]:
    """Return the sides that have any figure."""
    return [
        key for key in SIDE_NAMES if any(cell[key] and cell[key]["value"] is not None for cell in d["cells"])
    ]


def _estimators(figures: Iterable[dict[str, Any] | None]) -> list[str]:
    """Return the estimators behind these figures, each once."""
    return list(dict.fromkeys(one["estimator"] for one in figures if one and one["estimator"]))


def _cells(d: dict[str, Any], sides: list[str], systems: list[dict[str, Any]]) -> list[dict[str, Any]]:
    place = {system: at for at, system in enumerate(d["order"])}
    by_system = {cell["system"]: cell for cell in d["cells"]}
    ordered = sorted(systems, key=lambda system: place.get(system["id"], len(place)))
    return [
        {
            "system": system,
            "place": place.get(system["id"]),
            "figures": [by_system[system["id"]][side] for side in sides],
            "left_out": _left_out(by_system[system["id"]]),
        }
        for system in ordered
    ]


def _left_out(cell: dict[str, Any]) -> str:
    """Return what stands behind no figure of this cell, in words; nothing left out is said too."""
    counts = {
        what: n
        for side in ("human", "automatic")
        for what, n in (cell[side] or {"omitted": {}})["omitted"].items()
    }
    return ", ".join(f"{n} {what}" for what, n in counts.items()) or "nothing"


def _methods(rows: list[dict[str, Any]]) -> list[str]:
    """Return how these were computed, each way once."""
    return list(dict.fromkeys(str(row["method"]) for row in rows if row["method"] != "none"))


def _figure_methods(d: dict[str, Any], sides: list[str]) -> list[tuple[str, str]]:
    """Return how the intervals of each side were made."""
    found = []
    for side in sides:
        methods = _methods([cell[side] for cell in d["cells"] if cell[side]])
        if methods:
            found.append((SIDE_NAMES[side].lower(), " or ".join(methods)))
    return found


def _holds(d: dict[str, Any], sides: list[str]) -> list[tuple[str, str]]:
    """Return for whom the figures of each side hold."""
    found = []
    for side in sides:
        words = [cell[side]["population"]["words"] for cell in d["cells"] if cell[side]]
        if words:
            said = d["population"]["words"] if side == d["standing"]["side"] else max(words, key=words.count)
            found.append((SIDE_NAMES[side], said))
    return found


def _difference(row: dict[str, Any], d: dict[str, Any], names: dict[int, str]) -> dict[str, Any]:
    verdict = "not told apart"
    if row["undefined"] is not None or row["low"] is None:
        verdict = "no test"
    elif row["differs"]:
        higher = row["value"] > 0
        good = d["direction"] == "none" or higher == (d["direction"] == "higher")
        verdict = names[row["system"] if good else row["against"]]
    return {**row, "name": names[row["system"]], "other": names[row["against"]], "verdict": verdict}


def _board(side: str, board: dict[str, Any], names: dict[int, str]) -> dict[str, Any]:
    def named(groups: list[list[int]]) -> list[list[str]]:
        return [[names[system] for system in group] for group in groups]

    for figure in ("win_rate", "win_rate_opponents", "win_rate_average"):
        aligned([row[figure] for row in board["rows"]], "percent")
    aligned([row["log_strength"] for row in board["rows"]])
    return {
        **board,
        "side": SIDE_NAMES[side],
        "rows": [{**row, "name": names[row["system"]]} for row in board["rows"]],
        "never_compared": named(board["never_compared"]),
        "undefeated": [{**one, "name": names[one["system"]]} for one in board["undefeated"]],
        "winless": [{**one, "name": names[one["system"]]} for one in board["winless"]],
        "tied": named(board["tied_by_one_cluster"]),
        "few": [names[system] for system in board["few_clusters"]],
    }


def _trust(report: dict[str, Any] | None, names: dict[int, str], *, is_share: bool) -> dict[str, Any] | None:
    if report is None:
        return None
    aligned(_errors(report), "points" if is_share else "")
    labels = report["labels"]
    table = []
    if labels:
        table = list(zip(labels["categories"], labels["table"], strict=True))
    return {
        **report,
        "table": table,
        "computed_by": _estimators(_of_trust(report)),
        "correlations": _correlations(report["numbers"]),
        "per_system": [{**row, "name": names[row["system"]]} for row in report["per_system"]],
        "per_system_methods": _methods(_errors(report)),
    }


def _errors(report: dict[str, Any] | None) -> list[dict[str, Any]]:
    return [row["error"] for row in report["per_system"]] if report else []


def _of_trust(report: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the figures of how far people and machine say the same."""
    labels, numbers = report["labels"], report["numbers"] or {}
    own = [labels["agreement"], labels["kappa"]] if labels else []
    return [*own, *numbers.get("correlations", {}).values()]


def _correlations(numbers: dict[str, Any] | None) -> list[tuple[str, dict[str, Any]]]:
    """Return coefficients by name, without the number of outputs, which is the same for all."""
    found = (numbers or {}).get("correlations", {})
    return [(name.capitalize(), {**found[name], "n": None}) for name in COEFFICIENTS if name in found]


def _slices(part: dict[str, Any], d: dict[str, Any], systems: list[dict[str, Any]]) -> dict[str, Any]:
    """Return a slice as a table: a row per value, a column per system, of the side that the dimension is read from."""
    side = "automatic" if d["standing"]["side"] == "automatic" else "human"
    place = {system: at for at, system in enumerate(d["order"])}
    shown = sorted(systems, key=lambda system: place.get(system["id"], len(place)))[:MOST_SLICE_COLUMNS]
    rows = []
    for value in part["values"]:
        cells = {cell["system"]: cell[side] for cell in value["cells"]}
        rows.append(
            {"value": value["value"], "examples": value["examples"], "cells": [cells[s["id"]] for s in shown]}
        )
    for column in range(len(shown)):
        aligned([row["cells"][column] for row in rows], "percent" if d["is_share"] else "")
    left_out = len(systems) - len(shown)
    return {
        "name": part["slice"],
        "omitted": part["omitted"],
        "systems": shown,
        "rows": rows,
        "side": SIDE_NAMES[side],
        "computed_by": _estimators(cell for row in rows for cell in row["cells"]),
        "left_out": left_out,
    }


def _item(item: dict[str, Any], names: dict[int, str]) -> dict[str, Any]:
    other = item.get("other_system")
    return {**item, "name": names.get(item["system"], ""), "other": names.get(other, "") if other else ""}


def _latency(timed: dict[str, Any] | None, names: dict[int, str]) -> dict[str, Any] | None:
    if timed is None:
        return None
    rows = [{**_percentiles(row), "name": names[row["system"]]} for row in timed["systems"]]
    for name in PERCENTILES:
        aligned([row[name] for row in rows], "ms")
    rows.sort(key=lambda row: (row["p50"]["value"] is None, row["p50"]["value"] or 0, row["name"]))
    return {"rows": rows, "notes": timed["notes"]}


def _percentiles(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "percentiles": [row[name] for name in PERCENTILES]}
