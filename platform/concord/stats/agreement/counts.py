"""Agreement that grows with every rating: additive counts from which alpha and its relatives follow without the ratings."""

from __future__ import annotations

from collections.abc import Hashable, Iterable

import numpy as np
from numpy.typing import ArrayLike

from concord.stats._arrays import FloatArray, InputError, as_floats, vector
from concord.stats._results import NAN
from concord.stats.agreement import distances
from concord.stats.agreement._alpha_build import checked_distance
from concord.stats.agreement._alpha_terms import midranks


class AlphaCounts:
    """Counts of pairs of ratings by category and by the number of ratings of their unit.

    A new rating costs O(K**2) for K categories, and two ``AlphaCounts`` merge by addition. All counts are whole
    numbers, so adding ratings one by one, in any order or grouping, gives exactly what counting them at once gives.

    Examples
    --------
    >>> counts = AlphaCounts([1, 2, 3])
    >>> for unit, value in [(7, 1), (7, 1), (8, 2), (8, 3), (9, 3), (9, 3)]:
    ...     counts.add(unit, value)
    >>> round(counts.alpha("nominal"), 4)
    0.5455
    """

    def __init__(self, categories: ArrayLike) -> None:
        """Start empty; ``categories`` (K,) are all values that can occur, in rank order."""
        self.categories = vector("categories", categories)
        if len(np.unique(self.categories)) != len(self.categories):
            raise InputError("categories must be distinct")
        self._place = {value: i for i, value in enumerate(self.categories.tolist())}
        self._units: dict[Hashable, np.ndarray] = {}
        self._pairs: dict[int, np.ndarray] = {}

    def add(self, unit: Hashable, value: float) -> None:
        """Count one more rating of ``unit``."""
        self._change(unit, value, 1)

    def remove(self, unit: Hashable, value: float) -> None:
        """Take back a rating that was counted (it was superseded)."""
        row = self._units.get(unit)
        if row is None or not row[self._index(value)]:
            raise InputError(f"unit {unit!r} has no rating {value!r} to remove")
        self._change(unit, value, -1)

    def update(self, units: Iterable[Hashable], values: Iterable[float]) -> None:
        """Count many ratings."""
        for unit, value in zip(units, values, strict=True):
            self.add(unit, value)

    def merge(self, other: AlphaCounts) -> None:
        """Add another count of the same categories; units may occur in both."""
        if self.categories.tolist() != other.categories.tolist():
            raise InputError("only counts of the same categories can be merged")
        for unit, row in other._units.items():
            mine = self._units.get(unit)
            if mine is not None:
                self._tell(mine, -1)
            self._units[unit] = row.copy() if mine is None else mine + row
            self._tell(self._units[unit], 1)

    @property
    def n_units(self) -> int:
        """How many units have at least two ratings."""
        return sum(int(row.sum()) >= 2 for row in self._units.values())

    def coincidences(self) -> FloatArray:
        """Return the (K, K) table of pairs within units, each unit weighing as many as its ratings."""
        k = len(self.categories)
        total = np.zeros((k, k))
        for size in sorted(self._pairs):
            total += self._pairs[size] / (size - 1)
        return total

    def alpha(self, level: str | distances.Distance = "nominal") -> float:
        """Return Krippendorff's alpha; nan where ``krippendorff_alpha`` is undefined."""
        pairs = self.coincidences()
        counts = pairs.sum(axis=1)
        n = float(counts.sum())
        distance = self._distance(level, counts)
        expected = float(counts @ distance @ counts)
        if n < 2 or expected <= 0:
            return NAN
        return 1 - (n - 1) * float((pairs * distance).sum()) / expected

    def _distance(self, level: str | distances.Distance, counts: FloatArray) -> FloatArray:
        if level == "ordinal":
            rank = midranks(counts[None, :])[0]
            return as_floats(np.square(rank[:, None] - rank[None, :]))
        function = (
            getattr(distances, level) if isinstance(level, str) and level in distances.LEVELS else level
        )
        if not callable(function):
            raise InputError(
                f"level must be one of {', '.join(distances.LEVELS)} or a distance, got {level!r}"
            )
        values = self.categories
        return checked_distance(
            np.asarray(function(values[:, None], values[None, :]), dtype=np.float64), len(values)
        )

    def _index(self, value: float) -> int:
        try:
            return self._place[value]
        except (KeyError, TypeError):
            raise InputError(f"{value!r} is not among the categories {self.categories.tolist()}") from None

    def _change(self, unit: Hashable, value: float, by: int) -> None:
        place = self._index(value)
        row = self._units.get(unit)
        if row is None:
            row = self._units[unit] = np.zeros(len(self.categories), dtype=np.int64)
        self._tell(row, -1)
        row[place] += by
        self._tell(row, 1)
        if not row.any():
            del self._units[unit]

    def _tell(self, row: np.ndarray, sign: int) -> None:
        """Add a unit's pairs to (or take them from) the pairs of units with as many ratings."""
        size = int(row.sum())
        if size < 2:
            return
        pairs = np.outer(row, row)
        pairs[np.diag_indices(len(row))] -= row
        if size not in self._pairs:
            self._pairs[size] = np.zeros_like(pairs)
        self._pairs[size] += sign * pairs
        if not self._pairs[size].any():
            del self._pairs[size]
