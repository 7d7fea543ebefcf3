"""Units that got the same labels from the same raters: one kind, worked on once and counted as often as it occurs.

Every step of a label model says the same of such units. Few raters of a few categories make few kinds of a million ratings.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from scipy import sparse

from concord.stats._arrays import FloatArray, IntArray, tally

BLOCK = 1 << 14  # units that are worked on at a time
_WORTH = 0.9  # of the units: with more kinds than that, every unit is its own


@dataclass(frozen=True)
class Kinds:
    """``blocks`` of a (P, cells) table that says how often a kind got each cell, a label by a rater; ``turned``, the same turned.

    ``rows`` are the kinds of each block, ``own`` (U,) is the kind of each unit, ``times`` (P,) how many units are of a kind, and
    ``gold`` (P, K) their known answers.
    """

    blocks: tuple[sparse.csr_array, ...]
    turned: tuple[sparse.csc_array, ...]
    rows: tuple[slice, ...]
    own: IntArray
    times: FloatArray
    gold: FloatArray | None

    def totals(self, of_units: FloatArray) -> FloatArray:
        """Return the sums over the units of each kind, (P, K), of a number for every unit and class."""
        if len(self.times) == len(self.own):
            return of_units
        return np.stack([tally(self.own, len(self.times), column) for column in of_units.T], axis=1)


def kinds_of(
    unit: IntArray, cell: IntArray, shape: tuple[int, int], gold: FloatArray | None, *, block: int = BLOCK
) -> Kinds:
    """Return the kinds of units (U, cells), of which each rating names one and the cell of the rater's label.

    Every cell has a random number of 64 bits, and units are alike where the sums of these are: of a million units, two that
    differ pass for one with a chance of 1 in 30 million.
    """
    n_units, n_cells = shape
    salt = np.random.default_rng(0).integers(-(2**63), 2**63, size=n_cells, dtype=np.int64)
    key: IntArray = np.zeros(n_units, dtype=np.int64)
    np.add.at(key, unit, salt[cell])
    if gold is not None:
        answers = np.random.default_rng(1).integers(-(2**63), 2**63, size=len(gold.T), dtype=np.int64)
        known = ~np.isnan(gold[:, 0])
        key[known] += answers[gold[known].argmax(axis=1)]
    first, own, times = _distinct(key)
    if len(first) < n_units:
        speaks = np.zeros(n_units, dtype=bool)
        speaks[first] = True
        kept = speaks[unit]
        unit, cell = own[unit[kept]], cell[kept]
    narrow = np.int32 if max(n_units, n_cells, len(cell)) < 2**31 else np.int64
    place: Any = (unit.astype(narrow), cell.astype(narrow))
    table: Any = sparse.coo_array((np.ones(len(unit)), place), shape=(len(first), n_cells)).tocsr()
    rows = tuple(slice(i, min(i + block, len(first))) for i in range(0, len(first), block))
    blocks = tuple(table[part] for part in rows)
    known_answers = None if gold is None else gold[first]
    return Kinds(blocks, tuple(part.T for part in blocks), rows, own, times, known_answers)


class _Distinct(NamedTuple):
    """A unit of each kind, the kind of each unit, and how many are of a kind."""

    first: IntArray
    own: IntArray
    times: FloatArray


def _distinct(key: IntArray) -> _Distinct:
    _, first, own, times = np.unique(key, return_index=True, return_inverse=True, return_counts=True)
    if len(first) > _WORTH * len(key):
        every = np.arange(len(key))
        return _Distinct(every, every, np.ones(len(key)))
    return _Distinct(first.astype(np.int64), own.astype(np.int64), times.astype(np.float64))
