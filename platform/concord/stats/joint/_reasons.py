"""Whether a joint figure may lead: each reason against it, as a code and in words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from concord.stats._results import Record
from concord.stats.joint._joint import Answer, may_be_off, narrower
from concord.stats.joint._judged import System
from concord.stats.joint.rated_like_rest import RATED_UNLIKE_REST

WIDER_THAN_PEOPLE = "wider_than_people"
MACHINE_UNUSED = "machine_unused"
NO_INTERVAL = "no_interval"
NO_RATINGS = "no_ratings"
UNEVEN_CHANCES = "uneven_chances"
NOTHING_UNRATED = "nothing_unrated"
CHOICE_UNKNOWN = "choice_unknown"


@dataclass(frozen=True, kw_only=True)
class Reason(Record):
    """Why something is so: a ``code`` for programs, a sentence for people."""

    code: str
    text: str


def reasons(found: Answer, systems: tuple[System, ...]) -> tuple[tuple[Reason, ...], tuple[Reason, ...]]:
    """Return why the joint figure may not lead, and what is to be said of people's own."""
    unlike = tuple(
        Reason(code=RATED_UNLIKE_REST, text=check.text or "")
        for check in found.checks
        if check.code == RATED_UNLIKE_REST
    )
    why_not = unlike
    if not all(len(system.rest) for system in systems):
        text = "people rated every item that the machine scored, so the machine has nothing to add."
        why_not = (*why_not, Reason(code=NOTHING_UNRATED, text=text))
    elif not found.found.weights.any():
        text = "the machine's scores say too little about people's ratings: it gets no weight."
        why_not = (*why_not, Reason(code=MACHINE_UNUSED, text=text))
    elif np.isnan(found.figure.low):
        why_not = (*why_not, Reason(code=NO_INTERVAL, text="there is no interval."))
    elif not narrower(found.figure, found.people):
        text = "people's ratings alone give a narrower interval."
        why_not = (*why_not, Reason(code=WIDER_THAN_PEOPLE, text=text))
    by_chance = any(system.chance is not None for system in systems)
    if by_chance and found.found.n < found.found.n_clusters / 2:
        text = "the chances of the rated items are so uneven that few of them decide: the interval may be too narrow."
        why_not = (*why_not, Reason(code=UNEVEN_CHANCES, text=text))
    if may_be_off(found):
        why_not = (*why_not, Reason(code=CHOICE_UNKNOWN, text=_off(found)))
    return why_not, unlike


def _off(found: Answer) -> str:
    """Say how far off the figure could be, in its own margin of error."""
    margins = found.could_be_off / ((found.figure.high - found.figure.low) / 2)
    much = f"by {margins:.1f} times its margin of error" if np.isfinite(margins) else "by any amount"
    return f"the rated items are not known to be drawn at random; chosen by quality, they could set the figure off {much}."
