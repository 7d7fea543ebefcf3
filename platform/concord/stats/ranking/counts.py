"""Pairwise votes that keep coming in: additive counts from which win rates and strengths follow without the votes."""

from __future__ import annotations

from collections import Counter

import numpy as np
from numpy.typing import ArrayLike

from concord.stats._arrays import FloatArray, InputError, fraction, generator, one_of, repeats
from concord.stats.ranking._bradley_terry.result import BradleyTerry
from concord.stats.ranking._tie_models import MODELS
from concord.stats.ranking._votes import Votes, system_count, votes
from concord.stats.ranking.bradley_terry import fit_votes


class VoteCounts:
    """How often each system lost to, tied with or beat each other, (S, S, 3) whole numbers, with the weights' sums.

    A new vote costs one addition and two ``VoteCounts`` merge by addition; a fit costs the number of pairs, not of
    votes, and gives exactly what fitting the votes gives (with weights: to the rounding of their sums).

    Examples
    --------
    >>> counts = VoteCounts(2)
    >>> counts.update([0, 0, 1], [1, 1, 0], [1.0, 0.5, 1.0])
    >>> counts.n, counts.win_rate().tolist()
    (3, [0.5, 0.5])
    """

    def __init__(self, n_systems: int) -> None:
        """Start empty; systems have the codes from 0 to ``n_systems - 1``."""
        self.n_systems = system_count(n_systems)
        shape = (self.n_systems, self.n_systems, 3)
        self.counts = np.zeros(shape, dtype=np.int64)
        self.weights = np.zeros(shape)
        self.squared_weights = np.zeros(shape)
        self.omitted: Counter[str] = Counter()

    def update(
        self, left: ArrayLike, right: ArrayLike, outcome: ArrayLike, *, weights: ArrayLike | None = None
    ) -> None:
        """Count votes; missing outcomes, votes of a system against itself and votes of weight 0 go to ``omitted``."""
        data = votes(left, right, outcome, n_systems=self.n_systems, weights=weights)
        if not np.isin(data.outcome, (0.0, 0.5, 1.0)).all():
            raise InputError("outcomes must be 1, 0 or 0.5 to be counted")
        at = (data.left, data.right, (2 * data.outcome).astype(np.int64))
        self.omitted.update(data.omitted)
        np.add.at(self.counts, at, 1)
        np.add.at(self.weights, at, data.weight)
        np.add.at(self.squared_weights, at, data.weight**2)

    def merge(self, other: VoteCounts) -> None:
        """Add another count of the same systems."""
        found = getattr(other, "n_systems", type(other).__name__)
        if found != self.n_systems:
            raise InputError(f"only counts of the same systems can be merged: {self.n_systems} and {found}")
        self.counts += other.counts
        self.weights += other.weights
        self.squared_weights += other.squared_weights
        self.omitted.update(other.omitted)

    @property
    def n(self) -> int:
        """How many votes were counted."""
        return int(self.counts.sum())

    def win_rate(self) -> FloatArray:
        """Return each system's (weighted) share of votes won, ties as half, (S,); nan without votes."""
        score = self.weights @ np.array([0.0, 0.5, 1.0])
        met = self.weights.sum(axis=2)
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
        confidence = fraction("confidence", confidence)
        n_resamples = repeats("n_resamples", n_resamples)
        left, right, level = np.nonzero(self.counts)
        at = (left, right, level)
        data = Votes(
            left=left,
            right=right,
            outcome=level / 2,
            weight=self.weights[at],
            cluster=None,
            covariates=np.empty((len(left), 0)),
            n_systems=self.n_systems,
            omitted=dict(self.omitted),
            repeats=self.counts[at].astype(np.float64),
            squares=self.squared_weights[at],
        )
        if n_resamples and not data.equally_weighted:
            raise InputError("votes of unlike weights can only be resampled one by one: call bradley_terry")
        return fit_votes(data, ties, confidence, n_resamples, generator(rng))
