"""Which scope a comparison has: what was asked for, where the answers can bear it; one for all its systems, and said."""

from collections.abc import Iterable

from concord.estimates.enums import Scope
from concord.estimates.figure import Note
from concord.estimates.observations import Observations
from concord.estimates.population import may_speak_of_others

THESE_ONLY = Note(
    code="these_raters_only",
    text="asked for other raters, but that needs at least three raters for every system, all of them known apart; the figures "
    "hold for the people who answered.",
)


def settle(people: Observations, systems: Iterable[int], wanted: Scope) -> tuple[Scope, tuple[Note, ...]]:
    """Return the scope of every figure of people's answers, and a note where it is not what was asked for."""
    if wanted != Scope.OTHER_RATERS:
        return Scope.THESE_RATERS, ()
    judged = [found for system in systems if len(found := people.of(system))]
    if judged and all(may_speak_of_others(found.raters) for found in judged):
        return Scope.OTHER_RATERS, ()
    return Scope.THESE_RATERS, (THESE_ONLY,)
