"""Prediction-powered estimates against ppi-python on hundreds of random sets.

ppi-python takes the normal quantile, divides variances by n and tunes the weight on the labels that it then corrects;
``small_sample=False`` does the same. With few labels ours deliberately differs (see docs/methods/prediction_powered.md).
"""

from __future__ import annotations

import numpy as np
import ppi_py
import pytest
from scipy import special

from concord.stats.joint import (
    prediction_powered_bradley_terry,
    prediction_powered_mean,
    prediction_powered_stratified,
)


def sample(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return labels, predictions and the rest's, of every kind: few or many, binary or skewed, useful or not."""
    n, rest = int(rng.integers(5, 300)), int(rng.integers(3, 2000))
    truth = rng.gamma(1.5, size=n + rest)
    if rng.random() < 0.4:
        truth = (truth > 1).astype(float)
    machine = rng.uniform(-1, 1.5) * truth + rng.uniform(0.1, 3) * rng.normal(size=n + rest) + rng.normal()
    return truth[:n], machine[:n], machine[n:]


def test_means_intervals_and_weights_against_ppi_python(rng: np.random.Generator) -> None:
    for i in range(300):
        y, f, rest = sample(rng)
        lam = float(rng.random()) if i % 2 else None
        level = float(rng.uniform(0.5, 0.99))
        low, high = ppi_py.ppi_mean_ci(y, f, rest, alpha=1 - level, lam=lam)
        result = prediction_powered_mean(y, f, rest, lam=lam, confidence=level, small_sample=False)
        assert (result.low, result.high) == pytest.approx((float(low[0]), float(high[0])), abs=1e-9)
        if lam is not None:
            value = ppi_py.ppi_mean_pointestimate(y, f, rest, lam=lam)
            assert result.value == pytest.approx(float(value[0]), abs=1e-9)


def test_missing_items_are_those_that_ppi_python_never_sees(rng: np.random.Generator) -> None:
    for _ in range(220):
        y, f, rest = sample(rng)
        gone, unseen = rng.random(len(y)) < 0.2, rng.random(len(rest)) < 0.2
        if (~gone).sum() < 2 or (~unseen).sum() < 2 or np.ptp(y[~gone]) == 0:
            continue
        holes = np.where(gone, np.nan, y), f, np.where(unseen, np.nan, rest)
        result = prediction_powered_mean(*holes, small_sample=False)
        low, high = ppi_py.ppi_mean_ci(y[~gone], f[~gone], rest[~unseen], alpha=0.05)
        assert (result.low, result.high) == pytest.approx((float(low[0]), float(high[0])), abs=1e-9)
        assert result.omitted.get("items with nan", 0) == gone.sum()


def test_inverse_chances_against_weighted_labels_of_ppi_python(rng: np.random.Generator) -> None:
    """The weighted point estimate is theirs with weights 1 / chance, where all items together are the second sample."""
    for _ in range(200):
        y, f, rest = sample(rng)
        chance, lam = rng.uniform(0.05, 1, size=len(y)), float(rng.random())
        result = prediction_powered_mean(y, f, rest, lam=lam, propensities=chance)
        theirs = ppi_py.ppi_mean_pointestimate(y, f, np.concatenate([f, rest]), lam=lam, w=1 / chance)
        assert result.value == pytest.approx(float(np.squeeze(theirs)), abs=1e-9)


def test_strata_add_up_means_of_ppi_python(rng: np.random.Generator) -> None:
    for _ in range(200):
        parts = [sample(rng) for _ in range(int(rng.integers(1, 5)))]
        shares, lam = rng.dirichlet(np.ones(len(parts))), float(rng.random())
        code = [np.concatenate([np.full(len(p[k]), h) for h, p in enumerate(parts)]) for k in (0, 2)]
        y, f, rest = (np.concatenate([p[k] for p in parts]) for k in range(3))
        result = prediction_powered_stratified(
            y, f, code[0], rest, code[1], shares=dict(enumerate(shares)), lam=lam
        )
        theirs = [float(ppi_py.ppi_mean_pointestimate(*p, lam=lam)[0]) for p in parts]
        assert result.value == pytest.approx(float(shares @ theirs), abs=1e-9)


@pytest.mark.filterwarnings("ignore:'penalty' was deprecated:FutureWarning")
def test_strengths_solve_the_equations_of_ppi_pythons_logistic_regression(rng: np.random.Generator) -> None:
    """Its optimiser stops near 1e-6, so our solution is put into its gradient: all of it must vanish."""
    seen = 0
    while seen < 200:
        s, n = int(rng.integers(2, 7)), int(rng.integers(20, 200))
        total = n + int(rng.integers(n, 8 * n))
        left = rng.integers(s, size=total)
        right = (left + rng.integers(1, s, size=total)) % s
        won = (rng.random(total) < special.expit(rng.normal(size=s)[left] / 2)).astype(float)
        judged = np.where(rng.random(total) < rng.uniform(0.5, 1), won, 1 - won)
        lam = float(rng.random())
        result = prediction_powered_bradley_terry(
            left[:n], right[:n], won[:n], judged[:n], left[n:], right[n:], judged[n:], n_systems=s, lam=lam
        )
        if result.undefined:
            continue
        design = np.zeros((total, s))
        design[np.arange(total), left] = 1.0
        design[np.arange(total), right] = -1.0
        p = special.expit(design @ result.log_strengths)
        gradient = (
            lam * design[n:].T @ (p - judged)[n:] / (total - n)
            - lam * design[:n].T @ (p - judged)[:n] / n
            + design[:n].T @ (p - won)[:n] / n
        )
        assert gradient == pytest.approx(np.zeros(s), abs=1e-9)
        if seen < 20:
            anchored = design[:, :-1]
            theirs = ppi_py.ppi_logistic_pointestimate(
                anchored[:n], won[:n], judged[:n], anchored[n:], judged[n:], lam=lam
            )
            ours = result.log_strengths[:-1] - result.log_strengths[-1]
            assert ours == pytest.approx(theirs, abs=1e-3)
        seen += 1
