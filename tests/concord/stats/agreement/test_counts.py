"""Counts that grow and shrink say what a computation of all ratings says."""

from __future__ import annotations

import itertools
import math
from dataclasses import fields
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from concord.stats import InputError
from concord.stats.aggregation import LabelCounts, majority_vote
from concord.stats.agreement import (
    AlphaCounts,
    conger_kappa,
    distances,
    fleiss_kappa,
    gwet_ac,
    krippendorff_alpha,
    percent_agreement,
)
from tests.concord.stats.agreement.tables import long_form, random_matrix

LEVELS = ("nominal", "ordinal", "interval", "ratio", distances.angular(24), distances.masi)


quick = settings(max_examples=60, deadline=None)


Row = tuple[int, int, float]


@st.composite
def histories(draw: st.DrawFn, *, anonymous: bool = True) -> tuple[list[float], list[Row]]:
    """Categories in any order, and ratings with missing values, second thoughts and, perhaps, anonymous raters."""
    k = draw(st.sampled_from([1, 2, 3, 5, 12, 14]))
    categories = [float(v) for v in draw(st.permutations(range(1, k + 1)))]
    rater = st.integers(-1 if anonymous else 0, 4)
    value = st.sampled_from([*categories, *categories, math.nan])
    return categories, draw(st.lists(st.tuples(st.integers(-3, 6), rater, value), max_size=50))


def columns(rows: list[Row]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    table = np.array(rows, dtype=float).reshape(-1, 3)
    return table[:, 0].astype(int), table[:, 1].astype(int), table[:, 2]


def counted(kind: type[AlphaCounts], categories: list[float], rows: list[Row], cuts: list[int]) -> Any:
    """Count the parts apart and merge them in order."""
    whole = kind(categories)
    edges = [0, *sorted(min(cut, len(rows)) for cut in cuts), len(rows)]
    for start, stop in itertools.pairwise(edges):
        part = kind(categories)
        for unit, rater, value in rows[start:stop]:
            part.add(unit, value, rater)
        whole.merge(part)
    return whole


def assert_same(one: Any, other: Any) -> None:
    """Every field, to the last bit; nan equals nan."""
    for item in fields(one):
        a, b = getattr(one, item.name), getattr(other, item.name)
        if isinstance(a, np.ndarray):
            assert np.array_equal(a, b, equal_nan=a.dtype.kind == "f"), item.name
        else:
            assert a == b or (isinstance(a, float) and math.isnan(a) and math.isnan(b)), item.name


@quick
@given(histories(), st.lists(st.integers(0, 50), max_size=3), st.sampled_from(LEVELS))
def test_alpha_with_its_interval(history, cuts: list[int], level) -> None:
    categories, rows = history
    counts = counted(AlphaCounts, categories, rows, cuts)
    full = krippendorff_alpha(*columns(rows), level=level, categories=categories, n_resamples=40)
    if len(categories) <= 12 or level in ("nominal", "ordinal"):
        assert_same(counts.krippendorff_alpha(level, n_resamples=40), full)
    if len(categories) <= 12:
        assert counts.alpha(level) == full.value or (math.isnan(counts.alpha(level)) and full.undefined)
    else:
        assert counts.alpha(level) == pytest.approx(full.value, abs=1e-12, nan_ok=True)
    assert counts.n_units == full.n


@quick
@given(
    histories(anonymous=False),
    st.lists(st.integers(0, 50), max_size=3),
    st.sampled_from([None, "linear", "ordinal"]),
)
def test_percent_agreement_and_the_kappas(history, cuts: list[int], weights: str | None) -> None:
    categories, rows = history
    counts, data = counted(AlphaCounts, categories, rows, cuts), columns(rows)
    for weighting in ("units", "pairs"):
        assert_same(
            counts.percent_agreement(weighting=weighting), percent_agreement(*data, weighting=weighting)
        )
    options = {"weights": weights, "categories": categories}
    assert_same(counts.fleiss_kappa(weights=weights), fleiss_kappa(*data, **options))
    assert_same(counts.gwet_ac(weights=weights), gwet_ac(*data, **options))
    assert_same(counts.conger_kappa(weights=weights), conger_kappa(*data, **options))


@quick
@given(histories(), st.randoms(use_true_random=False))
def test_order_does_not_matter_and_what_is_taken_back_leaves_no_trace(history, random) -> None:
    categories, rows = history
    last = {(u, r) if r != -1 else (u, i): (u, r, v) for i, (u, r, v) in enumerate(rows) if not math.isnan(v)}
    kept = list(last.values())
    plain = counted(AlphaCounts, categories, kept, [])
    shuffled = counted(AlphaCounts, categories, random.sample(kept, len(kept)), [])
    for unit, rater, value in [(99, 0, categories[0]), (0, 77, categories[-1]), (0, -1, categories[0])]:
        shuffled.add(unit, value, rater)
    for unit, rater, value in [(0, -1, categories[0]), (0, 77, categories[-1]), (99, 0, categories[0])]:
        shuffled.remove(unit, value, rater)
    for level in ("nominal", "ordinal", "interval"):
        if len(categories) <= 12:
            assert_same(
                shuffled.krippendorff_alpha(level, n_resamples=10),
                plain.krippendorff_alpha(level, n_resamples=10),
            )
    assert_same(shuffled.fleiss_kappa(), plain.fleiss_kappa())
    assert (shuffled.coincidences() == plain.coincidences()).all()


@quick
@given(histories(), st.lists(st.integers(0, 50), max_size=3))
def test_majority_votes_that_grow(history, cuts: list[int]) -> None:
    categories, rows = history
    counts = counted(LabelCounts, categories, rows, cuts)
    full = majority_vote(*columns(rows), categories=categories)
    assert_same(counts.majority_vote(), full)
    if len(full.unit_codes):
        one = counts.majority_vote([int(full.unit_codes[0])])
        assert one.label.tolist() == full.label[:1].tolist() or np.isnan(full.label[0])
        assert one.counts.tolist() == full.counts[:1].tolist()


def test_what_was_not_counted_cannot_be_taken_back() -> None:
    counts = AlphaCounts([1, 2])
    counts.update([7, 7, 8], [1, 2, None], raters=[0, 1, 2])
    for wrong in [(7, 1, 1), (7, 1, -1), (8, 1, 2), (9, 1, 0)]:
        with pytest.raises(InputError, match="no rating"):
            counts.remove(*wrong)
    with pytest.raises(InputError, match="categories"):
        counts.add(7, 3)
    with pytest.raises(InputError, match="categories"):
        counts.add(7, "1")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="as many"):
        counts.update([1, 2], [1])
    with pytest.raises(InputError, match="same categories"):
        counts.merge(AlphaCounts([1, 2, 3]))
    with pytest.raises(InputError, match="nan"):
        AlphaCounts([1, math.nan])
    assert counts.percent_agreement().omitted == {"missing values": 1}
    assert counts.n_units == 1


