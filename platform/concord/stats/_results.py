"""The frozen results that every estimator returns."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from concord.stats._display import fields_of

NAN = float("nan")


def jsonable(value: object) -> Any:
    """Return ``value`` in types that JSON knows: nan and infinities become None, arrays become lists."""
    if isinstance(value, np.ndarray):
        return [jsonable(item) for item in value.tolist()]
    if isinstance(value, np.generic):
        return jsonable(value.item())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if is_dataclass(value) and not isinstance(value, type):
        return {item.name: jsonable(getattr(value, item.name)) for item in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): jsonable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [jsonable(item) for item in value]
    return value


def _same(one: object, other: object) -> bool:
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        return np.array_equal(one, other, equal_nan=one.dtype.kind == "f" == other.dtype.kind)
    if isinstance(one, np.ndarray) or isinstance(other, np.ndarray):
        return False
    if isinstance(one, float) and isinstance(other, float):
        return one == other or (math.isnan(one) and math.isnan(other))
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    return bool(one == other)


class Record:
    """What all results share: nothing in them changes, they compare by value, print shortly and can be written as JSON."""

    __slots__ = ()

    def __init_subclass__(cls) -> None:
        """Keep the methods below: what ``dataclass`` would make compares arrays by their truth and prints them whole."""
        super().__init_subclass__()
        for name in ("__eq__", "__hash__", "__repr__"):
            if name not in cls.__dict__:
                setattr(cls, name, getattr(cls, name))

    def __post_init__(self) -> None:
        """Guard the arrays of a result, by a view, so that an array of the caller stays writable."""
        for name, value in vars(self).items():
            if isinstance(value, np.ndarray) and value.flags.writeable:
                guarded = value.view()
                guarded.flags.writeable = False
                object.__setattr__(self, name, guarded)

    def __eq__(self, other: object) -> bool:
        """Whether all fields are the same, nan being the same as nan."""
        if type(self) is not type(other):
            return NotImplemented
        mine, its = vars(self), vars(other)
        return mine.keys() == its.keys() and all(_same(mine[name], its[name]) for name in mine)

    def __hash__(self) -> int:
        """Agree with equality: by the fields that are text, as 1 and 1.0 are the same and arrays cannot be hashed."""
        return hash((type(self), *(item for item in vars(self).values() if isinstance(item, str))))

    def __repr__(self) -> str:
        """Show every field, long ones shortened."""
        return fields_of(self)

    def as_dict(self) -> dict[str, Any]:
        """Return the fields as a JSON-ready dict: nan becomes None, arrays become lists."""
        data: dict[str, Any] = jsonable(self)
        return data


@dataclass(frozen=True, kw_only=True)
class Estimate(Record):
    """A number with its interval, or the reason why there is none.

    ``value`` is nan where no answer exists, and ``undefined`` then says why in a sentence. ``low`` and ``high``
    may be nan although the value exists (one observation, no variation); ``notes`` then says why. ``confidence`` is what
    was asked for, and nan for a method that never has an interval.
    """

    value: float
    low: float = NAN
    high: float = NAN
    confidence: float
    method: str
    n: int
    standard_error: float = NAN
    undefined: str | None = None
    notes: tuple[str, ...] = ()
    omitted: Mapping[str, int] = field(default_factory=dict)

    @property
    def defined(self) -> bool:
        """Whether there is a value."""
        return self.undefined is None

    def __str__(self) -> str:
        """Say it in one line, rounded for reading."""
        if not self.defined:
            return f"undefined: {self.undefined}"
        interval = "" if math.isnan(self.low) else f" [{self.low:.4g}, {self.high:.4g}]"
        no_end = math.isnan(self.low) and math.isnan(self.high)  # a bound from above has one end
        level = "" if no_end else f"{100 * self.confidence:g} %, "
        notes = f"; {len(self.notes)} note{'s' * (len(self.notes) > 1)}" if self.notes else ""
        return f"{self.value:.4g}{interval} ({level}n = {self.n:,}, {self.method}{notes})"


@dataclass(frozen=True, kw_only=True)
class TestedEstimate(Estimate):
    """An estimate with a two-sided test of ``value == null``."""

    __test__ = False  # pytest would otherwise collect it for its name

    null: float = 0.0
    p_value: float = NAN
    statistic: float = NAN
    df: float = NAN


@dataclass(frozen=True, kw_only=True)
class Adjusted(Record):
    """P-values adjusted for being many, in the order in which they were given; nan stays nan and is not counted."""

    p_values: NDArray[np.float64]
    rejected: NDArray[np.bool_]
    alpha: float
    method: str
    n: int
