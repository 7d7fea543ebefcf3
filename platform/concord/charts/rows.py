"""What a picture is drawn from: one frozen row a mark, checked when it is made."""

import math
from dataclasses import dataclass
from typing import Literal

Side = Literal["people", "machine", "joint"]
SIDES: tuple[Side, ...] = ("people", "machine", "joint")


@dataclass(frozen=True, kw_only=True)
class Axis:
    """One scale.

    A tick shows a value times `factor`, then `unit`. `low` and `high` are ends that nothing can lie beyond (0 and 1 for
    shares). `line`, between them, is drawn across: no difference, chance, a limit; `line_says` names it.
    """

    name: str
    unit: str = ""
    factor: float = 1.0
    low: float | None = None
    high: float | None = None
    better: Literal["higher", "lower", ""] = ""
    line: float | None = None
    line_says: str = ""

    def __post_init__(self) -> None:
        if not (math.isfinite(self.factor) and self.factor > 0):
            raise ValueError(f"factor must be a finite number above 0, but is {self.factor}")
        if self.low is not None and self.high is not None and not self.low < self.high:
            raise ValueError(f"low must be below high, but they are {self.low} and {self.high}")
        if self.line is not None and not math.isfinite(self.line):
            raise ValueError(f"line must be finite, but is {self.line}")
        ends = (-math.inf if self.low is None else self.low, math.inf if self.high is None else self.high)
        if self.line is not None and not ends[0] <= self.line <= ends[1]:
            raise ValueError(f"line must lie between low and high, {ends}, but is {self.line}")


def share(name: str, *, better: Literal["higher", "lower", ""] = "", line: float | None = None) -> Axis:
    """Return the axis of a share, shown in percent and never beyond 0 and 1."""
    return Axis(name=name, unit="\u00a0%", factor=100.0, low=0.0, high=1.0, better=better, line=line)


@dataclass(frozen=True, kw_only=True)
class ForestRow:
    """One system's figure on one dimension, from one side.

    An interval may be open (`low=-inf` or `high=inf`: the line ends in an arrow), and may stand without a value. Without
    both, `undefined` says why. `text` stands beside the marks of its cell, in short; `says` in full, where there is room
    and on hovering.
    """

    system: str
    dimension: str
    side: Side
    value: float | None
    low: float | None = None
    high: float | None = None
    text: str = ""
    says: str = ""
    undefined: str = ""

    def __post_init__(self) -> None:
        if self.side not in SIDES:
            raise ValueError(f"side must be one of {', '.join(SIDES)}, but is {self.side!r}")
        check_figure(self.value, self.low, self.high, self.undefined)


@dataclass(frozen=True, kw_only=True)
class DifferenceRow:
    """How far one system is from another, with its simultaneous interval.

    `told_apart` is the verdict that goes with the interval: the mark is filled where it is true and hollow where not.
    """

    system: str
    against: str
    value: float | None
    low: float | None = None
    high: float | None = None
    told_apart: bool = False
    text: str = ""
    says: str = ""
    undefined: str = ""

    def __post_init__(self) -> None:
        check_figure(self.value, self.low, self.high, self.undefined)


@dataclass(frozen=True, kw_only=True)
class ScatterRow:
    """One system on two axes. `number` is its key: it decides colour and mark, the same on every page."""

    system: str
    number: int
    x: float
    y: float
    x_low: float | None = None
    x_high: float | None = None
    y_low: float | None = None
    y_high: float | None = None
    says: str = ""

    def __post_init__(self) -> None:
        check_figure(self.x, self.x_low, self.x_high, "")
        check_figure(self.y, self.y_low, self.y_high, "")


@dataclass(frozen=True, kw_only=True)
class DistributionRow:
    """All values of one system, for instance its latencies."""

    system: str
    number: int
    values: tuple[float, ...]
    undefined: str = ""

    def __post_init__(self) -> None:
        wrong = next((value for value in self.values if not math.isfinite(value)), None)
        if wrong is not None:
            raise ValueError(f"values must be finite, but one is {wrong}")
        if not self.values and not self.undefined:
            raise ValueError("without values, `undefined` must say why")


@dataclass(frozen=True, kw_only=True)
class CourseRow:
    """One figure at one moment: what it was when there was `at` of what it is drawn over."""

    name: str
    at: float
    value: float
    low: float | None = None
    high: float | None = None
    says: str = ""

    def __post_init__(self) -> None:
        if not math.isfinite(self.at):
            raise ValueError(f"at must be finite, but is {self.at}")
        check_figure(self.value, self.low, self.high, "")

    @property
    def ends(self) -> list[float]:
        """What the scale must have room for."""
        return [end for end in (self.value, self.low, self.high) if end is not None]


def check_figure(value: float | None, low: float | None, high: float | None, undefined: str) -> None:
    """Raise ValueError for a figure that cannot be drawn: no reason where it is missing, ends on the wrong sides."""
    if value is not None and not math.isfinite(value):
        raise ValueError(f"value must be finite or None, but is {value}")
    if any(end is not None and math.isnan(end) for end in (low, high)):
        raise ValueError(f"an interval must not have an end that is nan: [{low}, {high}]")
    if (low is None) != (high is None):
        raise ValueError(f"an interval has two ends (infinite where it is open), but is [{low}, {high}]")
    if value is None and low is None and not undefined:
        raise ValueError("where there is neither value nor interval, `undefined` must say why")
    if low is not None and high is not None and low > high:
        raise ValueError(f"low must not be above high, but the interval is [{low}, {high}]")
