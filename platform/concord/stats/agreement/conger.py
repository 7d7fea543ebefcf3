"""Conger's kappa: Cohen's chance agreement for more than two raters."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from concord.stats._arrays import InputError, tally
from concord.stats.agreement._chance import Expected, Table
from concord.stats.agreement._coefficient import coefficient
from concord.stats.agreement._kappa.result import Kappa
from concord.stats.agreement._ratings import ANONYMOUS
from concord.stats.agreement._weights import Weights


def conger_kappa(
    units: ArrayLike,
    raters: ArrayLike,
    values: ArrayLike,
    *,
    weights: Weights = None,
    categories: ArrayLike | None = None,
    confidence: float = 0.95,
) -> Kappa:
    """Return Conger's kappa: chance agreement is the mean over pairs of raters, each with a habit of their own.

    Parameters
    ----------
    units, raters, values
        (n,) long-form ratings by known raters (none anonymous); some may be missing.
    weights, categories
        As in ``cohen_kappa``, to which this reduces for two raters.

    Returns
    -------
    Kappa
        Undefined where no unit has two ratings, or where chance agreement is complete.

    Raises
    ------
    InputError
        An anonymous rater, or as ``fleiss_kappa``.

    Notes
    -----
    ``p_e = mean over pairs g != h of sum_kl w_kl p_gk p_hl`` with ``p_g`` the shares of rater g.
    The interval is that of ``fleiss_kappa``.

    References
    ----------
    Conger (1980), doi:10.1037/0033-2909.88.2.322; Gwet (2014), "Handbook of inter-rater reliability", 4th ed.

    Examples
    --------
    >>> result = conger_kappa([1, 1, 1, 2, 2, 2], [0, 1, 2, 0, 1, 2], [1, 1, 2, 3, 3, 3])
    >>> round(result.value, 4)
    0.5
    """
    return coefficient(
        units, raters, values, conger_chance, weights=weights, categories=categories, confidence=confidence
    )


def conger_chance(table: Table) -> Expected:
    """Return the mean agreement of two different raters who each draw from their own habit."""
    data, category = table.data, table.category
    if data is None or category is None or (data.rater == ANONYMOUS).any():
        raise InputError("conger_kappa needs to know the raters, got an anonymous one (-1); see fleiss_kappa")
    # Sums of shares then do not depend on the order of the ratings.
    order = np.argsort(data.unit * np.int64(data.n_raters) + data.rater, kind="stable")
    unit, rater, category = data.unit[order], data.rater[order], category[order]
    n, k, r = data.n_units, len(table.names), data.n_raters
    if r < 2:
        return Expected(1.0, np.ones(n), by_unit=True)
    used = tally(rater * k + category, r * k).reshape(r, k)
    given = used.sum(axis=1)
    habit = used / given[:, None]
    others = (habit.sum(axis=0) - habit) @ (table.weights + table.weights.T) / 2
    own = (others * habit).sum(axis=1)
    pull = n / given[rater] * (others[rater, category] - own[rater])
    linear = (tally(unit, n, pull) + own.sum()) / (r * (r - 1))
    return Expected(float(own.sum()) / (r * (r - 1)), linear, by_unit=True)
