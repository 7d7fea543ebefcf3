"""What Fleiss', Conger's and Gwet's coefficients share: from ratings to the result, given what is called chance."""

from __future__ import annotations

from typing import Any

from numpy.typing import ArrayLike

from concord.stats._arrays import fraction
from concord.stats.agreement._chance import Chance, Table, measured, table_of
from concord.stats.agreement._kappa.few import interval_of
from concord.stats.agreement._kappa.result import NO_PAIRS, NO_SPREAD, Kappa, undefined_kappa
from concord.stats.agreement._ratings import ratings
from concord.stats.agreement._weights import Weights


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
    """Return ``(observed - expected) / (1 - expected)`` of ratings; ``chance`` gives the expected agreement."""
    confidence = fraction("confidence", confidence)
    return coefficient_of(table_of(ratings(units, raters, values), weights, categories), chance, confidence)


def coefficient_of(table: Table, chance: Chance, confidence: float) -> Kappa:
    """Return the coefficient of a table."""
    common: dict[str, Any] = {
        "confidence": confidence,
        "n": table.sums.n_units(2),
        "n_raters": table.n_raters,
        "n_ratings": int(table.sums.counts().sum()),
        "categories": table.names,
        "omitted": table.omitted,
    }
    if not common["n"]:
        return undefined_kappa(reason=NO_PAIRS, **common)
    found = measured(table, chance)
    common |= {"observed": found.observed, "expected": found.expected}
    if not found.expected < 1 - 1e-12:
        return undefined_kappa(reason=NO_SPREAD, **common)
    low, high, how, notes = interval_of(table, chance, found, confidence)
    return Kappa(
        value=found.value,
        low=low,
        high=high,
        method=f"Gwet's standard error over units, {how}",
        standard_error=found.error,
        notes=notes,
        **common,
    )
