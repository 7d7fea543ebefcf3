"""The variance of a corrected mean: of people's part and the machine's, and of what both share."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from concord.stats._arrays import FloatArray, IntArray, compact, tally
from concord.stats._clustered import mean_variance


@dataclass(frozen=True)
class Part:
    """One of the two means: its terms, their weights and clusters (None: every term on its own)."""

    terms: FloatArray
    weight: FloatArray | None  # None: all alike
    group: IntArray | None
    scale: float = 1.0  # what the mean is multiplied with


def corrected_variance(
    people: Part, machine: Part, *, small_sample: bool
) -> tuple[float, float, tuple[str, ...]]:
    """Return variance, degrees of freedom and notes of the sum of both means; equal codes are the same cluster.

    ``V(people) + V(machine) + 2 Cov``, the covariance over clusters that lie on both sides; degrees of freedom by
    Satterthwaite.
    """
    found, notes = mean_variance(people.terms, _weights(people), people.group, None)
    own, df = found.value, found.df
    n, n_machine = len(people.terms), len(machine.terms)
    if math.isnan(own):
        return math.nan, math.nan, (*notes, "one label or one cluster: no interval.")
    if not small_sample:
        own, df = own * (n - 1) / n, math.inf
    if n_machine < 2 or machine.scale == 0:
        return own, df, notes
    if machine.group is None:
        deviation = machine.terms - machine.terms.mean()
        other = float(deviation @ deviation) / (n_machine - (1 if small_sample else 0)) / n_machine
        other_df = n_machine - 1.0
    else:
        wide, more = mean_variance(machine.terms, _weights(machine), machine.group, None)
        if math.isnan(wide.value):
            return math.nan, math.nan, (*notes, *more, "one cluster of unlabelled items: no interval.")
        other, other_df = wide.value, wide.df
    other, common = machine.scale**2 * other, machine.scale * _covariance(people, machine)
    total = own + other + 2 * common
    if math.isinf(df) or total <= 0:
        return max(total, 0.0), df, notes
    if common:  # the same clusters speak twice
        return total, min(df, other_df), notes
    return total, 1 / ((own / total) ** 2 / df + (other / total) ** 2 / other_df), notes


def _covariance(people: Part, machine: Part) -> float:
    """Return the covariance of both means through the clusters that they share."""
    if people.group is None or machine.group is None:
        return 0.0
    both = compact(np.concatenate([people.group, machine.group]))[0]
    size = int(both.max()) + 1
    one = _by_cluster(people, both[: len(people.terms)], size)
    two = _by_cluster(machine, both[len(people.terms) :], size)
    return float(one @ two)


def _by_cluster(part: Part, group: IntArray, size: int) -> FloatArray:
    weight = _weights(part)
    weight = weight / weight.sum()
    deviation = part.terms - float(weight @ part.terms)
    return tally(group, size, weight * deviation)


def _weights(part: Part) -> FloatArray:
    return np.ones(len(part.terms)) if part.weight is None else part.weight
