"""Agreement over time, as the kept snapshots tell it, ready to be drawn."""

from dataclasses import dataclass
from typing import Any

from annotation.models import Study, StudySnapshot

MOST = 12
LEFT, RIGHT, TOP, BOTTOM = 36.0, 312.0, 8.0, 92.0


@dataclass(frozen=True)
class Point:
    """One snapshot's alpha: its numbers, and where they lie in the picture."""

    ratings: int
    estimate: dict[str, Any]
    x: float
    y: float
    y_low: float
    y_high: float


@dataclass(frozen=True)
class Line:
    name: str
    points: tuple[Point, ...]
    y_zero: float
    y_one: float


def alpha_history(study: Study) -> list[Line]:
    """For each criterion its alpha over the last snapshots; nothing where there is but one."""
    newest = list(StudySnapshot.objects.filter(study=study).order_by("-computed_at")[:MOST])
    latest = {
        shot.ratings: shot for shot in reversed(newest)
    }  # the same ratings by another method are no moment of their own
    shots = sorted(latest.values(), key=lambda shot: shot.ratings)
    if len(shots) < 2:
        return []
    names = [one["name"] for one in shots[-1].content["criteria"]]
    lines = [_line(name, shots) for name in names]
    return [line for line in lines if len(line.points) > 1]


def _line(name: str, shots: list[StudySnapshot]) -> Line:
    seen = [
        (shot.ratings, one["alpha"])
        for shot in shots
        for one in shot.content["criteria"]
        if one["name"] == name and one["alpha"]["value"] is not None
    ]
    bottom = min([0.0, *(alpha["low"] if alpha["low"] is not None else alpha["value"] for _, alpha in seen)])
    step = (RIGHT - LEFT) / max(1, len(seen) - 1) if len(seen) > 1 else 0.0

    def y(value: float) -> float:
        return float(round(BOTTOM - (value - bottom) / (1.0 - bottom) * (BOTTOM - TOP), 1))

    points = tuple(
        Point(
            ratings,
            alpha,
            round(LEFT + place * step, 1),
            y(alpha["value"]),
            y(alpha["low"] if alpha["low"] is not None else alpha["value"]),
            y(min(1.0, alpha["high"]) if alpha["high"] is not None else alpha["value"]),
        )
        for place, (ratings, alpha) in enumerate(seen)
    )
    return Line(name, points, y(0.0), y(1.0))
