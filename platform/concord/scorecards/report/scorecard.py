"""A scorecard from its evidence: arrays in, the whole result as JSON out."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from concord.estimates.agreement import Agreement, among_people
from concord.estimates.families import Difference, Family, family, rank_ranges
from concord.estimates.figure import Figure, json_ready
from concord.estimates.machine import trust
from concord.estimates.population import MACHINES, Population, population_of
from concord.estimates.ratings import Ratings
from concord.estimates.strengths import strength_family, strengths
from concord.scorecards.evidence import Evidence
from concord.scorecards.report.examples import examples
from concord.scorecards.report.leaderboard import average_opponent, leaderboard
from concord.scorecards.report.limits import FEW_EXAMPLES, limits
from concord.scorecards.report.reading import Reading, comparisons_of, contrasts_of, read
from concord.scorecards.report.sentence import answer
from concord.scorecards.report.slices import by_slice
from concord.scorecards.report.standing import standing
from concord.scorecards.report.timing import timing

Progress = Callable[[int, int, str], None]


def compute(evidence: Evidence, *, progress: Progress = lambda done, total, message: None) -> dict[str, Any]:
    """Return dimensions, latency, the sentence and the limits."""
    steps = len(evidence.dimensions) + 2
    readings = []
    for done, dimension in enumerate(evidence.dimensions):
        progress(done, steps, dimension.question.name)
        readings.append(read(dimension, evidence.systems))
    progress(steps - 2, steps, "comparisons")
    stated, rows = headline(readings, baseline=evidence.baseline, confidence=evidence.confidence)
    dimensions = [
        _dimension(reading, own, fam, baseline=evidence.baseline)
        for reading, (own, fam) in zip(readings, rows, strict=True)
    ]
    progress(steps - 1, steps, "latency and cost")
    timed = None
    if evidence.timings is not None and len(evidence.timings):
        timed = timing(
            evidence.timings,
            evidence.systems,
            dataset_timings=evidence.dataset_timings,
            confidence=evidence.confidence,
        )
    progress(steps, steps, "done")
    ready: dict[str, Any] = json_ready(
        {
            "dimensions": dimensions,
            "family": stated.about(),
            "latency": timed,
            "sentence": answer(dimensions, evidence.names, stated.about()),
            "limits": limits(dimensions, evidence.names),
        }
    )
    return ready


Told = tuple[list[Difference], Family]


def headline(
    readings: Sequence[Reading], *, baseline: int | None, confidence: float
) -> tuple[Family, list[Told]]:
    """Return the family of all that the headline may state, and each dimension's differences with the family they belong to.

    The headline may state every difference of every dimension, or, where dimensions were declared primary before the data, those
    of these; the others then are a family of their own.
    """
    primary = [place for place, one in enumerate(readings) if one.evidence.primary]
    stated = primary or list(range(len(readings)))
    others = [place for place in range(len(readings)) if place not in stated]
    told: dict[int, Told] = {}
    families = []
    for places in (stated, others):
        found = [contrasts_of(readings[place], baseline=baseline, block=place) for place in places]
        size = sum(comparisons_of(readings[place], baseline=baseline) for place in places)
        made = family([one for own in found for one in own], confidence=confidence, stated=size)
        families.append(made)
        rest = list(made.differences)
        for place, own in zip(places, found, strict=True):
            told[place] = (rest[: len(own)], made)
            rest = rest[len(own) :]
    return families[0], [told[place] for place in range(len(readings))]


def _dimension(
    found: Reading, rows: Sequence[Difference], made: Family, *, baseline: int | None
) -> dict[str, Any]:
    """Return everything about one dimension."""
    evidence, question = found.evidence, found.question
    ratings, scores = evidence.ratings, evidence.scores
    agreed = _agreed(found)
    return {
        "name": question.name,
        "primary": evidence.primary,
        "is_pairwise": question.is_pairwise,
        "is_share": question.is_share,
        "estimand": str(question.estimand),
        "direction": str(question.direction),
        "scope": str(question.scope),
        "scope_notes": [note.as_dict() for note in found.scope_notes],
        "population": _population(found).as_dict(),
        "human_given": ratings is not None and len(ratings) > 0,
        "automatic_given": scores is not None and len(scores) > 0,
        "cells": [_cell(found, system) for system in found.systems],
        "why_not_joint": found.why_not_joint,
        "joint_gain": _gain(found),
        "choice": {"how": str(evidence.choice), "why": evidence.choice_why},
        "order": list(found.order),
        "ranked_by": _ranked_by(found),
        "standing": standing(found, rows, baseline=baseline).as_dict(),
        "on_these_examples": _on_these_examples(found),
        "differences": _differences(found, rows, made),
        "leaderboard": _boards(found, rows),
        "people": _people(agreed.alpha, ratings, found) if agreed and ratings is not None else None,
        "trust": _trust(found),
        "slices": by_slice(found),
        "examples": examples(evidence, agreed),
    }


def _agreed(found: Reading) -> Agreement | None:
    ratings, question = found.evidence.ratings, found.question
    if ratings is None or not len(ratings):
        return None
    return among_people(ratings, level=question.level, scope=question.scope, confidence=question.confidence)


def _people(alpha: Figure, ratings: Ratings, found: Reading) -> dict[str, Any]:
    return {
        **alpha.as_dict(),
        "level": str(found.question.level),
        "ratings": len(ratings),
        "units": len(np.unique(ratings.units)),
        "raters": ratings.n_raters,
        "anonymous": ratings.n_anonymous,
        "cannot_judge": ratings.cannot_judge,
    }


def _trust(found: Reading) -> dict[str, Any] | None:
    ratings, scores = found.evidence.ratings, found.evidence.scores
    if ratings is None or scores is None or found.people is None or found.machine is None:
        return None
    if not len(ratings) or not len(scores):
        return None
    return trust(ratings, scores, found.people, found.machine, found.systems, found.question)


def _population(found: Reading) -> Population:
    """Return for whom the dimension's figures hold, of the side that it is read from."""
    if found.side == "automatic" or found.people is None:
        return MACHINES
    return population_of(found.people.raters, found.question.scope)


