"""Coverage of item response models."""

from __future__ import annotations

import numpy as np
import pytest

from concord.stats import comparison
from tests.concord.stats.coverage.harness import Case, Draw, Interval, check

pytestmark = pytest.mark.slow
Rng = np.random.Generator


SLOPE, DIFFICULTY = np.array([0.8, 1.2, 1.6, 1.0, 1.4]), np.array([-1.0, -0.5, 0.0, 0.5, 1.0])


def irt(what: str) -> Draw:
    def draw(rng: Rng, n: int) -> Interval:
        ability = rng.normal(size=n)
        chance = 1 / (1 + np.exp(-SLOPE * (ability[:, None] - DIFFICULTY)))
        person, item = (i.ravel() for i in np.indices(chance.shape))
        found = comparison.irt_2pl(person, item, (rng.random(chance.shape) < chance).ravel())
        truth = {"discrimination": SLOPE, "difficulty": DIFFICULTY, "ability": ability}[what]
        low, high = getattr(found, f"{what}_low"), getattr(found, f"{what}_high")
        one = int(rng.integers(len(truth)))
        return float(low[one]), float(high[one]), float(truth[one])

    return draw


CASES = [
    Case("irt_2pl, discrimination", irt("discrimination"), (150, 400, 1000)),
    Case(
        "irt_2pl, difficulty", irt("difficulty"), (150, 400, 1000), "errs on the wide side with few examinees"
    ),
    Case("irt_2pl, ability", irt("ability"), (150, 400, 1000)),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_intervals_hold_what_they_say(case: Case) -> None:
    check(case)
