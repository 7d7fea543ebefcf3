"""Coordinates of the comparison chart: points with intervals, systems as rows, on one scale from 0 to 1."""

from dataclasses import dataclass
from typing import Any

from evaluation.selectors.summary import Compared

LABEL, WIDTH, RIGHT, ROW, TOP = 220, 720, 24, 30, 14


@dataclass(frozen=True, kw_only=True)
class Line:
    name: str
    y: int
    low: float
    value: float
    high: float
    mark: int


@dataclass(frozen=True, kw_only=True)
class Chart:
    lines: list[Line]
    ticks: list[tuple[float, str]]
    width: int
    height: int
    bottom: int
    label: int


def accuracy_chart(rows: list[Compared]) -> Chart | None:
    """None where there is nothing to draw. Only scores between 0 and 1 are drawn."""
    drawn: list[tuple[Compared, Any]] = [
        (row, row.summary.first) for row in rows if row.summary.first and row.summary.first.defined
    ]
    drawn = [(row, estimate) for row, estimate in drawn if 0 <= estimate.low <= estimate.high <= 1]
    if not drawn:
        return None

    def x(share: float) -> float:
        return round(LABEL + share * (WIDTH - LABEL - RIGHT), 1)

    lines = [
        Line(
            name=str(row.run.system)[:32],
            y=TOP + ROW * place + ROW // 2,
            low=x(estimate.low),
            value=x(estimate.value),
            high=x(estimate.high),
            mark=row.mark,
        )
        for place, (row, estimate) in enumerate(drawn)
    ]
    bottom = TOP + ROW * len(lines)
    ticks = [(x(tick / 4), f"{tick / 4:.2f}") for tick in range(5)]
    return Chart(lines=lines, ticks=ticks, width=WIDTH, height=bottom + 26, bottom=bottom, label=LABEL)
