"""What every bootstrap over units draws: how often each is taken, or the totals of very many of them at once."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from concord.stats._arrays import FloatArray, IntArray, as_floats, tally

_BLOCK = 2_000_000  # numbers held at a time, so that memory stays flat
MANY_UNITS = 50_000
_DRAWN = 1 << 16  # units drawn at a time, of few units for many resamples at once
_BINOMIAL = 6  # a multinomial's binomial costs as much as so many single draws


def resampled_weights(
    multiplicity: IntArray, n_resamples: int, rng: np.random.Generator, *, width: int = 1
) -> Iterator[FloatArray]:
    """Yield blocks (b, P) of how often each pattern is drawn where each of its ``multiplicity`` units is as likely.

    Few patterns are one multinomial; where nearly every unit has a pattern of its own, single draws are cheaper. ``width``
    is how many numbers the caller holds for a resample, where that is more than the weights.
    """
    n, n_patterns = int(multiplicity.sum()), len(multiplicity)
    owner = None if n_patterns == n else np.repeat(np.arange(n_patterns), multiplicity)
    size = max(1, _BLOCK // max(n_patterns, width))
    for start in range(0, n_resamples, size):
        rows = min(size, n_resamples - start)
        if _BINOMIAL * n_patterns < n:
            yield as_floats(rng.multinomial(n, multiplicity / n, size=rows))
            continue
        weights = np.empty((rows, n_patterns))
        step = max(1, _DRAWN // max(n, n_patterns))
        for first in range(0, rows, step):
            part = weights[first : first + step]
            part[:] = _single_draws(n, owner, part.shape, rng)
        yield weights


def _single_draws(
    n: int, owner: IntArray | None, shape: tuple[int, int], rng: np.random.Generator
) -> FloatArray:
    """Return how often each pattern is drawn in n single draws, for each row."""
    rows, n_patterns = shape
    drawn = rng.integers(n, size=(rows, n), dtype=np.uint32 if n < 2**32 else np.int64)
    place = (drawn if owner is None else owner[drawn]) + n_patterns * np.arange(rows)[:, None]
    return tally(place.ravel(), rows * n_patterns).reshape(shape)


def totals_in_the_limit(
    contributions: FloatArray, n_resamples: int, rng: np.random.Generator, at_least: int = MANY_UNITS
) -> FloatArray | None:
    """Return resampled totals (n_resamples, F) of (U, F) contributions by the central limit theorem, None where it does not
    hold: where there are few units, or one weighs much.
    """
    if len(contributions) < at_least:
        return None
    away = contributions - contributions.mean(axis=0)
    square = away.T @ away
    if not _none_weighs_much(away, np.sqrt(np.diag(square))):
        return None
    return _normal(contributions.sum(axis=0), square, n_resamples, rng)


def normal_limit_holds(contributions: FloatArray, at_least: int = MANY_UNITS) -> bool:
    """Whether resampled totals of (U, F) contributions are normal for all purposes: very many units, none of which
    weighs much.
    """
    if len(contributions) < at_least:
        return False
    away = contributions - contributions.mean(axis=0)
    return _none_weighs_much(away, np.sqrt(np.square(away).sum(axis=0)))


def _none_weighs_much(away: FloatArray, spread: FloatArray) -> bool:
    """Whether the furthest of (U, F) contributions is small beside the root of their sum of squares.

    By Berry-Esseen the error is of the order of the largest standardised contribution, here below one percent.
    """
    furthest = np.maximum(away.max(axis=0), -away.min(axis=0))
    return bool((furthest <= 0.05 * spread + 1e-300).all())


def normal_totals(contributions: FloatArray, n_resamples: int, rng: np.random.Generator) -> FloatArray:
    """Return resampled totals (n_resamples, F) of (U, F) contributions by the central limit theorem."""
    away = contributions - contributions.mean(axis=0)
    return _normal(contributions.sum(axis=0), away.T @ away, n_resamples, rng)


def _normal(centre: FloatArray, square: FloatArray, n: int, rng: np.random.Generator) -> FloatArray:
    values, vectors = np.linalg.eigh(square)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    return as_floats(centre + rng.standard_normal((n, len(centre))) @ root.T)
