"""Values in clusters, and answers of crossed raters and examples."""

from __future__ import annotations

import numpy as np

from tests.concord.stats.coverage.harness import Interval

Rng = np.random.Generator


def groups(rng: Rng, n: int, most: int = 9) -> np.ndarray:
    """Return n clusters of unequal size."""
    return np.repeat(np.arange(n), rng.integers(1, most, size=n))


def noisy(rng: Rng, group: np.ndarray) -> np.ndarray:
    return rng.normal(size=group.max() + 1)[group] + rng.normal(size=len(group))


def not_rejected(p_value: float) -> Interval:
    """Return an interval that holds its truth where a test at .05 keeps its null."""
    return 0.0, 1.0, 0.5 if p_value > 0.05 else 2.0


def crossed(rng: Rng, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return values, raters and examples of an incomplete crossing in which raters differ in diligence."""
    rater, example = (i.ravel() for i in np.indices((n, n)))
    kept = rng.random(n * n) < rng.uniform(0.4, 1, size=n)[rater]
    rater, example = rater[kept], example[kept]
    y = rng.normal(size=n)[rater] + rng.normal(size=n)[example] + rng.normal(size=len(rater))
    return y, rater, example


WIDE = "too wide where raters hardly differ"

DISCRETE = "counts come in steps: an exact interval holds at least what it says, and its coverage jumps"
