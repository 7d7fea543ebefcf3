"""The frozen results that every estimator returns."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

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


class Record:
    """What all results share: they can be written as JSON."""

    __slots__ = ()

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
