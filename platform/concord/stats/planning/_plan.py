"""What a plan says, and the design effect that clusters have."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from scipy import special

from concord.stats._arrays import InputError
from concord.stats._results import Record


@dataclass(frozen=True, kw_only=True)
class Plan(Record):
    """``n`` observations are needed; with them the ``achieved`` half-width, power or effect is as named in ``method``.

    ``clusters`` is how many clusters of ``cluster_size`` that takes. ``undefined`` says why no number does it.
    """

    n: int | None
    achieved: float
    design_effect: float
    clusters: int | None
    method: str
    assumptions: Mapping[str, float] = field(default_factory=dict)
    undefined: str | None = None


def design_effect(icc: float, cluster_size: float) -> float:
    """Return ``1 + (cluster_size - 1) * icc`` (Kish 1965): how many times more observations clusters take.

    >>> design_effect(0.1, 11)
    2.0
    """
    if not 0 <= icc <= 1:
        raise InputError(f"icc must lie between 0 and 1, got {icc!r}")
    if not 1 <= cluster_size < math.inf:
        raise InputError(f"cluster_size must be at least 1, got {cluster_size!r}")
    return 1 + (cluster_size - 1) * icc


def finished(
    needed: float,
    deff: float,
    cluster_size: float,
    achieved: float,
    method: str,
    assumptions: Mapping[str, float],
) -> Plan:
    """Return a plan for ``needed`` independent observations, inflated by the design effect and rounded up."""
    n = max(2, math.ceil(needed * deff - 1e-6))
    clusters = math.ceil(n / cluster_size)
    return Plan(
        n=n,
        achieved=achieved,
        design_effect=deff,
        clusters=clusters,
        method=method,
        assumptions=assumptions,
    )


def impossible(reason: str, deff: float, method: str, assumptions: Mapping[str, float]) -> Plan:
    """Return a plan that says why no number of observations does it."""
    return Plan(
        n=None,
        achieved=float("nan"),
        design_effect=deff,
        clusters=None,
        method=method,
        assumptions=assumptions,
        undefined=reason,
    )


def positive(name: str, value: float) -> float:
    """Return ``value`` where it is positive and finite."""
    if not 0 < value < math.inf:
        raise InputError(f"{name} must be positive, got {value!r}")
    return float(value)


def upper_quantile(tail: float) -> float:
    """Return the normal quantile with ``tail`` above it."""
    return float(-special.ndtri(tail))
