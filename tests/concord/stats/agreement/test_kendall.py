"""Kendall's W: textbook tables, Friedman's statistic, and ties."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from concord.stats import agreement, comparison
from concord.stats.agreement import kendall_w
from tests.concord.stats.agreement.tables import long_form

pytestmark = pytest.mark.filterwarnings("error")


def test_a_method_without_an_interval_has_no_confidence() -> None:
    found = agreement.kendall_w([1, 2, 3, 1, 2, 3], [0, 0, 0, 1, 1, 1], [1, 2, 3, 1, 3, 2])
    assert np.isnan(found.confidence)
    assert found.as_dict()["confidence"] is None
    assert np.isnan(comparison.permutation_test([1.0, 2, 3], [0.0, 1, 5]).confidence)


NAN = np.nan


def test_kendalls_w_with_ties() -> None:
    """Kendall (1948), Rank correlation methods, chapter 6: three rankings of ten objects with ties, W = .828."""
    ranks = np.array(
        [
            [1, 4.5, 2, 4.5, 3, 7.5, 6, 9, 7.5, 10],
            [2.5, 1, 2.5, 4.5, 4.5, 8, 9, 6.5, 10, 6.5],
            [2, 1, 4.5, 4.5, 4.5, 4.5, 8, 8, 8, 10],
        ]
    )
    result = kendall_w(*long_form(ranks))
    assert result.value == pytest.approx(0.828, abs=5e-4)
    assert result.statistic == pytest.approx(3 * 9 * result.value)


def test_kendalls_w_is_the_mean_spearman_and_friedman(rng: np.random.Generator) -> None:
    scores = rng.integers(0, 6, size=(5, 12)).astype(float)
    result = kendall_w(*long_form(scores))
    assert result.statistic == pytest.approx(stats.friedmanchisquare(*scores.T).statistic)
    untied = rng.permuted(np.tile(np.arange(12.0), (4, 1)), axis=1)
    pairs = [stats.spearmanr(untied[i], untied[j]).statistic for i in range(4) for j in range(i)]
    assert kendall_w(*long_form(untied)).mean_spearman == pytest.approx(np.mean(pairs))
    untied[0, 0] = NAN
    assert kendall_w(*long_form(untied)).omitted == {"missing values": 1, "units not rated by all": 1}
    assert kendall_w([1, 2], [0, 0], [1, 2]).undefined


def test_siegels_executives() -> None:
    """Siegel (1956), p. 231: three executives rank six applicants; W = .16."""
    ranks = [[1, 6, 3, 2, 5, 4], [1, 5, 6, 4, 2, 3], [6, 3, 2, 5, 4, 1]]
    result = kendall_w(*long_form(np.array(ranks)))
    assert result.value == pytest.approx(0.16, abs=5e-3)
    assert result.value == pytest.approx(25.5 / (9 * (6**3 - 6) / 12))


def coded(rows: list[str]) -> np.ndarray:
    return np.array([[NAN if c == "*" else float(c) for c in row] for row in rows])


# The data set `anxiety` of R's irr: three raters, twenty people.
ANXIETY = coded(["33345523522615221243", "36462424332333221334", "21443216111233113322"])


def test_concordance_of_anxiety_ratings() -> None:
    """irr prints Wt = .54, chi-squared(19) = 30.8, p = .0429; the digits are those of friedman.test in R."""
    result = kendall_w(*long_form(ANXIETY))
    assert result.value == pytest.approx(0.54, abs=5e-3)
    assert (result.statistic, result.p_value) == pytest.approx((30.76044193, 0.0428834731), abs=1e-8)


def test_kendalls_w_with_ties_against_friedmans_statistic(rng: np.random.Generator) -> None:
    for _ in range(200):
        scores = rng.integers(
            0, int(rng.integers(2, 9)), size=(int(rng.integers(3, 7)), int(rng.integers(3, 15)))
        )
        result = kendall_w(*long_form(scores.astype(float)))
        if result.defined:
            expected = stats.friedmanchisquare(*scores.T)
            assert result.statistic == pytest.approx(expected.statistic, abs=1e-9)
            assert result.p_value == pytest.approx(expected.pvalue, abs=1e-9)
