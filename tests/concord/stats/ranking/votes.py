"""Random votes, and votes from tables of wins."""

from __future__ import annotations

import numpy as np


def from_wins(wins: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    row, column = (np.repeat(index.ravel(), wins.ravel()) for index in np.indices(wins.shape))
    return row, column, np.ones(len(row))


def random_votes(rng: np.random.Generator, s: int, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    left = rng.integers(s, size=n)
    right = (left + rng.integers(1, s, size=n)) % s
    return left, right, rng.choice([0.0, 0.5, 1.0], size=n)


Votes = tuple[np.ndarray, np.ndarray, np.ndarray]


def uneven_votes(rng: np.random.Generator, *, ties: float = 0.2, missing: float = 0.1) -> tuple[int, Votes]:
    """Return systems of unlike strength that meet unequally often, with repeated pairs and missing outcomes."""
    s = int(rng.integers(2, 9))
    n = int(rng.integers(8 * s, 40 * s))
    popular = rng.dirichlet(np.full(s, 2.0))
    left = rng.choice(s, size=n, p=popular)
    right = (left + rng.integers(1, s, size=n)) % s
    strength = rng.normal(size=s)
    won = rng.random(n) < 1 / (1 + np.exp(strength[right] - strength[left]))
    outcome = np.where(rng.random(n) < ties, 0.5, won.astype(float))
    outcome[rng.random(n) < missing] = np.nan
    return s, (left, right, outcome)


def known(votes: Votes) -> Votes:
    there = ~np.isnan(votes[2])
    return tuple(part[there] for part in votes)  # type: ignore[return-value]
