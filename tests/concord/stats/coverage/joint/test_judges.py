"""Coverage of what is said of judges: biases of length, position and their own kin, and corrected shares."""

from __future__ import annotations

import numpy as np
import pytest

from concord.stats import joint
from tests.concord.stats.coverage.harness import Case, Draw, Interval, check, interval
from tests.concord.stats.coverage.joint.samples import BOUNDED

pytestmark = pytest.mark.slow


def rogan_gladen(rng: np.random.Generator, n: int) -> Interval:
    p = rng.uniform(0.1, 0.9)
    apparent = p * 0.85 + (1 - p) * 0.1
    found = joint.rogan_gladen(
        int(rng.binomial(10 * n, apparent)),
        10 * n,
        sensitivity=(int(rng.binomial(n, 0.85)), n),
        specificity=(int(rng.binomial(n, 0.9)), n),
    )
    return interval(found, p)


def position(by_rater: bool) -> Draw:
    """A judge that takes the first place in .2 of the pairs, whatever is in it, and the better answer else."""

    def draw(rng: np.random.Generator, n: int) -> Interval:
        prompt = np.repeat(np.arange(n), rng.integers(2, 8, size=n)) if by_rater else np.arange(n)
        hasty = rng.beta(1, 4, size=n)[prompt]
        better = rng.random(len(prompt)) < 0.7
        fickle = rng.random(len(prompt)) < hasty
        found = joint.position_bias(
            np.where(fickle, 1.0, better),
            np.where(fickle, 1.0, ~better),
            clusters=prompt if by_rater else None,
        )
        return interval(found, 0.1)

    return draw


def length(by_prompt: bool) -> Draw:
    """The judge's chance rises by .06 per unit of a skewed difference in length, people's does not."""

    def draw(rng: np.random.Generator, n: int) -> Interval:
        prompt = np.repeat(np.arange(n), rng.integers(1, 8, size=n)) if by_prompt else np.arange(n)
        x = np.clip(rng.exponential(1.5, size=len(prompt)) - rng.exponential(1.0, size=len(prompt)), -5, 5)
        own = rng.normal(size=n)[prompt] * 0.1
        people = (rng.random(len(prompt)) < np.clip(0.5 + own, 0, 1)).astype(float)
        judge = (rng.random(len(prompt)) < np.clip(0.5 + 0.06 * x, 0, 1)).astype(float)
        return interval(joint.length_bias(judge, x, people, clusters=prompt if by_prompt else None), 0.06)

    return draw


def own_outputs(by_example: bool) -> Draw:
    """One output in six is the judge's own, and is overrated by .4 with an error twice as large."""

    def draw(rng: np.random.Generator, n: int) -> Interval:
        example = np.repeat(np.arange(n), 6) if by_example else np.arange(n)
        own = (np.arange(len(example)) % 6 == 0).astype(int)
        people = rng.normal(size=len(example))
        error = rng.normal(size=len(example)) * (1 + own) + 0.5 * rng.normal(size=n)[example]
        found = joint.self_preference(
            people + error + 0.4 * own, people, own, clusters=example if by_example else None
        )
        return interval(found, 0.4)

    return draw


CASES = [
    Case("rogan_gladen", rogan_gladen, (25, 80, 400), ceiling=0.985, known="errs on the wide side"),
    Case("position_bias", position(by_rater=False), (20, 80, 500), BOUNDED, ceiling=0.985),
    Case("position_bias, clustered", position(by_rater=True), (15, 50, 300)),
    Case("length_bias", length(by_prompt=False), (15, 60, 400)),
    Case("length_bias, clustered", length(by_prompt=True), (12, 40, 200)),
    Case("self_preference", own_outputs(by_example=False), (36, 100, 600)),
    Case("self_preference, clustered", own_outputs(by_example=True), (12, 40, 200)),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_intervals_hold_what_they_say(case: Case) -> None:
    check(case)
