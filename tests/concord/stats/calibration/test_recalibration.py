"""Platt scaling and isotonic regression against scikit-learn and the optimum."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import statsmodels.api as sm

from concord.stats import InputError
from concord.stats.calibration import isotonic, platt


def test_isotonic_against_r() -> None:
    """R: isoreg(c(1, 0, 1, 0, 0, 1, 1, 0, 1))$yf."""
    fitted = isotonic(np.arange(9), [1, 0, 1, 0, 0, 1, 1, 0, 1]).probabilities
    assert fitted == pytest.approx([0.4, 0.4, 0.4, 0.4, 0.4, 2 / 3, 2 / 3, 2 / 3, 1.0], abs=1e-12)


def test_isotonic_against_the_min_max_formula(rng: np.random.Generator) -> None:
    """Robertson, Wright & Dykstra (1988): the fit is the greatest, over starts, of the least mean, over ends."""
    for _ in range(200):
        n = int(rng.integers(1, 25))
        x, y = rng.integers(0, 12, size=n).astype(float), rng.integers(0, 2, size=n).astype(float)
        fitted = isotonic(x, y)
        levels = np.unique(x)
        for at in levels:
            best = max(
                min(y[(x >= low) & (x <= high)].mean() for high in levels[levels >= at])
                for low in levels[levels <= at]
            )
            assert float(fitted.predict([at])[0]) == pytest.approx(best, abs=1e-9)


def test_platt_against_statsmodels_on_smoothed_targets(rng: np.random.Generator) -> None:
    """A binomial fit of Platt's targets, tightened until it no longer moves; separated data included."""
    for i in range(200):
        n = int(rng.integers(4, 120))
        x = rng.normal(rng.normal(), rng.uniform(0.1, 50), size=n)
        y = (x > np.median(x)).astype(float) if i % 5 == 0 else rng.integers(0, 2, size=n).astype(float)
        result = platt(x, y)
        if not 0 < y.sum() < n:
            assert result.undefined
            continue
        ones, zeros = y.sum(), n - y.sum()
        target = np.where(y == 1, (ones + 1) / (ones + 2), 1 / (zeros + 2))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # statsmodels dislikes targets between 0 and 1
            peer = sm.GLM(target, sm.add_constant(x / x.std()), family=sm.families.Binomial())
            found = peer.fit(tol=1e-14, maxiter=300, tol_criterion="params").params
        assert result.converged
        assert result.intercept == pytest.approx(found[0], abs=1e-8, rel=1e-8)
        assert result.slope * x.std() == pytest.approx(found[1], abs=1e-8, rel=1e-8)


def test_recalibration_refuses_and_says_when_there_is_nothing() -> None:
    for function in (isotonic, platt):
        with pytest.raises(InputError):
            function([1.0], [0.5])
        with pytest.raises(InputError):
            function([1.0, 2.0], [1])
        assert function([], []).undefined
        assert function([np.nan], [1]).undefined
    assert platt([1.0, 1.0], [0, 1]).undefined
    assert np.isnan(platt([1.0, 1.0], [0, 1]).predict([0.0])).all()
    assert platt([1e139, -1e139], [1, 0]).predict([1e139])[0] == pytest.approx(2 / 3)


def test_isotonic_and_platt(rng: np.random.Generator) -> None:
    x = rng.normal(size=3000)
    truth = 1 / (1 + np.exp(-(2 * x - 0.5)))
    y = (rng.random(3000) < truth).astype(float)
    fitted, stepped = platt(x, y), isotonic(x, y)
    assert (fitted.slope, fitted.intercept) == pytest.approx((2.0, -0.5), abs=0.15)
    at = np.array([-1.0, 0.0, 1.0])
    expected = 1 / (1 + np.exp(-(2 * at - 0.5)))
    assert fitted.predict(at) == pytest.approx(expected, abs=0.03)
    assert stepped.predict(at) == pytest.approx(expected, abs=0.1)
    assert (np.diff(stepped.predict(np.linspace(-4, 4, 100))) >= 0).all()
    assert np.isfinite(platt([-1, -2, 1, 2], [0, 0, 1, 1]).slope)
    assert platt([1, 2], [1, 1]).undefined
    assert np.isnan(isotonic([], []).predict([1.0])).all()
