"""Hsu's multiple comparisons with the best."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from scipy import integrate, stats

from concord.stats import InputError, comparison


def dunnett_one_sided(k: int, confidence: float) -> float:
    """Return the critical value of k - 1 normal means against one, all of the same error, by numerical integration."""

    def held(d: float) -> float:
        return integrate.quad(lambda z: stats.norm.pdf(z) * stats.norm.cdf(z + d * 2**0.5) ** (k - 1), -9, 9)[
            0
        ]

    low, high = 0.0, 9.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if held(middle) < confidence else (low, middle)
    return low


def compared(figures: list[float], error: float, **options) -> comparison.ComparisonsWithBest:
    k, x = len(figures), np.array(figures)
    left, right = (np.array(side) for side in zip(*combinations(range(k), 2), strict=True))
    design = np.eye(k)[left] - np.eye(k)[right]
    return comparison.multiple_comparisons_with_best(
        x[left] - x[right],
        np.full(len(left), error),
        left,
        right,
        n_systems=k,
        correlation=design @ design.T / 2,
        **options,
    )


@pytest.mark.parametrize("k", [2, 4, 7])
def test_equal_errors_against_the_formula_with_dunnetts_value(k: int) -> None:
    """Hsu (1984): min(0, x_i - max x_j - d s) and max(0, x_i - max x_j + d s) where all errors are the same."""
    figures = np.linspace(0, 2.5, k) ** 1.1
    found = compared(list(figures), 0.5)
    d = dunnett_one_sided(k, 0.95) * 0.5
    gap = np.array([x - np.delete(figures, i).max() for i, x in enumerate(figures)])
    assert found.value == pytest.approx(gap)
    assert found.high == pytest.approx(np.maximum(gap + d, 0), abs=2e-3)
    assert found.may_be_best.tolist() == (gap + d > 0).tolist()
    low = (
        np.minimum(gap - d, 0)
        if found.may_be_best.sum() > 1
        else np.where(gap + d > 0, 0, np.minimum(gap - d, 0))
    )
    assert found.low == pytest.approx(low, abs=2e-3)


def test_it_is_narrower_than_all_pairs_and_names_the_best_where_they_cannot() -> None:
    figures, left, right = np.array([0.0, 0.1, 0.2, 1.25]), [0, 0, 0, 1, 1, 2], [1, 2, 3, 2, 3, 3]
    gaps = figures[left] - figures[right]
    family = comparison.simultaneous(gaps, np.full(6, 0.42))
    assert comparison.rank_ranges(family, left, right, n_systems=4).may_be_best.sum() > 1
    best = compared(list(figures), 0.42)
    assert best.is_best.tolist() == [False, False, False, True]
    assert (best.low[3], best.high[0]) == (0.0, 0.0)


def test_lower_is_better_is_the_mirror() -> None:
    one, two = compared([0.0, 1.0, 3.0], 0.4), compared([0.0, -1.0, -3.0], 0.4, higher_is_better=False)
    assert one.low == pytest.approx(two.low, abs=1e-12)
    assert one.high == pytest.approx(two.high, abs=1e-12)


def test_unequal_errors_by_hand_with_two_systems() -> None:
    """With two there is one difference: Student's one-sided value, and nothing else."""
    found = comparison.multiple_comparisons_with_best([0.5], [0.4], [0], [1], n_systems=2, df=6)
    d = stats.t.isf(0.05, 6) * 0.4
    assert found.low == pytest.approx([0.5 - d, -0.5 - d])
    assert found.high == pytest.approx([0.5 + d, d - 0.5])


def test_an_unknown_pair_leaves_open_which_is_better() -> None:
    found = comparison.multiple_comparisons_with_best(
        [1.0, 1.0, 0.0], [0.1, 0.1, np.nan], [0, 0, 1], [1, 2, 2], n_systems=3
    )
    assert found.is_best.tolist() == [True, False, False]
    assert found.omitted == {"contrasts without a standard error": 1}
    behind = comparison.multiple_comparisons_with_best(
        [-1.0, -1.0, 0.0], [0.1, 0.1, np.nan], [0, 0, 1], [1, 2, 2], n_systems=3
    )
    assert behind.may_be_best.tolist() == [False, True, True]
    assert behind.low[1:].tolist() == [-np.inf, -np.inf]


def test_a_circle_is_named() -> None:
    found = comparison.multiple_comparisons_with_best(
        [1.0, -1.0, 1.0], [0.1] * 3, [0, 0, 1], [1, 2, 2], n_systems=3
    )
    assert found.may_be_best.all()
    assert "circle" in found.notes[0]


def test_a_pair_may_not_occur_twice() -> None:
    with pytest.raises(InputError, match="0 and 1 twice"):
        comparison.multiple_comparisons_with_best([1.0, 1.0], [0.1, 0.1], [0, 1], [1, 0], n_systems=2)
