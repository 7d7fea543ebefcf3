"""How large the largest of many correlated normal variables gets: the one distribution behind a family of contrasts.

Draws of m correlated normals are split into a direction and a length; the length (a chi variable) is integrated exactly, so
that the chance is smooth in its limit and small chances are not counted from a handful of draws.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import special

from concord.stats._arrays import BoolArray, FloatArray, InputError, as_floats

_DRAWS, _DRAWS_OF_MANY, _MANY = 1 << 16, 1 << 14, 400
_BLOCK = 4_000_000  # numbers held at a time
_GROUPS = 256  # of draws whose largest is about the same
_GRID = np.linspace(0.0, 9.0, 181)
_BEYOND_ROUNDING = 1e-8
_SMALLEST = 1e-10  # of a unit variance: what is left of a contrast that others already make up


@dataclass(frozen=True)
class MaxNormal:
    """P(the largest of m > z), on a grid; between that of one of them and Sidak's bound (of one side: Bonferroni's)."""

    n: int
    tail_on_grid: FloatArray
    sides: int

    @classmethod
    def independent(cls, n: int, sides: int = 2) -> MaxNormal:
        """Return the distribution where nothing is known of the correlation: Sidak's bound itself."""
        return cls(n, np.full(len(_GRID), math.inf), sides)

    @classmethod
    def simulated(
        cls, factor: FloatArray, own: float, rng: np.random.Generator, *, sides: int = 2
    ) -> MaxNormal:
        """Return it for ``sqrt(1 - own) factor' g + sqrt(own) e``; ``factor`` (k, m) has columns of length 1."""
        if factor.shape[1] == 1:
            return cls.independent(1, sides)
        dimension = factor.shape[0] + (factor.shape[1] if own > 0 else 0)
        draws = _DRAWS if factor.shape[1] <= _MANY else _DRAWS_OF_MANY
        ratio = np.sort(_ratios(factor, own, rng, sides, draws))
        ratio = ratio.reshape(_GROUPS, -1).mean(axis=1)
        away = np.divide(
            _GRID[:, None], ratio, out=np.full((len(_GRID), len(ratio)), math.inf), where=ratio > 0
        )
        return cls(factor.shape[1], special.gammaincc(dimension / 2, away**2 / 2).mean(axis=1), sides)

    def tail(self, z: FloatArray) -> FloatArray:
        """Return the chance that the largest exceeds each of ``z``."""
        one = special.ndtr(-z) * self.sides
        with np.errstate(divide="ignore"):
            sidak = -np.expm1(self.n * np.log1p(-np.minimum(one, 1.0)))
            bound = sidak if self.sides == 2 else np.minimum(self.n * one, 1.0)  # Sidak's is of two sides
            found = np.exp(np.interp(z, _GRID, np.log(self.tail_on_grid)))
        return as_floats(np.maximum(np.minimum(found, bound), one))

    def tail_of_p(self, p_values: FloatArray) -> FloatArray:
        """Return the chance that the smallest of the family's p-values is at most each of these."""
        return self.tail(as_floats(-special.ndtri(p_values / self.sides)))

    def critical_p(self, alpha: float) -> float:
        """Return the p-value than which the smallest of the family is smaller with probability ``alpha``."""
        return float(special.ndtr(-self.critical(alpha)) * self.sides)

    def critical(self, alpha: float) -> float:
        """Return the z that the largest exceeds with probability ``alpha``."""
        low, high = 0.0, 40.0
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (middle, high) if self.tail(np.array([middle]))[0] > alpha else (low, middle)
        return high


