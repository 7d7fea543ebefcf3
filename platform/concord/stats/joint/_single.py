"""One sample of labels with predictions, and the unlabelled predictions, as the side of a joint figure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from concord.stats._arrays import FloatArray, InputError, as_floats, floats, shown
from concord.stats.joint._contrast import Contrast, contrast
from concord.stats.joint._figure import Scale, Test, test_of
from concord.stats.joint._items import Items, in_both
from concord.stats.joint._sides import Side
from concord.stats.joint._tuning import given_weight


@dataclass(frozen=True)
class Single:
    """The contrast of one side with its test, and that of people's labels alone."""

    found: Contrast
    test: Test
    alone: Test
    side: Side

    @classmethod
    def of(cls, items: Items, scale: Scale, lam: float | FloatArray | None) -> Single:
        """Return both figures."""
        side = side_of(items)
        found = contrast((side,), spread_over(lam, side.f.shape[1]), influence=False)
        people = contrast((side,), np.zeros(side.f.shape[1]), influence=False)
        return cls(found, test_of(found, (side,), scale), test_of(people, (side,), scale), side)


def side_of(items: Items) -> Side:
    """Return the items as a side; labels chosen by known chances are in the pool as well."""
    f, pool = (as_floats(each[:, None] if each.ndim == 1 else each) for each in (items.f, items.pool))
    group, pool_group = items.group, items.rest_group
    if items.drawn:
        group, pool_group = in_both(group, pool_group, len(items.y), len(pool))
    elif group is not None and pool_group is None:
        pool_group = int(group.max(initial=-1)) + 1 + np.arange(len(pool))
    return Side(items.y, items.weight / items.weight.sum(), f, pool, group, pool_group)


def spread_over(lam: float | FloatArray | None, judges: int) -> FloatArray | None:
    """Return a weight for each judge; one number is the weight of all judges together."""
    if lam is None or isinstance(lam, np.ndarray):
        return lam
    return np.full(judges, lam / judges)


def given_weights(lam: ArrayLike | None, judges: int) -> float | FloatArray | None:
    """Return the weight or weights given, refused outside [0, 1]."""
    if lam is None:
        return None
    if not isinstance(lam, list | tuple | np.ndarray) or np.size(np.asarray(lam, dtype=object)) == 0:
        return given_weight(lam)  # type: ignore[arg-type]  # which refuses what is no number
    weights = floats("lam", lam, missing=False)
    if len(weights) != judges:
        raise InputError(f"lam must have a weight for each of {judges} judges, got {shown(lam)}")
    if weights.min() < 0 or weights.max() > 1:
        raise InputError(f"lam must lie from 0 to 1, got {shown(lam)}")
    return weights
