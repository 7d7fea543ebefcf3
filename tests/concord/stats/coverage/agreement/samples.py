"""Ratings of units by raters, of the kinds that several coefficients are simulated on."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

Make = Callable[[np.random.Generator, int], np.ndarray]


def nominal(rng: np.random.Generator, n: int) -> np.ndarray:
    truth = rng.choice(3, p=[0.6, 0.25, 0.15], size=n)
    return np.where(rng.random((n, 3)) < 0.65, truth[:, None], rng.integers(0, 3, size=(n, 3)))


def graded(rng: np.random.Generator, n: int) -> np.ndarray:
    return np.clip(np.round(rng.normal(2, 1.2, size=n)[:, None] + rng.normal(0, 0.8, size=(n, 3))), 0, 4)


def rare(rng: np.random.Generator, n: int) -> np.ndarray:
    """One answer in twenty, three raters."""
    truth = (rng.random(n) < 0.05).astype(int)
    return np.where(rng.random((n, 3)) < 0.8, truth[:, None], rng.random((n, 3)) < 0.05).astype(float)


def by_chance(rng: np.random.Generator, n: int) -> np.ndarray:
    """An answer of three in a hundred, by two raters who do not look."""
    return (rng.random((n, 2)) < 0.03).astype(float)


def rare_gaps(rng: np.random.Generator, n: int) -> np.ndarray:
    """An answer of two in a hundred; five raters, each of whom leaves out three units in ten."""
    truth = rng.random(n) < 0.02
    table = (rng.random((n, 5)) < np.where(truth, 0.8, 0.01)[:, None]).astype(float)
    table[rng.random((n, 5)) < 0.3] = np.nan
    return table


def gaps(rng: np.random.Generator, n: int) -> np.ndarray:
    """Five raters, of whom each leaves out two units in five; the first two rate everything."""
    table = np.clip(np.round(rng.normal(2, 1.2, size=n)[:, None] + rng.normal(0, 0.8, size=(n, 5))), 0, 4)
    table[:, 2:][rng.random((n, 3)) < 0.4] = np.nan
    return table


def easy(rng: np.random.Generator, n: int) -> np.ndarray:
    """Two answers as common, two raters of whom each errs three times in a hundred: often no unit disagrees."""
    truth = rng.random(n) < 0.5
    return (truth[:, None] ^ (rng.random((n, 2)) < 0.03)).astype(float)


UNSEEN = "next to no unit has the rarer answer, or disagrees: errs on the wide side"
