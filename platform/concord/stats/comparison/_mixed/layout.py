"""The rows of a mixed model, merged where they are alike, and the sums by example and cell that its likelihood needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from concord.stats._arrays import FloatArray, IntArray, as_floats, compact, tally

NOISE, GROUP, CELL, OUTER = 0, 1, 2, 3  # places in the vector of variances; the outer terms follow
_DENSE = 200_000  # entries up to which plain arrays are faster than sparse ones


@dataclass(frozen=True)
class Fixed:
    """The fixed effects' columns, of full rank: every row's ``code``, and what each code has in them (``table``)."""

    code: IntArray
    table: Any


@dataclass(frozen=True)
class Layout:
    """Merged rows, each the mean of ``weight`` answers that no term of the model tells apart.

    ``group`` and ``cell`` are the codes of the two terms that are eliminated, cells being nested in groups (``home``);
    ``base`` numbers the distinct rows of ``turn``, which turns them into levels of the outer terms (``columns``) and, last,
    into the fixed effects. ``level`` holds the code of every row in each outer term.
    """

    y: FloatArray
    weight: FloatArray
    group: IntArray
    cell: IntArray
    base: IntArray
    home: IntArray
    turn: Any
    columns: tuple[slice, ...]
    level: tuple[IntArray, ...]
    n: int
    n_fixed: int
    within: float
    seen: Any
    gather: Any

    @property
    def n_outer(self) -> int:
        """The number of levels of all outer terms."""
        return int(self.turn.shape[1]) - self.n_fixed

    @property
    def n_terms(self) -> int:
        """The number of variances, that of the noise among them."""
        return OUTER + len(self.level)

    def codes(self, term: int) -> IntArray:
        """Return the level of every merged row in a term other than the noise."""
        return {GROUP: self.group, CELL: self.cell}.get(term) if term < OUTER else self.level[term - OUTER]  # type: ignore[return-value]


def layout(
    y: FloatArray,
    fixed: Fixed,
    group: IntArray,
    cell: IntArray,
    outer: tuple[IntArray, ...],
) -> tuple[Layout, IntArray]:
    """Return the merged rows, and the merged row of every row.

    ``cell`` must be nested in ``group``; all codes are without gaps from 0. Rows are summed in the order given.
    """
    pattern = fixed.code
    for codes in outer:
        pattern = compact(pattern * np.int64(int(codes.max()) + 1) + codes)[0]
    row, first = _numbered(pattern * np.int64(int(cell.max()) + 1) + cell)
    base, of_base = _numbered(pattern)
    weight = tally(row, len(first))
    mean = tally(row, len(first), y) / weight
    home = np.zeros(int(cell.max()) + 1, dtype=np.int64)
    home[cell] = group
    blocks, columns, at = [], [], 0
    for codes in outer:
        blocks.append(_indicator(codes[of_base], int(codes.max()) + 1))
        columns.append(slice(at, at + blocks[-1].shape[1]))
        at = columns[-1].stop
    turn: Any = sparse.hstack([*blocks, sparse.csr_array(fixed.table)[fixed.code[of_base]]]).tocsr()
    shape = (len(home), len(of_base))
    seen: Any = sparse.coo_array((weight, (cell[first], base[first])), shape=shape).tocsr()
    gather: Any = _indicator(home, int(group.max()) + 1).T.tocsr()
    if shape[0] * (shape[1] + gather.shape[0]) <= _DENSE:
        seen, gather, turn = as_floats(seen.todense()), as_floats(gather.todense()), as_floats(turn.todense())
    kept = Layout(
        y=mean,
        weight=weight,
        group=group[first],
        cell=cell[first],
        base=base[first],
        home=home,
        turn=turn,
        columns=tuple(columns),
        level=tuple(codes[first] for codes in outer),
        n=len(y),
        n_fixed=fixed.table.shape[1],
        within=float(np.square(y - mean[row]).sum()),
        seen=seen,
        gather=gather,
    )
    return kept, row


def _numbered(codes: IntArray) -> tuple[IntArray, IntArray]:
    """Return codes from 0 without gaps, and where each first occurs."""
    _, first, codes = np.unique(codes, return_index=True, return_inverse=True)
    return codes.astype(np.int64), first.astype(np.int64)


def _indicator(codes: IntArray, size: int) -> Any:
    return sparse.coo_array(
        (np.ones(len(codes)), (np.arange(len(codes)), codes)), shape=(len(codes), size)
    ).tocsr()
