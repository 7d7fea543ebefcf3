"""P-values adjusted for being many."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from concord.stats._arrays import FloatArray, InputError, floats, fraction
from concord.stats._results import Adjusted


def holm(p_values: ArrayLike, *, alpha: float = 0.05) -> Adjusted:
    """Return Holm's step-down adjusted p-values: they hold the chance of any false rejection at ``alpha``.

    Parameters
    ----------
    p_values
        (m,) numbers in [0, 1]; nan (a test that could not be made) stays nan and is not counted.
    alpha
        The level at which ``rejected`` is decided.

    Returns
    -------
    Adjusted
        ``p_values`` and ``rejected`` (at ``alpha``) in the order given; ``n`` counts the tests, nan left out.

    Raises
    ------
    InputError
        A p-value lies outside [0, 1].

    Notes
    -----
    ``p_(i) = max_{j <= i} min(1, (m - j + 1) p_(j))``. Holm (1979), "A simple sequentially rejective multiple test procedure".

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03]).p_values.round(3).tolist()
    [0.03, 0.06, 0.06]
    """
    given, order, known = _sorted(p_values, alpha)
    m = len(order)
    adjusted = np.maximum.accumulate(given[order] * np.arange(m, 0, -1))
    return _result(given, order, known, adjusted, alpha, "Holm")


def benjamini_hochberg(p_values: ArrayLike, *, alpha: float = 0.05) -> Adjusted:
    """Return Benjamini and Hochberg's adjusted p-values: they hold the expected share of false rejections at ``alpha``.

    Valid for independent or positively dependent tests; else see ``benjamini_yekutieli``.

    Parameters
    ----------
    p_values, alpha
        As in ``holm``.

    Returns
    -------
    Adjusted
        ``p_values`` and ``rejected`` (at ``alpha``) in the order given; ``n`` counts the tests, nan left out.

    Raises
    ------
    InputError
        A p-value lies outside [0, 1].

    Notes
    -----
    ``p_(i) = min_{j >= i} min(1, m p_(j) / j)``. Benjamini & Hochberg (1995), doi:10.1111/j.2517-6161.1995.tb02031.x.

    Examples
    --------
    >>> benjamini_hochberg([0.01, 0.04, 0.03]).p_values.round(3).tolist()
    [0.03, 0.04, 0.04]
    """
    return _step_up(p_values, alpha, 1.0, "Benjamini-Hochberg")


def benjamini_yekutieli(p_values: ArrayLike, *, alpha: float = 0.05) -> Adjusted:
    """Return Benjamini and Yekutieli's adjusted p-values: as Benjamini-Hochberg, under any dependence between the tests.

    Parameters
    ----------
    p_values, alpha
        As in ``holm``.

    Returns
    -------
    Adjusted
        ``p_values`` and ``rejected`` (at ``alpha``) in the order given; ``n`` counts the tests, nan left out.

    Raises
    ------
    InputError
        A p-value lies outside [0, 1].

    Notes
    -----
    Benjamini-Hochberg times ``1 + 1/2 + ... + 1/m``. Benjamini & Yekutieli (2001), doi:10.1214/aos/1013699998.

    Examples
    --------
    >>> benjamini_yekutieli([0.01, 0.04, 0.03]).p_values.round(3).tolist()
    [0.055, 0.073, 0.073]
    """
    known = ~np.isnan(floats("p_values", p_values))
    return _step_up(p_values, alpha, float((1 / np.arange(1, known.sum() + 1)).sum()), "Benjamini-Yekutieli")


def _step_up(p_values: ArrayLike, alpha: float, factor: float, method: str) -> Adjusted:
    given, order, known = _sorted(p_values, alpha)
    m = len(order)
    raw = given[order] * factor * m / np.arange(1, m + 1)
    adjusted = np.minimum.accumulate(raw[::-1])[::-1]
    return _result(given, order, known, adjusted, alpha, method)


class _Sorted(NamedTuple):
    """The p-values given, the places of the known ones from small to large, and which are known."""

    p_values: FloatArray
    order: np.ndarray
    known: np.ndarray


def _sorted(p_values: ArrayLike, alpha: float) -> _Sorted:
    alpha = fraction("alpha", alpha)
    given = floats("p_values", p_values)
    known = ~np.isnan(given)
    if known.any() and not (given[known].min() >= 0 and given[known].max() <= 1):
        bad = given[known][(given[known] < 0) | (given[known] > 1)][0]
        raise InputError(f"p-values must lie between 0 and 1, got {float(bad)}")
    positions = np.flatnonzero(known)
    return _Sorted(given, positions[np.argsort(given[known], kind="stable")], known)


def _result(
    given: FloatArray, order: np.ndarray, known: np.ndarray, adjusted: FloatArray, alpha: float, method: str
) -> Adjusted:
    result = np.full(len(given), np.nan)
    result[order] = np.minimum(adjusted, 1.0)
    rejected = np.zeros(len(given), dtype=bool)
    rejected[known] = result[known] <= alpha
    return Adjusted(p_values=result, rejected=rejected, alpha=alpha, method=method, n=len(order))
