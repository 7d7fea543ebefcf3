"""What a plan says, the design effect that clusters have, and the search for the smallest number that does it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from scipy import special

from concord.stats._arrays import InputError, number
from concord.stats._results import Record

_MOST = 10**15
_FEW = 50
TOO_MANY = f"it would take more than {_MOST:.0e} observations"
FEW_RATERS = "so few raters or examples take more with a t interval: distribution='t' counts them."
FEW_EVENTS = "so few right or wrong answers differ that tests of counts jump: the power may be some .05 off."
FEW_NOTE = (
    "so few observations or clusters take more with a t interval or test: distribution='t' counts them."
)


@dataclass(frozen=True, kw_only=True)
class Plan(Record):
    """``n`` observations are needed; with them the ``achieved`` half-width, power or effect is as named in ``method``.

    ``clusters`` is how many clusters of ``cluster_size`` that takes. ``undefined`` says why no number does it, ``notes`` what a
    page should show beside the plan.
    """

    n: int | None
    achieved: float
    design_effect: float
    clusters: int | None
    method: str
    assumptions: Mapping[str, float] = field(default_factory=dict)
    undefined: str | None = None
    notes: tuple[str, ...] = ()


def design_effect(icc: float, cluster_size: float) -> float:
    """Return how many times more observations it takes where they come in clusters.

    Parameters
    ----------
    icc
        How much observations of a cluster are alike, from 0 to 1.
    cluster_size
        Observations in each cluster, at least 1.

    Returns
    -------
    float
        1 where clusters do not matter, ``cluster_size`` where all of a cluster say the same.

    Raises
    ------
    InputError
        Numbers out of range.

    Notes
    -----
    ``1 + (cluster_size - 1) * icc``. Kish (1965), "Survey sampling".

    Examples
    --------
    >>> design_effect(0.1, 11)
    2.0
    """
    if not 0 <= number("icc", icc) <= 1:
        raise InputError(f"icc must lie between 0 and 1, got {icc!r}")
    if not number("cluster_size", cluster_size) >= 1:
        raise InputError(f"cluster_size must be at least 1, got {cluster_size!r}")
    return 1 + (float(cluster_size) - 1) * float(icc)


def rounded_up(needed: float) -> int | None:
    """Return the whole number of observations, at least 2; None where nobody could make so many."""
    return max(2, math.ceil(needed - 1e-6)) if needed < _MOST else None


def smallest(enough: Callable[[int], bool]) -> int | None:
    """Return the smallest n of at least 2 that is ``enough``, by bisection; None where there is none below 10**15."""
    low, high = 1, 2
    while not enough(high):
        low, high = high, 2 * high
        if high > _MOST:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def finished(
    n: int,
    deff: float,
    cluster_size: float,
    achieved: float,
    method: str,
    assumptions: Mapping[str, float],
    *,
    normal: bool = False,
    notes: tuple[str, ...] = (),
) -> Plan:
    """Return the plan for ``n`` observations; ``normal`` says that normal quantiles stood for those of t."""
    clusters = math.ceil(n / cluster_size)
    few = clusters < _FEW
    return Plan(
        n=n,
        achieved=achieved,
        design_effect=deff,
        clusters=clusters,
        method=method,
        assumptions=assumptions,
        notes=(*notes, FEW_NOTE) if normal and few else notes,
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


def either(one: str, first: object, other: str, second: object) -> None:
    """Refuse both or neither of two arguments of which one is to be given."""
    if (first is None) == (second is None):
        raise InputError(f"give {one} or {other}, got {'neither' if first is None else 'both'}")


def positive(name: str, value: Any) -> float:
    """Return ``value`` where it is positive and finite."""
    if not number(name, value) > 0:
        raise InputError(f"{name} must be positive, got {value!r}")
    return float(value)


def upper_quantile(tail: float) -> float:
    """Return the normal quantile with ``tail`` above it."""
    return float(-special.ndtri(tail))
