"""Fleiss' kappa for several raters."""

from __future__ import annotations

from numpy.typing import ArrayLike

from concord.stats._arrays import as_floats
from concord.stats.agreement._chance import Expected, Table
from concord.stats.agreement._coefficient import coefficient
from concord.stats.agreement._kappa.result import Kappa
from concord.stats.agreement._weights import Weights


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
    The interval is ``value +- t * error``; where next to none of 30 units or more disagrees, or differs from the commonest
    answers, it is taken on the scale of atanh, and half an imagined unit opens the end that they leave shut.

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
        units, raters, values, fleiss_chance, weights=weights, categories=categories, confidence=confidence
    )


def fleiss_chance(table: Table) -> Expected:
    """Return the agreement of two draws from the pooled categories."""
    share = table.sums.prevalence()
    pull = (table.weights @ share + table.weights.T @ share) / 2
    return Expected(float(share @ table.weights @ share), as_floats(table.rows @ pull) / table.per_unit)