def test_names_as_units_serve_for_the_value_but_not_for_results_that_list_them() -> None:
    counts = AlphaCounts([1, 2])
    counts.update(["a", "a", "b", "b"], [1, 1, 2, 1])
    assert counts.alpha() == pytest.approx(1 - 3 * 2 / 6)
    with pytest.raises(InputError, match="units"):
        counts.krippendorff_alpha()


def test_where_one_rating_is_wrong_none_is_counted() -> None:
    counts = LabelCounts([1, 2, 3])
    for units, values, raters in [
        ([1, 1, 2], [1, 2, 9], None),
        ([1, 1, [2]], [1, 2, 3], None),
        ([1, 1, 2], [1, 2, 3], [0, 1, np.array([1, 2])]),
        (3, 1, None),
        ([1], [1, 2], None),
    ]:
        with pytest.raises(InputError):
            counts.update(units, values, raters)  # type: ignore[arg-type]
    for other in (None, 3, AlphaCounts([3, 2, 1])):
        with pytest.raises(InputError, match="same categories"):
            counts.merge(other)  # type: ignore[arg-type]
    assert counts.majority_vote().n == 0
    assert counts.fleiss_kappa().n_ratings == 0


def test_counts_that_are_merged_with_themselves_hear_every_known_rater_again() -> None:
    counts = AlphaCounts([1, 2])
    counts.update([1, 1, 1, 2], [1, 2, 2, math.nan], raters=[0, 1, -1, 0])
    counts.merge(counts)
    assert dict(counts.fleiss_kappa().omitted) == {"missing values": 2, "repeated ratings": 2}
    assert counts.fleiss_kappa().n_ratings == 4


def test_without_categories_there_is_nothing_to_compare() -> None:
    counts = LabelCounts([])
    assert counts.fleiss_kappa().undefined
    assert counts.percent_agreement().undefined
    assert counts.krippendorff_alpha().undefined
    assert len(counts.majority_vote().label) == 0


def test_what_pandas_calls_missing_is_missing_and_no_rater() -> None:
    counts = AlphaCounts([1, 2])
    counts.update([1, 1, 1], [1, pd.NA, None], raters=[0, 1, 2])
    assert dict(counts.fleiss_kappa().omitted)["missing values"] == 2
    with pytest.raises(InputError, match="must be codes"):
        counts.add(1, 2, pd.NA)
    assert counts.fleiss_kappa().n_ratings == 1


NAN = np.nan


@pytest.mark.parametrize("level", ["nominal", "ordinal", "interval", "ratio"])
def test_additive_counts_equal_recomputation(level: str, rng: np.random.Generator) -> None:
    unit, rater, value = long_form(random_matrix(rng))
    known = ~np.isnan(value)
    full = krippendorff_alpha(unit, rater, value, level=level, n_resamples=0)
    counts, first, second = (AlphaCounts([0, 1, 2, 3]) for _ in range(3))
    counts.update(unit[known].tolist(), value[known].tolist())
    half = rng.random(len(unit)) < 0.5
    first.update(unit[known & half].tolist(), value[known & half].tolist())
    second.update(unit[known & ~half].tolist(), value[known & ~half].tolist())
    first.merge(second)
    assert counts.alpha(level) == pytest.approx(full.value, abs=1e-12)
    assert first.alpha(level) == counts.alpha(level)  # exactly: all counts are whole numbers
    counts.add(99, 3)
    counts.add(99, 0)
    counts.remove(99, 3)
    counts.remove(99, 0)
    assert first.alpha(level) == counts.alpha(level)
    assert counts.n_units == full.n
    with pytest.raises(InputError):
        counts.remove(99, 0)
    with pytest.raises(InputError):
        counts.add(1, 17)


def test_counts_of_nobody_in_particular_have_no_raters() -> None:
    counts = AlphaCounts([1, 2])
    counts.update([1, 1, 2], [1, 2, 2])
    anonymous = counts._tally.ratings()
    assert anonymous.rater_codes.tolist() == []
    assert anonymous.rater.tolist() == [-1, -1, -1]
    assert (anonymous.unit_codes.tolist(), anonymous.value.tolist()) == ([1, 2], [1.0, 2.0, 2.0])
    counts.add(2, 1, rater=5)
    assert counts._tally.ratings().rater_codes.tolist() == [5]
