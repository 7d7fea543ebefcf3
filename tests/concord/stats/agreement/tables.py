"""Tables of ratings, published and random, in long form."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

NAN = np.nan


def random_matrix(rng: np.random.Generator) -> np.ndarray:
    shape = (int(rng.integers(2, 6)), int(rng.integers(4, 20)))
    matrix = rng.integers(0, 4, size=shape).astype(float)
    matrix[rng.random(shape) < 0.2] = NAN
    matrix[:2, :2] = [[0, 1], [1, 3]]
    matrix[0, :4] = [0, 1, 2, 3]
    return matrix


# Gwet's twelve subjects and four raters, also Krippendorff's (2011) table in section C.
TWELVE = np.array(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, NAN, NAN, NAN],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, NAN, 3],
        [NAN, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, NAN],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, NAN],
    ]
)


def long_form(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rater, unit = np.indices(np.shape(matrix))
    return unit.ravel(), rater.ravel(), np.asarray(matrix).ravel()


def pairs(table: list[list[int]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Two raters whose joint counts are the table."""
    row, column = (np.repeat(i.ravel(), np.ravel(table)) for i in np.indices(np.shape(table)))
    return long_form(np.stack([row, column]))


def random_sets(rng: np.random.Generator, n: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Ratings (raters, units) with a third missing at most, and their categories, which need not be equally far apart."""
    while n:
        k, shape = int(rng.integers(2, 7)), (int(rng.integers(2, 7)), int(rng.integers(3, 25)))
        categories = np.sort(rng.choice(np.arange(1, 20), size=k, replace=False)).astype(float)
        truth = rng.integers(k, size=shape[1])
        place = np.where(rng.random(shape) < 0.5, truth, rng.integers(k, size=shape))
        matrix = categories[place]
        matrix[rng.random(shape) < rng.choice([0, 0.15, 0.35])] = NAN
        known = (~np.isnan(matrix)).sum(axis=0)
        if (known >= 2).any() and len(np.unique(matrix[:, known >= 2][~np.isnan(matrix[:, known >= 2])])) > 1:
            matrix = matrix[(~np.isnan(matrix)).any(axis=1)][:, known > 0]
            if len(matrix) > 1:
                yield matrix, categories
                n -= 1


def units_by_raters(table: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    unit, rater = np.indices(table.shape)
    return unit.ravel(), rater.ravel(), table.ravel()


def categories_by_unit(table: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    unit, rater = np.indices(table.shape)
    return unit.ravel(), rater.ravel(), table.astype(int).ravel()
