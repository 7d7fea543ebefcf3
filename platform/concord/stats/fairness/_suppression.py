"""Figures of the groups that are shown, put back among all groups."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from concord.stats._arrays import BoolArray, FloatArray


def among_all(figures: ArrayLike, shown: BoolArray) -> FloatArray:
    """Return the figures of the groups ``shown`` (G,) at their places among all, nan for those kept back."""
    every = np.full(len(shown), np.nan)
    every[shown] = figures
    return every
