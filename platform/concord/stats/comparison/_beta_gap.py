"""The distribution of the difference of two independent Beta variables, by Gauss-Legendre quadrature."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import special

from concord.stats._arrays import FloatArray

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(160)
_TAIL = 1e-18


@dataclass(frozen=True)
class Beta:
    """Shape parameters, each at least 1/2."""

    a: float
    b: float

    @property
    def mean(self) -> float:
        return self.a / (self.a + self.b)

    @property
    def variance(self) -> float:
        total = self.a + self.b
        return self.a * self.b / (total * total * (total + 1))

    @cached_property
    def ends(self) -> tuple[float, float]:
        """Where the distribution lies, but for parts too small to be seen."""
        return (
            float(special.betaincinv(self.a, self.b, _TAIL)),
            float(special.betainccinv(self.a, self.b, _TAIL)),
        )

    def below(self, x: FloatArray) -> FloatArray:
        return np.asarray(special.betainc(self.a, self.b, np.clip(x, 0.0, 1.0)))

    def above(self, x: FloatArray) -> FloatArray:
        return np.asarray(special.betainc(self.b, self.a, np.clip(1 - x, 0.0, 1.0)))


def gap_below(one: Beta, two: Beta, t: float) -> float:
    """Return ``P(one - two <= t)``, integrated over the narrower of both, so that the other is smooth beside it."""
    narrow, shift = (two, t) if two.variance <= one.variance else (one, -t)
    x, mass = nodes(narrow, -shift, 1 - shift)
    share = one.below(x + shift) if narrow is two else two.above(x + shift)
    return min(max(float(mass @ share), 0.0), 1.0)


def gap_quantile(distribution: Callable[[float], float], q: float) -> float:
    """Return the t in [-1, 1] whose chance is q: false position (Illinois), halving the range at every third step."""
    low, high, below, above = -1.0, 1.0, -q, 1 - q
    for step in range(90):
        middle = (low * above - high * below) / (above - below) if step % 3 else (low + high) / 2
        if not low < middle < high:
            break
        found = distribution(middle) - q
        if abs(found) < 1e-12 or high - low < 1e-13:
            return middle
        if found < 0:
            low, below, above = middle, found, above / 2
        else:
            high, above, below = middle, found, below / 2
    return (low + high) / 2


def nodes(beta: Beta, *breaks: float) -> tuple[FloatArray, FloatArray]:
    """Return nodes in (0, 1) and their probabilities.

    With ``x = sin(angle)**2`` the density has no poles; between breaks, where the other distribution begins or ends
    with a half power, the angle runs as a squared sine, which makes these powers whole.
    """
    ends = beta.ends
    inner = sorted(x for x in breaks if ends[0] < x < ends[1])
    angle = np.arcsin(np.sqrt(np.array([ends[0], *inner, ends[1]])))
    turn = (_NODES + 1) * (math.pi / 4)
    at = angle[:-1, None] + np.diff(angle)[:, None] * np.sin(turn) ** 2
    step = np.diff(angle)[:, None] * np.sin(2 * turn) * (math.pi / 4) * _WEIGHTS
    log = (2 * beta.a - 1) * np.log(np.sin(at)) + (2 * beta.b - 1) * np.log(np.cos(at))
    mass = 2 * np.exp(log - special.betaln(beta.a, beta.b)) * step
    mass = mass / mass.sum()  # what the tails and large logarithms took away
    return np.sin(at).ravel() ** 2, mass.ravel()
