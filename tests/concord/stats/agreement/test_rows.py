"""Sums over pairs of a row's counts: sparse rows give what dense ones do, by whichever way is the shorter."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from concord.stats.agreement import _rows


def counts(rng: np.random.Generator, units: int, categories: int, filled: int) -> np.ndarray:
    """Return rows of up to `filled` ratings; the first row is empty."""
    table = np.zeros((units, categories))
    for row in range(1, units):
        np.add.at(table[row], rng.integers(0, categories, rng.integers(0, filled + 1)), 1.0)
    return table


@pytest.mark.parametrize("filled", [1, 4, 60], ids=["single cells", "few cells", "full rows"])
def test_sparse_rows_sum_as_the_definition_says(filled: int) -> None:
    rng = np.random.default_rng(filled)
    table, weights, times = counts(rng, 40, 30, filled), rng.random((30, 30)), rng.random(40)
    rows = sparse.csr_array(table)
    assert _rows._few_cells(rows) == (filled < 60)
    assert _rows.weighted_pairs(rows, weights) == pytest.approx([n @ weights @ n for n in table])
    of_categories = sum(t * np.outer(n, n) for t, n in zip(times, table, strict=True))
    assert _rows.pairs_of_categories(rows, times) == pytest.approx(of_categories)
    assert _rows.squares_of(rows) == pytest.approx([n @ n for n in table])


def test_dense_rows_sum_the_same() -> None:
    rng = np.random.default_rng(3)
    table, weights, times = counts(rng, 20, 4, 6), rng.random((4, 4)), rng.random(20)
    assert _rows.weighted_pairs(table, weights) == pytest.approx([n @ weights @ n for n in table])
    of_categories = sum(t * np.outer(n, n) for t, n in zip(times, table, strict=True))
    assert _rows.pairs_of_categories(table, times) == pytest.approx(of_categories)


def test_no_rows_have_no_pairs() -> None:
    rows = sparse.csr_array((0, 30))
    assert _rows.weighted_pairs(rows, np.eye(30)).shape == (0,)
    assert _rows.pairs_of_categories(rows, np.ones(0)) == pytest.approx(np.zeros((30, 30)))
