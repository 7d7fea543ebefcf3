"""Leniency and noise of raters: simulated truth, groups that share no unit, and values without error."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from concord.stats import InputError, aggregation
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


def uneven() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Four raters, who each saw some of twelve units, and one of whom is noisier than the others."""
    rng = np.random.default_rng(5)
    seen = rng.random((12, 4)) < 0.75
    seen[seen.sum(axis=1) < 2] = True  # a single rating of a unit says nothing
    unit, rater = np.nonzero(seen)
    noise = np.array([0.3, 0.4, 0.5, 1.0])
    return (
        unit,
        rater,
        rng.normal(size=12)[unit] + 0.4 * rater + noise[rater] * rng.normal(size=len(unit)) + 7,
    )


def objective(y: np.ndarray, unit: np.ndarray, rater: np.ndarray, at: np.ndarray, pooled: float) -> float:
    """Return the log-likelihood of the normal model, as one density, with the weak prior on every rater's variance."""
    bias, variance, mean, spread = at[:4], np.exp(at[4:8]), at[8], np.exp(at[9])
    same = unit[:, None] == unit[None, :]
    found = stats.multivariate_normal.logpdf(y, mean + bias[rater], np.diag(variance[rater]) + spread * same)
    return float(found - 0.5 * (np.log(variance) + pooled / variance).sum())


def test_the_fit_is_where_the_density_of_all_ratings_is_highest() -> None:
    unit, rater, values = uneven()
    found = rater_bias(unit, rater, values, tolerance=1e-10)
    scale = values.std()
    y = (values - values.mean()) / scale
    design = np.hstack([np.eye(12)[unit], np.eye(4)[rater]])
    left = y - design @ np.linalg.lstsq(design, y, rcond=None)[0]
    pooled = float(left @ left) / (len(y) - 15)
    at = np.concatenate(
        [
            found.bias / scale,
            2 * np.log(found.noise / scale),
            [(found.mean - values.mean()) / scale, 2 * math.log(found.spread / scale)],
        ]
    )
    best = objective(y, unit, rater, at, pooled)
    assert found.converged
    assert found.log_likelihood[-1] == pytest.approx(best, rel=1e-9)
    for place in range(10):
        for step in (-0.01, 0.01):
            moved = at.copy()
            moved[place] += step
            assert objective(y, unit, rater, moved, pooled) < best - 1e-7


def test_levels_of_units_are_best_linear_predictions() -> None:
    """Henderson's: the covariance of a unit's truth with the ratings, times the inverse of theirs."""
    unit, rater, values = uneven()
    found = rater_bias(unit, rater, values)
    same = unit[:, None] == unit[None, :]
    whole = np.diag(found.noise[rater] ** 2) + found.spread**2 * same
    with_truth = found.spread**2 * (np.arange(12)[:, None] == unit)
    residual = values - found.mean - found.bias[rater]
    assert found.truth == pytest.approx(found.mean + with_truth @ np.linalg.solve(whole, residual))
    error = found.spread**2 - np.einsum("ui,iu->u", with_truth, np.linalg.solve(whole, with_truth.T))
    assert found.truth_error == pytest.approx(np.sqrt(error))


def test_intervals_of_biases_by_the_information_written_out() -> None:
    """Generalised least squares of the raters' levels, less their mean, with noise unbiased for a rater's own level."""
    unit, rater, values = uneven()
    found = rater_bias(unit, rater, values, confidence=0.9)
    n = np.bincount(rater)
    variance = found.noise**2 * n / (n - 1)
    whole = np.diag(variance[rater]) + found.spread**2 * (unit[:, None] == unit[None, :])
    design = np.eye(4)[rater]
    covariance = np.linalg.inv(design.T @ np.linalg.solve(whole, design))
    centre = np.eye(4) - 0.25
    error = np.sqrt(np.diag(centre @ covariance @ centre))
    assert (found.bias_high - found.bias_low) / 2 == pytest.approx(stats.t.isf(0.05, n - 1) * error)
    assert (found.bias_high + found.bias_low) / 2 == pytest.approx(found.bias)
    assert found.n_ratings.tolist() == n.tolist()
    assert found.n == len(values)


def test_biases_of_two_groups_have_the_errors_of_each_alone() -> None:
    unit, rater, values = uneven()
    apart = rater_bias([*unit, *(unit + 50)], [*rater, *(rater + 9)], [*values, *(values + 3)])
    width = apart.bias_high - apart.bias_low
    assert width[:4] == pytest.approx(width[4:])
    assert apart.bias[:4] == pytest.approx(apart.bias[4:], abs=1e-6)
    alone = rater_bias(unit, rater, values)
    assert width[:4] == pytest.approx(alone.bias_high - alone.bias_low, rel=0.02)
    assert apart.notes[0].startswith("2 groups of raters share no unit")


def test_a_fit_that_was_cut_short_says_so() -> None:
    unit, rater, values = uneven()
    cut = rater_bias(unit, rater, values, max_iterations=3)
    assert (cut.converged, cut.iterations, len(cut.log_likelihood)) == (False, 3, 3)
    assert cut.notes == ("the iterations had not settled after 3 steps.",)
    with pytest.raises(InputError, match="anonymous"):
        rater_bias([1, 1, 2, 2], [0, -1, 0, 1], [1, 2, 3, 4])
    with pytest.raises(InputError, match="max_iterations must be at least 1"):
        rater_bias(unit, rater, values, max_iterations=0)


def test_what_is_not_to_be_had_has_a_place_for_each_unit_and_rater() -> None:
    flat = rater_bias([1, 1, 2, 2], [0, 1, 0, 1], [3, 3, 3, 3])
    assert flat.undefined == "the ratings do not vary"
    assert (len(flat.truth), len(flat.bias), flat.n, flat.iterations) == (2, 2, 4, 0)
    assert flat.groups == ((0, 1),)
    assert flat.n_ratings.tolist() == [2, 2]
    one = rater_bias([1, 1, 2], [0, 1, 0], [3, 4, 5])
    assert one.undefined == "at least two raters and two units with two ratings are needed"


def test_levels_without_error_are_told_in_the_scale_of_the_ratings() -> None:
    exact = rater_bias([0, 0, 1, 1, 2, 2], [0, 1] * 3, [1.0, 2, 3, 4, 8, 9])
    assert exact.bias == pytest.approx([-0.5, 0.5])
    assert exact.truth == pytest.approx([1.5, 3.5, 8.5])
    assert exact.mean == pytest.approx(4.5)
    assert exact.spread == pytest.approx(np.std([1.5, 3.5, 8.5]))
    assert exact.noise.tolist() == [0.0, 0.0]
    assert (exact.converged, exact.iterations, exact.n_ratings.tolist()) == (True, 0, [3, 3])
