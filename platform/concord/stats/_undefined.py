"""The result of a question that has no answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from concord.stats._results import NAN, Estimate

E = TypeVar("E", bound=Estimate)


def undefined(
    kind: type[E],
    reason: str,
    *,
    confidence: float,
    n: int = 0,
    omitted: Mapping[str, int] | None = None,
    **fields: Any,
) -> E:
    """Return a result of this kind without a value, which says why; ``fields`` are those that the kind has of its own."""
    return kind(
        value=NAN,
        confidence=confidence,
        method=fields.pop("method", "none"),
        n=n,
        undefined=reason,
        omitted=omitted or {},
        **fields,
    )
