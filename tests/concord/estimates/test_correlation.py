"""Coefficients of a machine's answers against people's, beside SciPy and by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from concord.estimates.correlation import correlations

REFERENCES = {"pearson": stats.pearsonr, "spearman": stats.spearmanr, "kendall": stats.kendalltau}


def noisy(n: int, seed: int, levels: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n)
    y = 0.6 * x + rng.normal(size=n)
    return (x, y) if levels is None else (np.round(x * levels / 4), np.round(y * levels / 4))


@pytest.mark.parametrize(("n", "levels"), [(12, None), (40, 3), (60, 6), (150, None)])
def test_the_three_coefficients_against_scipy(n: int, levels: int | None) -> None:
    people, machine = noisy(n, n, levels)
    found = correlations(people, machine, np.arange(n), confidence=0.9)
    assert list(found) == ["pearson", "spearman", "kendall"]
    for name, one in found.items():
        assert one.value == pytest.approx(REFERENCES[name](people, machine).statistic), name
        assert one.confidence == 0.9
        assert one.n == n
        assert one.low < one.value < one.high


def test_the_interval_is_about_fishers_where_each_example_has_one_row() -> None:
    people, machine = noisy(300, 1)
    found = correlations(people, machine, np.arange(300), confidence=0.95)["pearson"]
    reference = stats.pearsonr(people, machine).confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((reference.low, reference.high), abs=0.03)


def test_rows_of_one_example_are_one_observation() -> None:
    """Every example five times over: the interval is that of the examples, not of five times as many rows."""
    people, machine = noisy(40, 2)
    once = correlations(people, machine, np.arange(40), confidence=0.95)["pearson"]
    often = correlations(
        np.repeat(people, 5), np.repeat(machine, 5), np.repeat(np.arange(40), 5), confidence=0.95
    )["pearson"]
    assert often.value == pytest.approx(once.value)
    assert often.high - often.low == pytest.approx(once.high - once.low, rel=0.15)


def test_no_coefficient_where_one_side_does_not_vary() -> None:
    found = correlations(np.ones(20), np.arange(20.0), np.arange(20), confidence=0.95)
    assert all(math.isnan(one.value) for one in found.values())
