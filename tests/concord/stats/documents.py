"""Documents with marked errors, for agreement on spans."""

from __future__ import annotations

import numpy as np


def documents(rng: np.random.Generator, n: int) -> tuple[np.ndarray, ...]:
    """Texts with few errors and with many, which two raters find more or less alike: units, raters, starts, ends."""
    rows: list[tuple[float, ...]] = []
    for text in range(n):
        starts = rng.choice(200, int(min(rng.geometric(0.12), 60)), replace=False) * 25
        care = rng.beta(4, 2)
        for rater in range(2):
            seen = starts[rng.random(len(starts)) < 0.25 + 0.75 * care]
            off = rng.random(len(seen)) > care
            rows += [(text, rater, s, s + 10 + 3 * (o * (1 + rater))) for s, o in zip(seen, off, strict=True)]
            rows.append((text, rater, np.nan, np.nan))
    return tuple(np.array(rows, dtype=float).T)