def _cell(found: Reading, system: int) -> dict[str, Any]:
    joint = None if found.joint is None else found.joint[system]
    return {
        "system": system,
        "human": None if found.human is None else found.human[system].as_dict(),
        "automatic": None if found.automatic is None else found.automatic[system].as_dict(),
        "joint": None
        if joint is None
        else {**joint.figure.as_dict(), "leads": joint.leads, "why_not": joint.why_not},
    }


def _gain(found: Reading) -> float | None:
    """Return how many times as many rated outputs people alone would need for intervals as short: the least over the systems."""
    if found.side != "joint" or not found.joint:
        return None
    return min(one.gain for one in found.joint.values())


def _ranked_by(found: Reading) -> dict[str, Any]:
    """Return the figures by which the systems are ranked, on the scale on which they are read."""
    if found.by_strength:
        board = found.boards[found.side]
        figures = {
            system: average_opponent(board.strength(place))
            for place, system in enumerate(board.votes.systems)
        }
        return {
            "what": "win_rate_average",
            "scale": "percent",
            "words": "of comparisons won against the average system",
            "figures": {str(system): figure.as_dict() for system, figure in figures.items()},
        }
    levels = found.figures(found.side) or {}
    return {
        "what": found.side,
        "scale": "percent" if found.question.is_share else "",
        "words": "",
        "figures": {str(system): figure.as_dict() for system, figure in levels.items()},
    }


def _differences(found: Reading, rows: Sequence[Difference], made: Family) -> dict[str, Any]:
    strength = found.side in found.boards
    return {
        "rows": [row.as_dict() for row in rows],
        "family": made.about(),
        "comparisons": made.size,
        "confidence": made.confidence,
        "method": made.method,
        "scale": "log strength" if strength else "share" if found.question.is_share else "answer",
    }


def _boards(found: Reading, rows: Sequence[Difference]) -> dict[str, Any]:
    """Return the leaderboard of each side. Ranks come from the family where the dimension is read from that side."""
    tables = {}
    for name, board in found.boards.items():
        observed = found.people if name == "human" else found.machine
        if observed is None:
            continue
        told = rows if name == found.side else strength_family(board, found.question.confidence).differences
        ranks = rank_ranges(told, board.votes.systems, found.question.direction)
        tables[name] = leaderboard(board, observed, found.question, ranks=ranks)
    return tables


def _on_these_examples(found: Reading) -> dict[str, Any] | None:
    """Return the leader's standing among other raters on the very examples; None where that is no other question.

    It is one where comparisons take examples and raters as samples, and examples are few: taken as they are, they no longer
    make the answer uncertain.
    """
    board = found.boards.get(found.side)
    if board is None or not found.order or board.clustered_by != "rater and example":
        return None
    n = len(np.unique(board.votes.examples))
    if n >= FEW_EXAMPLES:
        return None
    fixed = strengths(
        board.votes, scope=found.question.scope, confidence=found.question.confidence, these_examples=True
    )
    stands = standing(found, strength_family(fixed, found.question.confidence).differences, baseline=None)
    return {"examples": n, "method": fixed.method, **stands.as_dict()}
