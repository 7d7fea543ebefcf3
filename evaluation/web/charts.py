"""Coordinates of the comparison chart: points with intervals, systems as rows, on one scale from 0 to 1."""

from dataclasses import dataclass

from evaluation.selectors.summary import Compared

TOP, TICKS = 14, 26


@dataclass(frozen=True, kw_only=True)
class Frame:
    """Wide: names beside the lines. Narrow, for phones: names above them."""

    width: int
    left: int
    right: int
    row: int
    beside: bool


WIDE = Frame(width=720, left=230, right=24, row=30, beside=True)
NARROW = Frame(width=340, left=16, right=20, row=46, beside=False)


@dataclass(frozen=True, kw_only=True)
class Line:
    name: str
    text_x: int
    text_y: int
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
    anchor: str


def accuracy_chart(rows: list[Compared], frame: Frame) -> Chart | None:
    """None where there is nothing to draw. Only scores between 0 and 1 are drawn."""
    drawn = [row for row in rows if _on_scale(row)]
    if not drawn:
        return None
    bottom = TOP + frame.row * len(drawn)
    return Chart(
        lines=[_line(row, place, frame) for place, row in enumerate(drawn)],
        ticks=[(_x(tick / 4, frame), f"{tick / 4:.2f}") for tick in range(5)],
        width=frame.width,
        height=bottom + TICKS,
        bottom=bottom,
        anchor="end" if frame.beside else "start",
    )


def _on_scale(row: Compared) -> bool:
    estimate = row.summary.first
    return estimate is not None and estimate.defined and 0 <= estimate.low <= estimate.high <= 1


def _line(row: Compared, place: int, frame: Frame) -> Line:
    estimate = row.summary.first
    assert estimate is not None  # noqa: S101  (only rows on the scale come here)
    top = TOP + frame.row * place
    y = top + (frame.row // 2 if frame.beside else frame.row - 14)
    return Line(
        name=str(row.run.system)[:32],
        text_x=frame.left - 14 if frame.beside else frame.left,
        text_y=y + 4 if frame.beside else y - 13,
        y=y,
        low=_x(estimate.low, frame),
        value=_x(estimate.value, frame),
        high=_x(estimate.high, frame),
        mark=row.mark,
    )


def _x(share: float, frame: Frame) -> float:
    return round(frame.left + share * (frame.width - frame.left - frame.right), 1)
