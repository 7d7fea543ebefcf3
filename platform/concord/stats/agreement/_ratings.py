"""Ratings in long form, validated once: what every agreement estimator starts from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from concord.stats._arrays import InputError, IntArray, codes, compact, vector

ANONYMOUS = -1
BLOCK = 1 << 16  # ratings at a time, so that what is held of them stays in cache
_NEARBY = 8  # ratings of a unit, one after the other, up to which they are compared without sorting


@dataclass(frozen=True)
class Ratings:
    """Ratings without missing values and repeats. ``unit`` indexes ``unit_codes``; ``rater`` indexes ``rater_codes``.

    An anonymous rating has ``rater`` -1. ``value`` keeps its dtype, so that huge integers stay distinct labels.
    """

    unit: IntArray
    rater: IntArray
    value: NDArray[Any]
    unit_codes: IntArray
    rater_codes: IntArray
    omitted: Mapping[str, int]

    @property
    def n_units(self) -> int:
        """How many distinct units carry a rating."""
        return len(self.unit_codes)

    @property
    def n_raters(self) -> int:
        """How many raters there are; every anonymous rating counts as a rater of its own."""
        return len(self.rater_codes) + int(np.count_nonzero(self.rater == ANONYMOUS))

    @cached_property
    def per_unit(self) -> IntArray:
        """How many ratings each unit has, (U,)."""
        return np.bincount(self.unit, minlength=self.n_units).astype(np.int64, copy=False)

    def select(self, keep: NDArray[np.bool_], **omitted: int) -> Ratings:
        """Return only the ratings where ``keep``, with units and raters numbered anew."""
        unit, rater = self.unit[keep], self.rater[keep]
        unit, unit_kept = compact(unit)
        rater, rater_codes = _compact_raters(rater)
        named = {key.replace("_", " "): number for key, number in omitted.items() if number}
        return Ratings(
            unit=unit,
            rater=rater,
            value=self.value[keep],
            unit_codes=self.unit_codes[unit_kept],
            rater_codes=self.rater_codes[rater_codes],
            omitted={**self.omitted, **named},
        )


def ratings(units: ArrayLike, raters: ArrayLike, values: ArrayLike) -> Ratings:
    """Validate long-form ratings, drop missing values, and let a rater's later answer to a unit supersede the earlier.

    Raises InputError for lengths that differ, codes that are not integers, and infinite or non-numeric values.
    """
    unit = codes("units", units)
    rater = codes("raters", raters, length=len(unit))
    value = vector("values", values, length=len(unit))
    omitted: dict[str, int] = {}
    if value.dtype.kind == "f" and (missing := np.isnan(value)).any():
        omitted["missing values"] = int(missing.sum())
        unit, rater, value = unit[~missing], rater[~missing], value[~missing]
    unit, unit_codes = compact(unit)
    rater, rater_codes = _compact_raters(rater)
    data = Ratings(unit, rater, value, unit_codes, rater_codes, omitted)
    keep = _last_answers(data)
    if keep is None:
        return data
    omitted["repeated ratings"] = int((~keep).sum())
    return Ratings(unit[keep], rater[keep], value[keep], unit_codes, rater_codes, omitted)


def _compact_raters(rater: IntArray) -> tuple[IntArray, IntArray]:
    positions, distinct = compact(rater)
    place = int(np.searchsorted(distinct, ANONYMOUS))
    if place == len(distinct) or distinct[place] != ANONYMOUS:
        return positions, distinct.astype(np.int64)
    named = np.where(positions == place, ANONYMOUS, positions - (positions > place))
    return named, np.delete(distinct, place).astype(np.int64)


def _last_answers(data: Ratings) -> NDArray[np.bool_] | None:
    """Return which ratings are a rater's last answer to a unit, or None where all are."""
    unit, rater, n_raters = data.unit, data.rater, len(data.rater_codes)
    if not n_raters:
        return None
    named = rater != ANONYMOUS
    everyone = bool(named.all())
    if everyone and _all_answer_once(unit, rater, n_raters, int(data.per_unit.max())):
        return None
    key = unit * np.int64(n_raters) + rater
    ordered = np.sort(key if everyone else key[named])
    if not (ordered[1:] == ordered[:-1]).any():
        return None
    order = np.flatnonzero(named)[np.argsort(key[named], kind="stable")]
    last = np.append(key[order][1:] != key[order][:-1], True)
    keep: NDArray[np.bool_] = ~named
    keep[order[last]] = True
    return keep


