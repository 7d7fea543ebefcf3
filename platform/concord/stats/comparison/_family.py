"""Contrasts with their errors and what is known of how these go together, checked once."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from concord.stats._arrays import (
    BoolArray,
    FloatArray,
    InputError,
    IntArray,
    as_floats,
    floats,
    squarable,
    table,
)
from concord.stats.comparison._max_normal import MaxNormal, factor_of, factor_of_rows, shrinkage

_FEWEST = 0.1  # degrees of freedom: with fewer no interval fits into float64


@dataclass(frozen=True)
class Contrasts:
    """m contrasts: their values, errors and degrees of freedom; ``together`` is (m, m) or (rows, m), or None."""

    value: FloatArray
    error: FloatArray
    df: FloatArray
    together: FloatArray | None
    is_correlation: bool
    correlation_df: float | None

    @classmethod
    def of(
        cls,
        estimates: ArrayLike,
        standard_errors: ArrayLike,
        df: ArrayLike,
        correlation: ArrayLike | None,
        influence: ArrayLike | None,
        correlation_df: float | None,
    ) -> Contrasts:
        """Return the contrasts, or refuse what cannot be some."""
        value = floats("estimates", estimates)
        error = floats("standard_errors", standard_errors, length=len(value))
        if (error < 0).any():
            raise InputError(f"standard_errors must not be negative, got {float(np.nanmin(error))}")
        if correlation is not None and influence is not None:
            raise InputError("give correlation or influence, not both")
        together = _together(correlation, influence, len(value))
        free = _degrees("df", df, len(value))
        if correlation_df is not None:
            correlation_df = float(_degrees("correlation_df", [correlation_df], 1)[0])
        return cls(value, error, free, together, correlation is not None, correlation_df)

    @property
    def known(self) -> BoolArray:
        """Return which contrasts have an error to go by."""
        return ~np.isnan(self.value) & (self.error > 0) & ~np.isnan(self.df)

    def largest(
        self,
        rows: IntArray,
        rng: np.random.Generator,
        *,
        sides: int = 2,
        sign: FloatArray | None = None,
    ) -> MaxNormal:
        """Return how large the largest of these contrasts' standardised errors gets, whatever their order.

        They are put in one order; with two sides each is turned to its positive side, else multiplied by ``sign``.
        """
        value, error, free = self.value[rows], self.error[rows], self.df[rows]
        turned = np.where(value < 0, -1.0, 1.0) if sign is None else sign
        order = np.lexsort((free, error, value * turned))
        if self.together is None or len(rows) < 2:
            return MaxNormal.independent(len(rows), sides)
        rows, turned = rows[order], turned[order]
        if self.is_correlation:
            factor = factor_of(self.together[np.ix_(rows, rows)] * np.outer(turned, turned))
        else:
            factor = factor_of_rows(_sorted_rows(self.together[:, rows] * turned))
        return MaxNormal.simulated(factor, shrinkage(factor, self._noise_df(free)), rng, sides=sides)

    def _noise_df(self, free: FloatArray) -> float:
        if self.correlation_df is not None:
            return self.correlation_df
        slack = 0.0 if self.is_correlation else float((1 / np.maximum(free, _FEWEST)).mean())
        return 1 / slack if slack > 0 else math.inf


def _sorted_rows(rows: FloatArray) -> FloatArray:
    """Return the rows in one order, each with the sign that makes its first entry positive: neither changes a correlation."""
    first = np.take_along_axis(rows, (rows != 0).argmax(axis=1)[:, None], axis=1)
    plain = np.ascontiguousarray(rows * np.where(first < 0, -1.0, 1.0)) + 0.0  # -0.0 becomes 0.0
    return as_floats(plain[np.lexsort(plain.T[::-1])])


def _degrees(name: str, df: Any, m: int) -> FloatArray:
    """Return m degrees of freedom, of which some may be infinite or nan (none known)."""
    if getattr(df, "ndim", 0) == 0 and not isinstance(df, Sequence):
        df = [df] * m  # one number for all
    given = np.asarray(table(name, df), dtype=np.float64)
    if given.shape != (m, 1) and not (m == 0 and given.size == 0):
        raise InputError(f"{name} must have {m} entries like its companions, got shape {given.shape}")
    if (given <= 0).any():
        raise InputError(f"{name} must be positive, got {float(np.nanmin(given))}")
    return given.ravel()


def _together(correlation: ArrayLike | None, influence: ArrayLike | None, m: int) -> FloatArray | None:
    if correlation is None and influence is None:
        return None
    name, given = ("influence", influence) if correlation is None else ("correlation", correlation)
    assert given is not None  # noqa: S101 - for the type checker
    found = as_floats(table(name, given))
    squarable(name, found.ravel())
    if not np.isfinite(found).all():
        raise InputError(f"{name} must hold finite numbers")
    if correlation is None:
        if found.shape[1] != m:
            raise InputError(f"influence must have {m} columns, one for each contrast, got {found.shape[1]}")
        return found
    if found.shape != (m, m):
        raise InputError(f"correlation must be {m} x {m}, got shape {found.shape}")
    return found
