"""Probabilities with what came true."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from concord.stats._arrays import (
    FloatArray,
    InputError,
    count,
    floats,
    left_out,
    within,
    zeros_and_ones,
)

_MOST_BINS = 100_000


class Pairs(NamedTuple):
    """Complete pairs of a probability and an outcome, and how many were dropped."""

    probability: FloatArray
    outcome: FloatArray
    omitted: Mapping[str, int]


def pairs(probabilities: ArrayLike, outcomes: ArrayLike) -> Pairs:
    """Return complete pairs of a probability in [0, 1] and an outcome of 0 or 1, and how many were dropped."""
    p = floats("probabilities", probabilities)
    y = floats("outcomes", outcomes, length=len(p))
    known = ~(np.isnan(p) | np.isnan(y))
    within("probabilities", np.where(known, p, np.nan), 0, 1)
    zeros_and_ones("outcomes", y, where=known)
    return Pairs(p[known], y[known], left_out(known, "incomplete pairs"))


def bins_wanted(n_bins: int) -> int:
    """Return the number of bins where it can be."""
    if count("n_bins", n_bins, at_least=1) > _MOST_BINS:
        raise InputError(f"n_bins must be at most {_MOST_BINS}, got {n_bins}")
    return int(n_bins)


def edges(p: FloatArray, n_bins: int, bins: str) -> FloatArray:
    """Return inner and outer edges of bins of equal width, or of (nearly) equal numbers."""
    if bins == "width":
        return np.linspace(0.0, 1.0, n_bins + 1)
    inner = np.quantile(p, np.arange(1, n_bins) / n_bins)
    inner = np.unique(inner[(inner > 0) & (inner < p.max())])
    edge = np.concatenate([[0.0], inner, [1.0]])
    holds = (
        np.bincount(bin_of(p, edge), minlength=len(edge) - 1) > 0
    )  # between ties lie edges with nothing in between
    return np.concatenate([[0.0], inner[holds[:-1]], [1.0]])


def bin_of(p: FloatArray, edge: FloatArray) -> np.ndarray:
    """Return the bin of each probability; a bin holds its upper edge, the first also 0."""
    return np.clip(np.searchsorted(edge, p, side="left") - 1, 0, len(edge) - 2)
