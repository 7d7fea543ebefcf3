"""Gwet's AC1 and AC2."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from concord.stats._arrays import as_floats
from concord.stats.agreement._chance import Expected, Table
from concord.stats.agreement._coefficient import coefficient
from concord.stats.agreement._kappa.result import Kappa
from concord.stats.agreement._weights import Weights


def gwet_ac(
    units: ArrayLike,
    raters: ArrayLike,
    values: ArrayLike,
    *,
    weights: Weights = None,
    categories: ArrayLike | None = None,
    confidence: float = 0.95,
) -> Kappa:
    """Return Gwet's AC1 (or AC2 with weights), which stays sensible where one category is nearly always right.

    Parameters
    ----------
    units, raters, values, weights
        As in ``fleiss_kappa``.
    categories
        All possible values. Give them: chance agreement depends on how many there are, also on those never used.

    Returns
    -------
    Kappa
        Undefined where no unit has two ratings, or where there is only one category.

    Raises
    ------
    InputError
        As ``fleiss_kappa``.

    Notes
    -----
    ``p_e = sum(w) / (K (K - 1)) * sum_k pi_k (1 - pi_k)``.
    The interval is that of ``fleiss_kappa``.

    References
    ----------
    Gwet (2008), doi:10.1348/000711006X126600; Gwet (2014), "Handbook of inter-rater reliability", 4th ed.

    Examples
    --------
    >>> result = gwet_ac([1, 1, 2, 2, 3, 3], [0, 1, 0, 1, 0, 1], [1, 1, 1, 1, 1, 2])
    >>> round(result.value, 4)
    0.5385
    """
    return coefficient(
        units, raters, values, gwet_chance, weights=weights, categories=categories, confidence=confidence
    )


def gwet_chance(table: Table) -> Expected:
    """Return the agreement of a rater who guesses, as often as the spread over categories suggests."""
    k = len(table.names)
    if k < 2:
        return Expected(1.0, np.ones(len(table.multiplicity)))
    share = table.sums.prevalence()
    scale = float(table.weights.sum()) / (k * (k - 1))
    linear = scale * as_floats(table.rows @ (1 - share)) / table.per_unit
    return Expected(scale * float((share * (1 - share)).sum()), linear)
