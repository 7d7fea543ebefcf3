"""Prediction-powered differences and win rates."""

from __future__ import annotations

import numpy as np
import pytest

from concord.stats import InputError
from concord.stats.joint import (
    prediction_powered_difference,
    prediction_powered_mean,
    prediction_powered_win_rate,
)

pytestmark = pytest.mark.filterwarnings("error")


def test_differences_of_right_and_wrong_stay_in_range() -> None:
    a, b = [1.0] * 6, [0.0] * 6
    result = prediction_powered_difference(a, b, a, b, a * 9, b * 9)
    assert result.value == 1.0
    assert result.high == 1.0
    assert 0.1 < result.low < 0.6


def test_difference_is_the_mean_of_differences(rng: np.random.Generator) -> None:
    y, f = rng.normal(size=(2, 80)), rng.normal(size=(2, 80))
    g = rng.normal(size=(2, 900))
    direct = prediction_powered_mean(y[0] - y[1], f[0] - f[1], g[0] - g[1])
    result = prediction_powered_difference(*y, *f, *g)
    assert (result.value, result.low, result.high) == pytest.approx((direct.value, direct.low, direct.high))


def test_win_rate_is_tested_against_one_half(rng: np.random.Generator) -> None:
    votes = rng.choice([0, 0.5, 1], p=[0.3, 0.1, 0.6], size=2000)
    judge = np.where(rng.random(2000) < 0.8, votes, rng.choice([0, 0.5, 1], size=2000))
    result = prediction_powered_win_rate(votes[:200], judge[:200], judge[200:])
    assert result.value == pytest.approx(0.65, abs=0.06)
    assert result.null == 0.5
    assert result.p_value < 0.01
    with pytest.raises(InputError):
        prediction_powered_win_rate([2.0], [1.0], [1.0])


def test_verdicts_beyond_0_and_1_leave_the_range_of_a_difference_open(rng: np.random.Generator) -> None:
    """Right or wrong told by a score of 0 to 3: the same as a mean of differences of whatever kind; not so of chances."""
    truth = (rng.random((2, 90)) < [[0.8], [0.6]]).astype(float)
    machine = np.clip(truth + rng.normal(0, 0.4, truth.shape), 0, 1)

    def both(scale: float) -> tuple:
        f = machine * scale
        gap = prediction_powered_difference(*truth[:, :30], *f[:, :30], *f[:, 30:])
        plain = prediction_powered_mean(*(x[0] - x[1] for x in (truth[:, :30], f[:, :30], f[:, 30:])))
        return gap, plain

    free, plain = both(3.0)
    assert (free.low, free.high, free.p_value) == pytest.approx((plain.low, plain.high, plain.p_value))
    held, plain = both(1.0)
    assert held.standard_error > plain.standard_error  # what few labels do not show is added
