"""A figure: value, interval, n, how it was made, for whom it holds, what was left out; or the reason why there is none."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

from concord.estimates.population import MACHINES, Population
from concord.stats import Estimate, TestedEstimate

NAN = math.nan


@dataclass(frozen=True, kw_only=True)
class Note:
    """What stands beside a figure: `code` for programs, `text` for people. Nobody takes the text apart."""

    code: str
    text: str

    def as_dict(self) -> dict[str, str]:
        return {"code": self.code, "text": self.text}


@dataclass(frozen=True, kw_only=True)
class Figure:
    """`estimator` names the function of `concord.stats` that made it ("comparison.mean"), `method` says in words how.

    `n` counts what was compared: examples for a level or a paired difference, pairs for comparisons, requests for a latency.
    `value` is nan where there is none, and `undefined` then says why; `low` and `high` may be nan although there is a value.
    """

    value: float = NAN
    low: float = NAN
    high: float = NAN
    confidence: float = 0.95
    n: int = 0
    standard_error: float = NAN
    df: float = NAN
    method: str = "none"
    estimator: str = ""
    population: Population = MACHINES
    undefined: str | None = None
    notes: tuple[Note, ...] = ()
    omitted: Mapping[str, int] = field(default_factory=dict)
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def defined(self) -> bool:
        return self.undefined is None

    @property
    def has_interval(self) -> bool:
        return math.isfinite(self.low) and math.isfinite(self.high)

    def noted(self, *notes: Note) -> Self:
        """Return it with these notes after its own, each once."""
        return replace(self, notes=tuple(dict.fromkeys((*self.notes, *notes))))

    def without(self, omitted: Mapping[str, int]) -> Self:
        """Return it with counts of what was left out; nothing left out is not counted."""
        counts = {**self.omitted, **omitted}
        return replace(self, omitted={name: int(count) for name, count in counts.items() if count})

    def with_more(self, **more: Any) -> Self:
        return replace(self, more={**self.more, **more})

    def within(self, bounds: tuple[float, float]) -> Self:
        """Return it with its interval cut at the ends of the scale: no mean lies beyond them."""
        low, high = (min(max(end, bounds[0]), bounds[1]) for end in (self.low, self.high))
        return replace(self, low=low, high=high)

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON: nan and infinity, which have no JSON, become None."""
        return {
            "value": finite(self.value),
            "low": finite(self.low),
            "high": finite(self.high),
            "standard_error": finite(self.standard_error),
            "df": finite(self.df),
            "confidence": self.confidence,
            "n": int(self.n),
            "method": self.method,
            "estimator": self.estimator,
            "population": self.population.as_dict(),
            "undefined": self.undefined,
            "omitted": dict(self.omitted),
            "notes": [note.as_dict() for note in self.notes],
            **{name: json_ready(value) for name, value in self.more.items()},
        }


def undefined(
    reason: str, *, n: int = 0, confidence: float = 0.95, population: Population = MACHINES, **more: Any
) -> Figure:
    """Return a figure that does not exist, with the reason."""
    return Figure(undefined=reason, n=n, confidence=confidence, population=population, more=more)


def from_estimate(
    found: Estimate,
    *,
    estimator: str,
    n: int | None = None,
    method: str = "",
    population: Population = MACHINES,
    notes: Iterable[Note] = (),
) -> Figure:
    """Return an estimator's result as a figure. Its own notes are kept under the code "estimator"."""
    return Figure(
        value=found.value,
        low=found.low,
        high=found.high,
        confidence=found.confidence,
        n=found.n if n is None else n,
        standard_error=found.standard_error,
        df=found.df if isinstance(found, TestedEstimate) else NAN,
        method=method or found.method,
        estimator=estimator,
        population=population,
        undefined=found.undefined,
        notes=(*(Note(code="estimator", text=text) for text in found.notes), *notes),
        omitted=dict(found.omitted),
    )


def json_ready(value: Any) -> Any:
    """Return the value in types that JSON and PostgreSQL know: nan and infinity become None."""
    if isinstance(value, Figure | Note | Population):
        return value.as_dict()
    if isinstance(value, Mapping):
        return {key: json_ready(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [json_ready(item) for item in value]
    if hasattr(value, "item") and getattr(value, "ndim", 1) == 0:
        return json_ready(value.item())
    return finite(value) if isinstance(value, float) else value


def finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
