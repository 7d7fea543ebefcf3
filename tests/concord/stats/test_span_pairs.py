"""Spans of all units at once: the same as comparing every rater with every other, character by character."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from concord.stats.agreement import span_agreement

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
