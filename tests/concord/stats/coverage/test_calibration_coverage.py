"""Simulated coverage of the intervals of concord.stats.calibration. Slow: ``pytest -m slow -s`` prints the table."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from concord.stats import calibration
from tests.concord.stats.coverage.harness import Case, Draw, Interval, check, interval, truth_of

pytestmark = pytest.mark.slow
Curve = Callable[[np.ndarray], np.ndarray]  # what comes true at each probability


def calibrated(p: np.ndarray) -> np.ndarray:
    return p


def slightly_low(p: np.ndarray) -> np.ndarray:
    return p + 0.15 * p * (1 - p)


def overconfident(p: np.ndarray) -> np.ndarray:
    return 0.5 + 0.6 * (p - 0.5)


def too_sure(p: np.ndarray) -> np.ndarray:
    return p - 0.04 * p


def sure(rng: np.random.Generator, n: int) -> np.ndarray:
    """Probabilities as classifiers give them: mostly high."""
    return rng.beta(5, 1.5, size=n)


def nearly_sure(rng: np.random.Generator, n: int) -> np.ndarray:
    return rng.beta(99, 1, size=n)


def even(rng: np.random.Generator, n: int) -> np.ndarray:
    return rng.random(n)


def brier(draw_p: Callable, curve: Curve) -> Draw:
    def draw(rng: np.random.Generator, n: int) -> Interval:
        def truth() -> float:
            p = draw_p(np.random.default_rng(1), 2_000_000)
            return float(np.mean(curve(p) * (1 - p) ** 2 + (1 - curve(p)) * p**2))

        p = draw_p(rng, n)
        found = calibration.brier(p, rng.random(n) < curve(p))
        return interval(found, truth_of(f"brier {draw_p.__name__} {curve.__name__}", truth))

    return draw


def true_error(draw_p: Callable, curve: Curve, bins: str, debiased: bool) -> float:
    """Return the error in 15 bins of probabilities without number."""
    p = draw_p(np.random.default_rng(1), 2_000_000)
    inner = np.arange(1, 15) / 15 if bins == "width" else np.quantile(p, np.arange(1, 15) / 15)
    place = np.searchsorted(inner, p, side="left")
    share = np.bincount(place, minlength=15) / len(p)
    gap = np.bincount(place, weights=p - curve(p), minlength=15) / len(p)
    if not debiased:
        return float(np.abs(gap).sum())
    return float(np.sqrt((gap[share > 0] ** 2 / share[share > 0]).sum()))


def ece(draw_p: Callable, curve: Curve, bins: str, debiased: bool) -> Draw:
    key = f"ece {draw_p.__name__} {curve.__name__} {bins} {debiased}"

    def draw(rng: np.random.Generator, n: int) -> Interval:
        p = draw_p(rng, n)
        found = calibration.ece(
            p, rng.random(n) < curve(p), bins=bins, debiased=debiased, n_resamples=400, rng=rng
        )
        return interval(found, truth_of(key, lambda: true_error(draw_p, curve, bins, debiased)))

    return draw


def ece_of_one(forecast: float, share: float) -> Draw:
    """The same forecast for all items."""

    def draw(rng: np.random.Generator, n: int) -> Interval:
        found = calibration.ece(np.full(n, forecast), rng.random(n) < share, n_resamples=400, rng=rng)
        return interval(found, abs(forecast - share))

    return draw


def band(bins: str) -> Draw:
    """One band out of eight, drawn anew each time; the truth is the mean of what comes true at its probabilities."""

    def draw(rng: np.random.Generator, n: int) -> Interval:
        p = even(rng, n)
        found = calibration.reliability_bins(p, rng.random(n) < overconfident(p), n_bins=8, bins=bins)
        i = int(rng.integers(8))
        middle = (i + 0.5) / 8
        return float(found.low[i]), float(found.high[i]), float(overconfident(np.array(middle)))

    return draw


WIDE = "allows for two shapes of miscalibration: errs on the wide side"
EXPECTED = "allows for the errors that the forecasts expect: errs on the wide side with few items"
FEW_IN_BIN = "one bin only: errs on the wide side with few items"
CASES = [
    Case("brier, calibrated", brier(even, calibrated), (30, 150, 1500)),
    Case("brier, overconfident", brier(even, overconfident), (30, 150, 1500)),
    Case("brier, mostly sure", brier(sure, slightly_low), (30, 150, 1500), EXPECTED, ceiling=0.985),
    Case("brier, nearly sure", brier(nearly_sure, calibrated), (30, 150, 1500)),
    Case("brier, too sure", brier(nearly_sure, too_sure), (30, 150, 1500)),
    Case("ece, one forecast of 1, 97 % true", ece_of_one(1.0, 0.97), (30, 150, 1500), WIDE, 0.92, 1.0),
    Case("ece, one forecast of .99, 95 % true", ece_of_one(0.99, 0.95), (30, 150, 1500), WIDE, 0.92, 1.0),
    Case("ece, one forecast of .7, calibrated", ece_of_one(0.7, 0.7), (30, 150, 1500), WIDE, 0.92, 1.0),
    *[
        Case(
            f"ece, {'debiased' if debiased else 'plain'}, equal {bins}, {curve.__name__.replace('_', ' ')}",
            ece(draw_p, curve, bins, debiased),
            (60, 300, 2000),
            WIDE,
            0.92,
            0.995,
        )
        for debiased in (False, True)
        for bins in ("width", "mass")
        for draw_p, curve in ((even, calibrated), (sure, slightly_low), (even, overconfident))
    ],
    Case("reliability_bins, equal width", band("width"), (60, 300, 3000), FEW_IN_BIN, 0.92, 0.98),
    Case("reliability_bins, equal mass", band("mass"), (64, 320, 3200), FEW_IN_BIN, 0.92, 0.98),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_intervals_hold_what_they_say(case: Case) -> None:
    check(case)
