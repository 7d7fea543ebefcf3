"""One answer of the people per item, and the table of it against the machine's."""

from dataclasses import dataclass

import numpy as np

from concord.scorecards.evidence import FloatArray, IntArray

SPLIT = np.nan


@dataclass(frozen=True, kw_only=True)
class Plurality:
    """The most frequent answer per item; nan where two answers lead together."""

    items: IntArray
    values: FloatArray


def plurality(items: IntArray, values: FloatArray) -> Plurality:
    """Return the most frequent value of each item."""
    known, place = np.unique(items, return_inverse=True)
    labels, code = np.unique(values, return_inverse=True)
    counts = np.bincount(place * len(labels) + code, minlength=len(known) * len(labels)).reshape(
        len(known), len(labels)
    )
    leading = counts == counts.max(axis=1, keepdims=True) if len(known) else counts.astype(bool)
    answer = labels[counts.argmax(axis=1)].astype(np.float64) if len(known) else np.empty(0)
    answer[leading.sum(axis=1) > 1] = SPLIT
    return Plurality(items=known, values=answer)


def confusion(people: FloatArray, machine: FloatArray, categories: FloatArray) -> list[list[int]]:
    """Return counts: a row per answer of the people, a column per answer of the machine."""
    size = len(categories)
    row, column = np.searchsorted(categories, people), np.searchsorted(categories, machine)
    table = np.bincount(row * size + column, minlength=size * size).reshape(size, size)
    return [[int(count) for count in line] for line in table]
