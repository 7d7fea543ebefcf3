"""Skewed columns of any magnitude with gaps."""

from __future__ import annotations

import numpy as np

Rng = np.random.Generator


def with_gaps(rng: Rng, n: int, share: float = 0.15) -> np.ndarray:
    y = rng.gamma(2, size=n) * 10.0 ** rng.integers(-3, 4)
    y[rng.random(n) < share] = np.nan
    y[:2] = rng.normal(size=2)
    return y
