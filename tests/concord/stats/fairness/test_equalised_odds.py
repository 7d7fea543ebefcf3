"""Equalised odds: rates by hand and their gaps."""

from __future__ import annotations

import numpy as np
import pytest

from concord.stats import InputError
from concord.stats.fairness import equalised_odds


def test_equalised_odds_by_hand() -> None:
    actual = np.tile([1, 1, 0, 0], 20)
    predicted = np.where(np.arange(80) < 40, actual, np.tile([1, 0, 1, 0], 20))
    result = equalised_odds(predicted, actual, np.repeat([0, 1], 40))
    assert (result.true_positive_gap, result.false_positive_gap, result.difference) == (0.5, 0.5, 0.5)
    assert result.demographic_parity_gap == 0.0
    assert equalised_odds([1], [1], [0]).undefined
    with pytest.raises(InputError):
        equalised_odds([2], [1], [0])


# Larson et al. (2016), "How we analyzed the COMPAS recidivism algorithm": low or high score, by what happened in two years.
COMPAS = {  # (high, came back): black defendants, white defendants
    (0, 0): (990, 1139),
    (0, 1): (532, 461),
    (1, 0): (805, 349),
    (1, 1): (1369, 505),
}


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
