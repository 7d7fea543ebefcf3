"""Answers of raters who lean differently."""

from __future__ import annotations

import numpy as np
from scipy import special

Rng = np.random.Generator
Columns = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def answers(rng: Rng, raters: int, *, each: int = 20, levels: int = 5, mixed: bool = False) -> Columns:
    """No gap at all; raters lean differently (sd .7)."""
    rater = np.repeat(np.arange(raters), each)
    group = rng.integers(2, size=len(rater)) if mixed else rater % 2
    level = rng.integers(levels, size=len(rater))
    chance = special.expit(2.8 * (level / (levels - 1) - 0.5) + rng.normal(0, 0.7, size=raters)[rater])
    return (rng.random(len(rater)) < chance).astype(int), group, level, rater


def crowd(rng: np.random.Generator, raters: int = 60, each: int = 20, shift: float = 0.0):
    rater = np.repeat(np.arange(raters), each)
    group = (rater >= raters // 2).astype(int)
    example = rng.integers(0, 100, size=len(rater))
    y = rng.normal(size=raters)[rater] + 0.5 * rng.normal(size=len(rater)) + shift * group
    return y, group, rater, example
