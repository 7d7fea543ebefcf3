"""Coverage of the bootstrap, and of intervals that hold at all times."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from concord.stats import comparison
from tests.concord.stats.coverage.comparison.samples import groups, noisy, not_rejected
from tests.concord.stats.coverage.harness import Case, Draw, Interval, check, interval

pytestmark = pytest.mark.slow
Rng = np.random.Generator


def bootstrap(**options: Any) -> Draw:
    return lambda rng, n: interval(
        comparison.bootstrap(rng.gamma(4, size=n), n_resamples=600, rng=rng, **options), 4.0
    )


def bootstrap_correlation(method: str) -> Draw:
    def draw(rng: Rng, n: int) -> Interval:
        x = rng.normal(size=n)
        rows = np.stack([x, 0.6 * x + 0.8 * rng.normal(size=n)], axis=1)
        found = comparison.bootstrap(
            rows, _correlation, method=method, widened=True, n_resamples=300, rng=rng
        )
        return interval(found, 0.6)

    return draw


def _correlation(rows: np.ndarray) -> float:
    x, y = rows.T - rows.mean(axis=0)[:, None]
    return float(x @ y / np.sqrt((x @ x) * (y @ y)))


def bootstrap_clusters(rng: Rng, n: int) -> Interval:
    group = groups(rng, n)
    found = comparison.bootstrap(noisy(rng, group), clusters=group, widened=True, n_resamples=600, rng=rng)
    return interval(found, 0.0)


def sequence(rng: Rng, n: int) -> Interval:
    """The running intersection holds the mean at the end exactly where every interval held it."""
    p = rng.uniform(0.1, 0.9)
    found = comparison.confidence_sequence(rng.beta(2 * p, 2 * (1 - p), size=n))
    if np.isnan(found.low):
        return 0.0, 0.0, 1.0
    return interval(found, p)


def evidence(rng: Rng, n: int) -> Interval:
    p = rng.uniform(0.1, 0.9)
    found = comparison.e_value((rng.random(n) < p).astype(float), null=p)
    return not_rejected(found.p_value)


SKEWED_ROWS = "skewed values: a little too narrow with few rows"

ALWAYS = "share of whole sequences: holds at all times at once, and is wide for it"

CASES = [
    Case("bootstrap (BCa, widened)", bootstrap(widened=True), (15, 60, 300), SKEWED_ROWS, 0.92),
    Case("bootstrap (BCa)", bootstrap(), (15, 60, 300), "not widened: too narrow with few rows", 0.89),
    Case(
        "bootstrap (percentile, widened)",
        bootstrap(method="percentile", widened=True),
        (15, 60, 300),
        SKEWED_ROWS,
        0.92,
    ),
    Case(
        "bootstrap (percentile)",
        bootstrap(method="percentile"),
        (15, 60, 300),
        "not widened: too narrow with few rows",
        0.88,
    ),
    Case("bootstrap of a correlation (BCa)", bootstrap_correlation("bca"), (20, 50, 150)),
    Case("bootstrap of a correlation (percentile)", bootstrap_correlation("percentile"), (20, 50, 150)),
    Case("bootstrap by clusters (BCa, widened)", bootstrap_clusters, (10, 30, 100)),
    Case("confidence_sequence, at all times", sequence, (50, 300, 2000), ALWAYS, 0.95, 1.0),
    Case("e_value, never over 20", evidence, (50, 300, 2000), ALWAYS, 0.95, 1.0),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_intervals_hold_what_they_say(case: Case) -> None:
    check(case)
