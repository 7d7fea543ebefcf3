"""From a contrast to value, interval and p-value: errors not seen in few labels are added, and one test makes all three."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from concord.stats._arrays import largest
from concord.stats._results import TestedEstimate
from concord.stats.joint._contrast import Contrast
from concord.stats.joint._sides import Side
from concord.stats.joint._tilted import Alike, Opened, Tilted

# Few labels often hold no error of the machine by chance, the more so where nearly all are of one kind: so many of its errors
# each way are added to the variance, times the share of the commoner kind.
_OF_MACHINE = 1 / 2
# Where people decide, labels all of one kind on one side would count as free of error: half an item each way on which systems
# differ is added (Agresti & Caffo 2000). Pairs show it themselves, save a handful: there the cube of this over their number is.
_OF_PEOPLE = 1 / 2
_HANDFUL = 6.0
# A skewness that few differences show is believed as far as its square exceeds this part of the square of its error.
_BY_CHANCE = 1 / 3
ALIKE = "the labels do not vary: an interval cannot be had from them."
ALONE = "one label or one cluster: no interval."


@dataclass(frozen=True)
class Scale:
    """What is known of the labels: ``range`` "free", "share" (0 to 1) or "gap" (-1 to 1), and the smallest ``step`` between two.

    ``halves``: labels are 0, 1 and perhaps one half (a tie).
    """

    range: str = "free"
    step: float = 1.0
    halves: bool = False

    @property
    def ends(self) -> tuple[float, float]:
        """Between which values the figure lies."""
        return {"share": (0.0, 1.0), "gap": (-1.0, 1.0)}.get(self.range, (-math.inf, math.inf))

    @classmethod
    def of(cls, labels: tuple[np.ndarray, ...], range_: str) -> Scale:
        """Return the scale of labels that lie in [0, 1]."""
        found = np.unique(np.concatenate(labels))
        if np.isin(found, (0.0, 0.5, 1.0)).all():
            return cls(range_, 1.0, halves=True)
        return cls(range_, float(np.diff(found).min(initial=1.0)))


Test = Tilted | Alike | Opened


def test_of(found: Contrast, sides: tuple[Side, ...], scale: Scale) -> Test:
    """Return the figure's test."""
    size = max(largest(side.y) for side in sides) + float(
        np.abs(found.weights) @ np.max([np.abs(side.f).max(axis=0, initial=0.0) for side in sides], axis=0)
    )
    flat = not found.variance > (1e-14 * size) ** 2
    if flat and scale.range != "free":
        lowest, highest = scale.ends
        return Alike(min(max(found.value, lowest), highest), found.n, lowest, highest)
    variance = 0.0 if flat else found.variance
    if scale.range != "free":
        variance += unseen(found, sides, scale)
    df, more = found.df, 0.0 if found.by_raters is None else found.by_raters.more
    alone = found.n_clusters == sum(len(side.y) for side in sides) / (1 + found.common)
    known = scale.halves and alone and all(np.ptp(side.share) == 0 for side in sides)
    if known:
        df = math.inf
    raters = found.by_raters
    if raters is not None and more > 0:
        below = (variance**2 / df) + raters.variance**2 / raters.df
        df = (variance + more) ** 2 / below
        variance = max(variance + more, raters.variance)
    if scale.range != "gap":
        return Tilted(found.value, variance, found.third if scale.range == "share" else 0.0, df, *scale.ends)
    return Tilted(found.value, variance, _believed(found), df, *scale.ends, fading=_fading(found, sides))


def _believed(found: Contrast) -> float:
    """Return the third moment of a difference, held back where as much may come of the chance on which side few items fell."""
    below = found.third**2 + _BY_CHANCE * found.sixth
    held = found.third * (found.third**2 / below) if below > 0 else found.third
    return held if math.isfinite(held) else found.third


def _fading(found: Contrast, sides: tuple[Side, ...]) -> float:
    """Return which part of the skewness goes where systems do not differ: all of it in pairs and samples of equal size."""
    if len(sides) == 1:
        return 1.0
    squares = [float(side.share @ side.share) for side in sides]
    return 1.0 - (1.0 - found.common) * abs(squares[0] - squares[1]) / sum(squares)


def unseen(found: Contrast, sides: tuple[Side, ...], scale: Scale) -> float:
    """Return the variance that errors of the machine not yet seen would add: as many as are taken for there, each of one step."""
    each = sum(float(side.share @ side.share) ** 2 for side in sides) * (1 - found.common / 2)
    lowest, highest = scale.ends
    place = (sum(side.sign * side.label for side in sides) - lowest) / (highest - lowest)
    reach = _reach(found, sides, scale)
    errors = _OF_MACHINE * max(place, 1 - place) * reach**2
    if scale.range == "gap":
        paired = 1.0 if len(sides) == 1 else found.common
        few = paired * min((_HANDFUL / found.n) ** 3, _OF_PEOPLE) + (1 - paired) * _OF_PEOPLE
        errors += few * (1 - reach) ** 2
    return 2 * errors * scale.step**2 * each * found.wider


def _reach(found: Contrast, sides: tuple[Side, ...], scale: Scale) -> float:
    """Return how far an error of the judges moves a label, at most 1: weights times the range of what they say.

    Judges who say the same err at once, and their moves add up; those of judges who have nothing in common add as squares.
    """
    if not found.weights.any():
        return 0.0
    if scale.range == "gap" and len(sides) == 1:  # already differences
        ranges = np.abs(sides[0].pool).max(axis=0, initial=0.0)
    else:
        ranges = np.max([np.ptp(side.pool, axis=0) for side in sides], axis=0)
    moves = found.weights * ranges
    return min(math.sqrt(float(moves @ found.alike @ moves)), 1.0)


def estimate_of(
    test: Test, *, null: float, confidence: float, n: int, method: str, notes: tuple[str, ...] = ()
) -> TestedEstimate:
    """Return the test as an estimate."""
    low, high = test.interval(confidence)
    if math.isnan(test.variance):
        notes = (*notes, ALONE)
    elif math.isnan(low):
        notes = (*notes, ALIKE)
    return TestedEstimate(
        value=test.shown,
        low=low,
        high=high,
        confidence=confidence,
        method=method,
        n=n,
        standard_error=math.sqrt(test.variance),
        notes=notes,
        null=null,
        p_value=test.p_value(null),
        statistic=test.statistic(null),
        df=test.df,
    )


def rescaled(found: TestedEstimate, low: float, width: float) -> TestedEstimate:
    """Return an estimate of labels that had been brought to [0, 1], on their own scale; a difference has ``low`` 0."""
    return replace(
        found,
        value=low + width * found.value,
        low=low + width * found.low,
        high=low + width * found.high,
        standard_error=width * found.standard_error,
        null=low + width * found.null,
    )
