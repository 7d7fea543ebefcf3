"""Forecasts of some kind, and outcomes that follow them loosely."""

from __future__ import annotations

import numpy as np


def forecasts(rng: np.random.Generator, n: int, *, missing: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Return probabilities of some kind (smooth, of few values, extreme) and outcomes that follow them loosely."""
    kind = rng.integers(3)
    p = [rng.random(n), rng.choice([0.0, 0.1, 0.25, 0.5, 0.9, 1.0], size=n), rng.beta(0.3, 0.3, size=n)][kind]
    y = (rng.random(n) < np.clip(p + rng.normal(0, 0.1), 0, 1)).astype(float)
    if missing:
        p, y = np.where(rng.random(n) < 0.1, np.nan, p), np.where(rng.random(n) < 0.1, np.nan, y)
    return p, y
