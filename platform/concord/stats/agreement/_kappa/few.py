"""The interval of Fleiss', Conger's and Gwet's coefficients, also where few units disagree or have a rare answer.

A symmetric interval misses above where next to no unit has the rarer answer, and below where next to none disagrees. As for alpha
(``_alpha.few``), half an imagined unit speaks for what was not seen; and Fisher's scale leans as the coefficient does.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from concord.stats._arrays import IntArray
from concord.stats._results import NAN
from concord.stats.agreement._chance import Chance, Measured, Table, measured
from concord.stats.agreement._few import (
    NO_DISSENT,
    SMALL,
    agreed_otherwise,
    commonest,
    hardly_any_differ,
    too_few_units,
    usual_ratings,
    with_dissent,
)
from concord.stats.agreement._kappa.result import bent_kappa_interval, kappa_interval
from concord.stats.agreement._ratings import ANONYMOUS, Ratings
from concord.stats.agreement._rows import with_row
from concord.stats.agreement._sums import sums_of

_FEW = 10  # disagreeing units, if less than a tenth of all, with which the symmetric interval misses
Interval = tuple[float, float, str, tuple[str, ...]]  # low, high, how, notes


def interval_of(table: Table, chance: Chance, found: Measured, confidence: float) -> Interval:
    """Return low, high, how, and notes."""
    n = table.sums.n_units()
    df = max(n - 1, 1)
    paired = table.per_unit >= 2
    times = table.multiplicity[paired]
    disagree = int(times[table.agreed[paired] < 1 - 1e-12].sum())
    if not (disagree or found.error > 0) and n > 1 and len(table.names) > 1:
        added = _with_half_a_unit(table, chance, dissent=True)
        low, _ = bent_kappa_interval(added.value, added.error, confidence, df=df)
        if low < 1:  # not where weights call the commonest dissent none
            return low, 1.0, "t interval of atanh, half a unit added for the lower end", (NO_DISSENT,)
    if not found.error > 0:
        return NAN, NAN, "t interval", ("units do not differ in agreement: a standard error cannot be had.",)
    rows = table.rows[np.flatnonzero(paired)]
    note = too_few_units(n) + hardly_any_differ(
        int(times.sum()), commonest(rows, times), agreed_otherwise(rows, times)
    )
    few = disagree < _FEW and 10 * disagree < times.sum()
    if times.sum() < SMALL or not (note or few):
        return *kappa_interval(found.value, found.error, confidence, df=df), "t interval", note
    low, high = bent_kappa_interval(found.value, found.error, confidence, df=df)
    if not note:
        return low, high, "t interval of atanh", ()
    added = _with_half_a_unit(table, chance, dissent=False)
    further = bent_kappa_interval(added.value, added.error, confidence, df=df)[1]
    return low, max(high, further), "t interval of atanh, half a unit added for the upper end", note


def _with_half_a_unit(table: Table, chance: Chance, *, dissent: bool) -> Measured:
    """Return the coefficient with half a unit more: whose raters agree on the rarest answer, or one of whom dissents.

    Half a unit in n is one unit in 2 n, whose variance is then that of twice as many units.
    """
    n = table.sums.n_units()
    found = measured(_doubled(table, _imagined(table, dissent)), chance)
    return replace(found, error=found.error * math.sqrt(2 * n / (n - 0.5)))


def _imagined(table: Table, dissent: bool) -> IntArray:
    """Return the counts (K,) of a unit with the usual number of ratings."""
    counts, n = table.sums.counts(), table.sums.n_units()
    if dissent:
        return with_dissent(counts, n)
    row = np.zeros(len(counts), dtype=np.int64)
    row[int(np.argmin(np.where(counts > 0, counts, np.inf)))] = usual_ratings(counts, n)
    return row


def _doubled(table: Table, row: IntArray) -> Table:
    """Return the table of all units twice and one with this row."""
    n = table.sums.n_units()
    rows = with_row(table.rows, row)
    times = np.append(2 * table.multiplicity, 1)
    again = replace(
        table,
        rows=rows,
        multiplicity=times,
        pattern=np.concatenate([table.pattern, table.pattern, [len(table.multiplicity)]]),
        sums=sums_of(rows, times),
    )
    data, category = table.data, table.category
    if data is None or category is None or (data.rater == ANONYMOUS).any():  # then nothing goes by raters
        return replace(again, data=None, category=None)
    answers = np.repeat(np.arange(len(row)), row)
    busiest = np.argsort(-np.bincount(data.rater), kind="stable")[: len(answers)]
    return replace(
        again, data=_twice(data, n, busiest), category=np.concatenate([category, category, answers])
    )


def _twice(data: Ratings, n: int, more: IntArray) -> Ratings:
    return replace(
        data,
        unit=np.concatenate([data.unit, data.unit + n, np.full(len(more), 2 * n)]),
        rater=np.concatenate([data.rater, data.rater, more]),
        value=np.concatenate([data.value, data.value, data.value[:1].repeat(len(more))]),
        unit_codes=np.arange(2 * n + 1),
    )
