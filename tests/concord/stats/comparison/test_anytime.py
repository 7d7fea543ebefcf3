"""Confidence sequences and e-values hold however often one looks."""

from __future__ import annotations

import numpy as np
import pytest

from concord.stats import InputError, comparison
from concord.stats.comparison import confidence_sequence, e_value


def test_confidence_sequences_hold_at_all_times_and_e_values_stay_small(rng: np.random.Generator) -> None:
    missed = rejected = 0
    for _ in range(200):
        x = (rng.random(400) < 0.3).astype(float)
        found = confidence_sequence(x)
        missed += not ((found.lows <= 0.3) & (found.highs >= 0.3)).all()
        rejected += e_value(x, null=0.3).p_value <= 0.05
    assert missed <= 16
    assert rejected <= 16
    x = (rng.random(2000) < 0.6).astype(float)
    assert e_value(x, null=0.5).value > 1e3
    narrow = confidence_sequence(x)
    assert narrow.high - narrow.low < 0.12
    assert confidence_sequence([]).undefined
    with pytest.raises(InputError):
        confidence_sequence([1.5])


def test_confidence_sequences_and_evidence_against_simulation(rng: np.random.Generator) -> None:
    """No look of 1,000 misses the mean in more than 1 of 20 runs, and stopped evidence is worth 1 on average at most."""
    missed, stopped = 0, []
    for _ in range(400):
        x = rng.beta(0.6, 1.4, size=1000)
        found = comparison.confidence_sequence(x)
        missed += not ((found.lows <= 0.3) & (found.highs >= 0.3)).all()
        over_time = comparison.e_value(x, null=0.3).values
        reached = np.flatnonzero(over_time >= 5)  # a greedy reader stops at five, else at the end
        stopped.append(over_time[reached[0]] if len(reached) else over_time[-1])
    assert missed <= 30
    assert np.mean(stopped) <= 1 + 3 * np.std(stopped) / 20
