"""Fairness against published tables: COMPAS as ProPublica counted it, and verbal aggression as difR tests its items."""

from __future__ import annotations

import numpy as np
import pytest

from concord.stats.fairness import equalised_odds, logistic_dif, mantel_haenszel_dif

# Larson et al. (2016), "How we analyzed the COMPAS recidivism algorithm": low or high score, by what happened in two years.
COMPAS = {  # (high, came back): black defendants, white defendants
    (0, 0): (990, 1139),
    (0, 1): (532, 461),
    (1, 0): (805, 349),
    (1, 1): (1369, 505),
}
# De Boeck (2008), 316 people and 24 items: item S2WantShout by total score 0 to 24,
# (men yes, men no, women yes, women no).
WANT_SHOUT = [
    (0, 0, 0, 4), (0, 1, 0, 3), (0, 1, 1, 8), (0, 0, 1, 6), (0, 3, 3, 12), (1, 3, 2, 7), (0, 2, 1, 8), (1, 2, 6, 8),
    (2, 5, 4, 10), (1, 4, 7, 8), (0, 3, 7, 9), (0, 2, 7, 6), (1, 3, 9, 6), (3, 3, 4, 5), (0, 5, 16, 4), (3, 2, 12, 6),
    (5, 2, 7, 2), (3, 0, 5, 1), (1, 2, 8, 1), (2, 0, 8, 0), (0, 1, 5, 0), (3, 0, 6, 0), (0, 0, 5, 0), (2, 0, 1, 0),
    (1, 0, 4, 0),
]  # fmt: skip


def test_errors_of_compas_against_propublica() -> None:
    """False positives 44.9 and 23.5 %, false negatives 28.0 and 47.7 %, high scores 58.8 and 34.8 %."""
    rows = [
        (high, back, group)
        for (high, back), times in COMPAS.items()
        for group in (0, 1)
        for _ in range(times[group])
    ]
    high, back, group = np.array(rows).T
    found = equalised_odds(high, back, group)
    false_positive = [100 * rates.false_positive_rate.value for rates in found.groups]
    false_negative = [100 * (1 - rates.true_positive_rate.value) for rates in found.groups]
    assert false_positive == pytest.approx([44.85, 23.45], abs=5e-3)
    assert false_negative == pytest.approx([27.99, 47.72], abs=5e-3)
    assert [rates.n for rates in found.groups] == [3696, 2454]
    assert found.difference == pytest.approx(0.4485 - 0.2345, abs=1e-4)
    assert 0.17 < found.difference_interval[0] < found.difference < found.difference_interval[1] < 0.25
    assert found.ratio == pytest.approx(0.2345 / 0.4485, abs=2e-4)


def test_wanting_to_shout_against_difr() -> None:
    """difMH: 9.6032, p = .0019, odds ratio .3472, effect 2.486, large; R: mantelhaen.test, glm(epsilon = 1e-15)."""
    rows = [
        (yes, man, level)
        for level, counts in enumerate(WANT_SHOUT)
        for (man, yes), times in zip([(1, 1), (1, 0), (0, 1), (0, 0)], counts, strict=True)
        for _ in range(times)
    ]
    yes, man, level = np.array(rows).T
    assert len(yes) == 316
    found = mantel_haenszel_dif(yes, man, level, continuity=True)
    assert found.value == pytest.approx(0.34717605904271, abs=1e-12)
    assert (found.low, found.high) == pytest.approx((0.17927332242677, 0.67233213698965), abs=1e-12)
    assert (found.statistic, found.p_value) == pytest.approx((9.60320864404615, 0.00194237667553), abs=1e-12)
    assert (found.delta, found.ets_class) == (pytest.approx(2.486, abs=5e-4), "C")
    fitted = logistic_dif(yes, man, level)
    assert fitted.log_odds == pytest.approx(-1.0901544131964, abs=1e-10)
    assert fitted.high - fitted.log_odds == pytest.approx(1.959963984540 * 0.3336372730683, abs=1e-9)
    p_values = fitted.uniform_p, fitted.non_uniform_p, fitted.both_p
    assert p_values == pytest.approx((0.000773773884245, 0.742450663011261, 0.003327456750333), abs=1e-9)
