"""Chance-corrected agreement of several raters with missing ratings (Gwet 2014, "Handbook of inter-rater reliability").

Observed agreement is the same for all coefficients; they differ in what agreement they call chance. Every unit with at least one
rating informs the chance agreement, every unit with at least two the observed one. The standard error linearises both over units.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from concord.stats._arrays import FloatArray, InputError, IntArray, as_floats
from concord.stats.agreement._alpha.build import FEW
from concord.stats.agreement._alpha.terms import sparse_counts
from concord.stats.agreement._ratings import Ratings, category_codes, counts_table, patterns
from concord.stats.agreement._rows import Rows, sizes_of, squares_of, weighted_pairs
from concord.stats.agreement._sums import Sums, sums_of
from concord.stats.agreement._weights import Weights, agreement_weights

MOST_CATEGORIES = 500


@dataclass(frozen=True)
class Table:
    """Distinct rows of counts (P, K), sparse where categories are many, with how many units have each (P,), and the
    agreement weights (K, K).

    ``pattern`` (U,) is the row of each unit; ``data`` and ``category`` (n,) are the ratings themselves, where raters matter.
    """

    names: NDArray[Any]
    rows: Rows
    multiplicity: IntArray
    pattern: IntArray
    weights: FloatArray
    sums: Sums
    n_raters: int
    omitted: Mapping[str, int]
    data: Ratings | None = None
    category: IntArray | None = None

    @cached_property
    def per_unit(self) -> FloatArray:
        """Return the number of ratings of each row, (P,)."""
        return sizes_of(self.rows)

    @cached_property
    def agreed(self) -> FloatArray:
        """Return each row's share of (weighted) agreeing pairs, (P,); 0 where it has fewer than two ratings."""
        diagonal = np.diag(self.weights)
        plain = bool((diagonal == 1).all()) and np.count_nonzero(self.weights) == len(diagonal)
        agreeing = squares_of(self.rows) if plain else weighted_pairs(self.rows, self.weights)
        pairs, total = agreeing - self.per_unit, self.per_unit * (self.per_unit - 1)
        return as_floats(np.divide(pairs, total, out=np.zeros_like(pairs), where=total > 0))


@dataclass(frozen=True)
class Expected:
    """Agreement by chance with its linearisation, per row (P,) or, where raters matter, per unit (U,)."""

    value: float
    linear: FloatArray
    by_unit: bool = False


Chance = Callable[[Table], Expected]


def table_of(data: Ratings, weights: Weights, categories: ArrayLike | None) -> Table:
    """Return the table of validated ratings; few categories are held by pattern, many unit by unit."""
    category, names = category_codes(data.value, categories)
    if len(names) > MOST_CATEGORIES:
        raise InputError(
            f"at most {MOST_CATEGORIES} categories, got {len(names)}: use krippendorff_alpha or icc for numbers"
        )
    if len(names) <= FEW:
        distinct, pattern, multiplicity = patterns(counts_table(data, category, len(names)))
        rows: Rows = as_floats(distinct)
    else:
        rows, pattern, multiplicity = every_unit(sparse_counts(data, category, len(names)))
    return table_of_rows(
        rows, pattern, multiplicity, names, weights, data.n_raters, data.omitted, data, category
    )


class CountedRows(NamedTuple):
    """Rows of counts, the row of each unit, and how often each row occurs."""

    rows: Rows
    own: IntArray
    times: IntArray


def every_unit(rows: sparse.csr_array) -> CountedRows:
    """Return the rows as they are, as ``patterns`` would where no two are alike."""
    n = rows.shape[0]
    return CountedRows(rows, np.arange(n), np.ones(n, dtype=np.int64))


def table_of_rows(
    rows: Rows,
    pattern: IntArray,
    multiplicity: IntArray,
    names: NDArray[Any],
    weights: Weights,
    n_raters: int,
    omitted: Mapping[str, int],
    data: Ratings | None = None,
    category: IntArray | None = None,
) -> Table:
    """Return the table of rows of counts that are known already."""
    sums = sums_of(rows, multiplicity)
    lone = sums.n_units() - sums.n_units(2)
    omitted = {
        **omitted,
        **({"units with one rating (they inform chance only)": lone} if lone else {}),
    }
    scheme = agreement_weights(weights, names)
    return Table(names, rows, multiplicity, pattern, scheme, sums, n_raters, omitted, data, category)


@dataclass(frozen=True)
class Measured:
    """A coefficient with what it is made of; ``expected`` is 1 and ``value`` nan where chance agreement is complete."""

    observed: float
    expected: float
    value: float
    error: float


def measured(table: Table, chance: Chance) -> Measured:
    """Return ``(observed - expected) / (1 - expected)`` of a table with pairs, and its standard error over units."""
    observed = table.sums.mean_agreement(table.weights)
    expected = chance(table)
    if not 1 - expected.value > 1e-12:
        return Measured(observed, expected.value, math.nan, math.nan)
    value = (observed - expected.value) / (1 - expected.value)
    return Measured(observed, expected.value, value, _standard_error(table, expected, value))


def _standard_error(table: Table, expected: Expected, value: float) -> float:
    n, n_paired = table.sums.n_units(), table.sums.n_units(2)
    if n < 2:
        return math.nan
    paired = table.per_unit >= 2
    own = n / n_paired * (table.agreed - expected.value * paired) / (1 - expected.value)
    times = as_floats(table.multiplicity)
    if expected.by_unit:
        own, times = own[table.pattern], np.ones(n)
    linear = own - 2 * (1 - value) * (expected.linear - expected.value) / (1 - expected.value)
    variance = float((times * np.square(linear - value)).sum()) / (n * (n - 1))
    return math.sqrt(variance) if variance > 1e-28 / n else math.nan
