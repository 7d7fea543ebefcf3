"""Simulated coverage of the intervals of concord.stats.agreement. Slow: ``pytest -m slow -s`` prints the table."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from concord.stats import agreement
from tests.concord.stats.coverage.harness import Case, Draw, Interval, check, interval, long_form, truth_of

pytestmark = pytest.mark.slow


def _nominal(rng: np.random.Generator, n: int) -> np.ndarray:
    truth = rng.choice(3, p=[0.6, 0.25, 0.15], size=n)
    return np.where(rng.random((n, 3)) < 0.65, truth[:, None], rng.integers(0, 3, size=(n, 3)))


def _graded(rng: np.random.Generator, n: int) -> np.ndarray:
    return np.clip(np.round(rng.normal(2, 1.2, size=n)[:, None] + rng.normal(0, 0.8, size=(n, 3))), 0, 4)


def alpha(level: str, make: Callable[[np.random.Generator, int], np.ndarray]) -> Draw:
    def draw(rng: np.random.Generator, n: int) -> Interval:
        truth = truth_of(
            f"alpha {level}",
            lambda: (
                agreement.krippendorff_alpha(
                    *long_form(make(np.random.default_rng(1), 300_000)), level=level, n_resamples=0
                ).value
            ),
        )
        return interval(
            agreement.krippendorff_alpha(*long_form(make(rng, n)), level=level, n_resamples=500, rng=rng),
            truth,
        )

    return draw


def kappa(function: Callable) -> Draw:
    def draw(rng: np.random.Generator, n: int) -> Interval:
        columns = 2 if function is agreement.cohen_kappa else 3
        truth = truth_of(
            f"kappa {function.__name__}",
            lambda: function(*long_form(_nominal(np.random.default_rng(1), 300_000)[:, :columns])).value,
        )
        return interval(function(*long_form(_nominal(rng, n)[:, :columns]), categories=[0, 1, 2]), truth)

    return draw


def percent(rng: np.random.Generator, n: int) -> Interval:
    truth = truth_of(
        "percent",
        lambda: agreement.percent_agreement(*long_form(_nominal(np.random.default_rng(1), 300_000))).value,
    )
    return interval(agreement.percent_agreement(*long_form(_nominal(rng, n))), truth)


def icc(form: str) -> Draw:
    def draw(rng: np.random.Generator, n: int) -> Interval:
        y = (
            rng.normal(size=n)[:, None]
            + rng.normal(0, 0.5, size=5)[None, :]
            + rng.normal(0, 0.8, size=(n, 5))
        )
        noise = 0.64 + (0.25 if form != "ICC(3,1)" else 0.0)
        if form == "ICC(1,1)":
            y = rng.normal(size=n)[:, None] + rng.normal(0, noise**0.5, size=(n, 5))
        return interval(agreement.icc(*long_form(y), form=form), 1 / (1 + noise))

    return draw


FEW = "few units with few disagreements: wide, and cut off at 1"
CASES = [
    Case("alpha nominal (BCa)", alpha("nominal", _nominal), (15, 60, 400), FEW, 0.92, 0.985),
    Case("alpha ordinal (BCa)", alpha("ordinal", _graded), (15, 60, 400), FEW, 0.92, 0.985),
    Case("alpha interval (BCa)", alpha("interval", _graded), (15, 60, 400), FEW, 0.92, 0.985),
    Case("percent agreement", percent, (15, 60, 400)),
    Case(
        "cohen_kappa",
        kappa(agreement.cohen_kappa),
        (30, 100, 400),
        "symmetric interval: skewed with few units",
        0.92,
    ),
    Case(
        "fleiss_kappa",
        kappa(agreement.fleiss_kappa),
        (30, 100, 400),
        "symmetric interval: skewed with few units",
        0.92,
    ),
    Case(
        "gwet_ac", kappa(agreement.gwet_ac), (30, 100, 400), "symmetric interval: skewed with few units", 0.92
    ),
    Case(
        "conger_kappa",
        kappa(agreement.conger_kappa),
        (30, 100, 400),
        "symmetric interval: skewed with few units",
        0.92,
    ),
    Case("ICC(1,1)", icc("ICC(1,1)"), (10, 40, 200)),
    Case(
        "ICC(2,1), 5 raters",
        icc("ICC(2,1)"),
        (10, 40, 200),
        "few raters, many units: the result says so",
        0.89,
    ),
    Case("ICC(3,1)", icc("ICC(3,1)"), (10, 40, 200)),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_intervals_hold_what_they_say(case: Case) -> None:
    check(case)
