"""Which side a dimension is read from, who leads it, and from whom the leader can be told."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from concord.catalog.states import Direction
from concord.scorecards.evidence import Figure, Plan
from concord.scorecards.services.figures import is_defined

SIDES = ("joint", "human", "automatic")
Sides = Mapping[str, Mapping[int, Figure] | None]


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Who is first, and from which of the others that is more than chance.

    `behind` are systems that are better where both are compared (on shared examples) although their figure is not.
    """

    side: str
    leader: int | None
    better_than: tuple[int, ...] = ()
    not_told_from: tuple[int, ...] = ()
    behind: tuple[int, ...] = ()
    why_not: str = ""

    def as_dict(self) -> dict[str, Any]:
        return {
            "side": self.side,
            "leader": self.leader,
            "better_than": list(self.better_than),
            "not_told_from": list(self.not_told_from),
            "behind": list(self.behind),
            "why_not": self.why_not,
        }


def side_of(sides: Sides, systems: tuple[int, ...]) -> str:
    """Return the joint side where every system has one, else people, else the machine."""
    joint = sides.get("joint")
    if joint and systems and all(is_defined(joint[system]) for system in systems):
        return "joint"
    human = sides.get("human")
    return (
        "human"
        if human and any(is_defined(figure) for figure in human.values())
        else "automatic"
        if sides.get("automatic")
        else "human"
    )


def ordered(figures: Mapping[int, Figure], plan: Plan) -> list[int]:
    """Return the systems that have a figure, best first; by value where neither end is better."""
    sign = 1 if plan.direction == Direction.LOWER else -1
    return sorted(
        (s for s, figure in figures.items() if is_defined(figure)), key=lambda s: sign * figures[s]["value"]
    )


def standing(side: str, order: list[int], plan: Plan, rows: list[dict[str, Any]]) -> Standing:
    """Return where the leader stands, from the differences that have the leader on either side."""
    if plan.direction == Direction.NONE:
        return Standing(side=side, leader=None, why_not="neither end of this scale is declared better")
    if len(order) < 2:
        return Standing(side=side, leader=None, why_not="fewer than two systems have a figure")
    leader, rest = order[0], order[1:]
    own = [row for row in rows if leader in (row["system"], row["against"])]
    told = {_other(row, leader): _better(row, plan) == leader for row in own if row["differs"]}
    untested = {_other(row, leader): row["undefined"] for row in own if row["undefined"]}
    return Standing(
        side=side,
        leader=leader,
        better_than=tuple(s for s in rest if told.get(s, False)),
        not_told_from=tuple(s for s in rest if s not in told),
        behind=tuple(s for s in rest if not told.get(s, True)),
        why_not=next((reason for s, reason in untested.items() if s in rest), ""),
    )


def _better(row: dict[str, Any], plan: Plan) -> int:
    """Return which of the two systems of a difference it speaks for."""
    higher_is_better = plan.direction != Direction.LOWER
    return int(row["system"] if (row["value"] > 0) == higher_is_better else row["against"])


def _other(row: dict[str, Any], leader: int) -> int:
    return int(row["against"] if row["system"] == leader else row["system"])
