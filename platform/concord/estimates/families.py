"""Verdict and interval from one procedure: all differences that a sentence may state hold together.

"Better" is said exactly where the simultaneous interval leaves out no difference. Which systems may be best, and the ranks that
the data leave open, follow from the same intervals, so that no sentence contradicts a table.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from concord.estimates.arrays import Floats, Ints
from concord.estimates.contrasts import Contrast, Influence
from concord.estimates.enums import Direction
from concord.estimates.figure import Figure, finite
from concord.stats import comparison
from concord.stats.comparison.rank_ranges import ranks_left_open

# Beyond so many, the correlation is not looked at: Sidak's bound holds whatever it is.
MOST_CORRELATED = 2500


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One comparison of a family. `figure` has the simultaneous interval; `differs` says whether that leaves out 0."""

    system: int
    against: int
    figure: Figure
    p_adjusted: float
    differs: bool

    def better(self, direction: Direction) -> int | None:
        """Return the system that it speaks for, if it speaks for one."""
        if not self.differs or direction == Direction.NONE:
            return None
        higher_is_better = direction != Direction.LOWER
        return self.system if (self.figure.value > 0) == higher_is_better else self.against

    def as_dict(self) -> dict[str, Any]:
        return {
            **self.figure.as_dict(),
            "system": self.system,
            "against": self.against,
            "p_adjusted": finite(self.p_adjusted),
            "differs": self.differs,
        }


@dataclass(frozen=True, kw_only=True)
class Family:
    """Differences that hold together: `size` of them were tested, `untested` had no error to be judged by."""

    differences: tuple[Difference, ...]
    size: int
    untested: int
    confidence: float
    pointwise_confidence: float
    method: str

    def about(self) -> dict[str, Any]:
        """Return what is to be said of the whole family."""
        return {
            "size": self.size,
            "untested": self.untested,
            "confidence": self.confidence,
            "pointwise_confidence": finite(self.pointwise_confidence),
            "method": self.method,
        }


def family(contrasts: Sequence[Contrast], *, confidence: float, stated: int = 0) -> Family:
    """Return all contrasts with intervals that hold together with this confidence, and a verdict each.

    `stated` is how many differences could have been stated, where these are some that the data picked: the others count too.
    """
    tested = [place for place, one in enumerate(contrasts) if one.testable]
    rows = [contrasts[place] for place in tested]
    more = max(0, stated - len(contrasts))
    found = comparison.simultaneous(
        np.array([*(one.tested_as for one in rows), *[0.0] * more]),
        np.array([*(one.figure.standard_error for one in rows), *[1.0] * more]),
        df=np.array([*(one.figure.df for one in rows), *[math.inf] * more]) if rows else math.inf,
        confidence=confidence,
        **({} if more else _correlation(rows)),
    )
    at = {place: row for row, place in enumerate(tested)}
    made = tuple(
        _told(one, found, at[place]) if place in at else _untold(one) for place, one in enumerate(contrasts)
    )
    return Family(
        differences=made,
        size=len(rows) + more,
        untested=len(contrasts) - len(rows),
        confidence=confidence,
        pointwise_confidence=found.pointwise_confidence,
        method=_method(len(rows) + more, confidence),
    )


def _method(size: int, confidence: float) -> str:
    if size <= 1:
        return "one comparison, so nothing is adjusted"
    return (
        f"intervals of {size:,} comparisons that hold together at {confidence:.4g} (simulated smallest p, t margins); "
        "a difference is stated exactly where its interval leaves out 0"
    )


def _told(one: Contrast, found: comparison.Simultaneous, row: int) -> Difference:
    value = one.figure.value
    ends = (
        (float(found.low[row]), float(found.high[row]))
        if one.interval is None
        else one.interval(found.pointwise_confidence)
    )
    low, high = min(ends[0], value), max(ends[1], value)
    figure = replace(one.figure, low=low, high=high, confidence=found.confidence)
    return Difference(
        system=one.system,
        against=one.against,
        figure=figure.within(one.bounds),
        p_adjusted=float(found.p_adjusted[row]),
        differs=bool(found.differs[row]),
    )


def _untold(one: Contrast) -> Difference:
    return Difference(
        system=one.system, against=one.against, figure=one.figure, p_adjusted=math.nan, differs=False
    )


