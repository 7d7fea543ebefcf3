"""Coverage of prediction-powered means over strata."""

from __future__ import annotations

import numpy as np
import pytest

from concord.stats import joint
from tests.concord.stats.coverage.harness import Case, Draw, Interval, check, interval
from tests.concord.stats.coverage.joint.samples import FEW_LABELS, verdicts

pytestmark = pytest.mark.slow


def stratified(binary: bool) -> Draw:
    """Three strata of unlike size, labelled equally often."""

    def draw(rng: np.random.Generator, n: int) -> Interval:
        stratum = rng.choice(3, size=20 * n, p=[0.6, 0.3, 0.1])
        if binary:
            y, f = verdicts(rng, len(stratum), 0.5, 0.85)
            y = np.where(stratum == 2, 1 - y * (rng.random(len(y)) < 0.4), y)
            truth = 0.5 * 0.9 + 0.8 * 0.1
        else:
            y = stratum + rng.gamma(2, size=len(stratum))
            f, truth = y + 0.4 * stratum + rng.normal(size=len(y)), 0.5 + 2.0
        chosen = np.concatenate([np.flatnonzero(stratum == h)[: n // 3] for h in range(3)])
        rest = np.setdiff1d(np.arange(len(stratum)), chosen)
        return interval(
            joint.prediction_powered_stratified(
                y[chosen], f[chosen], stratum[chosen], f[rest], stratum[rest]
            ),
            truth,
        )

    return draw


def stratified_clusters(crossing: bool) -> Draw:
    """Documents of 2 to 13 items: each in one language and labelled whole, or crossing all three and labelled here and there."""

    def draw(rng: np.random.Generator, n: int) -> Interval:
        documents = n if crossing else 5 * n
        document = np.repeat(np.arange(documents), rng.integers(2, 14, size=documents))
        language = rng.choice(3, size=documents, p=[0.5, 0.3, 0.2])
        language[:n] = np.arange(n) % 3
        stratum = rng.choice(3, size=len(document), p=[0.5, 0.3, 0.2]) if crossing else language[document]
        y = stratum + rng.normal(size=documents)[document] + rng.normal(size=len(document))
        f = y + 0.3 * stratum + 0.7 * rng.normal(size=len(document))
        drawn = rng.random(len(document)) < 0.3 if crossing else document < n
        found = joint.prediction_powered_stratified(
            y[drawn],
            f[drawn],
            stratum[drawn],
            f[~drawn],
            stratum[~drawn],
            clusters=document[drawn],
            unlabelled_clusters=document[~drawn],
            shares=None if crossing else {0: 0.5, 1: 0.3, 2: 0.2},
        )
        return interval(found, 0.7)

    return draw


def stratified_by_chance(rng: np.random.Generator, n: int) -> Interval:
    """Chances follow the stratum and a prediction whose error depends on it too; n is the mean count of labels."""
    stratum = rng.choice(3, size=10 * n, p=[0.5, 0.3, 0.2])
    own = rng.normal(size=10 * n)
    f = stratum + own + 0.2 * own**2 + 0.5 * rng.normal(size=10 * n)
    keen = (0.4 + 1 / (1 + np.exp(stratum - f))) * np.array([0.7, 1.2, 1.5])[stratum]
    chance = np.clip(0.1 * keen / keen.mean(), 0.01, 0.95)
    drawn = rng.random(10 * n) < chance
    y = stratum + own
    found = joint.prediction_powered_stratified(
        y[drawn], f[drawn], stratum[drawn], f[~drawn], stratum[~drawn], propensities=chance[drawn]
    )
    return interval(found, 0.7)


CASES = [
    Case("prediction_powered_stratified", stratified(binary=False), (24, 90, 450)),
    Case("prediction_powered_stratified, binary", stratified(binary=True), (36, 90, 450), FEW_LABELS),
    Case("prediction_powered_stratified, clustered", stratified_clusters(crossing=False), (15, 50, 200)),
    Case(
        "prediction_powered_stratified, clusters across strata",
        stratified_clusters(crossing=True),
        (15, 50, 200),
    ),
    Case("prediction_powered_stratified, known chances", stratified_by_chance, (36, 90, 450)),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_intervals_hold_what_they_say(case: Case) -> None:
    check(case)
