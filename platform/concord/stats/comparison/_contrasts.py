"""Differences and other contrasts of fixed effects, each with its own degrees of freedom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from concord.stats._arrays import FloatArray, InputError, as_floats, largest, shown, table
from concord.stats._results import Record

_FEW = 2  # degrees of freedom of a side, with which Satterthwaite's rule covers too little
_BELOW = (
    1 / 3
)  # of the noise: what a side's mean square is taken for where it fell below the noise, its terms being zero


@dataclass(frozen=True, kw_only=True)
class Contrasts(Record):
    """Sums of the systems' means, a row of ``matrix`` (k, S) each; ``p_values`` are two-sided against 0.

    ``covariance`` (k, k) is theirs together; ``low`` and ``high`` hold for each alone. nan where there is no interval.
    """

    matrix: FloatArray = field(repr=False)
    values: FloatArray
    standard_errors: FloatArray
    df: FloatArray
    statistics: FloatArray
    p_values: FloatArray
    low: FloatArray
    high: FloatArray
    covariance: FloatArray = field(repr=False)
    confidence: float
    n: int


@dataclass(frozen=True)
class Fit(Record):
    """The systems' means in units of ``scale``, and what Satterthwaite's degrees of freedom are made of.

    The covariance of the means is ``sum_k variances[k] slopes[k]``; ``spread`` is the covariance of the variances' estimates.
    ``sides`` says of each term whether it is "noise" or of a side, ``counts`` how many raters, how many examples are random.
    """

    means: FloatArray
    origin: float
    scale: float
    variances: FloatArray
    slopes: FloatArray
    spread: FloatArray
    sides: tuple[str, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)


def weights(matrix: ArrayLike, n_systems: int) -> FloatArray:
    """Return contrasts, a row each, refused where they do not fit the systems."""
    rows = np.atleast_2d(as_floats(table("matrix", matrix) if np.ndim(matrix) != 1 else np.asarray(matrix)))
    if rows.shape[1] != n_systems or not np.isfinite(rows).all() or largest(rows.ravel()) > 1e100:
        raise InputError(
            f"matrix must have a finite weight for each of {n_systems} systems, got {shown(matrix)}"
        )
    return rows


def contrasts(fit: Fit, rows: FloatArray, confidence: float, n: int) -> Contrasts:
    """Return contrasts of the means with t intervals; the degrees of freedom are ``2 v^2 / var(v)``."""
    values = rows @ fit.means
    covariance = rows @ np.einsum("k,kst->st", fit.variances, fit.slopes) @ rows.T
    variance = np.maximum(np.diag(covariance), 0.0)
    error, df = np.sqrt(variance), satterthwaite(fit, rows)
    known = (error > 0) & np.isfinite(df)
    half = np.full(len(rows), np.nan)
    half[known] = error[known] * special.stdtrit(df[known], (1 + confidence) / 2)
    origin = rows.sum(axis=1) * fit.origin  # nothing, of a difference
    centre = np.where(np.abs(rows.sum(axis=1)) < 1e-12 * np.abs(rows).sum(axis=1), 0.0, origin)
    value = values * fit.scale + centre
    statistic = np.divide(value / fit.scale, error, out=np.full(len(rows), np.nan), where=known)
    return Contrasts(
        matrix=rows,
        values=value,
        standard_errors=np.where(np.isnan(df), np.nan, error) * fit.scale,
        df=df,
        statistics=statistic,
        p_values=2 * special.stdtr(df, -np.abs(statistic)),
        low=value - half * fit.scale,
        high=value + half * fit.scale,
        covariance=covariance * fit.scale * fit.scale,
        confidence=confidence,
        n=n,
    )


def satterthwaite(fit: Fit, rows: FloatArray) -> FloatArray:
    """Return ``2 v^2 / (g' spread g)`` of each row, g the slopes of its variance v in the terms' variances.

    It is held to what a side with few raters (or examples) allows, see ``_held``.
    """
    slopes = np.maximum(np.einsum("cs,kst,ct->ck", rows, fit.slopes, rows), 0.0)
    variance = slopes @ fit.variances
    doubt = np.einsum("ck,kl,cl->c", slopes, fit.spread, slopes)
    df = np.full(len(rows), np.nan)
    known = (doubt > 0) & (variance > 0)
    df[known] = 2 * variance[known] ** 2 / doubt[known]
    return np.fmin(df, _held(fit, rows, slopes * fit.variances)) if known.any() else df


def _held(fit: Fit, rows: FloatArray, parts: FloatArray) -> FloatArray:
    """Return the most degrees of freedom that raters and examples allow, each side alone and both together.

    A mean square of one or two degrees of freedom is small by chance so often that Satterthwaite's rule, which trusts it,
    covers .88 and .92. So no interval is narrower than that of such a side's own variance with its own degrees of freedom;
    and where a side has a single one, t is Cochran and Cox's mean of both sides' t, each weighted by its mean square.
    """
    flat = np.abs(rows.sum(axis=1)) <= 1e-12 * np.abs(rows).sum(axis=1)
    ways = np.where(flat, len(fit.means) - 1, 1)
    noise = parts[:, [side == "noise" for side in fit.sides]].sum(axis=1)
    whole = np.maximum(parts.sum(axis=1), 1e-300)
    least = np.full(len(rows), np.inf)
    t, total, weighted = np.zeros(len(rows)), np.zeros(len(rows)), np.zeros(len(rows))
    for side, count in fit.counts.items():
        df = np.maximum(ways * (count - 1), 1)
        alone, quantile = (
            parts[:, [name == side for name in fit.sides]].sum(axis=1),
            special.stdtrit(df, 0.975),
        )
        t = np.where(df <= _FEW, np.maximum(t, quantile * np.sqrt(alone / whole)), t)
        square = np.where(alone > 0, noise + alone, noise * _BELOW)
        least, total, weighted = np.minimum(least, df), total + square, weighted + square * quantile
    mean = np.divide(weighted, total, out=np.zeros(len(rows)), where=(least == 1) & (total > 0))
    t = np.maximum(t, mean)
    found = np.full(len(rows), np.inf)
    wide = t > special.ndtri(0.975)
    found[wide] = special.stdtridf(0.975, t[wide])
    return found
