"""Pairwise votes that keep coming in: additive counts from which win rates and strengths follow without the votes."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from concord.stats._arrays import FloatArray, InputError, count, fraction, generator, one_of
from concord.stats.ranking._bt_result import BradleyTerry
from concord.stats.ranking._tie_models import MODELS
from concord.stats.ranking._votes import Votes, votes
from concord.stats.ranking.bradley_terry import fit_votes


class VoteCounts:
    """How often each system beat, tied with or lost to each other, (S, S, 3) whole numbers.

    A new vote costs one addition and two ``VoteCounts`` merge by addition; a fit costs the number of pairs, not of
    votes, and gives exactly what fitting the votes gives.

    Examples
    --------
    >>> counts = VoteCounts(2)
    >>> counts.update([0, 0, 1], [1, 1, 0], [1.0, 0.5, 1.0])
    >>> counts.n, counts.win_rate().tolist()
    (3, [0.5, 0.5])
    """

    def __init__(self, n_systems: int) -> None:
        """Start empty."""
        self.n_systems = count("n_systems", n_systems)
        self.counts = np.zeros((self.n_systems, self.n_systems, 3), dtype=np.int64)

    def update(self, left: ArrayLike, right: ArrayLike, outcome: ArrayLike) -> None:
        """Count votes; missing outcomes and votes of a system against itself are passed over."""
        data = votes(left, right, outcome, n_systems=self.n_systems)
        if not np.isin(data.outcome, (0.0, 0.5, 1.0)).all():
            raise InputError("outcomes must be 1, 0 or 0.5 to be counted")
        np.add.at(self.counts, (data.left, data.right, (2 * data.outcome).astype(np.int64)), 1)

    def merge(self, other: VoteCounts) -> None:
        """Add another count of the same systems."""
        if other.n_systems != self.n_systems:
            raise InputError(
                f"only counts of the same systems can be merged: {self.n_systems} and {other.n_systems}"
            )
        self.counts += other.counts

    @property
    def n(self) -> int:
        """How many votes were counted."""
        return int(self.counts.sum())

    def win_rate(self) -> FloatArray:
        """Return each system's share of votes won, ties as half, (S,); nan without votes."""
        score = self.counts @ np.array([0.0, 0.5, 1.0])
        met = self.counts.sum(axis=2)
        won = score.sum(axis=1) + (met - score).sum(axis=0)
        total = met.sum(axis=1) + met.sum(axis=0)
        rate: FloatArray = np.divide(won, total, out=np.full(self.n_systems, np.nan), where=total > 0)
        return rate

    def bradley_terry(
        self,
        *,
        ties: str = "half",
        confidence: float = 0.95,
        n_resamples: int = 0,
        rng: np.random.Generator | None = None,
    ) -> BradleyTerry:
        """Return the fit of all counted votes, as ``bradley_terry`` would."""
        one_of("ties", ties, tuple(MODELS))
        fraction("confidence", confidence)
        left, right, level = np.nonzero(self.counts)
        times = self.counts[left, right, level].astype(np.float64)
        n = len(left)
        data = Votes(left, right, level / 2, np.ones(n), None, np.empty((n, 0)), self.n_systems, {}, times)
        return fit_votes(data, ties, confidence, count("n_resamples", n_resamples), generator(rng))
