"""Ranks with ties."""

from __future__ import annotations

import numpy as np

from concord.stats._arrays import FloatArray, as_floats, compact, tally


def midrank(values: np.ndarray) -> FloatArray:
    """Return ranks from 1, ties sharing their mean rank."""
    position, distinct = compact(np.asarray(values))
    size = tally(position, len(distinct))
    return as_floats((np.cumsum(size) - (size - 1) / 2)[position])
