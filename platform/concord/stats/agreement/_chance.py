"""Chance-corrected agreement of several raters with missing ratings (Gwet 2014, "Handbook of inter-rater reliability").

Observed agreement is the same for all coefficients; they differ in what agreement they call chance. Every unit with at least one
rating informs the chance agreement, every unit with at least two the observed one. The standard error linearises both over units.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from concord.stats._arrays import FloatArray, InputError, IntArray, as_floats, fraction
from concord.stats.agreement._kappa_result import (
    NO_PAIRS,
    NO_SPREAD,
    Kappa,
    Weights,
    agreement_weights,
    kappa_interval,
    undefined_kappa,
)
from concord.stats.agreement._ratings import Ratings, category_codes, counts_table, ratings

MOST_CATEGORIES = 500


@dataclass(frozen=True)
class Table:
    """Counts of ratings by unit and category, (U, K), with the agreement weights, (K, K)."""

    data: Ratings
    category: IntArray
    names: NDArray[Any]
    counts: FloatArray
    per_unit: FloatArray
    weights: FloatArray


Chance = Callable[[Table], tuple[float, FloatArray]]


def coefficient(
    units: ArrayLike,
    raters: ArrayLike,
    values: ArrayLike,
    chance: Chance,
    *,
    weights: Weights,
    categories: ArrayLike | None,
    confidence: float,
) -> Kappa:
    """Return ``(observed - expected) / (1 - expected)``; ``chance`` gives the expected agreement and its per-unit
    linearisation.
    """
    fraction("confidence", confidence)
    data = ratings(units, raters, values)
    category, names = category_codes(data.value, categories)
    if len(names) > MOST_CATEGORIES:
        raise InputError(
            f"at most {MOST_CATEGORIES} categories, got {len(names)}: use krippendorff_alpha or icc for numbers"
        )
    counts = as_floats(counts_table(data, category, len(names)))
    table = Table(data, category, names, counts, counts.sum(axis=1), agreement_weights(weights, names))
    paired = table.per_unit >= 2
    lone = int((~paired).sum())
    omitted = {**data.omitted, **({"units with one rating (they inform chance only)": lone} if lone else {})}
    common: dict[str, Any] = {
        "confidence": confidence,
        "n": int(paired.sum()),
        "n_raters": data.n_raters,
        "n_ratings": len(data.unit),
        "categories": names,
        "omitted": omitted,
    }
    if not paired.any():
        return undefined_kappa(reason=NO_PAIRS, **common)
    agreed = _agreed_pairs(table)
    observed = float(agreed[paired].mean())
    expected, by_unit = chance(table)
    if not 1 - expected > 1e-12:
        return undefined_kappa(reason=NO_SPREAD, observed=observed, expected=expected, **common)
    value = (observed - expected) / (1 - expected)
    error = _standard_error(agreed, paired, by_unit, value, expected)
    low, high = kappa_interval(value, error, confidence, df=max(len(paired) - 1, 1))
    return Kappa(
        value=value,
        low=low,
        high=high,
        method="Gwet's standard error over units, t interval",
        standard_error=error,
        notes=() if error > 0 else ("units do not differ in agreement: a standard error cannot be had.",),
        observed=observed,
        expected=expected,
        **common,
    )


def _agreed_pairs(table: Table) -> FloatArray:
    """Return each unit's share of (weighted) agreeing pairs; 0 where it has fewer than two ratings."""
    weighted = table.counts @ table.weights.T
    pairs = (table.counts * (weighted - 1)).sum(axis=1)
    total = table.per_unit * (table.per_unit - 1)
    return as_floats(np.divide(pairs, total, out=np.zeros_like(pairs), where=total > 0))


def _standard_error(
    agreed: FloatArray, paired: NDArray[np.bool_], by_unit: FloatArray, value: float, expected: float
) -> float:
    n = len(agreed)
    if n < 2:
        return math.nan
    own = n / paired.sum() * (agreed - expected * paired) / (1 - expected)
    linear = own - 2 * (1 - value) * (by_unit - expected) / (1 - expected)
    variance = float(np.square(linear - value).sum()) / (n * (n - 1))
    return math.sqrt(variance) if variance > 1e-30 else math.nan


def prevalence(table: Table) -> FloatArray:
    """Return the mean share of each category over units, (K,)."""
    return as_floats((table.counts / table.per_unit[:, None]).mean(axis=0))