def _correlation(rows: Sequence[Contrast]) -> dict[str, Any]:
    """Return how the contrasts hang together: as their one model has it, else from what each example and rater adds to them."""
    if (known := _of_one_model(rows)) is not None:
        return {"correlation": known}
    influences = [one.influence for one in rows if one.influence is not None]
    if len(rows) < 2 or len(rows) > MOST_CORRELATED or len(influences) < len(rows):
        return {}
    if all((one.raters < 0).all() for one in influences):
        return {"influence": _table(influences, "examples")}
    squares = {way: _square(influences, way) for way in ("examples", "raters", "cells")}
    together = squares["examples"] + squares["raters"] - squares["cells"]
    own = np.diagonal(squares["examples"])
    if (
        np.diagonal(together) <= 1e-12 * own
    ).any():  # the ways cancel: examples alone say how the contrasts go together
        return {"influence": _table(influences, "examples")}
    scale = np.sqrt(np.diagonal(together))
    correlation = np.clip(together / np.outer(scale, scale), -1.0, 1.0)
    np.fill_diagonal(correlation, 1.0)
    df = [one.figure.df for one in rows if math.isfinite(one.figure.df)]
    harmonic = len(df) / sum(1 / each for each in df) if df else math.inf
    return {"correlation": correlation, "correlation_df": min(harmonic, _raters(influences) - 1.0)}


def _of_one_model(rows: Sequence[Contrast]) -> Floats | None:
    """Return the contrasts' correlation (m, m) where all are combinations of the means of one model."""
    held = [one.combination for one in rows if one.combination is not None]
    if not 2 <= len(held) == len(rows) <= MOST_CORRELATED or any(
        one.covariance is not held[0].covariance for one in held
    ):
        return None
    weights = np.stack([one.weights for one in held])
    together = weights @ held[0].covariance @ weights.T
    scale = np.sqrt(np.diagonal(together))
    correlation = np.clip(together / np.outer(scale, scale), -1.0, 1.0)
    np.fill_diagonal(correlation, 1.0)
    return np.asarray(correlation)


def _raters(influences: Sequence[Influence]) -> int:
    """Return how many raters show how the contrasts go together: by three, even unrelated ones seem to."""
    return len(np.unique(np.concatenate([one.raters[one.raters >= 0] for one in influences])))


def _square(influences: Sequence[Influence], way: str) -> Floats:
    table = _table(influences, way)
    return np.asarray(table.T @ table)


def _table(influences: Sequence[Influence], way: str) -> Floats:
    """Return (codes, contrasts) what all answers of a code add to each contrast."""
    examples, raters, values = (
        np.concatenate([getattr(one, name) for one in influences])
        for name in ("examples", "raters", "values")
    )
    known, places = np.unique(_codes(examples, raters, way), return_inverse=True)
    columns = np.repeat(np.arange(len(influences)), [len(one.values) for one in influences])
    size = len(known), len(influences)
    table = np.bincount(places.reshape(-1) * size[1] + columns, weights=values, minlength=size[0] * size[1])
    return np.asarray(table.reshape(size))


def _codes(examples: Ints, raters: Ints, way: str) -> Ints:
    """Return a code for each row. A rater who is no sample, and what only one contrast knows, stand for themselves."""
    if way == "examples":
        return examples
    first = examples if way == "cells" else np.where(raters < 0, examples, -1)
    place, other = (np.unique(column, return_inverse=True)[1].reshape(-1) for column in (first, raters))
    codes: Ints = place * (int(other.max(initial=0)) + 1) + other
    return codes


def may_be_best(found: Sequence[Difference], systems: Sequence[int], direction: Direction) -> list[int]:
    """Return the systems that no other is better than in this family."""
    if direction == Direction.NONE:
        return []
    told = [(one, best) for one in found if (best := one.better(direction)) is not None]
    beaten = {one.against if best == one.system else one.system for one, best in told}
    return [system for system in systems if system not in beaten]


def rank_ranges(
    found: Sequence[Difference], systems: Sequence[int], direction: Direction
) -> dict[int, tuple[int, int]]:
    """Return the best and the worst rank of each system that the family's differences leave open; 1 is best."""
    place = {system: row for row, system in enumerate(systems)}
    better = np.zeros((len(place), len(place)), dtype=bool)
    for one in found:
        best = one.better(direction)
        if best is not None:
            better[place[best], place[one.against if best == one.system else one.system]] = True
    ranks = ranks_left_open(better)
    return {system: (int(ranks.best[row]), int(ranks.worst[row])) for system, row in place.items()}
