"""Labels, predictions and the rest's, of every kind."""

from __future__ import annotations

import numpy as np


def sample_of_any_kind(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return labels, predictions and the rest's, of every kind: few or many, binary or skewed, useful or not."""
    n, rest = int(rng.integers(5, 300)), int(rng.integers(3, 2000))
    truth = rng.gamma(1.5, size=n + rest)
    if rng.random() < 0.4:
        truth = (truth > 1).astype(float)
    machine = rng.uniform(-1, 1.5) * truth + rng.uniform(0.1, 3) * rng.normal(size=n + rest) + rng.normal()
    return truth[:n], machine[:n], machine[n:]
