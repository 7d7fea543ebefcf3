"""Raters of unlike skill, for label models."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from pandas import DataFrame


def simulate(rng: np.random.Generator, u: int = 300, r: int = 8, k: int = 3, skill: float = 0.6):
    confusion = np.stack(
        [rng.dirichlet(np.ones(k), size=k) * (1 - skill) + np.eye(k) * skill for _ in range(r)]
    )
    truth = rng.choice(k, size=u, p=rng.dirichlet(np.full(k, 5.0)))
    unit, rater = (
        np.repeat(np.arange(u), 4),
        np.concatenate([rng.choice(r, 4, replace=False) for _ in range(u)]),
    )
    value = np.array([rng.choice(k, p=confusion[j, truth[i]]) for i, j in zip(unit, rater, strict=True)])
    return unit, rater, value, truth, confusion


Ratings = tuple[np.ndarray, np.ndarray, np.ndarray]


def random_sets(rng: np.random.Generator, n: int) -> Iterator[tuple[Ratings, DataFrame, int]]:
    """Raters of differing skill who leave out a part of the units; every category occurs."""
    while n:
        k, r, u = int(rng.integers(2, 5)), int(rng.integers(3, 8)), int(rng.integers(6, 20))
        truth, skill = rng.integers(k, size=u), rng.uniform(0.4, 0.95, size=r)
        unit, rater = (index.ravel() for index in np.indices((u, r)))
        value = np.where(rng.random(u * r) < skill[rater], truth[unit], rng.integers(k, size=u * r))
        keep = rng.random(u * r) < rng.choice([0.6, 0.8, 1.0])
        unit, rater, value = unit[keep], rater[keep], value[keep]
        if len(np.unique(value)) == k and len(np.unique(rater)) == r:
            yield (
                (unit, rater, value),
                DataFrame({"task": unit, "worker": rater, "label": value}),
                k,
            )
            n -= 1
