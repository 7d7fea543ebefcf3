"""A figure as it stands in a snapshot: value, interval, n, method, or the reason why there is none."""

import math
from collections.abc import Mapping
from typing import Any

from concord.scorecards.evidence import Figure
from concord.stats import Estimate


def figure(
    estimate: Estimate, *, omitted: Mapping[str, int] | None = None, notes: tuple[str, ...] = (), **more: Any
) -> Figure:
    """Return an estimate as JSON. Counts of zero are left out of `omitted`: nothing was left out."""
    left_out = {**estimate.omitted, **(omitted or {})}
    return {
        "value": finite(estimate.value),
        "low": finite(estimate.low),
        "high": finite(estimate.high),
        "standard_error": finite(estimate.standard_error),
        "confidence": estimate.confidence,
        "n": int(estimate.n),
        "method": estimate.method,
        "undefined": estimate.undefined,
        "omitted": {name: int(count) for name, count in left_out.items() if count},
        "notes": [*estimate.notes, *notes],
        **more,
    }


def undefined(
    reason: str,
    *,
    n: int = 0,
    confidence: float = 0.95,
    omitted: Mapping[str, int] | None = None,
    **more: Any,
) -> Figure:
    """Return a figure that does not exist, with the reason."""
    nothing = Estimate(value=math.nan, confidence=confidence, method="none", n=n, undefined=reason)
    return figure(nothing, omitted=omitted, **more)


def json_ready(value: Any) -> Any:
    """Return the value in types that JSON and PostgreSQL know: nan and infinity, which have no JSON, become None."""
    if isinstance(value, Mapping):
        return {key: json_ready(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [json_ready(item) for item in value]
    return finite(value) if isinstance(value, float) else value


def finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def is_defined(figure: Figure | None) -> bool:
    return figure is not None and figure["undefined"] is None
