"""Leniency and noise of raters: simulated truth, groups that share no unit, and values without error."""

from __future__ import annotations

import numpy as np
import pytest

from concord.stats import aggregation
from concord.stats.aggregation import rater_bias

pytestmark = pytest.mark.filterwarnings("error")


def test_rater_bias_recovers_leniency_and_noise(rng: np.random.Generator) -> None:
    truth = rng.normal(3, 1, size=2000)
    bias, noise = np.array([-0.5, 0.0, 0.2, 0.3]), np.array([0.2, 0.5, 0.8, 1.1])
    y = truth[:, None] + bias + noise * rng.normal(size=(2000, 4))
    unit, rater = (index.ravel() for index in np.indices(y.shape))
    result = rater_bias(unit, rater, y.ravel())
    assert result.bias == pytest.approx(bias, abs=0.06)
    assert result.noise == pytest.approx(noise, abs=0.06)
    assert result.mean == pytest.approx(3, abs=0.1)
    assert np.diff(result.log_likelihood).min() > -1.0  # the prior on noise is not part of the likelihood
    weighted_error = np.abs(result.truth - truth).mean()
    assert weighted_error < np.abs(y.mean(axis=1) - truth).mean() / 1.5
    assert rater_bias([1, 1], [0, 1], [1, 2]).undefined
    assert rater_bias([1, 1, 2, 2], [0, 1, 0, 1], [1, 1, 1, 1]).undefined


def test_ratings_that_fit_without_error_have_biases_and_no_interval() -> None:
    """A chain of raters, each of whom shares one unit with the next: their levels follow, and nothing shows the noise."""
    rng = np.random.default_rng(0)
    truth, bias = rng.normal(size=30), rng.normal(size=29)
    unit = np.stack([np.arange(29), np.arange(1, 30)], 1).ravel()
    rater = np.repeat(np.arange(29), 2)
    values = truth[unit] + bias[rater]
    units, raters = np.append(unit, [3, 3, 3]), np.append(rater, [0, 9, 20])
    exact = rater_bias(units, raters, np.append(values, truth[3] + bias[[0, 9, 20]]))
    assert exact.bias == pytest.approx(bias - bias.mean(), abs=1e-9)
    assert np.isnan([exact.bias_low, exact.bias_high]).all()
    assert (exact.noise == 0).all()
    assert "without error" in exact.notes[-1]
    shared = np.isin(unit, exact.unit_codes)
    assert exact.truth - exact.truth.mean() == pytest.approx(
        truth[exact.unit_codes] - truth[exact.unit_codes].mean(), abs=1e-9
    )
    assert shared.any()
    as_many = rater_bias([0, 0, 1, 1, 2, 2], [0, 1, 1, 2, 2, 3], [1.0, 3, 2, 5, 4, 4.5])
    assert as_many.bias - as_many.bias[0] == pytest.approx([0, 2, 5, 5.5])
    assert np.isnan([*as_many.noise, *as_many.bias_low]).all()
    assert "as many as ratings" in as_many.notes[-1]


def test_raters_who_share_no_unit_are_compared_within_their_groups() -> None:
    """The second group's units lie 5 higher, which was called their raters' leniency, with a narrow interval."""
    rng = np.random.default_rng(1)
    units, raters = np.repeat(np.arange(40), 2), np.tile([7, 8], 40)
    raters[40:] += 10
    bias = {7: -0.2, 8: 0.2, 17: -0.5, 18: 0.5}
    values = (
        rng.normal(size=40)[units] + 5 * (units >= 20) + [bias[r] for r in raters] + rng.normal(0, 0.1, 80)
    )
    found = rater_bias(units, raters, values)
    assert found.groups == ((7, 8), (17, 18))
    assert found.bias == pytest.approx([bias[r] for r in found.rater_codes], abs=0.06)
    assert found.bias[:2].sum() == pytest.approx(0, abs=1e-12)
    assert found.truth[20:].mean() - found.truth[:20].mean() == pytest.approx(5, abs=1)
    assert "share no unit" in found.notes[0]
    first, second = (
        rater_bias(units[part], raters[part], values[part]) for part in (slice(40), slice(40, 80))
    )
    assert found.bias == pytest.approx([*first.bias, *second.bias], abs=0.01)
    whole = rater_bias([*units, 0], [*raters, 17], [*values, values[0]])
    assert whole.groups == ((7, 8, 17, 18),)


def test_the_objective_of_rater_bias_never_falls() -> None:
    for seed in range(60):
        rng = np.random.default_rng(seed)
        n = int(rng.integers(6, 50))
        unit, rater = rng.integers(0, 8, n), rng.integers(0, 4, n)
        result = rater_bias(unit, rater, rng.integers(0, 4, n) + unit * (seed % 2), max_iterations=300)
        if result.undefined is None and result.iterations:
            assert np.diff(result.log_likelihood).min(initial=0) >= -1e-9 * abs(result.log_likelihood[-1])


UNITS, RATERS, VALUES = [1, 1, 2, 2, 3, 3], [0, 1] * 3, [1, 1, 2, 2, 1, 2]


@pytest.mark.parametrize("scale", [1e-300, 1e130])
def test_rater_bias_has_no_scale(scale: float) -> None:
    small = aggregation.rater_bias(UNITS, RATERS, np.array(VALUES, dtype=float))
    scaled = aggregation.rater_bias(UNITS, RATERS, np.array(VALUES) * scale)
    assert scaled.bias / scale == pytest.approx(small.bias)


STEPS = np.array([0, 1, 1, 1, 0, 0, 2, 2, 1, 2, 0, 0])


def twelve(values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return np.repeat(np.arange(6), 2), np.tile([0, 1], 6), values


def test_rater_bias_does_not_mind_how_large_integers_are() -> None:
    near, far = (aggregation.rater_bias(*twelve(STEPS + start)) for start in (0, 2**60))
    assert far.bias == pytest.approx(near.bias, abs=1e-12)
    assert far.mean == pytest.approx(2.0**60)
