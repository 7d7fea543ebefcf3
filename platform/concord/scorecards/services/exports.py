"""A snapshot as files: the whole of it as JSON, its figures as one long table, its pictures."""

import json
from collections.abc import Iterator
from typing import Any

from concord.accounts.selectors.lookup import require
from concord.accounts.states import Action
from concord.core.actors import Actor
from concord.core.services import audit
from concord.core.services.csv_cells import lines
from concord.core.services.pictures import handed_out
from concord.scorecards.models import Snapshot, SnapshotPicture

COLUMNS = (
    "scorecard",
    "system",
    "dimension",
    "criterion",
    "estimand",
    "side",
    "value",
    "low",
    "high",
    "confidence",
    "n",
    "unit",
    "method",
    "undefined",
    "omitted",
    "notes",
    "estimator",
    "scope",
    "holds",
    "simulated",
    "digest",
)
SIDES = ("human", "automatic", "joint")
PERCENTILES = ("p50", "p90", "p95", "p99")


def export_json(*, actor: Actor, snapshot: Snapshot) -> str:
    """The whole of it, to whoever may read it."""
    _allow(actor, snapshot, "json")
    return as_json(snapshot)


def export_csv(*, actor: Actor, snapshot: Snapshot) -> Iterator[str]:
    """Its figures as a table, to whoever may read them."""
    _allow(actor, snapshot, "csv")
    return as_csv(snapshot)


def picture_of(*, actor: Actor, snapshot: Snapshot, key: str, kind: str) -> SnapshotPicture:
    """One of its pictures, to whoever may read it."""
    scorecard = snapshot.scorecard
    require(actor=actor, workspace=scorecard.workspace, to=Action.READ)
    pictures = SnapshotPicture.objects.filter(snapshot=snapshot, key=key)
    found: SnapshotPicture = handed_out(
        pictures, kind, actor=actor, workspace_id=scorecard.workspace_id, obj=scorecard
    )
    return found


def _allow(actor: Actor, snapshot: Snapshot, kind: str) -> None:
    scorecard = snapshot.scorecard
    require(actor=actor, workspace=scorecard.workspace, to=Action.READ)
    audit.record(
        actor=actor,
        verb="scorecard.exported",
        workspace_id=scorecard.workspace_id,
        obj=scorecard,
        kind=kind,
        digest=snapshot.digest,
    )


def as_json(snapshot: Snapshot) -> str:
    """Return the snapshot; its schema is described in docs/scorecard_json.md."""
    return json.dumps(snapshot.result, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def as_csv(snapshot: Snapshot) -> Iterator[str]:
    """Return one line per system, dimension and side; latency and leaderboards are sides of their own."""
    result = snapshot.result
    names = {system["id"]: system["name"] for system in result["systems"]}
    rows = [*_dimension_rows(result, names), *_board_rows(result, names), *_latency_rows(result, names)]
    return lines(COLUMNS, rows)


def _dimension_rows(result: dict[str, Any], names: dict[int, str]) -> Iterator[list[Any]]:
    for dimension in result["dimensions"]:
        for cell in dimension["cells"]:
            for side in SIDES:
                if cell[side] is not None:
                    unit = "share" if dimension["is_share"] else "answer"
                    yield _row(
                        result,
                        names[cell["system"]],
                        dimension,
                        side,
                        cell[side],
                        unit,
                        dimension["estimand"],
                    )


def _board_rows(result: dict[str, Any], names: dict[int, str]) -> Iterator[list[Any]]:
    """Win rates over opponents and Bradley-Terry strengths of dimensions that compare."""
    for dimension in result["dimensions"]:
        for side, board in dimension["leaderboard"].items():
            for line in board["rows"]:
                system = names[line["system"]]
                rate = line["win_rate_opponents"]
                yield _row(result, system, dimension, side, rate, "share", "win_rate_opponents")
                yield _row(
                    result, system, dimension, side, line["log_strength"], "log strength", "bradley_terry"
                )


def _latency_rows(result: dict[str, Any], names: dict[int, str]) -> Iterator[list[Any]]:
    timed = result["latency"]
    if timed is None:
        return
    parts = [(names[row["system"]], row) for row in timed["systems"]]
    latency = {"name": "latency", "criterion": {"slug": ""}, "study": None}
    cost = {"name": "cost", "criterion": {"slug": ""}, "study": None}
    for system, row in parts:
        for name in PERCENTILES:
            yield _row(result, system, latency, "measured", row[name], "ms", name)
        yield _row(result, system, cost, "measured", row["cost"], "per output", "mean")


def _row(
    result: dict[str, Any],
    system: str,
    dimension: dict[str, Any],
    side: str,
    figure: dict[str, Any],
    unit: str,
    estimand: str,
) -> list[Any]:
    simulated = side != "automatic" and bool(dimension["study"] and dimension["study"]["simulated"])
    return [
        result["scorecard"]["name"],
        system,
        dimension["name"],
        dimension["criterion"]["slug"],
        estimand,
        side,
        figure["value"],
        figure["low"],
        figure["high"],
        figure["confidence"],
        figure["n"],
        unit,
        figure["method"],
        figure["undefined"],
        "; ".join(f"{name}: {count}" for name, count in figure["omitted"].items()),
        " ".join(note["text"] for note in figure["notes"]),
        figure["estimator"],
        figure["population"]["scope"],
        figure["population"]["words"],
        "yes" if simulated else "no",
        result["provenance"]["digest"],
    ]