def _ratios(factor: FloatArray, own: float, rng: np.random.Generator, sides: int, draws: int) -> FloatArray:
    """Return for each draw its largest, over the length of what was drawn."""
    k, m = factor.shape
    loading = np.ascontiguousarray((math.sqrt(1 - own) * factor).astype(np.float32).T)
    noise = np.float32(math.sqrt(own))
    size = max(min(_BLOCK // (k + m), draws), 1)
    result = np.empty(draws)
    for start in range(0, draws, size):
        stop = min(start + size, draws)
        common = rng.standard_normal(
            (k, stop - start), dtype=np.float32
        )  # a draw is a column: few long rows are quick
        square = np.einsum("ij,ij->j", common, common)
        value = loading @ common
        if own > 0:
            single = rng.standard_normal((m, stop - start), dtype=np.float32)
            square += np.einsum("ij,ij->j", single, single)
            value += noise * single
        largest = value.max(axis=0) if sides == 1 else np.maximum(value.max(axis=0), -value.min(axis=0))
        result[start:stop] = largest / np.sqrt(square)
    return result


def shrinkage(factor: FloatArray, df: float) -> float:
    """Return how much of an estimated correlation is taken for noise (Schafer & Strimmer 2005, towards no correlation).

    Of ``df`` degrees of freedom even unrelated contrasts show squared correlations of ``1 / df``; what the squares are above
    that, ``(r**2 - 1 / df) / (1 - 1 / df)`` on average, over what they are, is the part that is kept.
    """
    m = factor.shape[1]
    if math.isinf(df) or m < 2:
        return 0.0
    blocks = (factor[:, start : start + 256].T @ factor for start in range(0, m, 256))
    square = (sum(float(np.square(block).sum()) for block in blocks) - m) / (m * (m - 1))
    if square <= 1 / df or df <= 1:
        return 1.0
    return float(1 - (square - 1 / df) / (1 - 1 / df) / square)


def factor_of_rows(rows: FloatArray) -> FloatArray:
    """Return a factor with the correlation of the columns of ``rows`` and no more rows than that needs.

    Of a column of zeros nothing is known: it is taken to go with no other.
    """
    size = np.abs(rows).max(axis=0, initial=0.0)
    silent = size == 0
    scaled = np.vstack([rows / np.where(silent, 1.0, size), np.eye(len(size))[silent]])
    scaled = scaled / np.sqrt(np.square(scaled).sum(axis=0))
    if len(scaled) <= scaled.shape[1]:
        return as_floats(scaled)
    return factor_of(as_floats(scaled.T @ scaled))


def factor_of(correlation: FloatArray) -> FloatArray:
    """Return a factor of the nearest matrix that is a correlation: negative eigenvalues cut at 0, the diagonal set back to 1."""
    found, worst = _triangle(correlation)
    if worst >= -_BEYOND_ROUNDING:
        return found
    values, vectors = np.linalg.eigh((correlation + correlation.T) / 2)
    positive = (vectors * np.maximum(values, 0.0)) @ vectors.T
    length = np.sqrt(np.diagonal(positive))
    if not length.min() > 0:
        raise InputError("correlation is no correlation: a contrast has no part in its positive part")
    return _triangle(as_floats(positive / np.outer(length, length)))[0]


def _triangle(correlation: FloatArray) -> tuple[FloatArray, float]:
    """Return Cholesky's factor, (rank, m), and the least that was left of a variance (below 0: not positive).

    Contrasts that earlier ones make up add no row, so that rounding changes the factor by rounding only.
    """
    m = len(correlation)
    factor, left, rank = np.zeros((m, m)), np.diagonal(correlation).copy(), 0
    for j in range(m):
        if left[j] <= _SMALLEST:
            continue
        row = correlation[j, j:] - factor[:rank, j] @ factor[:rank, j:]
        factor[rank, j:] = row / math.sqrt(left[j])
        left[j:] -= np.square(factor[rank, j:])
        rank += 1
    worst = min(float(left.min()), _mismatch(correlation, factor[:rank]))
    length = np.sqrt(np.square(factor[:rank]).sum(axis=0))
    return as_floats(factor[:rank] / length), worst


def _mismatch(correlation: FloatArray, factor: FloatArray) -> float:
    """Return, negative, how far the factor is from making up the correlation: what no real factor could."""
    made: BoolArray = np.abs(factor.T @ factor - correlation) > 1e-6
    return -1.0 if bool(made.any()) else 0.0
