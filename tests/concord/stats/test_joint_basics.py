"""Prediction-powered means and Rogan-Gladen against formulas, ppi-python and simulation."""

from __future__ import annotations

import numpy as np
import ppi_py as ppi
import pytest

from concord.stats import InputError
from concord.stats.comparison import mean
from concord.stats.joint import prediction_powered_mean, rogan_gladen


def sample(rng: np.random.Generator, n: int, rest: int, noise: float = 0.5) -> tuple[np.ndarray, ...]:
    truth = rng.normal(size=n + rest)
    machine = truth + 0.7 + noise * rng.normal(size=n + rest)
    return truth[:n], machine[:n], machine[n:], truth


def test_prediction_powered_mean_by_the_formula(rng: np.random.Generator) -> None:
    y, f, rest, _ = sample(rng, 500, 5000)
    result = prediction_powered_mean(y, f, rest, small_sample=False)
    pooled = np.concatenate([f, rest]).var(ddof=1)
    lam = np.mean((y - y.mean()) * (f - f.mean())) / ((1 + 500 / 5000) * pooled)
    value = lam * rest.mean() + (y - lam * f).mean()
    error = np.sqrt((y - lam * f).var() / 500 + lam**2 * rest.var() / 5000)
    assert result.lam == pytest.approx(lam, abs=1e-12)
    assert result.value == pytest.approx(value, abs=1e-12)
    assert (result.low, result.high) == pytest.approx(
        (value - 1.959963984540054 * error, value + 1.959963984540054 * error), abs=1e-12
    )


def test_against_ppi_python(rng: np.random.Generator) -> None:
    for _ in range(100):
        y, f, rest, _ = sample(
            rng, int(rng.integers(5, 300)), int(rng.integers(20, 3000)), rng.uniform(0.1, 3)
        )
        low, high = ppi.ppi_mean_ci(y, f, rest, alpha=0.1)
        result = prediction_powered_mean(y, f, rest, confidence=0.9, small_sample=False)
        assert (result.low, result.high) == pytest.approx((float(low[0]), float(high[0])), abs=1e-9)


def test_weight_zero_is_the_mean_of_the_labels(rng: np.random.Generator) -> None:
    y, f, rest, _ = sample(rng, 40, 400)
    result = prediction_powered_mean(y, f, rest, lam=0.0)
    plain = mean(y)
    assert (result.value, result.low, result.high) == pytest.approx((plain.value, plain.low, plain.high))
    assert result.effective_n == pytest.approx(40)


def test_a_constant_machine_neither_helps_nor_harms(rng: np.random.Generator) -> None:
    y = rng.normal(size=30)
    result = prediction_powered_mean(y, np.full(30, 7.0), np.full(1000, 7.0))
    assert result.lam == 0.0
    assert result.value == pytest.approx(y.mean())


def test_a_good_machine_is_worth_many_labels(rng: np.random.Generator) -> None:
    y, f, rest, _ = sample(rng, 300, 30000, noise=0.2)
    result = prediction_powered_mean(y, f, rest)
    assert result.effective_n > 10 * 300
    assert result.machine_only - result.value == pytest.approx(0.7, abs=0.05)
    assert result.low < 0.05
    assert result.high > -0.05


def test_propensities_undo_a_biased_choice(rng: np.random.Generator) -> None:
    values = []
    for _ in range(60):
        truth = rng.normal(size=4000)
        machine = truth**2 + rng.normal(size=4000)
        chance = np.where(truth > 0, 0.2, 0.04)
        chosen = rng.random(4000) < chance
        result = prediction_powered_mean(
            truth[chosen], machine[chosen], machine[~chosen], propensities=chance[chosen]
        )
        values.append(result.value)
    assert np.mean(values) == pytest.approx(0.0, abs=0.03)


def test_edges() -> None:
    assert prediction_powered_mean([], [], [1.0]).undefined
    alone = prediction_powered_mean([1.0, 2.0, 3.0], [1, 2, 3], [])
    assert alone.value == 2.0
    assert alone.notes
    assert np.isnan(prediction_powered_mean([1.0], [1.0], [1.0, 2.0]).low)
    with pytest.raises(InputError):
        prediction_powered_mean([1.0], [1.0], [1.0], lam=2.0)
    with pytest.raises(InputError):
        prediction_powered_mean([1.0], [1.0], [1.0], propensities=[0.0])


def test_rogan_gladen_by_hand_and_edges() -> None:
    result = rogan_gladen(270, 1000, sensitivity=(90, 100), specificity=(85, 100))
    assert result.value == pytest.approx((0.27 + 0.85 - 1) / (0.9 + 0.85 - 1))
    assert 0 <= result.low < result.value < result.high <= 1
    assert rogan_gladen(5, 10, sensitivity=(5, 10), specificity=(5, 10)).undefined
    assert rogan_gladen(5, 10, sensitivity=(0, 0), specificity=(5, 10)).undefined
    cut = rogan_gladen(0, 100, sensitivity=(90, 100), specificity=(90, 100))
    assert cut.value == 0.0
    assert cut.notes
    perfect = rogan_gladen(30, 100, sensitivity=(10_000, 10_000), specificity=(10_000, 10_000))
    assert (perfect.low, perfect.high) == pytest.approx((0.219, 0.396), abs=3e-3)
    with pytest.raises(InputError):
        rogan_gladen(11, 10, sensitivity=(1, 2), specificity=(1, 2))
