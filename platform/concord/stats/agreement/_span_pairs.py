"""What pairs of raters share of their spans, all units at once: by sorting, without comparing rater with rater."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from concord.stats._arrays import FloatArray, IntArray, compact, tally


@dataclass(frozen=True)
class Spans:
    """Spans with their unit, rater and label codes; nan in start and end says that a rater marked nothing."""

    unit: IntArray
    rater: IntArray
    label: IntArray
    start: FloatArray
    end: FloatArray

    def take(self, rows: IntArray) -> Spans:
        """Return these rows only."""
        return Spans(self.unit[rows], self.rater[rows], self.label[rows], self.start[rows], self.end[rows])


class SharedByUnit(NamedTuple):
    """Of each unit: twice what pairs of raters share, what the raters of all pairs marked, and the number of pairs."""

    twice_shared: FloatArray
    marked: FloatArray
    n_pairs: FloatArray


def shared_by_unit(spans: Spans, n_units: int, mode: str) -> SharedByUnit:
    """Return per unit: twice what pairs of raters share, what the raters of all pairs marked, and the number of pairs."""
    reader, readers = compact(spans.unit * np.int64(int(spans.rater.max(initial=0)) + 1) + spans.rater)
    unit_of = np.zeros(len(readers), dtype=np.int64)
    unit_of[reader] = spans.unit
    n_raters = tally(unit_of, n_units)
    real = np.flatnonzero(~np.isnan(spans.start))
    marks, reader = spans.take(real), reader[real]
    group = compact(spans.unit[real] * np.int64(int(spans.label.max(initial=0)) + 1) + marks.label)[0]
    size = np.ones(len(real))
    if mode == "character":
        marks, group, size = _without_overlaps(marks, reader, group)
    marked = tally(marks.unit, n_units, size) * np.maximum(n_raters - 1, 0)
    share = {"exact": _same, "overlap": _overlapping, "character": _characters}[mode]
    return SharedByUnit(2 * share(marks, group, n_units), marked, n_raters * (n_raters - 1) / 2)


def _same(marks: Spans, group: IntArray, n_units: int) -> FloatArray:
    """Return how many pairs of raters marked the same span, by unit."""
    order = np.lexsort((marks.end, marks.start, group))
    columns = (group[order], marks.start[order], marks.end[order])
    differs = np.any([np.diff(column) != 0 for column in columns], axis=0)
    first = np.flatnonzero(np.append(True, differs)) if len(order) else order
    times = np.diff(np.append(first, len(order)))
    return tally(marks.unit[order][first], n_units, times * (times - 1) / 2)


class _Disjoint(NamedTuple):
    """Disjoint stretches, their group and their length."""

    spans: Spans
    group: IntArray
    length: FloatArray


def _without_overlaps(marks: Spans, reader: IntArray, group: IntArray) -> _Disjoint:
    """Return disjoint stretches that cover what each rater's spans of each label cover, their group and length."""
    own = compact(reader * np.int64(int(group.max(initial=0)) + 1) + group)[0]
    row, start, end, _ = _stretches(own, marks.start, marks.end)
    part = marks.take(row)
    return _Disjoint(Spans(part.unit, part.rater, part.label, start, end), group[row], end - start)


def _characters(marks: Spans, group: IntArray, n_units: int) -> FloatArray:
    """Return how many characters each pair of raters shares, by unit; the spans of a rater and label are disjoint."""
    row, start, end, depth = _stretches(group, marks.start, marks.end)
    return tally(marks.unit[row], n_units, (end - start) * depth * (depth - 1) / 2)


class _Stretches(NamedTuple):
    """Stretches between neighbouring ends: a row of their group, their ends, and how many spans cover them."""

    row: IntArray
    start: FloatArray
    end: FloatArray
    depth: FloatArray


def _stretches(group: IntArray, start: FloatArray, end: FloatArray) -> _Stretches:
    """Return the covered stretches between neighbouring ends of each group: a row of the group, start, end, spans there."""
    place = np.concatenate([start, end])
    order = np.lexsort((place, np.tile(group, 2)))
    row, place = order % max(len(group), 1), place[order]
    depth = np.cumsum(np.where(order < len(group), 1.0, -1.0))[:-1]
    covered = (depth > 0) & (place[1:] > place[:-1])
    return _Stretches(row[:-1][covered], place[:-1][covered], place[1:][covered], depth[covered])


def _overlapping(marks: Spans, group: IntArray, n_units: int) -> FloatArray:
    """Return how many overlapping spans of each pair of raters can be matched, each once, by unit."""
    one, other = _overlaps(group, marks.start, marks.end)
    swap = marks.rater[one] > marks.rater[other]
    one, other = np.where(swap, other, one), np.where(swap, one, other)
    different = marks.rater[one] != marks.rater[other]
    one, other = one[different], other[different]
    if not len(one):
        return np.zeros(n_units)
    n_raters = np.int64(int(marks.rater.max()) + 1)
    # A span stands once against each other rater, so that the pairs of raters fall apart into graphs of their own.
    left, lefts = compact(one * n_raters + marks.rater[other])
    right, rights = compact(other * n_raters + marks.rater[one])
    graph = sparse.coo_array(
        (np.ones(len(one), dtype=bool), (left, right)), shape=(len(lefts), len(rights))
    ).tocsr()
    matched = csgraph.maximum_bipartite_matching(graph, perm_type="column") >= 0
    return tally(marks.unit[lefts[matched] // n_raters], n_units)


def _overlaps(group: IntArray, start: FloatArray, end: FloatArray) -> tuple[IntArray, IntArray]:
    """Return all pairs of spans of a group that share a place."""
    n = len(group)
    order = np.lexsort((start, group))
    # How many spans of the group start before each span's end: ends come before starts at the same place.
    events = np.lexsort((np.repeat([0, 1], n), np.concatenate([end, start]), np.tile(group, 2)))
    started = np.empty(n, dtype=np.int64)
    is_end = events < n
    started[events[is_end]] = np.cumsum(~is_end)[is_end]
    number = started[order] - np.arange(n) - 1  # later starters that begin before the end
    first = np.repeat(np.arange(n), number)
    second = np.arange(len(first)) - np.repeat(np.cumsum(number) - number, number) + first + 1
    return order[first], order[second]
