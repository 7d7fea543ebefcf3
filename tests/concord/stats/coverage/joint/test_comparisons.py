"""Coverage of prediction-powered differences and win rates, and of joint figures of systems."""

from __future__ import annotations

import numpy as np
import pytest

from concord.stats import joint
from tests.concord.stats.coverage.harness import Case, Draw, Interval, check, interval, truth_of
from tests.concord.stats.coverage.joint.samples import (
    BOUNDED,
    DISCRETE,
    binary,
    by_chance,
    clustered,
    judged,
    near_one,
)

pytestmark = pytest.mark.slow


def difference(binary: bool) -> Draw:
    def draw(rng: np.random.Generator, n: int) -> Interval:
        total, common = 11 * n, rng.normal(size=11 * n)
        y = [common + shift + 0.7 * rng.normal(size=total) for shift in (0.3, 0.0)]
        truth = 0.3
        if binary:
            y = [(part > 0).astype(float) for part in y]
            truth = truth_of("binary difference", _binary_difference)
        f = [
            np.where(rng.random(total) < 0.85, part, 1 - part) if binary else judged(rng, part, "good")
            for part in y
        ]
        found = joint.prediction_powered_difference(
            *(part[:n] for part in y), *(part[:n] for part in f), *(part[n:] for part in f)
        )
        return interval(found, truth)

    return draw


def _binary_difference() -> float:
    rng = np.random.default_rng(1)
    common = rng.normal(size=4_000_000)
    a, b = (common + shift + 0.7 * rng.normal(size=len(common)) > 0 for shift in (0.3, 0.0))
    return float(a.mean() - b.mean())


def figure(two: bool, raters: str, bounds: tuple[float, float] | None = None) -> Draw:
    """n examples rated by 2 of 12 raters, each with a taste of their own for every system; partly shared by both systems."""

    def draw(rng: np.random.Generator, n: int) -> Interval:
        m, parts = 6 * n, []
        hard, severity = rng.normal(0, 0.7, m), rng.normal(0, 0.4, 12)
        for first, level in ((0, 3.3), (n // 3, 3.0)):
            quality = level + hard + rng.normal(0, 0.5, m)
            taste = severity + rng.normal(0, 0.3, 12)
            rated = np.repeat(np.arange(first, first + n), 2)
            rater = (rated + np.tile([0, 5], n)) % 12
            f = quality + rng.normal(0, 0.4, m)
            parts.append(
                joint.Judged(
                    predictions=f,
                    ratings=quality[rated] + taste[rater] + rng.normal(0, 0.3, 2 * n),
                    rated=rated,
                    raters=rater,
                    examples=np.arange(m),
                )
            )
        if two:
            return interval(joint.joint_difference(*parts, raters=raters, bounds=bounds), 0.3)
        return interval(joint.joint_level(parts[0], raters=raters, bounds=bounds), 3.3)

    return draw


CASES = [
    Case("prediction_powered_difference", difference(binary=False), (12, 50, 400)),
    Case("prediction_powered_difference, binary", difference(binary=True), (20, 80, 400)),
    Case("prediction_powered_win_rate", binary(0.6, 0.8, rate=True), (20, 80, 500), BOUNDED, ceiling=0.985),
    Case("prediction_powered_win_rate, clustered", clustered(shared=True, rate=True), (15, 50, 200)),
    Case("prediction_powered_win_rate, known chances", by_chance(rate=True), (30, 100, 500), BOUNDED),
    Case(
        "prediction_powered_difference, 95 % right, one judge",
        near_one(1, two=True),
        (30, 100, 300),
        DISCRETE,
        ceiling=0.985,
    ),
    Case(
        "prediction_powered_difference, 95 % right, three judges",
        near_one(3, two=True),
        (30, 100, 300),
        DISCRETE,
        ceiling=0.985,
    ),
    Case("joint_level, other raters", figure(two=False, raters="sample"), (24, 60, 240)),
    Case("joint_difference, other raters", figure(two=True, raters="sample"), (24, 60, 240)),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_intervals_hold_what_they_say(case: Case) -> None:
    check(case)
