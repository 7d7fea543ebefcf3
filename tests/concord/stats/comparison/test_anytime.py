"""Confidence sequences and e-values hold however often one looks."""

from __future__ import annotations

import math

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


def _by_definition(x: list[float], alpha: float) -> list[tuple[float, float]]:
    """Waudby-Smith & Ramdas (2024), theorem 2 with equation (14), one value after the other, not yet intersected."""
    total = weighted = spread = sum_x = 0.0
    before, variance, squares, ends = 0.5, 0.25, 0.0, []
    for t, value in enumerate(x, start=1):
        bet = min(math.sqrt(2 * math.log(2 / alpha) / (variance * t * math.log(1 + t))), 0.5)
        # psi_E(bet) is a quarter of this, times v = 4 (x - mean before)**2.
        spread += (value - before) ** 2 * (-math.log(1 - bet) - bet)
        total, weighted = total + bet, weighted + bet * value
        half = (math.log(2 / alpha) + spread) / total
        ends.append((weighted / total - half, weighted / total + half))
        sum_x += value
        before = (0.5 + sum_x) / (t + 1)
        squares += (value - before) ** 2
        variance = (0.25 + squares) / (t + 1)
    return ends


@pytest.mark.parametrize("confidence", [0.95, 0.8])
def test_a_confidence_sequence_against_the_papers_definition(
    confidence: float, rng: np.random.Generator
) -> None:
    x = rng.beta(2, 1, size=60)
    low, high, ends = 0.0, 1.0, []
    for one, other in _by_definition(x.tolist(), 1 - confidence):
        low, high = max(low, one), min(high, other)
        ends.append((low, high))
    # On another scale, from -2 to 3, with one value missing.
    found = confidence_sequence([*(5 * x - 2), np.nan], lower=-2.0, upper=3.0, confidence=confidence)
    assert found.lows == pytest.approx(np.array([5 * one - 2 for one, _ in ends]))
    assert found.highs == pytest.approx(np.array([5 * other - 2 for _, other in ends]))
    assert (found.low, found.high) == (found.lows[-1], found.highs[-1])
    assert found.value == pytest.approx(5 * x.mean() - 2)
    assert (found.n, found.confidence, found.notes) == (60, confidence, ())
    assert found.omitted == {"missing values": 1}
    assert found.method == "empirical Bernstein confidence sequence"


def test_values_that_drift_leave_no_interval_from_there_on() -> None:
    """First all 0, then all 1: the first value at which the interval is empty is named, counted from 1."""
    x = [0.0] * 100 + [1.0] * 400
    ends = _by_definition(x, 0.05)
    lows, highs = np.maximum.accumulate([e[0] for e in ends]), np.minimum.accumulate([e[1] for e in ends])
    first = int(np.flatnonzero(np.maximum(lows, 0) > np.minimum(highs, 1))[0]) + 1
    found = confidence_sequence(x)
    assert found.notes == (
        f"from value {first} on no single mean agrees with all that came: the values drift, and there is no interval.",
    )
    assert np.isnan([found.low, found.high]).all()
    assert np.isfinite(found.lows[: first - 1]).all()
    assert np.isnan(found.lows[first - 1 :]).all()


@pytest.mark.parametrize("null", [0.5, 0.2, 0.9])
def test_evidence_is_the_mean_wealth_of_two_gamblers(null: float, rng: np.random.Generator) -> None:
    """One bets that the mean is higher, one that it is lower; each stakes at most 3 / 4 of what it could lose."""
    x = rng.beta(3, 2, size=40)
    before_variance, up, down, wealth, sum_x, squares = 0.25, 1.0, 1.0, [], 0.0, 0.0
    for t, value in enumerate(x, start=1):
        bet = math.sqrt(2 * math.log(2 / 0.05) / (before_variance * t * math.log(1 + t)))
        up *= 1 + min(bet, 0.75 / null) * (value - null)
        down *= 1 - min(bet, 0.75 / (1 - null)) * (value - null)
        wealth.append((up + down) / 2)
        sum_x += value
        squares += (value - (0.5 + sum_x) / (t + 1)) ** 2
        before_variance = (0.25 + squares) / (t + 1)
    found = e_value([*(10 * x), np.nan], null=10 * null, upper=10.0)
    assert found.values == pytest.approx(np.array(wealth))
    assert found.value == found.values[-1]
    assert found.p_value == pytest.approx(min(1.0, 1 / max(wealth)))
    assert (found.n, found.null, found.omitted) == (40, 10 * null, {"missing values": 1})


def test_what_no_bounded_value_can_be_is_refused() -> None:
    with pytest.raises(InputError, match=r"values must lie between lower = 1 and upper = 5, got 0\.5"):
        confidence_sequence([3.0, 0.5, 9.0], lower=1.0, upper=5.0)
    assert confidence_sequence([1.0, 5.0], lower=1.0, upper=5.0).n == 2
    for null in (1.0, 5.0, 0.0):
        with pytest.raises(InputError, match="null must lie between 1 and 5"):
            e_value([3.0], null=null, lower=1.0, upper=5.0)
    with pytest.raises(InputError, match="lower bound must lie below"):
        e_value([3.0], null=3.0, lower=3.0, upper=3.0)
    none = e_value([np.nan], null=0.5)
    assert (none.n, none.undefined, none.omitted) == (0, "there are no values", {"missing values": 1})
    assert math.isnan(none.value)
    assert math.isnan(none.p_value)
    assert len(confidence_sequence([]).lows) == len(confidence_sequence([]).highs) == 0
    assert e_value([1.0] * 5000, null=0.5).value == pytest.approx(math.exp(700))  # no number is larger
