"""Fleiss' kappa for several raters."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from concord.stats._arrays import FloatArray
from concord.stats.agreement._chance import Table, coefficient, prevalence
from concord.stats.agreement._kappa_result import Kappa, Weights


def fleiss_kappa(
    units: ArrayLike,
    raters: ArrayLike,
    values: ArrayLike,
    *,
    weights: Weights = None,
    categories: ArrayLike | None = None,
    confidence: float = 0.95,
) -> Kappa:
    """Return Fleiss' kappa: chance agreement is that of raters who all draw from the pooled categories.

    Parameters
    ----------
    units, raters, values
        (n,) long-form ratings; units may have different numbers of ratings. Raters matter only for repeated ratings.
    weights, categories
        As in ``cohen_kappa``.

    Returns
    -------
    Kappa
        ``n`` counts units with at least two ratings. Undefined without any, or where only one category was used.

    Raises
    ------
    InputError
        Malformed input, or more than 500 categories.

    Notes
    -----
    ``p_e = sum_kl w_kl pi_k pi_l``. With equal numbers of ratings this is Fleiss (1971); otherwise Gwet's generalisation.

    References
    ----------
    Fleiss (1971), doi:10.1037/h0031619; Gwet (2014), "Handbook of inter-rater reliability", 4th ed., chapter 2.

    Examples
    --------
    >>> result = fleiss_kappa([1, 1, 1, 2, 2, 2], [-1] * 6, [1, 1, 2, 3, 3, 3])
    >>> round(result.value, 4)
    0.4545
    """
    return coefficient(
        units, raters, values, _chance, weights=weights, categories=categories, confidence=confidence
    )


def _chance(table: Table) -> tuple[float, FloatArray]:
    share = prevalence(table)
    expected = float(share @ table.weights @ share)
    pull = (table.weights @ share + table.weights.T @ share) / 2
    by_unit: FloatArray = np.asarray(table.counts @ pull) / table.per_unit
    return expected, by_unit
