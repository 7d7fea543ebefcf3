"""Equalised odds: rates by hand and their gaps."""

from __future__ import annotations

import numpy as np
import pytest

from concord.stats import InputError
from concord.stats.fairness import equalised_odds
from concord.stats.fairness._rate_gaps import Answers, gap_limits


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


@pytest.mark.parametrize("clustered", [False, True])
def test_each_gap_has_its_own_rates_limits(clustered: bool, rng: np.random.Generator) -> None:
    """Positives, negatives and all answers of three groups; the larger of the first two gaps is looked at together."""
    real, group = rng.integers(0, 2, 400), rng.integers(0, 3, 400)
    said = (rng.random(400) < 0.2 + 0.4 * real + 0.1 * group).astype(int)
    raters = rng.integers(0, 25, 400) if clustered else None
    found = equalised_odds(said, real, group, clusters=raters, confidence=0.9)

    def answers(part: np.ndarray) -> list[Answers]:
        return [
            Answers(
                said[part & (group == g)].astype(float),
                None if raters is None else raters[part & (group == g)],
            )
            for g in range(3)
        ]

    positive, negative, every = (answers(part) for part in (real == 1, real == 0, real >= 0))
    assert found.true_positive_interval == pytest.approx(gap_limits(positive, 0.9))
    assert found.false_positive_interval == pytest.approx(gap_limits(negative, 0.9))
    assert found.demographic_parity_interval == pytest.approx(gap_limits(every, 0.9))
    both = [gap_limits(family, 0.9, families=2) for family in (positive, negative)]
    assert found.difference_interval == pytest.approx(tuple(np.max(both, axis=0)))
    means = [[one.said.mean() for one in family] for family in (positive, negative, every)]
    gaps = [max(m) - min(m) for m in means]
    shown = (found.true_positive_gap, found.false_positive_gap, found.demographic_parity_gap)
    assert shown == pytest.approx(gaps)
    assert found.difference == pytest.approx(max(gaps[:2]))
    assert found.ratio == pytest.approx(min(min(m) / max(m) for m in means[:2]))
    for g, rates in enumerate(found.groups):
        assert (rates.group, rates.n) == (g, (group == g).sum())
        assert rates.true_positive_rate.value == pytest.approx(means[0][g])
        assert rates.false_positive_rate.value == pytest.approx(means[1][g])
        assert rates.positive_rate.value == pytest.approx(means[2][g])


def test_where_one_kind_of_answer_is_in_one_group_only_the_other_leads() -> None:
    """No negatives in group 1: false alarms cannot be compared, and rates of zero have no ratio."""
    found = equalised_odds([1, 0, 0, 0, 0, 0], [1, 1, 0, 0, 1, 1], [0, 0, 0, 0, 1, 1], minimum=1)
    assert found.difference == found.true_positive_gap == 0.5
    assert found.ratio == 0.0
    assert np.isnan([found.false_positive_gap, *found.false_positive_interval]).all()
    assert found.difference_interval == found.true_positive_interval
    none = equalised_odds([0, 0], [1, 1], [0, 1], minimum=1)
    assert np.isnan(none.ratio)
    assert none.difference == 0.0
    assert none.undefined is None
