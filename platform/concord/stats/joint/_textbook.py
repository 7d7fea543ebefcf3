"""The interval of ppi-python: normal quantile, variances over n, one judge's weight tuned on the labels that it then corrects."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from concord.stats._arrays import FloatArray, InputError
from concord.stats.joint._contrast import contrast
from concord.stats.joint._items import Items
from concord.stats.joint._sides import Side
from concord.stats.joint._single import side_of
from concord.stats.joint._tilted import Tilted
from concord.stats.joint._tuning import pooled_variance, tuned_weight


class Textbook(NamedTuple):
    """Tests of the estimate and of people alone, and the machine's weight."""

    joint: Tilted
    people: Tilted
    weight: FloatArray


def textbook(items: Items, lam: float | FloatArray | None) -> Textbook:
    """Return the tests of the estimate and of people alone, and the machine's weight (1,)."""
    if items.judges > 1:
        raise InputError(f"small_sample=False goes with one judge, got {items.judges}")
    y, f, rest = items.y, items.f.ravel(), items.rest.ravel()
    weight = 0.0 if lam is None else float(np.sum(lam))
    if lam is None and len(rest):
        weight = tuned_weight(y, f, pooled_variance(f, rest), len(y) / len(rest))
    if not len(rest):
        weight = 0.0
    side = side_of(items)
    return Textbook(_test(side, weight), _test(side, 0.0), np.array([weight]))


def _test(side: Side, weight: float) -> Tilted:
    found = contrast((side,), np.array([weight]), influence=False)
    n, n_pool = len(side.y), len(side.pool)
    variance = found.variance * (n - 1) / n
    if side.group is None and n_pool:
        variance = (found.people * (n - 1) / n) + (found.variance - found.people) * (n_pool - 1) / n_pool
    return Tilted(found.value, variance, 0.0, math.inf)
