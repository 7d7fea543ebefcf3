"""Equivalence and non-inferiority against statsmodels and published margins."""

from __future__ import annotations

import numpy as np
import pytest
from statsmodels.stats.weightstats import ttost_paired

from concord.stats import InputError, comparison
from concord.stats.comparison import equivalence, non_inferiority


def test_equivalence_agrees_with_its_interval(rng: np.random.Generator) -> None:
    for _ in range(30):
        a = rng.normal(0.1, 1, size=40)
        b = a + rng.normal(0, 0.4, size=40)
        result = equivalence(a, b, margin=0.15)
        assert result.shown == (result.low > -0.15 and result.high < 0.15)
        assert result.confidence == 0.9
        worse = non_inferiority(a, b, margin=0.15)
        assert worse.shown == (worse.low > -0.15)
    assert equivalence([1.0, 1.0], [1.0, 1.0], margin=1.0).undefined
    with pytest.raises(InputError):
        equivalence([1.0], [1.0], margin=0.0)


# Student (1908), "The probable error of a mean": additional hours of sleep with two drugs.
SLEEP_1 = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
SLEEP_2 = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]


def test_equivalence_of_sleep_against_toster() -> None:
    """R: TOSTER::t_TOST(extra ~ group, sleep, paired = TRUE, eqb = .5): t(9) = -2.777, p = .989, 90 % -2.293 to -.867."""
    found = comparison.equivalence(SLEEP_1, SLEEP_2, margin=0.5)
    assert (found.statistic, found.p_value) == pytest.approx((-2.777, 0.989), abs=5e-4)
    assert (found.low, found.high) == pytest.approx((-2.293, -0.867), abs=5e-4)
    assert (found.shown, found.null) == (False, -0.5)
    assert comparison.equivalence(SLEEP_1, SLEEP_2, margin=2.5).shown
    assert comparison.equivalence(SLEEP_2, SLEEP_1, margin=2.5).null == 2.5
    for test in (comparison.non_inferiority, comparison.equivalence):
        for one, two in ((SLEEP_2, SLEEP_1), (SLEEP_1, SLEEP_2)):
            found = test(one, two, margin=2.5)
            assert (found.value - found.null) / found.standard_error == pytest.approx(found.statistic)


Rng = np.random.Generator
EXACT = {"rel": 1e-9, "abs": 1e-9}
SETS = range(200)


def test_equivalence_against_statsmodels(rng: Rng) -> None:
    for _ in SETS:
        n = int(rng.integers(3, 50))
        b = rng.normal(size=n)
        a = b + rng.normal(rng.normal(0, 0.3), 1, size=n)
        margin = rng.uniform(0.1, 1.5)
        p, lower, _ = ttost_paired(a, b, -margin, margin)
        gaps = np.append(a, np.nan), np.append(b, 1.0)
        assert comparison.equivalence(*gaps, margin=margin).p_value == pytest.approx(p, **EXACT)
        assert comparison.non_inferiority(*gaps, margin=margin).p_value == pytest.approx(lower[1], **EXACT)
