"""Coverage of prediction-powered means."""

from __future__ import annotations

import numpy as np
import pytest

from concord.stats import joint
from tests.concord.stats.coverage.harness import Case, Draw, Interval, check, interval
from tests.concord.stats.coverage.joint.samples import (
    BOUNDED,
    DISCRETE,
    FEW_LABELS,
    binary,
    by_chance,
    clustered,
    judged,
    near_one,
)

pytestmark = pytest.mark.slow


def powered(kind: str, ratio: float = 20, skewed: bool = False, **options) -> Draw:
    def draw(rng: np.random.Generator, n: int) -> Interval:
        total = n + int(ratio * n)
        truth = rng.gamma(3, size=total) if skewed else rng.normal(3, 1, size=total)
        machine = judged(rng, truth, kind)
        return interval(joint.prediction_powered_mean(truth[:n], machine[:n], machine[n:], **options), 3.0)

    return draw


CASES = [
    Case("prediction_powered_mean", powered("good", skewed=True), (20, 80, 500)),
    Case("prediction_powered_mean, good machine", powered("good"), (10, 50, 400)),
    Case("prediction_powered_mean, useless machine", powered("useless"), (8, 50, 400)),
    Case("prediction_powered_mean, opposite machine", powered("opposite"), (8, 50, 400)),
    Case("prediction_powered_mean, perfect machine", powered("perfect"), (8, 50, 400)),
    Case("prediction_powered_mean, constant machine", powered("constant"), (8, 50, 400)),
    Case("prediction_powered_mean, weight 1", powered("good", lam=1.0), (8, 50, 400)),
    Case("prediction_powered_mean, fewer unlabelled", powered("good", ratio=0.4), (10, 50, 400)),
    Case(
        "prediction_powered_mean, textbook",
        powered("good", small_sample=False),
        (20, 80, 400),
        "small_sample=False: no t, nothing for fitting the weight, a little too narrow",
        0.90,
    ),
    Case("prediction_powered_mean, binary", binary(0.5, 0.8), (20, 80, 500), BOUNDED, ceiling=0.995),
    Case(
        "prediction_powered_mean, binary, good machine",
        binary(0.8, 0.95),
        (20, 80, 500),
        BOUNDED,
        ceiling=1.0,
    ),
    Case(
        "prediction_powered_mean, binary, fewer unlabelled",
        binary(0.7, 0.8, ratio=0.5),
        (20, 80, 500),
        BOUNDED,
        ceiling=0.985,
    ),
    Case("prediction_powered_mean, clustered", clustered(shared=False), (15, 50, 200)),
    Case("prediction_powered_mean, clusters on both sides", clustered(shared=True), (15, 50, 200)),
    Case("prediction_powered_mean, known chances", by_chance(), (20, 80, 500)),
    Case("prediction_powered_mean, known chances, weight 1", by_chance(lam=1.0), (20, 80, 500), FEW_LABELS),
    Case(
        "prediction_powered_mean, 95 % right, one judge", near_one(1), (30, 100, 300), DISCRETE, ceiling=0.985
    ),
    Case(
        "prediction_powered_mean, 95 % right, three judges",
        near_one(3),
        (30, 100, 300),
        DISCRETE,
        ceiling=0.985,
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_intervals_hold_what_they_say(case: Case) -> None:
    check(case)
