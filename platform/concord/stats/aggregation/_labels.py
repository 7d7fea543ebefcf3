"""Ratings prepared for label models: one sparse table of which rater gave which label to which unit."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from concord.stats._arrays import (
    FloatArray,
    InputError,
    IntArray,
    codes,
    largest,
    real,
    shown,
    tally,
    vector,
)
from concord.stats.aggregation._kinds import Kinds, kinds_of
from concord.stats.agreement._ratings import ANONYMOUS, Ratings, category_codes, ratings

_EXACT = 2**53
_FEW = 5  # so many are listed in a note
_MOST_CELLS = 100_000_000  # numbers for units and categories, of which a few tables are held
_MOST_CONFUSIONS = 50_000_000  # numbers for raters and pairs of categories, of which a dozen tables are held


@dataclass(frozen=True)
class Labels:
    """Ratings with ``category`` (n,) of their labels among K ``categories``, and what is known of the units.

    Anonymous ratings share one pooled rater (code -1, last): an error rate of a single rating cannot be told.
    """

    data: Ratings
    rater: IntArray
    rater_codes: IntArray
    category: IntArray
    categories: NDArray[Any]
    gold: FloatArray | None  # (U, K), rows of nan where unknown
    notes: tuple[str, ...] = ()

    @property
    def n_units(self) -> int:
        """How many units have a rating."""
        return self.data.n_units

    @property
    def n_raters(self) -> int:
        """How many raters there are, the pooled anonymous one included."""
        return len(self.rater_codes)

    @property
    def n_categories(self) -> int:
        """How many categories there are."""
        return len(self.categories)

    @property
    def n(self) -> int:
        """How many ratings there are."""
        return len(self.rater)

    @cached_property
    def kinds(self) -> Kinds:
        """The units by what they got: label k from rater r is in column ``r * K + k``."""
        k = self.n_categories
        shape = (self.n_units, self.n_raters * k)
        return kinds_of(self.data.unit, self.rater * k + self.category, shape, self.gold)

    def per_rater_label(self) -> FloatArray:
        """Return how often each rater gave each label, (R, K)."""
        k = self.n_categories
        return tally(self.rater * k + self.category, self.n_raters * k).reshape(-1, k)


def labels(
    units: ArrayLike,
    raters: ArrayLike,
    values: ArrayLike,
    *,
    categories: ArrayLike | None,
    gold_units: ArrayLike | None = None,
    gold_values: ArrayLike | None = None,
) -> Labels:
    """Validate ratings and known answers. Gold units without ratings are ignored: they say nothing about raters."""
    data = ratings(units, raters, values)
    known = _known(gold_units, gold_values)
    notes = () if categories is not None or known is None else _never_given(data, known[1])
    if categories is None and known is not None and data.n_units:
        categories = np.union1d(np.unique(data.value), known[1])
    category, names = category_codes(data.value, categories)
    rater, rater_codes = data.rater, data.rater_codes
    if (rater == ANONYMOUS).any():
        rater = np.where(rater == ANONYMOUS, len(rater_codes), rater)
        rater_codes = np.append(rater_codes, ANONYMOUS)
    k, r = len(names), len(rater_codes)
    affordable(data.n_units, k, r)
    gold = None if known is None else _gold(data, names, *known)
    return Labels(data, rater, rater_codes, category, names, gold, notes)


def affordable(n_units: int, n_categories: int, n_raters: int = 0) -> None:
    """Refuse labels so many that a number for each unit, or each rater's pair of them, would not fit in memory."""
    if n_units * n_categories <= _MOST_CELLS and n_raters * n_categories**2 <= _MOST_CONFUSIONS:
        return
    raise InputError(
        f"{n_categories} categories are too many for {n_units} units{f' and {n_raters} raters' if n_raters else ''}: "
        "group the rare ones, or take rater_bias for numbers"
    )


def _known(
    gold_units: ArrayLike | None, gold_values: ArrayLike | None
) -> tuple[IntArray, NDArray[Any]] | None:
    """Return the units whose answers are known, and these answers."""
    if (gold_units is None) != (gold_values is None):
        raise InputError("gold_units and gold_values come together")
    if gold_units is None or gold_values is None:
        return None
    unit = codes("gold_units", gold_units)
    value = vector("gold_values", gold_values, length=len(unit))
    if len(np.unique(unit)) != len(unit):
        raise InputError("gold_units must be distinct")
    if value.dtype.kind == "f" and np.isnan(value).any():
        bare = int(unit[np.isnan(value)][0])
        raise InputError(
            f"gold_values holds no answer for unit {bare}: leave out units whose answer is not known"
        )
    return unit, value


def _never_given(data: Ratings, answers: NDArray[Any]) -> tuple[str, ...]:
    """Say which known answers nobody ever gave: they become categories, and may be slips."""
    new = np.setdiff1d(answers, data.value).tolist()
    if not new or not data.n_units:
        return ()
    listed = ", ".join(map(shown, new[:_FEW])) + (", ..." if len(new) > _FEW else "")
    return (f"gold_values hold {listed}, which no rater ever answered: taken as further categories.",)


def _gold(data: Ratings, names: NDArray[Any], unit: IntArray, value: NDArray[Any]) -> FloatArray:
    """Return the known answers as (U, K) certainties, rows of nan where none is known."""
    known = np.isin(unit, data.unit_codes)
    position = np.searchsorted(data.unit_codes, unit[known])
    category, _ = category_codes(value[known], names, name="gold_values")
    result = np.full((data.n_units, len(names)), np.nan)
    result[position] = np.eye(len(names))[category]
    return result


def float_labels(categories: NDArray[Any]) -> FloatArray:
    """Return the categories as float64 (nan then says that there is no label), refusing integers that would be rounded."""
    if categories.dtype.kind in "iu" and largest(categories) > _EXACT:
        worst = max(categories.tolist(), key=abs)
        raise InputError(f"labels must not exceed 2**53, got {worst}: number the categories anew")
    return categories.astype(np.float64)


def non_negative(name: str, value: Any) -> float:
    """Return ``value`` where it is a finite number of at least 0."""
    if not 0 <= real(value) < np.inf:
        raise InputError(f"{name} must be a number of at least 0, got {shown(value)}")
    return float(value)


def vote_shares(table: Labels) -> FloatArray:
    """Return each unit's shares of labels, (U, K), known answers clamped: where every label model starts."""
    k = table.n_categories
    counts = tally(table.data.unit * k + table.category, table.n_units * k).reshape(-1, k)
    counts /= table.data.per_unit[:, None]
    return clamp(counts, table.gold)


def clamp(posterior: FloatArray, gold: FloatArray | None) -> FloatArray:
    """Return the posterior with known answers put in."""
    if gold is None:
        return posterior
    return np.where(np.isnan(gold), posterior, gold)
