"""Who comes first in a dimension, and from whom that can be told: read off the family's intervals and nothing else."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from concord.estimates.enums import Direction
from concord.estimates.families import Difference, may_be_best
from concord.scorecards.report.reading import Reading


@dataclass(frozen=True, kw_only=True)
class Standing:
    """`first` are the systems with the best figure (several where it is the same), `leader` the one where it is one.

    The others are in `better_than`, `not_told_from`, or `behind`: better where both are compared (on shared examples) although
    their figure is not. Against a baseline, `above`, `below` and `not_told_from` sort the systems by how they compare with it.
    `untested` have no test, with the reason in `why_untested`.
    """

    side: str
    first: tuple[int, ...] = ()
    leader: int | None = None
    better_than: tuple[int, ...] = ()
    not_told_from: tuple[int, ...] = ()
    behind: tuple[int, ...] = ()
    untested: tuple[int, ...] = ()
    why_untested: str = ""
    baseline: int | None = None
    above: tuple[int, ...] = ()
    below: tuple[int, ...] = ()
    may_be_best: tuple[int, ...] = ()
    why_not: str = ""

    def as_dict(self) -> dict[str, Any]:
        return {
            name: list(value) if isinstance(value, tuple) else value for name, value in vars(self).items()
        }


def standing(found: Reading, rows: Sequence[Difference], *, baseline: int | None) -> Standing:
    """Return where the systems stand, from the differences of this dimension in its family."""
    direction = found.question.direction
    if direction == Direction.NONE:
        return Standing(side=found.side, why_not="neither end of this scale is declared better")
    board = found.boards.get(found.side)
    if board is not None and len(board.fit.groups) > 1:
        apart = "some systems were never compared, directly or through others"
        return Standing(side=found.side, why_not=apart)
    if len(found.order) < 2:
        return Standing(side=found.side, why_not="fewer than two systems have a figure")
    first = _first(found)
    if baseline in found.systems and baseline is not None:
        return _against(found, rows, baseline, first)
    leader = found.order[0] if len(first) == 1 else None
    if leader is None:
        best = tuple(may_be_best(rows, found.order, direction))
        return Standing(side=found.side, first=first, may_be_best=best)
    told = {_other(row, leader): row for row in rows if leader in (row.system, row.against)}
    rest = found.order[1:]
    verdicts = {system: told[system].better(direction) for system in rest if system in told}
    untested = tuple(s for s in rest if s not in told or not told[s].figure.has_interval)
    return Standing(
        side=found.side,
        first=first,
        leader=leader,
        better_than=tuple(s for s in rest if verdicts.get(s) == leader),
        not_told_from=tuple(s for s in rest if verdicts.get(s) is None and s not in untested),
        behind=tuple(s for s in rest if verdicts.get(s) == s),
        untested=untested,
        why_untested=_why(untested, told),
        may_be_best=tuple(may_be_best(rows, found.order, direction)),
    )


def _against(found: Reading, rows: Sequence[Difference], baseline: int, first: tuple[int, ...]) -> Standing:
    """Return the systems by how they compare with the baseline; nothing is said of the others among themselves."""
    told = {_other(row, baseline): row for row in rows if baseline in (row.system, row.against)}
    others = [system for system in found.order if system != baseline]
    verdicts = {system: told[system].better(found.question.direction) for system in others if system in told}
    untested = tuple(s for s in others if s not in told or not told[s].figure.has_interval)
    return Standing(
        side=found.side,
        first=first,
        leader=found.order[0] if len(first) == 1 else None,
        baseline=baseline,
        above=tuple(s for s in others if verdicts.get(s) == s),
        below=tuple(s for s in others if verdicts.get(s) == baseline),
        not_told_from=tuple(s for s in others if verdicts.get(s) is None and s not in untested),
        untested=untested,
        why_untested=_why(untested, told),
    )


def _first(found: Reading) -> tuple[int, ...]:
    """Return the systems whose ranking figure is the best one."""
    value = {system: ranking_value(found, system) for system in found.order}
    return tuple(system for system in found.order if value[system] == value[found.order[0]])


def ranking_value(found: Reading, system: int) -> float:
    """Return the figure by which the dimension's systems are ranked: of comparisons with strengths, the strength."""
    if found.by_strength:
        fit = found.boards[found.side]
        return float(fit.fit.log_strengths[fit.votes.systems.index(system)])
    figures = found.figures(found.side)
    return figures[system].value if figures else math.nan


def _why(untested: tuple[int, ...], told: dict[int, Difference]) -> str:
    for system in untested:
        if system in told:
            figure = told[system].figure
            return figure.undefined or " ".join(note.text for note in figure.notes)
    return ""


def _other(row: Difference, one: int) -> int:
    return row.against if row.system == one else row.system
