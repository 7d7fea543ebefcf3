"""What is said of systems outside the parts that have strengths: never compared, not beaten yet, beaten always."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from concord.stats._arrays import BoolArray, IntArray
from concord.stats.ranking._graph import Components, scored_against, strong_components, weak_components
from concord.stats.ranking._votes import Votes

P = TypeVar("P")
NO_STRENGTHS = (
    "no two systems scored against each other, directly or through others: no finite strengths exist"
)
NEVER_COMPARED = (
    "these systems were never compared, directly or through others: nothing is known of their difference"
)
ONE_WAY = (
    "all votes between these systems, or their groups, went one way: their difference has no finite estimate"
)
_SHOWN = 5


@dataclass(frozen=True)
class Standings:
    """What may be said of systems from who scored against whom, by their codes.

    ``groups`` were never compared with each other, directly or through others; ``components`` all scored against each other,
    directly or through others: those of a group come together, and of these a component comes before those that it beat.
    ``undefeated`` won all of their votes and ``winless`` lost all of them.
    """

    groups: Components
    components: Components
    undefeated: tuple[int, ...]
    winless: tuple[int, ...]

    @classmethod
    def of(cls, table: BoolArray, present: IntArray) -> Standings:
        """Return the standings of the systems ``present``, of whom ``table`` says whether i ever scored against j."""
        codes = present.tolist()
        ahead, behind = table.any(axis=1), table.any(axis=0)
        return cls(
            groups=tuple(tuple(codes[i] for i in group) for group in weak_components(table)),
            components=tuple(tuple(codes[i] for i in group) for group in strong_components(table)),
            undefeated=tuple(present[ahead & ~behind].tolist()),
            winless=tuple(present[behind & ~ahead].tolist()),
        )

    @classmethod
    def of_votes(cls, data: Votes) -> Standings:
        """Return the standings of the systems with votes."""
        present = np.flatnonzero(data.per_system() > 0)
        met = data.among(present)
        return cls.of(scored_against(met.left, met.right, met.outcome, met.weight, len(present)), present)


def fitted_parts(standings: Standings, fit: Callable[[IntArray], P | str]) -> tuple[list[P], tuple[str, ...]]:
    """Return the fits of the components of two and more systems, and why others have none."""
    found: list[P] = []
    reasons: list[str] = []
    for component in standings.components:
        if len(component) < 2:
            continue
        part = fit(np.array(component, dtype=np.int64))
        if isinstance(part, str):
            reasons.append(part)
        else:
            found.append(part)
    return found, tuple(dict.fromkeys(reasons))


def standing_notes(standings: Standings, reasons: tuple[str, ...]) -> tuple[str, ...]:
    """Return what a reader must know of systems that cannot be compared with all others."""
    notes = tuple(f"a group of systems has no strengths: {reason}." for reason in reasons)
    if len(standings.groups) > 1:
        notes += (
            f"{len(standings.groups)} groups of systems were never compared, directly or through others: "
            f"{_named(standings.groups)}. Strengths and ranks are within each group.",
        )
    for systems, verb, end in (
        (standings.undefeated, "not lost", "lower"),
        (standings.winless, "not won", "upper"),
    ):
        if len(systems) == 1:
            notes += (f"system {systems[0]} has {verb} yet: it has no strength, at most a {end} bound.",)
        elif systems:
            some = _some(systems)
            notes += (f"systems {some} have {verb} yet: they have no strength, at most a {end} bound.",)
    return notes + _one_way(standings)


def _one_way(standings: Standings) -> tuple[str, ...]:
    """Say so where several components of a group have strengths: nothing finite lies between them."""
    notes: tuple[str, ...] = ()
    for group in standings.groups:
        within = tuple(c for c in standings.components if len(c) > 1 and c[0] in group)
        if len(within) > 1:
            notes += (
                f"no vote of the systems {_named(within)} went against the order of these groups, as far as they met: strengths "
                "and ranks are within each.",
            )
    return notes


def _named(groups: Components) -> str:
    return "; ".join(_some(group) for group in groups[:4]) + ("; ..." if len(groups) > 4 else "")


def _some(systems: tuple[int, ...]) -> str:
    return str(list(systems)) if len(systems) <= _SHOWN else f"{len(systems)} systems"
