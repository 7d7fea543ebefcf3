"""What is asked of answers: a criterion's question, what is estimated of it, for whom, at which confidence."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from concord.estimates.arrays import Floats, mapped
from concord.estimates.enums import Direction, Estimand, Kind, Level, Scope


@dataclass(frozen=True, kw_only=True)
class Question:
    """`outcomes` says what a label of a preference means: 1 left, 0 right, .5 tie. `labels` are the values that a rate counts."""

    name: str
    estimand: Estimand = Estimand.MEAN
    labels: tuple[float, ...] = ()
    direction: Direction = Direction.HIGHER
    kind: Kind = Kind.LIKERT
    level: Level = Level.INTERVAL
    outcomes: Mapping[float, float] = field(default_factory=dict)
    label_names: Mapping[float, str] = field(default_factory=dict)
    minimum: float | None = None
    maximum: float | None = None
    scope: Scope = Scope.THESE_RATERS
    confidence: float = 0.95

    @property
    def is_pairwise(self) -> bool:
        return self.estimand == Estimand.WIN_RATE

    @property
    def is_share(self) -> bool:
        """Whether the figures lie between 0 and 1."""
        return self.estimand != Estimand.MEAN

    @property
    def on_unit_scale(self) -> bool:
        """Whether answers lie between 0 and 1, so that an interval exists even where all are 0 or 1."""
        return self.bounds == (0.0, 1.0)

    @property
    def bounds(self) -> tuple[float, float]:
        """The ends of the scale that people answer on; infinite where it has none."""
        if self.is_share:
            return 0.0, 1.0
        return ends(self.label_names, self.minimum, self.maximum)

    @property
    def is_labelled(self) -> bool:
        """Whether the answers are labels, so that a table of them makes sense."""
        return self.kind != Kind.NUMERIC and len(self.label_names) > 0

    @property
    def lower_is_better(self) -> bool:
        return self.direction == Direction.LOWER

    def numbers(self, values: Floats) -> Floats:
        """Return the answers as what is averaged. An unreadable answer has none of the named labels: 0 in a rate, else nan."""
        if self.is_pairwise:
            return mapped(values, self.outcomes)
        if self.estimand == Estimand.RATE:
            return np.isin(values, np.array(self.labels, dtype=np.float64)).astype(np.float64)
        return values


def ends(labels: Iterable[float], minimum: float | None, maximum: float | None) -> tuple[float, float]:
    """Return the ends of a scale, which has labels or limits; infinite where it has neither."""
    known = list(labels)
    low = minimum if minimum is not None else min(known, default=-math.inf)
    high = maximum if maximum is not None else max(known, default=math.inf)
    return float(low), float(high)
