"""Where the next labels help most, and how to split a budget between people and machine."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from concord.stats._arrays import FloatArray, InputError, IntArray, count, floats, fraction, generator, number
from concord.stats._results import Record

_MOST = 1e15  # so that counts stay whole numbers


@dataclass(frozen=True, kw_only=True)
class Labels(Record):
    """``chosen`` (k,) positions of the items to label, and the chance (n,) with which *every* item had been chosen."""

    chosen: IntArray
    propensity: FloatArray


@dataclass(frozen=True, kw_only=True)
class Budget(Record):
    """``labels`` by people and ``predictions`` by the machine (labelled items included), with the error and cost they make."""

    labels: int
    predictions: int
    standard_error: float
    labels_only_error: float
    cost: float


def best_next_labels(
    uncertainty: ArrayLike, *, n: int, exploration: float = 0.1, rng: np.random.Generator | None = None
) -> Labels:
    """Return which items people should label next, more often those where the machine is unsure, with known chances.

    Parameters
    ----------
    uncertainty
        (n_items,) how far the machine may be off on each item (say, the standard deviation of its answers, or ``p (1 - p)``); nan
        counts as the largest known.
    n
        How many labels to ask for, on average exactly so many.
    exploration
        The share spread evenly, which keeps every chance above zero.

    Returns
    -------
    Labels
        Hand ``propensity[chosen]`` to ``prediction_powered_mean``.

    Raises
    ------
    InputError
        A negative uncertainty, ``n`` above the number of items, ``exploration`` outside (0, 1].

    Notes
    -----
    Chances proportional to the error expected minimise the variance of the corrected mean (Neyman); chances above
    one are cut and their excess shared out. The draw is systematic, so its size is ``n`` or one beside. Zrnic &
    Candes (2024), "Active statistical inference", arXiv:2403.03208.

    Examples
    --------
    >>> result = best_next_labels([0.0, 0.0, 1.0, 1.0], n=2, exploration=0.2)
    >>> result.propensity.round(2).tolist()
    [0.1, 0.1, 0.9, 0.9]
    """
    unsure = floats("uncertainty", uncertainty)
    if unsure.size and np.nanmin(unsure, initial=0.0) < 0:
        raise InputError(f"uncertainty must not be negative, got {float(np.nanmin(unsure))}")
    if count("n", n) > len(unsure):
        raise InputError(f"n must not exceed the number of items, got {n} of {len(unsure)}")
    if not 0 < number("exploration", exploration) <= 1:
        raise InputError(f"exploration must lie above 0 and up to 1, got {exploration!r}")
    if not len(unsure):
        return Labels(chosen=np.empty(0, dtype=np.int64), propensity=np.empty(0))
    largest = float(np.nanmax(unsure, initial=0.0))
    unsure = np.where(np.isnan(unsure), largest, unsure)
    even = np.full(len(unsure), n / len(unsure))
    keen = _cut(unsure, float(n)) if largest > 0 else even
    chance = exploration * even + (1 - exploration) * keen
    source = generator(rng)
    order = source.permutation(len(chance))
    ends = np.cumsum(chance[order])
    marks = source.random() + np.arange(math.ceil(ends[-1] + 1))
    hit = np.searchsorted(ends, marks[marks < ends[-1]], side="right")
    return Labels(chosen=np.sort(order[np.unique(hit)]).astype(np.int64), propensity=chance)


def _cut(size: FloatArray, n: float) -> FloatArray:
    """Return chances proportional to ``size`` that sum to ``n`` with none above one."""
    full = np.zeros(len(size), dtype=bool)
    while True:
        left = n - full.sum()
        total = float(size[~full].sum())
        chance = np.where(full, 1.0, size * (left / total) if total > 0 else left / max((~full).sum(), 1))
        over = (chance > 1) & ~full
        if not over.any():
            return chance
        full |= over


def budget(
    *, total: float, label_cost: float, prediction_cost: float, correlation: float, sd: float = 1.0
) -> Budget:
    """Return how many labels and predictions give the most precise prediction-powered mean for a budget.

    Parameters
    ----------
    total, label_cost, prediction_cost
        In one currency. Every labelled item also costs a prediction.
    correlation
        Between the machine's prediction and people's label.
    sd
        Standard deviation of the labels.

    Returns
    -------
    Budget
        With the error that the same money would buy in labels alone, beside which the machine must be worth it.

    Raises
    ------
    InputError
        Numbers out of range, or a budget too small for two labels.

    Notes
    -----
    The variance of the power-tuned mean is ``sd**2 ((1 - r**2) / n + r**2 / (n + N))``. Angelopoulos, Duchi & Zrnic (2023),
    arXiv:2311.01453; Fogliato et al. (2024).

    Examples
    --------
    >>> plan = budget(total=1000, label_cost=1.0, prediction_cost=0.01, correlation=0.9)
    >>> plan.labels < 900, plan.standard_error < plan.labels_only_error
    (True, True)
    """
    total, label_cost, sd = (
        fraction(name, value, high=_MOST)
        for name, value in (("total", total), ("label_cost", label_cost), ("sd", sd))
    )
    prediction_cost = number("prediction_cost", prediction_cost)
    if not 0 <= prediction_cost < _MOST:
        raise InputError(f"prediction_cost must lie from 0 to {_MOST:g}, got {prediction_cost!r}")
    correlation = number("correlation", correlation)
    if abs(correlation) > 1:
        raise InputError(f"correlation must lie from -1 to 1, got {correlation!r}")
    if not total / label_cost < _MOST:
        raise InputError(f"so many labels cannot be made: {total!r} at {label_cost!r} each")
    alone = math.floor(total / label_cost)
    if alone < 2:
        raise InputError(f"the budget {total!r} does not pay for two labels")
    explained = correlation**2
    labels, items = _split(total, label_cost, max(prediction_cost, 1e-12 * label_cost), explained)
    error = sd * math.sqrt((1 - explained) / labels + explained / items)
    only = sd / math.sqrt(alone)
    if error >= only or labels < 2:
        return Budget(
            labels=alone, predictions=0, standard_error=only, labels_only_error=only, cost=alone * label_cost
        )
    cost = labels * label_cost + items * prediction_cost
    return Budget(labels=labels, predictions=items, standard_error=error, labels_only_error=only, cost=cost)


def _split(total: float, label_cost: float, prediction_cost: float, explained: float) -> tuple[int, int]:
    """Return labels and items: by Lagrange the money splits as the roots of variance times cost.

    Both are whole numbers, and every label costs a prediction: the best lies beside that split, or at as many as can be paid.
    """
    own, shared = math.sqrt((1 - explained) * label_cost), math.sqrt(explained * prediction_cost)
    ideal = math.floor(total * own / (own + shared) / label_cost) if own + shared > 0 else 2
    most = max(1, math.floor(total / (label_cost + prediction_cost)))
    around = {min(max(ideal + step, min(2, most)), most) for step in range(-2, 4)}
    choices = [(n, max(n, math.floor((total - n * label_cost) / prediction_cost))) for n in sorted(around)]
    return min(choices, key=lambda split: (1 - explained) / split[0] + explained / split[1])
