"""How often each category was given to each unit: rows of counts, sparse where most of a row would be zeros.

A dense table of a million ratings in a hundred categories holds twenty million numbers, nearly all of them 0. What estimators
need of it are sums and products, which both forms give; only what goes cell by cell is written twice, here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from scipy import sparse

from concord.stats._arrays import FloatArray, IntArray, as_floats, tally

Rows = FloatArray | sparse.csr_array
_SEARCHED = 0.25  # of the cells of a dense product may be looked up one by one at the same cost
_BLOCK = 2048  # rows whose products with (K, K) weights are dense at a time


def sizes_of(rows: Rows) -> FloatArray:
    """Return the number of ratings of each row, (P,)."""
    return as_floats(rows @ np.ones(rows.shape[1]))


def owners(rows: sparse.csr_array) -> IntArray:
    """Return the row that each cell lies in."""
    return np.repeat(np.arange(rows.shape[0]), np.diff(rows.indptr))


def squares_of(rows: Rows) -> FloatArray:
    """Return each row's ordered pairs of ratings of one category, a rating with itself included, (P,)."""
    if isinstance(rows, np.ndarray):
        return as_floats(np.einsum("ij,ij->i", rows, rows))
    return tally(owners(rows), rows.shape[0], np.square(rows.data))


def weighted_pairs(rows: Rows, weights: FloatArray) -> FloatArray:
    """Return ``sum_kl n_k w_kl n_l`` of each row of counts n, (P,)."""
    if isinstance(rows, np.ndarray):
        return as_floats(np.einsum("ij,ij->i", rows, rows @ weights.T))
    if _few_cells(rows):
        return _looked_up(rows, weights)
    starts = range(0, rows.shape[0], _BLOCK)
    return np.concatenate([_block_pairs(rows[i : i + _BLOCK], weights) for i in starts] or [np.empty(0)])


def _few_cells(rows: sparse.csr_array) -> bool:
    """Return whether to go through all pairs of a row's cells costs less than a product with (K, K) numbers."""
    filled = np.diff(rows.indptr)
    return bool(filled @ filled < _SEARCHED * rows.nnz * rows.shape[1])


def _cell_pairs(rows: sparse.csr_array) -> Iterator[tuple[IntArray, IntArray]]:
    """Yield the places of all two cells of a row, each pair once: those next to each other, those with one between ..."""
    ends = np.repeat(rows.indptr[1:], np.diff(rows.indptr))
    first = np.arange(rows.nnz)
    for apart in range(1, int(np.diff(rows.indptr).max(initial=0))):
        first = first[first + apart < ends[first]]
        yield first, first + apart


def _looked_up(rows: sparse.csr_array, weights: FloatArray) -> FloatArray:
    """Return ``weighted_pairs`` from every pair of a row's cells."""
    owner, (category, n) = owners(rows), (rows.indices, rows.data)
    found = tally(owner, rows.shape[0], np.square(n) * np.diagonal(weights)[category])
    both = weights + weights.T
    for one, two in _cell_pairs(rows):
        found += tally(owner[one], rows.shape[0], n[one] * n[two] * both[category[one], category[two]])
    return found


def _block_pairs(rows: sparse.csr_array, weights: FloatArray) -> FloatArray:
    owner = owners(rows)
    pulled = np.asarray(rows @ weights.T)[owner, rows.indices]
    return tally(owner, rows.shape[0], rows.data * pulled)


def pairs_of_categories(rows: Rows, times: FloatArray) -> FloatArray:
    """Return the (K, K) ordered pairs of categories within rows that occur ``times``, a rating with itself included."""
    if isinstance(rows, np.ndarray):
        return as_floats((rows * times[:, None]).T @ rows)
    if _few_cells(rows):
        return _counted(rows, times[owners(rows)])
    weighed = sparse.csr_array((rows.data * times[owners(rows)], rows.indices, rows.indptr), rows.shape)
    product: Any = weighed.T @ rows
    return as_floats(product.todense())


def _counted(rows: sparse.csr_array, times: FloatArray) -> FloatArray:
    """Return ``pairs_of_categories`` from every pair of a row's cells; ``times`` is of each cell's row."""
    k, (category, n) = rows.shape[1], (rows.indices.astype(np.int64), rows.data)
    above = np.zeros(k * k)
    for one, two in _cell_pairs(rows):
        above += tally(category[one] * k + category[two], k * k, times[one] * n[one] * n[two])
    table = above.reshape(k, k)
    return as_floats(table + table.T + np.diag(tally(category, k, times * np.square(n))))


def with_row(rows: Rows, row: IntArray) -> Rows:
    """Return the rows with one more (K,) at their end."""
    if isinstance(rows, np.ndarray):
        return as_floats(np.vstack([rows, row]))
    last = sparse.csr_array(as_floats(row)[None, :])
    longer: sparse.csr_array = sparse.vstack([rows, last], format="csr")
    return longer


def of_one_category(rows: Rows, times: IntArray) -> FloatArray:
    """Return how many units have ratings of this category and of no other, (K,)."""
    if isinstance(rows, np.ndarray):
        return as_floats(times @ ((rows == rows.sum(axis=1, keepdims=True)) & (rows > 0)))
    owner = owners(rows)
    alone = rows.data == sizes_of(rows)[owner]
    return tally(rows.indices[alone], rows.shape[1], as_floats(times[owner[alone]]))


def given_twice(rows: Rows, times: IntArray, *, besides: int) -> int:
    """Return how many units have two ratings of one category other than ``besides``."""
    if isinstance(rows, np.ndarray):
        return int(times @ (np.delete(rows, besides, axis=1).max(axis=1, initial=0.0) >= 2))
    found = np.zeros(len(times), dtype=bool)
    found[owners(rows)[(rows.data >= 2) & (rows.indices != besides)]] = True
    return int(times[found].sum())
