"""A dimension as it is read: each side observed once, its figures, the side that leads, and the differences to be stated."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from concord.estimates import joint as joining
from concord.estimates.contrasts import Contrast, Pair, contrasts, every_pair
from concord.estimates.enums import Direction, Scope
from concord.estimates.figure import Figure, Note
from concord.estimates.levels import level, machine_level
from concord.estimates.observations import Observations, observe
from concord.estimates.question import Question
from concord.estimates.ratings import Ratings
from concord.estimates.scopes import settle
from concord.estimates.scores import Scores
from concord.estimates.strengths import Strengths, order_by_strength, strength_contrasts, strengths, votes
from concord.scorecards.evidence import DimensionEvidence

# With more systems, only the leader (or the baseline) is set against the others; the family stays that of every pair.
EVERY_PAIR_UP_TO = 40
Figures = Mapping[int, Figure]


@dataclass(frozen=True, kw_only=True)
class Reading:
    """`people` and `machine` are readable answers, observed once. `side` is where the dimension is read from."""

    evidence: DimensionEvidence
    question: Question
    systems: tuple[int, ...]
    people: Observations | None
    machine: Observations | None
    human: Figures | None
    automatic: Figures | None
    joint: Mapping[int, joining.Joint] | None
    boards: Mapping[str, Strengths]
    side: str
    why_not_joint: str
    order: tuple[int, ...]
    scope_notes: tuple[Note, ...]

    @property
    def by_strength(self) -> bool:
        """Whether the systems are ranked by strengths: where these exist, as a win rate depends on whom one met."""
        return self.side in self.boards and self.boards[self.side].fit.defined

    def figures(self, side: str) -> Figures | None:
        if side == "joint":
            return None if self.joint is None else {system: one.figure for system, one in self.joint.items()}
        return self.human if side == "human" else self.automatic


def read(evidence: DimensionEvidence, systems: tuple[int, ...]) -> Reading:
    """Return everything of a dimension that does not depend on other dimensions."""
    ratings, scores = evidence.ratings, evidence.scores
    people = None if ratings is None else observe(ratings, evidence.question).readable()
    heard = None if scores is None else observe(scores, evidence.question)
    machine = None if heard is None else heard.readable()
    scope, notes = (
        (Scope.EXAMPLES, ()) if people is None else settle(people, systems, evidence.question.scope)
    )
    question = replace(evidence.question, scope=scope)
    human = (
        None if people is None else _human(people, question, systems, _missing(evidence, ratings, systems))
    )
    automatic = (
        None if heard is None else _automatic(heard, question, systems, _missing(evidence, scores, systems))
    )
    joint = None
    if people is not None and machine is not None and human is not None:
        joint = joining.levels(people, machine, systems, question, alone=human, choice=evidence.choice)
        human = {system: figure.noted(*joint[system].about_people) for system, figure in human.items()}
    boards = _boards(evidence, question, systems)
    side, why_not = _side(human, automatic, joint)
    made = Reading(
        evidence=evidence,
        question=question,
        systems=systems,
        people=people,
        machine=machine,
        human=human,
        automatic=automatic,
        joint=joint,
        boards=boards,
        side=side,
        why_not_joint=why_not,
        order=(),
        scope_notes=notes,
    )
    return replace(made, order=_order(made))


def contrasts_of(found: Reading, *, baseline: int | None, block: int) -> list[Contrast]:
    """Return the differences that may be stated of a dimension, in the direction system less the other."""
    pairs = pairs_of(found, baseline=baseline)
    if found.side == "joint" and found.people is not None and found.machine is not None:
        return joining.contrasts(found.people, found.machine, pairs, found.question)
    if found.side in found.boards:
        return strength_contrasts(found.boards[found.side], pairs, block=block)
    observed = found.people if found.side == "human" else found.machine
    if observed is None or not len(observed):
        return []
    return contrasts(observed, pairs, found.question, scope=found.question.scope)


def pairs_of(found: Reading, *, baseline: int | None) -> list[Pair]:
    """Return every system against the baseline, or every pair, or of very many systems the leader against each other."""
    if baseline in found.systems:
        return [(system, int(baseline)) for system in found.systems if system != baseline]
    if len(found.systems) <= EVERY_PAIR_UP_TO:
        return every_pair(found.systems)
    leader = found.order[0] if found.order else None
    return [(leader, system) for system in found.systems if system != leader] if leader is not None else []


def comparisons_of(found: Reading, *, baseline: int | None) -> int:
    """Return how many differences could have been stated: of a leader found in the data, those of every pair."""
    n = len(found.systems)
    return n - 1 if baseline in found.systems else n * (n - 1) // 2


def _human(
    people: Observations, question: Question, systems: Iterable[int], unrated: Mapping[int, int]
) -> dict[int, Figure]:
    return {
        system: level(people.of(system), question, scope=question.scope).without(
            {"unrated outputs": unrated.get(system, 0)}
        )
        for system in systems
    }


def _automatic(
    heard: Observations, question: Question, systems: Iterable[int], unscored: Mapping[int, int]
) -> dict[int, Figure]:
    return {
        system: machine_level(heard.of(system), question).without(
            {"unscored outputs": unscored.get(system, 0)}
        )
        for system in systems
    }


def _missing(
    evidence: DimensionEvidence, side: Ratings | Scores | None, systems: Iterable[int]
) -> dict[int, int]:
    """Return how many outputs in question this side says nothing about; of comparisons that cannot be said."""
    target = evidence.target
    if target is None or side is None or evidence.question.is_pairwise:
        return {}
    silent = target.systems[~np.isin(target.outputs, side.outputs)]
    return {system: int((silent == system).sum()) for system in systems}


def _boards(
    evidence: DimensionEvidence, question: Question, systems: tuple[int, ...]
) -> dict[str, Strengths]:
    """Return the Bradley-Terry fit of each side of a dimension of comparisons."""
    if not question.is_pairwise:
        return {}
    sides = (("human", evidence.ratings), ("automatic", evidence.scores))
    return {
        name: strengths(votes(side, question, systems), scope=question.scope, confidence=question.confidence)
        for name, side in sides
        if side is not None and len(side)
    }


def _side(
    human: Figures | None, automatic: Figures | None, joint: Mapping[int, joining.Joint] | None
) -> tuple[str, str]:
    """Return the side that a dimension is read from, and why that is not both together where both are there.

    Both together lead where every system's joint figure may: its assumption was checked and held, and it is no wider than people
    alone. Else people lead, where they said anything; a comparison has one side for all its systems.
    """
    why = ""
    if joint:
        refused = [one.why_not for one in joint.values() if not one.leads]
        if not refused:
            return "joint", ""
        why = max(dict.fromkeys(refused), key=refused.count)
    if human and any(figure.defined for figure in human.values()):
        return "human", why
    return ("automatic" if automatic else "human"), why


def _order(found: Reading) -> tuple[int, ...]:
    """Return the systems that have a figure, best first; by value where neither end is better."""
    if found.by_strength:
        return tuple(order_by_strength(found.boards[found.side], found.question.direction))
    figures = found.figures(found.side) or {}
    sign = 1 if found.question.direction == Direction.LOWER else -1
    known = [system for system, figure in figures.items() if figure.defined]
    return tuple(sorted(known, key=lambda system: sign * figures[system].value))
