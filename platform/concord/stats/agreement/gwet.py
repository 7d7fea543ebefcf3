"""Gwet's AC1 and AC2."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from concord.stats._arrays import FloatArray
from concord.stats.agreement._chance import Table, coefficient, prevalence
from concord.stats.agreement._kappa_result import Kappa, Weights


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
        units, raters, values, _chance, weights=weights, categories=categories, confidence=confidence
    )


def _chance(table: Table) -> tuple[float, FloatArray]:
    k = len(table.names)
    if k < 2:
        return 1.0, np.ones(len(table.counts))
    share = prevalence(table)
    scale = float(table.weights.sum()) / (k * (k - 1))
    by_unit: FloatArray = scale * np.asarray(table.counts @ (1 - share)) / table.per_unit
    return scale * float((share * (1 - share)).sum()), by_unit
