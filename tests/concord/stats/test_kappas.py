"""Cohen's kappa and percent agreement against published tables and statsmodels."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from concord.stats import InputError
from concord.stats.agreement import cohen_kappa, percent_agreement


def from_table(table: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Two raters whose joint counts are the table."""
    row, column = (
        np.repeat(index.ravel(), np.asarray(table).ravel()) for index in np.indices(np.shape(table))
    )
    n = len(row)
    return np.tile(np.arange(n), 2), np.repeat([0, 1], n), np.concatenate([row, column])


def test_cohens_published_weighted_kappa() -> None:
    """Cohen (1968), table 1: 200 patients in three diagnoses; disagreement weights 0 1 3 / 1 0 6 / 3 6 0."""
    table = [[88, 14, 18], [10, 40, 10], [2, 6, 12]]
    disagreement = np.array([[0, 1, 3], [1, 0, 6], [3, 6, 0]])
    result = cohen_kappa(*from_table(np.array(table)), weights=1 - disagreement / 6)
    assert result.value == pytest.approx(0.348, abs=1e-3)
    assert cohen_kappa(*from_table(np.array(table))).value == pytest.approx(0.492, abs=1e-3)


def test_cohen_kappa_refuses_three_raters_and_answers_nothing_on_one_category() -> None:
    with pytest.raises(InputError, match="two raters"):
        cohen_kappa([1, 1, 1], [0, 1, 2], [1, 1, 2])
    with pytest.raises(InputError, match="anonymous"):
        cohen_kappa([1, 1], [0, -1], [1, 1])
    assert "one category" in str(cohen_kappa([1, 1, 2, 2], [0, 1, 0, 1], [5, 5, 5, 5]).undefined)


def test_percent_agreement_by_hand() -> None:
    units, raters, values = [1, 1, 1, 2, 2, 3], [0, 1, 2, 0, 1, 0], [1, 1, 2, 4, 4, 9]
    by_unit = percent_agreement(units, raters, values)
    assert by_unit.value == pytest.approx((1 / 3 + 1) / 2)
    assert by_unit.n == 2
    assert by_unit.omitted == {"units with one rating": 1}
    assert percent_agreement(units, raters, values, weighting="pairs").value == pytest.approx(4 / 8)
    perfect = percent_agreement([1, 1, 2, 2], [0, 1, 0, 1], [1, 1, 2, 2])
    assert perfect.value == 1.0
    assert perfect.low == pytest.approx(2 / (2 + 1.959964**2), abs=1e-6)


def test_cohens_interval_is_that_of_fishers_z() -> None:
    result = cohen_kappa(*from_table(np.array([[75, 1, 4], [5, 4, 1], [0, 0, 10]])))
    z = stats.t.ppf(0.975, 99) * result.standard_error / (1 - result.value**2)
    expected = np.tanh(np.arctanh(result.value) + np.array([-z, z]))
    assert [result.low, result.high] == pytest.approx(expected)
    assert result.value - result.low > result.high - result.value  # it leans away from 1


def test_cohens_interval_reaches_neither_1_nor_minus_1() -> None:
    alike = cohen_kappa([*range(8)] * 2, [0] * 8 + [1] * 8, [0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0, 1, 1, 1, 0])
    apart = cohen_kappa([*range(8)] * 2, [0] * 8 + [1] * 8, [0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 1])
    assert -1 < alike.low < alike.high < 1
    assert -1 < apart.low < apart.high < 1


def test_weights_that_lead_below_minus_1_keep_a_symmetric_interval() -> None:
    weights = np.ones((6, 6))
    weights[[0, 1, 2, 3, 4, 5], [3, 4, 5, 0, 1, 2]] = 0
    first, second = [0, 1, 2, 0, 1, 2, 0, 1], [3, 4, 5, 3, 4, 5, 3, 5]
    result = cohen_kappa(
        [*range(8)] * 2, [0] * 8 + [1] * 8, first + second, weights=weights, categories=[*range(6)]
    )
    assert result.value < -1
    assert result.value - result.low == pytest.approx(result.high - result.value)


def test_more_categories_than_tables_can_hold_are_refused() -> None:
    units, raters = np.repeat(np.arange(2001), 2), np.tile([0, 1], 2001)
    assert cohen_kappa(units[:4000], raters[:4000], units[:4000]).value == 1.0
    with pytest.raises(InputError, match="at most 2,000 categories, got 2,001"):
        cohen_kappa(units, raters, units)
