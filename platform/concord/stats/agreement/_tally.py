"""Ratings counted as they come: who said what about which unit, and the sums and patterns that follow."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse

from concord.stats._arrays import InputError, IntArray, as_floats, codes, shown
from concord.stats.agreement._alpha.build import FEW
from concord.stats.agreement._chance import CountedRows, every_unit
from concord.stats.agreement._ratings import ANONYMOUS, Patterns, Ratings, distinct_categories, patterns
from concord.stats.agreement._sums import Sums


class _Cell(NamedTuple):
    """One rating: the numbers of its unit, rater and category."""

    unit: int
    rater: int
    place: int


class Tally:
    """The state behind ``AlphaCounts``: every change costs O(K**2) for K categories, however many ratings there are."""

    def __init__(self, categories: ArrayLike) -> None:
        """Start empty; ``categories`` (K,) are all values that can occur, in rank order."""
        self.categories = distinct_categories(categories)
        self.place = {value: i for i, value in enumerate(self.categories.tolist())}
        self.rows: dict[Hashable, IntArray] = {}
        self.answers: dict[Hashable, dict[Hashable, int]] = {}  # of known raters, by unit
        self.kinds: Counter[bytes] = Counter()  # how many units have each row
        self.heard: Counter[Hashable] = Counter()  # ratings by known rater
        self.compared: Counter[Hashable] = Counter()  # the same in units with at least two ratings
        self.sums = Sums(len(self.categories))
        self.missing = self.repeated = 0

    def index(self, value: Any) -> int:
        """Return the place of a value among the categories."""
        try:
            return self.place[value]
        except (KeyError, TypeError):
            known = shown(self.categories.tolist())
            raise InputError(f"{shown(value)} is not among the categories {known}") from None

    def put(self, unit: Hashable, rater: Hashable, place: int) -> None:
        """Count a rating; a known rater's later answer supersedes the earlier one."""
        before = self.answers.get(unit, {}).get(rater)
        if before is not None:
            self.repeated += 1
            self.change(unit, rater, before, -1)
        self.change(unit, rater, place, 1)

    def change(self, unit: Hashable, rater: Hashable, place: int, by: int) -> None:
        """Count a rating (by 1) or take it back (by -1)."""
        row = self.rows.setdefault(unit, np.zeros(len(self.categories), dtype=np.int64))
        self._tell(unit, row, -1)
        row[place] += by
        if rater != ANONYMOUS:
            self._answer(unit, rater, place, by)
        self._tell(unit, row, 1)
        if not row.any():
            del self.rows[unit]

    def _answer(self, unit: Hashable, rater: Hashable, place: int, by: int) -> None:
        mine = self.answers.setdefault(unit, {})
        if by > 0:
            mine[rater] = place
        else:
            del mine[rater]
        if not mine:
            del self.answers[unit]
        _bump(self.heard, rater, by)

    def _tell(self, unit: Hashable, row: IntArray, sign: int) -> None:
        """Add a unit to the sums, or take it away as it was before a change."""
        size = int(row.sum())
        if not size:
            return
        self.sums.add(row, sign)
        _bump(self.kinds, row.tobytes(), sign)
        if size > 1:
            for rater in self.answers.get(unit, ()):
                _bump(self.compared, rater, sign)

    def holds(self, unit: Hashable, rater: Hashable, place: int) -> bool:
        """Whether that rating was counted."""
        if rater != ANONYMOUS:
            return self.answers.get(unit, {}).get(rater) == place
        return bool(self.anonymous(unit)[place] > 0)

    def anonymous(self, unit: Hashable) -> IntArray:
        """Return how often each category was given to a unit by nobody in particular, (K,)."""
        row = self.rows.get(unit)
        left: IntArray = np.zeros(len(self.categories), dtype=np.int64) if row is None else row.copy()
        for place in self.answers.get(unit, {}).values():
            left[place] -= 1
        return left

    def n_raters(self, at_least: int) -> int:
        """Return how many raters have rated a unit with at least one or two ratings; every anonymous rating is one."""
        known = self.heard if at_least < 2 else self.compared
        return len(known) + int(self.sums.counts(at_least).sum()) - known.total()

    def omitted(self) -> dict[str, int]:
        """Return what was not counted."""
        named = {"missing values": self.missing, "repeated ratings": self.repeated}
        return {name: number for name, number in named.items() if number}

    def unit_codes(self, at_least: int) -> IntArray:
        """Return the codes of the units with at least so many ratings, sorted."""
        return self.codes_of(u for u, row in self.rows.items() if at_least < 2 or row.sum() >= at_least)

    def codes_of(self, units: Iterable[Hashable]) -> IntArray:
        """Return these units' codes, sorted, without those that have no rating."""
        try:
            kept: list[Any] = [unit for unit in set(units) if unit in self.rows]
        except TypeError as error:
            raise InputError(f"units must be a list of codes: {error}") from None
        return np.sort(codes("units", kept)) if kept else np.empty(0, dtype=np.int64)

    def patterns(self, at_least: int, units: IntArray) -> Patterns:
        """Return what ``_ratings.patterns`` gives for these units: distinct rows, the row of each unit, how often each occurs."""
        k = len(self.categories)
        kinds = [key for key in self.kinds if np.frombuffer(key, dtype=np.int64).sum() >= at_least]
        table = np.frombuffer(b"".join(kinds), dtype=np.int64).reshape(len(kinds), k)
        rows, place, _ = patterns(table)
        number = {key: int(i) for key, i in zip(kinds, place, strict=True)}
        times = np.zeros(len(rows), dtype=np.int64)
        times[place] = [self.kinds[key] for key in kinds]
        own = [number[self.rows[unit].tobytes()] for unit in units.tolist()]
        return Patterns(rows, np.array(own, dtype=np.int64), times)

    def counts(self, at_least: int, units: IntArray) -> CountedRows:
        """Return ``patterns`` as rows of floats; many categories are held unit by unit, as in ``_chance.table_of``."""
        k = len(self.categories)
        if k <= FEW:
            rows, own, times = self.patterns(at_least, units)
            return CountedRows(as_floats(rows), own, times)
        dense = np.array([self.rows[unit] for unit in units.tolist()], dtype=np.float64).reshape(-1, k)
        return every_unit(sparse.csr_array(dense))

    def ratings(self) -> Ratings:
        """Return the ratings themselves, by unit and rater, each unit's anonymous ones last."""
        units = self.unit_codes(1)
        rater_codes = (
            np.sort(codes("raters", list[Any](self.heard))) if self.heard else np.empty(0, dtype=np.int64)
        )
        number = {code: i for i, code in enumerate(rater_codes.tolist())}
        cells = [cell for i, unit in enumerate(units.tolist()) for cell in self._cells(i, unit, number)]
        unit, rater, place = np.array(cells, dtype=np.int64).reshape(-1, 3).T
        return Ratings(unit, rater, self.categories[place], units, rater_codes, self.omitted())

    def _cells(self, i: int, unit: Hashable, number: dict[Hashable, int]) -> list[_Cell]:
        known = sorted((number[rater], place) for rater, place in self.answers.get(unit, {}).items())
        unknown = np.repeat(np.arange(len(self.categories)), self.anonymous(unit)).tolist()
        return [_Cell(i, rater, place) for rater, place in known] + [
            _Cell(i, ANONYMOUS, place) for place in unknown
        ]


def _bump(counter: Counter[Any], key: Hashable, by: int) -> None:
    counter[key] += by
    if not counter[key]:
        del counter[key]
