"""Spans of all units at once: the same as comparing every rater with every other, character by character."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from scipy import stats
from scipy.optimize import linear_sum_assignment

from concord.stats.agreement import span_agreement
from tests.concord.stats.documents import documents

Span = tuple[int, int, int]


def shared(one: set[Span], other: set[Span], mode: str) -> tuple[int, int]:
    """What two raters share and what they marked, from the definition."""
    if mode == "character":
        first, second = ({(at, k) for a, b, k in spans for at in range(a, b)} for spans in (one, other))
        return len(first & second), len(first) + len(second)
    if mode == "exact":
        return len(one & other), len(one) + len(other)
    fits = np.array([[k == m and a < d and c < b for c, d, m in other] for a, b, k in one], dtype=float)
    if not fits.size:
        return 0, len(one) + len(other)
    row, column = linear_sum_assignment(fits, maximize=True)
    return int(fits[row, column].sum()), len(one) + len(other)


@pytest.mark.parametrize("mode", ["exact", "overlap", "character"])
def test_random_spans_against_every_pair_of_raters(mode: str, rng: np.random.Generator) -> None:
    for round_ in range(200):
        n = int(rng.integers(2, 50))
        unit, rater, label = (
            rng.integers(0, 4, size=n),
            rng.integers(0, 4, size=n),
            rng.integers(0, 2, size=n),
        )
        start = rng.integers(0, 6 if round_ % 2 else 30, size=n)
        end = start + rng.integers(1, 4 if round_ % 3 else 15, size=n)
        nothing = rng.random(n) < 0.1
        both = marked = 0
        for u in range(4):
            readers: dict[int, set[Span]] = {r: set() for r in rater[unit == u].tolist()}
            for i in np.flatnonzero((unit == u) & ~nothing).tolist():
                readers[int(rater[i])].add((int(start[i]), int(end[i]), int(label[i])))
            for one, other in combinations(readers.values(), 2):
                found = shared(one, other, mode)
                both, marked = both + found[0], marked + found[1]
        gap = np.where(nothing, np.nan, 0.0)
        result = span_agreement(unit, rater, start + gap, end + gap, label, mode=mode, n_resamples=0)
        assert result.value == pytest.approx(2 * both / marked if marked else np.nan, rel=1e-12, nan_ok=True)


@pytest.mark.parametrize("mode", ["exact", "character"])
def test_intervals_of_a_few_documents_reach_the_truth(mode: str) -> None:
    truth = span_agreement(*documents(np.random.default_rng(1), 3_000), mode=mode, n_resamples=0).value
    rng = np.random.default_rng(2)
    drawn = [span_agreement(*documents(rng, 4), mode=mode, n_resamples=200, rng=rng) for _ in range(200)]
    held = [found.low <= truth <= found.high for found in drawn if np.isfinite(found.low)]
    assert len(held) > 180
    assert np.mean(held) > 0.92  # .8 by BCa alone
    assert all(0 <= found.low <= found.high <= 1 for found in drawn if np.isfinite(found.low))


def test_a_few_documents_have_wilsons_interval_on_the_effective_number() -> None:
    texts, raters = np.repeat(np.arange(6), 4), np.tile([0, 0, 1, 1], 6)
    starts = np.tile([0, 20, 0, 20], 6) + np.repeat([0, 0, 0, 0, 0, 1], 4) * np.tile([0, 0, 1, 1], 6)
    found = span_agreement(texts, raters, starts, starts + 5)
    assert found.value == pytest.approx(5 / 6)
    left = np.array([4 / 5] * 5 + [1.0])
    error = np.sqrt(5 * np.mean(np.square(left - left.mean())))
    worth = 5 / 36 / error**2 * (stats.norm.ppf(0.975) / stats.t.ppf(0.975, 5)) ** 2
    z = stats.norm.ppf(0.975)
    middle, half = 5 / 6 + z * z / (2 * worth), z * np.sqrt(5 / 36 / worth + z * z / (4 * worth**2))
    assert found.low <= (middle - half) / (1 + z * z / worth) + 1e-9
    assert found.high >= (middle + half) / (1 + z * z / worth) - 1e-9
    assert "joined with Wilson" in found.method


def test_labels_of_two_raters_of_one_text_are_kept_apart() -> None:
    """Both mark 0 to 5 with label 1; one also 3 to 8 with label 0: 5 shared characters of 5 and 10."""
    for order in ([0, 1, 2], [2, 1, 0], [1, 2, 0]):
        rater, start, end, label = (
            np.array(column)[order] for column in ([0, 1, 1], [0, 0, 3], [5, 5, 8], [1, 1, 0])
        )
        found = span_agreement([0, 0, 0], rater, start, end, label, mode="character", n_resamples=0)
        assert found.value == pytest.approx(10 / 15)
        swapped = span_agreement([0, 0, 0], rater, start, end, 1 - label, mode="character", n_resamples=0)
        assert swapped.value == pytest.approx(10 / 15)
    apart = span_agreement([0, 0], [0, 1], [0, 3], [5, 8], [1, 0], mode="character", n_resamples=0)
    assert apart.value == 0.0
