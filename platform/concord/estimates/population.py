"""For whom a figure holds: which raters stand behind it, and whether they are taken as they are or as a sample of others."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from concord.estimates.arrays import Ints
from concord.estimates.enums import Scope

# To speak of other raters, there must be a difference between some: one rater shows none, and intervals over a sample of two held
# .925 of studies where they say .95 (docs/claims.md), while they found next to nothing.
FEWEST_RATERS = 3


@dataclass(frozen=True, kw_only=True)
class Population:
    """`raters` are those known by a code, `anonymous` the answers whose rater is not known."""

    scope: Scope
    raters: int = 0
    anonymous: int = 0

    @property
    def words(self) -> str:
        """The end of a sentence: "for these 3 raters"."""
        if self.scope == Scope.EXAMPLES:
            return "for examples like these"
        if self.scope == Scope.OTHER_RATERS:
            return f"for raters like these {self.raters:,}"
        if not self.raters:
            return "for the people who answered here, who are not known apart"
        named = "for this one rater" if self.raters == 1 else f"for these {self.raters:,} raters"
        return f"{named} and {self.anonymous:,} anonymous answers" if self.anonymous else named

    def as_dict(self) -> dict[str, Any]:
        return {
            "scope": str(self.scope),
            "raters": self.raters,
            "anonymous": self.anonymous,
            "words": self.words,
        }


MACHINES = Population(scope=Scope.EXAMPLES)


def population_of(raters: Ints, scope: Scope) -> Population:
    """Return for whom answers of these raters hold; a negative code is an anonymous answer (of -2, a machine's)."""
    if (raters < -1).any():
        return MACHINES
    named = raters[raters >= 0]
    return Population(scope=scope, raters=len(np.unique(named)), anonymous=int((raters == -1).sum()))


def may_speak_of_others(raters: Ints) -> bool:
    """Whether these answers can tell anything of other raters: at least three gave them, and all are known apart."""
    return bool(len(raters)) and bool((raters >= 0).all()) and len(np.unique(raters)) >= FEWEST_RATERS
