"""One system's items as people and judges saw them: what comes in, checked and brought to a side of a joint figure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from concord.stats._arrays import (
    FloatArray,
    InputError,
    IntArray,
    as_floats,
    codes,
    compact,
    floats,
    one_of,
    shown,
    tally,
    within,
)
from concord.stats._results import Record
from concord.stats.joint._items import gaps, inverse_chances, verdicts
from concord.stats.joint._sides import Ratings, Side

RATERS = ("fixed", "sample")


@dataclass(frozen=True, kw_only=True)
class Judged(Record):
    """One system's ``m`` items: judges scored all of them, people rated some, once or several times.

    ``predictions`` (m,) or (m, k) are the scores of one judge or of k; ``ratings`` (r,) people's, of the items at the positions
    ``rated`` (r,), by ``raters`` (r,) (codes, -1: anonymous). ``examples`` (m,) are codes of what items share (prompt, document);
    None: nothing. ``propensities`` (m,) are the chances with which each item had been chosen to be rated; None: all alike.
    """

    predictions: ArrayLike
    ratings: ArrayLike
    rated: ArrayLike
    raters: ArrayLike | None = None
    examples: ArrayLike | None = None
    propensities: ArrayLike | None = None


@dataclass(frozen=True)
class System:
    """A side with what is left of its items: predictions of rated items and of the rest with the codes of their examples."""

    side: Side
    rated: FloatArray
    rest: FloatArray
    rated_examples: IntArray
    rest_examples: IntArray
    chance: FloatArray | None  # with which the rated items were chosen
    n_raters: int
    omitted: Mapping[str, int]

    @property
    def n_ratings(self) -> int:
        return 0 if self.side.ratings is None else len(self.side.ratings.value)


def read_system(
    name: str,
    system: Judged,
    bounds: tuple[float, float] | None,
    raters: str,
    *,
    sign: float = 1.0,
    unlike: int = 0,
) -> System:
    """Return the system; items without examples get codes of their own, below ``-unlike``."""
    one_of("raters", raters, RATERS)
    given: object = system
    if not isinstance(given, Judged):
        raise InputError(f"{name} must be a Judged, got {shown(given)}")
    f = verdicts(f"{name}.predictions", system.predictions)
    f = as_floats(f[:, None] if f.ndim == 1 else f)
    value = floats(f"{name}.ratings", system.ratings)
    item = _positions(name, system.rated, len(value), len(f))
    rater = _raters(name, system.raters, len(value), raters)
    example = (
        -1 - unlike - np.arange(len(f))
        if system.examples is None
        else codes(f"{name}.examples", system.examples, length=len(f))
    )
    chance = None if system.propensities is None else inverse_chances(system.propensities, len(f))
    scored, known = ~gaps(f), ~np.isnan(value)
    used = known & scored[item]
    gone = {
        "items without a prediction": int((~scored).sum()),
        "missing ratings": int((~known).sum()),
        "ratings of items without a prediction": int((known & ~used).sum()),
    }
    value, item, rater = _unit(name, value[used], bounds), item[used], rater[used]
    at, rated = compact(item)
    rest = scored.copy()
    rest[rated] = False
    weight = np.ones(len(rated)) if chance is None else chance[rated]
    pool = rest if chance is None else scored
    order = np.flatnonzero(pool)
    scaled = f if bounds is None else f / (bounds[1] - bounds[0])
    side = Side(
        y=tally(at, len(rated), value) / np.maximum(tally(at, len(rated)), 1),
        share=weight / weight.sum() if len(rated) else weight,
        f=scaled[rated],
        pool=scaled[order],
        group=example[rated],
        pool_group=example[order],
        sign=sign,
        ratings=Ratings(value, at, rater),
    )
    n_raters = len(np.unique(rater[rater >= 0])) + int((rater < 0).sum())
    chances = None if chance is None else 1 / chance[rated]
    omitted = {what: count for what, count in gone.items() if count}
    return System(side, f[rated], f[rest], example[rated], example[rest], chances, n_raters, omitted)


def _positions(name: str, rated: ArrayLike, n: int, n_items: int) -> IntArray:
    item = codes(f"{name}.rated", rated, length=n)
    if len(item) and not (item.min() >= 0 and item.max() < n_items):
        bad = item[(item < 0) | (item >= n_items)][0]
        raise InputError(f"{name}.rated must be positions of {n_items} items, got {int(bad)}")
    return item


def _raters(name: str, raters: ArrayLike | None, n: int, how: str) -> IntArray:
    if raters is None:
        if how == "sample":
            raise InputError(f"raters='sample' needs {name}.raters")
        return np.full(n, -1)
    return codes(f"{name}.raters", raters, length=n)


def _unit(name: str, value: FloatArray, bounds: tuple[float, float] | None) -> FloatArray:
    """Return ratings on a scale of 0 to 1 where its ends are known."""
    if bounds is None:
        return value
    within(f"{name}.ratings", value, *bounds)
    return (value - bounds[0]) / (bounds[1] - bounds[0])
