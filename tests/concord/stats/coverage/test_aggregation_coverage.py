"""Simulated coverage of the intervals of concord.stats.aggregation. Slow: ``pytest -m slow -s`` prints the table."""

from __future__ import annotations

import numpy as np
import pytest

from concord.stats import aggregation
from tests.concord.stats.coverage.harness import Case, Draw, Interval, check, interval

pytestmark = pytest.mark.slow


def bias(n_raters: int, per_unit: int) -> Draw:
    """Raters with noise of their own, each unit rated by some of them; the interval of the first rater's bias."""

    def draw(rng: np.random.Generator, n: int) -> Interval:
        true, noise = rng.normal(0, 0.5, n_raters), rng.uniform(0.3, 1.2, n_raters)
        unit = np.repeat(np.arange(n), per_unit)
        rater = np.concatenate([rng.choice(n_raters, per_unit, replace=False) for _ in range(n)])
        value = rng.normal(size=n)[unit] + true[rater] + noise[rater] * rng.normal(size=len(unit))
        result = aggregation.rater_bias(unit, rater, value)
        if len(result.rater_codes) < n_raters:
            return np.nan, np.nan, 0.0
        return float(result.bias_low[0]), float(result.bias_high[0]), float(true[0] - true.mean())

    return draw


def card(gold: bool, prevalence: tuple[float, ...] = (0.5, 0.3, 0.2)) -> Draw:
    """Three classes, six raters with confusion matrices of their own, each unit rated by all; the first rater's reliability."""

    def draw(rng: np.random.Generator, n: int) -> Interval:
        truth = rng.choice(3, p=prevalence, size=n)
        skill = rng.uniform(0.6, 0.9, size=6)
        right = rng.random((n, 6)) < skill
        value = np.where(right, truth[:, None], (truth[:, None] + rng.integers(1, 3, size=(n, 6))) % 3)
        unit, rater = (index.ravel() for index in np.indices(value.shape))
        known = {"gold_units": np.arange(n), "gold_values": truth} if gold else {}
        cards = aggregation.rater_cards(unit, rater, value.ravel(), categories=[0, 1, 2], **known)
        return interval(cards[0].reliability, float(skill[0]))

    return draw


RARE = (0.94, 0.04, 0.02)
CASES = [
    Case("rater_bias, all rate all", bias(4, 4), (10, 40, 300), "ten units: a little too wide"),
    Case("rater_bias, two of six per unit", bias(6, 2), (30, 80, 300)),
    Case("rater_cards, known answers", card(gold=True), (20, 80, 400)),
    Case("rater_cards, against the others", card(gold=False), (40, 100, 400)),
    Case("rater_cards, rare classes, known answers", card(gold=True, prevalence=RARE), (20, 80, 400)),
    Case(
        "rater_cards, rare classes, against the others",
        card(gold=False, prevalence=RARE),
        (40, 100, 400),
        "most answers of a class are slips: too narrow, and a note of the result says so",
        floor=0.7,
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_intervals_hold_what_they_say(case: Case) -> None:
    check(case)
