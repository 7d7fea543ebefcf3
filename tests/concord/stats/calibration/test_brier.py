"""The Brier score and its parts: by hand, scikit-learn, and intervals."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from concord.stats import InputError
from concord.stats.calibration import brier, isotonic, reliability_bins
from tests.concord.stats.calibration.forecasts import forecasts


def test_brier_parts_against_the_definition_by_hand(rng: np.random.Generator) -> None:
    """Murphy (1973): the three sums over distinct probabilities; missing pairs are dropped and counted."""
    for _ in range(200):
        p, y = forecasts(rng, int(rng.integers(2, 80)), missing=True)
        known = ~(np.isnan(p) | np.isnan(y))
        result = brier(p, y, n_bins="distinct")
        q, z = p[known], y[known]
        if not len(q):
            assert result.undefined
            continue
        groups = [(q == v) for v in np.unique(q)]
        reliability = sum(g.sum() * (q[g][0] - z[g].mean()) ** 2 for g in groups) / len(q)
        resolution = sum(g.sum() * (z[g].mean() - z.mean()) ** 2 for g in groups) / len(q)
        assert result.value == pytest.approx(np.mean((q - z) ** 2), abs=1e-12)
        assert (result.reliability, result.resolution) == pytest.approx((reliability, resolution), abs=1e-12)
        assert result.uncertainty == pytest.approx(z.mean() * (1 - z.mean()), abs=1e-12)
        assert result.omitted == ({"incomplete pairs": int((~known).sum())} if (~known).any() else {})


def test_brier_parts_of_probabilities_that_hardly_repeat(rng: np.random.Generator) -> None:
    """A bin for each would say that nothing is reliable: 15 are taken, and a note says so."""
    p = rng.random(1500)
    y = (rng.random(1500) < p).astype(float)
    found, binned, alone = brier(p, y), brier(p, y, n_bins=15), brier(p, y, n_bins="distinct")
    assert (found.reliability, found.resolution, found.n_bins) == (binned.reliability, binned.resolution, 15)
    assert found.reliability < 0.01 < alone.reliability == pytest.approx(alone.value)
    assert found.notes[0].startswith("1,500 of 1,500 probabilities are distinct")
    assert (binned.notes, alone.notes) == ((), ())
    stepwise = brier(np.round(p, 2), y)
    assert (stepwise.n_bins, stepwise.notes) == (len(np.unique(np.round(p, 2))), ())
    assert stepwise.within_bins == pytest.approx(0, abs=1e-12)
    with pytest.raises(InputError, match="n_bins must be one of distinct"):
        brier(p, y, n_bins="auto")


def test_scikit_learn_gives_the_same(rng: np.random.Generator) -> None:
    """scikit-learn comes with the demonstration, not with the tests, so this one may be left out."""
    reason = "scikit-learn is not installed with the tests"
    metrics = pytest.importorskip("sklearn.metrics", reason=reason)
    peers = pytest.importorskip("sklearn.isotonic", reason=reason)
    curves = pytest.importorskip("sklearn.calibration", reason=reason)
    for _ in range(200):
        n = int(rng.integers(10, 200))
        p, y = forecasts(rng, n)
        y[:2] = 0, 1
        assert brier(p, y).value == pytest.approx(metrics.brier_score_loss(y, p), abs=1e-12)
        fitted = peers.IsotonicRegression(out_of_bounds="clip").fit(p, y)
        at = rng.random(20)
        assert isotonic(p, y).predict(at) == pytest.approx(fitted.predict(at), abs=1e-9)
        share, mean = curves.calibration_curve(y, p, n_bins=8)
        bins = reliability_bins(p, y, n_bins=8)
        assert bins.observed[bins.n > 0] == pytest.approx(share, abs=1e-12)
        assert bins.mean_probability[bins.n > 0] == pytest.approx(mean, abs=1e-12)


def test_a_briers_error_is_at_least_what_the_forecasts_expect() -> None:
    p = np.array([0.98, 0.97, 0.99, 0.96, 0.995] * 8)
    found = brier(p, np.ones(40))
    expected = np.sqrt((p * (1 - p) * (1 - 2 * p) ** 2).sum()) / 40  # Spiegelhalter's variance
    z, t = stats.norm.isf(0.025), stats.t.isf(0.025, 39)
    likely = (p * (1 - p)).mean()
    n = likely * (1 - likely) / expected**2 * (z / t) ** 2
    middle, half = (
        found.value + z * z / 2 / n,
        z * np.sqrt(found.value * (1 - found.value) / n + (z / 2 / n) ** 2),
    )
    assert (found.low, found.high) == pytest.approx(
        ((middle - half) / (1 + z * z / n), (middle + half) / (1 + z * z / n))
    )
    assert "themselves expect" in found.notes[0]
    assert found.standard_error < expected / 10
    certain = brier(np.ones(40), np.ones(40))
    assert found.high == pytest.approx(certain.high, abs=0.05)


def test_nearly_sure_forecasts_are_covered(rng: np.random.Generator) -> None:
    truth = 99 / 100 * 1 / 101  # mean of p (1 - p) of a beta(99, 1)
    held = 0
    for _ in range(200):
        p = rng.beta(99, 1, size=60)
        found = brier(p, rng.random(60) < p)
        held += found.low <= truth <= found.high
    assert held >= 0.91 * 200  # a t interval: .46


def test_score_of_briers_ten_forecasts_of_rain() -> None:
    """Brier (1950), table 1: a score of 0.19, which adds both classes, rain and none."""
    rain = [0.7, 0.9, 0.8, 0.4, 0.2, 0.0, 0.0, 0.0, 0.0, 0.1]
    assert 2 * brier(rain, [0, 1, 1, 1, 0, 0, 0, 0, 0, 0]).value == pytest.approx(0.19)


@pytest.mark.parametrize(("wrong", "said"), [(2, True), (3, False)])
def test_forecasts_that_expect_twice_the_error_seen_are_named(wrong: int, said: bool) -> None:
    """Of 100 forecasts of .9 sqrt(.9 * .1) is expected; 2 and 3 wrong ones are 2.1 and 1.7 times less."""
    notes = brier(np.full(100, 0.9), np.arange(100) >= wrong).notes
    assert any("themselves expect" in note for note in notes) is said


def test_murphys_parts_add_up(rng: np.random.Generator) -> None:
    p = rng.choice([0.1, 0.3, 0.5, 0.9], size=300)
    y = (rng.random(300) < p**1.3).astype(float)
    exact, binned = brier(p, y), brier(p + rng.random(300) * 0.05, y, n_bins=10)
    assert exact.value == pytest.approx(np.mean((p - y) ** 2))
    assert exact.value == pytest.approx(exact.reliability - exact.resolution + exact.uncertainty, abs=1e-12)
    assert exact.within_bins == pytest.approx(0.0, abs=1e-12)
    assert binned.within_bins != 0
    assert brier([], []).undefined
    assert brier([1.0, 0.0], [1, 0]).skill == 1.0
    with pytest.raises(InputError):
        brier([1.2], [1])
