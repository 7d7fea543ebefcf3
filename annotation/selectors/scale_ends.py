"""Where a scale ends, for those who cut an interval there. Without NumPy: web processes import it."""

import math
from collections.abc import Iterable


def ends(labels: Iterable[float], minimum: float | None, maximum: float | None) -> tuple[float, float]:
    """The ends of the scale that people answer on, which has labels or limits; infinite where it has neither."""
    known = list(labels)
    low = minimum if minimum is not None else min(known, default=-math.inf)
    high = maximum if maximum is not None else max(known, default=math.inf)
    return float(low), float(high)