def _all_answer_once(unit: IntArray, rater: IntArray, n_raters: int, most: int) -> bool:
    """Whether units come in order, with few ratings each, and no rater twice in one: seen without sorting, block by block.

    ``most`` is the largest number of ratings of a unit.
    """
    if most > _NEARBY:
        return False
    for start in range(0, len(unit), BLOCK):
        part = slice(max(start - most, 0), start + BLOCK)
        mine = unit[part]
        if (mine[1:] < mine[:-1]).any():
            return False
        key = mine * np.int64(n_raters)
        key += rater[part]
        if any((key[apart:] == key[:-apart]).any() for apart in range(1, most)):
            return False
    return True


def pairable(data: Ratings) -> Ratings:
    """Return only the units with at least two ratings: a lone rating agrees with nobody."""
    per_unit = data.per_unit
    if not len(per_unit) or per_unit.min() >= 2:
        return data
    return data.select(per_unit[data.unit] >= 2, units_with_one_rating=int((per_unit < 2).sum()))


def distinct_categories(categories: ArrayLike) -> NDArray[Any]:
    """Return the categories as a vector without repeats and missing values."""
    given = vector("categories", categories)
    if len(np.unique(given)) != len(given):
        raise InputError("categories must be distinct")
    if given.dtype.kind == "f" and np.isnan(given).any():
        raise InputError("categories must not hold nan: a missing rating has no category")
    return given


def category_codes(
    value: NDArray[Any], categories: ArrayLike | None, *, name: str = "values"
) -> tuple[IntArray, NDArray[Any]]:
    """Return ``(positions, categories)``: the given categories in their order, else the observed ones sorted."""
    positions, distinct = compact(value)
    if categories is None:
        return positions, distinct
    given = distinct_categories(categories)
    order = np.argsort(given)
    place = np.searchsorted(given[order], distinct)
    known = place < len(given)
    known[known] = given[order][place[known]] == distinct[known]
    if not known.all():
        raise InputError(f"{name} hold {distinct[~known][0]!s}, which is not among the categories")
    return order[place][positions].astype(np.int64), given


def counts_table(data: Ratings, category: IntArray, n_categories: int) -> IntArray:
    """Return the (units, categories) table of how often each category was given."""
    flat = np.zeros(data.n_units * n_categories, dtype=np.int64)
    for start in range(0, len(category), BLOCK):
        place = data.unit[start : start + BLOCK] * n_categories
        place += category[start : start + BLOCK]
        np.add.at(flat, place, 1)
    return flat.reshape(data.n_units, n_categories)


class Patterns(NamedTuple):
    """Distinct rows, the row of each unit, and how often each occurs."""

    rows: IntArray
    own: IntArray
    times: IntArray


def patterns(table: IntArray) -> Patterns:
    """Return ``(distinct rows, pattern of each row, how often each occurs)``.

    Units with the same counts are interchangeable, so a resample of units is one multinomial over these rows. The rows
    are in order of their last count, then the one before, and so on, whatever the order of the units.
    """
    base = int(table.max(initial=0)) + 1
    n_categories = table.shape[1]
    if base > 1 and n_categories * np.log2(base) < 62:
        pattern, keys = compact(table @ (np.int64(base) ** np.arange(n_categories, dtype=np.int64)))
        example = np.empty(len(keys), dtype=np.int64)
        example[pattern] = np.arange(len(table))  # any of the rows that are alike
        return Patterns(table[example], pattern, np.bincount(pattern, minlength=len(keys)))
    rows, inverse, multiplicity = np.unique(table[:, ::-1], axis=0, return_inverse=True, return_counts=True)
    return Patterns(np.ascontiguousarray(rows[:, ::-1]), inverse.ravel(), multiplicity)
