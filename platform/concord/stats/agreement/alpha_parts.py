"""Alpha taken apart: without each rater, and slice by slice."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from concord.stats._arrays import (
    FloatArray,
    IntArray,
    codes,
    generator,
    vector,
)
from concord.stats._results import Record
from concord.stats.agreement._alpha.build import Level, build_terms
from concord.stats.agreement._alpha.removal import removal, without_each_rater
from concord.stats.agreement._ratings import pairable, ratings
from concord.stats.agreement.krippendorff import Alpha, krippendorff_alpha


@dataclass(frozen=True, kw_only=True)
class LeaveOneOut(Record):
    """Alpha without each rater: ``raters`` (R,), ``alpha`` (R,) and ``change`` (R,) = alpha without - ``full``.

    A positive change means that agreement rises when that rater is left out. nan where too little is left.
    """

    raters: IntArray
    alpha: FloatArray
    change: FloatArray
    full: float


def alpha_without_each_rater(
    units: ArrayLike,
    raters: ArrayLike,
    values: ArrayLike,
    *,
    level: Level,
    categories: ArrayLike | None = None,
) -> LeaveOneOut:
    """Return alpha without each (known) rater, in one pass for data with few categories.

    Parameters
    ----------
    units, raters, values, level, categories
        As in ``krippendorff_alpha``.

    Returns
    -------
    LeaveOneOut
        nan for a rater without whom no two ratings of a unit, or only one value, are left.

    Raises
    ------
    InputError
        As ``krippendorff_alpha``.

    Notes
    -----
    ``change = alpha without the rater's ratings - alpha``; units that are left with one rating no longer count.

    Examples
    --------
    >>> units, raters = [1, 1, 1, 2, 2, 2, 3, 3, 3], [0, 1, 2] * 3
    >>> result = alpha_without_each_rater(units, raters, [1, 1, 2, 2, 2, 1, 3, 3, 1], level="nominal")
    >>> result.alpha.round(3).tolist()
    [-0.364, -0.364, 1.0]
    """
    data = pairable(ratings(units, raters, values))
    everyone = np.unique(ratings(units, raters, values).rater_codes)
    full = krippendorff_alpha(units, raters, values, level=level, categories=categories, n_resamples=0)
    if not data.n_units:
        nothing = np.full(len(everyone), np.nan)
        return LeaveOneOut(raters=everyone, alpha=nothing, change=nothing, full=full.value)
    terms, _ = build_terms(data, level, categories)
    alpha = np.full(len(everyone), full.value)
    place = np.searchsorted(everyone, data.rater_codes)
    known = removal(data, terms, categories)
    alpha[place] = without_each_rater(data, terms, level, categories, known)
    return LeaveOneOut(raters=everyone, alpha=alpha, change=alpha - full.value, full=full.value)


def alpha_by_slice(
    units: ArrayLike,
    raters: ArrayLike,
    values: ArrayLike,
    slices: ArrayLike,
    *,
    level: Level,
    categories: ArrayLike | None = None,
    confidence: float = 0.95,
    n_resamples: int = 1000,
    rng: np.random.Generator | None = None,
) -> dict[int, Alpha]:
    """Return alpha of each slice (language, topic, hazard ...) of the ratings.

    Parameters
    ----------
    slices
        (n,) integer codes, one per rating.
    units, raters, values, level, categories, confidence, n_resamples
        As in ``krippendorff_alpha``.

    Returns
    -------
    dict
        From slice code to ``Alpha``. Expected disagreement is the slice's own, so a slice with little variety may
        have a low alpha although its raters hardly disagree: compare ``observed`` as well.

    Raises
    ------
    InputError
        As ``krippendorff_alpha``.

    Notes
    -----
    Each slice is ``krippendorff_alpha`` of its own ratings alone.

    Examples
    --------
    >>> result = alpha_by_slice([1, 1, 2, 2, 3, 3], [0, 1] * 3, [1, 1, 2, 2, 1, 2], [0, 0, 0, 0, 1, 1], level="nominal")
    >>> result[0].value
    1.0
    """
    unit = codes("units", units)
    part = codes("slices", slices, length=len(unit))
    rater, value = codes("raters", raters, length=len(unit)), vector("values", values, length=len(unit))
    source = generator(rng)
    order = np.argsort(part, kind="stable")
    names, first = np.unique(part[order], return_index=True)
    parts = np.split(order, first)[1:]
    return {
        int(code): krippendorff_alpha(
            unit[mine],
            rater[mine],
            value[mine],
            level=level,
            categories=categories,
            confidence=confidence,
            n_resamples=n_resamples,
            rng=source,
        )
        for code, mine in zip(names, parts, strict=True)
    }
