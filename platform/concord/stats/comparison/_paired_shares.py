"""The posterior of a difference of two shares over the same examples: right or wrong, twice.

Under Jeffreys' prior for the four cells (a Dirichlet of halves) the share D of examples that differ, and the share of these
that speak for a, are independent Betas (Altham 1971); the difference is ``D (2 theta - 1)``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from concord.stats.comparison._beta_gap import Beta, nodes


@dataclass(frozen=True)
class PairedShares:
    """``differ`` is the posterior of D, ``lean`` that of theta."""

    differ: Beta
    lean: Beta

    @classmethod
    def of(cls, only_a: int, only_b: int, alike: int) -> PairedShares:
        """Return the posterior for so many examples that only a, only b, both or neither got right."""
        return cls(Beta(only_a + only_b + 1.0, alike + 1.0), Beta(only_a + 0.5, only_b + 0.5))

    @property
    def error(self) -> float:
        """Return the standard deviation of the difference."""
        centre, tilt = self.differ.mean, 2 * self.lean.mean - 1
        square = (self.differ.variance + centre**2) * (4 * self.lean.variance + tilt**2)
        return math.sqrt(max(square - (centre * tilt) ** 2, 0.0))

    def below(self, t: float) -> float:
        """Return the chance that the difference is at most ``t``."""
        if t == 0:
            return float(self.lean.below(np.array(0.5)))
        share, mass = nodes(self.differ, abs(t))
        found = float(mass @ self.lean.below((1 + t / share) / 2))
        return min(max(found, 0.0), 1.0)
