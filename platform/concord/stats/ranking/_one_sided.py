"""How weak a system may be that won all of its votes: the one end that such votes set.

Its likeliest strength is infinite, and only a lower bound exists: the strength at which so many wins would have a chance of
``tail`` (Clopper & Pearson 1934, doi:10.2307/2331986, where all succeed). How far the others' strengths may be off counts too:
they may take the values that make the wins likeliest, at the price of their own normal likelihood (a profile). Votes of a cluster
hang together in a way that nobody knows: at worst they were decided as one, by the vote against the strongest.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from concord.stats._arrays import FloatArray, IntArray, tally
from concord.stats.ranking._tie_models import TieModel

_FURTHEST = 1e4  # a bound beyond this is none


@dataclass(frozen=True)
class Wins:
    """A system's wins, ``times`` (T,) over strengths ``against`` (T,), which ``moved @ z`` shifts for standard normal z (r,)."""

    against: FloatArray
    moved: FloatArray
    times: FloatArray

    def hardest(self, cluster: IntArray) -> Wins:
        """Return one win for each cluster, that over the strongest."""
        order = np.lexsort((-self.against, cluster))
        first = np.ones(len(order), dtype=bool)
        first[1:] = cluster[order][1:] != cluster[order][:-1]
        rows = order[first]
        return Wins(self.against[rows], self.moved[rows], np.ones(len(rows)))

    def gathered(self, code: IntArray) -> Wins:
        """Return the wins with those of one code, which are alike, as one row."""
        size = int(code.max()) + 1
        row = np.zeros(size, dtype=np.int64)
        row[code] = np.arange(len(code))
        return Wins(self.against[row], self.moved[row], tally(code, size, self.times))


def least_strength(wins: Wins, model: TieModel, tie: float, tail: float) -> float:
    """Return the strength from which on the wins have a profile likelihood above ``tail``; nan where others are unknown."""
    if not (np.isfinite(wins.against).all() and np.isfinite(wins.moved).all()):
        return math.nan
    wanted = math.log(tail)
    high = float(wins.against.max()) + 40.0
    low, step = float(wins.against.min()), 1.0
    while _likeliest(wins, model, tie, low) > wanted:
        low, step = low - step, 2 * step
        if step > _FURTHEST:
            return math.nan
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if _likeliest(wins, model, tie, middle) > wanted else (middle, high)
    return high


class _At(NamedTuple):
    """A log-likelihood, and each win's first and second derivative by its advantage."""

    value: float
    a: FloatArray
    aa: FloatArray


def _likeliest(wins: Wins, model: TieModel, tie: float, strength: float) -> float:
    """Return the log-likelihood of the wins and of the others' strengths, where these are chosen to suit the wins best."""
    z = np.zeros(wins.moved.shape[1])
    ones = np.ones(len(wins.against))

    def at(z: FloatArray) -> _At:
        found = model.derivatives(strength - wins.against - wins.moved @ z, ones, tie)
        return _At(float(wins.times @ found.value - z @ z / 2), wins.times * found.a, wins.times * found.aa)

    value, a, aa = at(z)
    for _ in range(50):
        gradient = -(wins.moved.T @ a) - z
        if float(gradient @ gradient) < 1e-16:
            break
        curve = np.eye(len(z)) - (wins.moved.T * aa) @ wins.moved
        step, length = np.linalg.solve(curve, gradient), 1.0
        while length > 1e-6:
            again = at(z + length * step)
            if again[0] >= value:
                break
            length /= 2
        else:
            break
        z = z + length * step
        value, a, aa = again
    return value
