"""Differences between systems: which pairs, and what being many does to their intervals and p-values."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from concord.scorecards.evidence import FloatArray
from concord.scorecards.services.figures import figure, finite
from concord.stats import TestedEstimate, comparison

ALL_PAIRS_UP_TO = 8
Compare = Callable[[int, int, float], TestedEstimate]


@dataclass(frozen=True, kw_only=True)
class Family:
    """The comparisons that are made together, and how many they are adjusted for."""

    pairs: tuple[tuple[int, int], ...]
    size: int
    adjustment: str
    why: str


def family(systems: tuple[int, ...], *, baseline: int | None, leader: int | None) -> Family:
    """Return every system against the baseline, or all pairs of a few, or the leader against the rest of many."""
    n = len(systems)
    every = n * (n - 1) // 2
    if baseline in systems:
        pairs = tuple((system, baseline) for system in systems if system != baseline)
        return Family(pairs=pairs, size=n - 1, adjustment="Holm", why="each system against the baseline")
    if n <= ALL_PAIRS_UP_TO:
        pairs = tuple((a, b) for i, a in enumerate(systems) for b in systems[i + 1 :])
        return Family(pairs=pairs, size=every, adjustment="Holm", why="every pair of systems")
    return leader_family(systems, leader)


def leader_family(systems: tuple[int, ...], leader: int | None) -> Family:
    """Return the leader against each other, adjusted for every pair: which system leads was read off the same data."""
    n = len(systems)
    pairs = tuple((leader, system) for system in systems if system != leader) if leader is not None else ()
    why = "the leader, found in the same data, against each other system"
    return Family(pairs=pairs, size=n * (n - 1) // 2, adjustment="Bonferroni", why=why)


def differences(compare: Compare, made: Family, *, confidence: float) -> dict[str, Any]:
    """Return the family's differences with simultaneous intervals (Bonferroni) and adjusted p-values."""
    inner = 1 - (1 - confidence) / max(made.size, 1)
    found = [compare(a, b, inner) for a, b in made.pairs]
    p_values = [test.p_value for test in found]
    adjusted = _adjust(np.array(p_values, dtype=np.float64), made)
    rows = [
        {
            **figure(test),
            "system": a,
            "against": b,
            "p_value": finite(test.p_value),
            "p_adjusted": finite(p),
            "differs": bool(p <= 1 - confidence),
        }
        for (a, b), test, p in zip(made.pairs, found, adjusted, strict=True)
    ]
    method = f"{made.why}; {_adjustment(made, confidence, inner)}"
    return {
        "rows": rows,
        "comparisons": made.size,
        "adjustment": made.adjustment,
        "confidence": confidence,
        "method": method,
        "why": made.why,
    }


def _adjustment(made: Family, confidence: float, inner: float) -> str:
    if made.size == 1:
        return "one comparison, so nothing is adjusted"
    return (
        f"p-values adjusted by {made.adjustment} for {made.size} comparisons, intervals hold together at "
        f"{confidence:.4g} (Bonferroni: each at {inner:.6g})"
    )


def _adjust(p_values: FloatArray, made: Family) -> FloatArray:
    if made.adjustment == "Holm":
        return comparison.holm(p_values).p_values
    return np.minimum(p_values * made.size, 1.0)
