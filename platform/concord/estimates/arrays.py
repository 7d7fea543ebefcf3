"""The arrays that everything here is made of, and the one order in which rows are summed."""

from collections.abc import Mapping
from dataclasses import Field, fields
from typing import Any, ClassVar, TypeVar

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
C = TypeVar("C", bound="Columns")


class Columns:
    """Columns of one length, row by row the same thing; a subclass is a frozen dataclass of arrays (and of plain counts)."""

    __slots__ = ()
    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]
    ORDER: ClassVar[tuple[str, ...]] = ()

    def __post_init__(self) -> None:
        lengths = {name: len(column) for name, column in self.columns().items()}
        if len(set(lengths.values())) > 1:
            raise ValueError(f"{type(self).__name__} needs columns of one length, got {lengths}")

    def __len__(self) -> int:
        return len(next(iter(self.columns().values())))

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """Return the names of the columns; fields with another meaning (counts) are plain integers."""
        return tuple(item.name for item in fields(cls) if item.type is not int)

    def columns(self) -> dict[str, NDArray[Any]]:
        return {name: getattr(self, name) for name in self.names()}

    def where(self: C, kept: Bools | Ints) -> C:
        """Return these rows; counts that belong to the whole stay."""
        counts = {item.name: getattr(self, item.name) for item in fields(self) if item.type is int}
        return type(self)(**{name: column[kept] for name, column in self.columns().items()}, **counts)

    def in_order(self: C) -> C:
        """Return the rows in the order of their codes: sums of floats depend on it, and no figure may depend on a query's."""
        if len(self) < 2:
            return self
        keys = [self._key(name) for name in reversed(self.ORDER)]
        order: Ints = np.lexsort(keys)
        return self if np.array_equal(order, np.arange(len(self))) else self.where(order)

    def _key(self, name: str) -> NDArray[Any]:
        return np.asarray(getattr(self, name))


def mapped(values: Floats, table: Mapping[float, float]) -> Floats:
    """Return what the table says of each value; nan where it says nothing."""
    result = np.full(len(values), np.nan)
    for value, number in table.items():
        result[values == value] = number
    return result


def encode(first: Ints, second: Ints) -> Ints:
    """Return one number per pair of ids; ids of 2**31 and more would not fit and are refused rather than mixed up."""
    if len(first) and max(int(first.max()), int(second.max())) >= 2**31:
        raise OverflowError("ids of 2**31 and more cannot be paired in 64 bits")
    return first * np.int64(2**31) + second


def pair_codes(outputs: Ints, other_outputs: Ints) -> Ints:
    """Return one number per pair of outputs, whichever stands left, the same in every array."""
    return encode(np.minimum(outputs, other_outputs), np.maximum(outputs, other_outputs))


def repeated(codes: Ints) -> Ints | None:
    """Return the codes, where any stands twice; else there is nothing to cluster by."""
    return codes if len(np.unique(codes)) < len(codes) else None


def equal_weights(items: Ints) -> Floats:
    """Return weights that make each item count the same, however many answers it has."""
    _, place, count = np.unique(items, return_inverse=True, return_counts=True)
    weights: Floats = 1.0 / count[place]
    return weights


def named_apart(raters: Ints) -> Ints:
    """Return rater codes in which every anonymous answer (negative) is a rater of its own."""
    codes = raters.copy()
    anonymous = codes < 0
    codes[anonymous] = codes.max(initial=0) + 1 + np.arange(int(anonymous.sum()))
    return codes


def item_means(items: Ints, values: Floats) -> tuple[Ints, Floats]:
    """Return each item that has a value, and its mean value."""
    kept = ~np.isnan(values)
    known, place, count = np.unique(items[kept], return_inverse=True, return_counts=True)
    return known, np.bincount(place, weights=values[kept], minlength=len(known)) / count
