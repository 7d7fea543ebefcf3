"""A proportion with its interval."""

from __future__ import annotations

import math
from collections.abc import Mapping
from numbers import Number
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from concord.stats._arrays import (
    InputError,
    count,
    floats,
    fraction,
    left_out,
    one_of,
    shown,
    zeros_and_ones,
)
from concord.stats._binomial import clopper_pearson, jeffreys, wilson
from concord.stats._results import Estimate
from concord.stats._undefined import undefined

METHODS = ("wilson", "clopper-pearson", "jeffreys")
_NAMES = {"wilson": "Wilson score", "clopper-pearson": "Clopper-Pearson exact", "jeffreys": "Jeffreys"}


def proportion(
    k: int | ArrayLike, n: int | None = None, method: str = "wilson", *, confidence: float = 0.95
) -> Estimate:
    """Return ``k / n`` with an interval, or the share of ones among answers of 0 and 1.

    Parameters
    ----------
    k, n
        Successes and trials, whole numbers with ``0 <= k <= n``; or ``k`` alone as (n,) answers of 0 and 1, where nan is missing
        and dropped. For answers that hang together take `clustered_proportion`.
    method
        "wilson" (default; average coverage near nominal), "clopper-pearson" (never below nominal, wider), or "jeffreys".

    Returns
    -------
    Estimate
        Undefined where ``n`` is 0 or no answer is left.

    Raises
    ------
    InputError
        ``k`` or ``n`` is not a whole number, negative, or ``k > n``; answers other than 0 and 1, or together with ``n``.

    References
    ----------
    Brown, Cai & DasGupta (2001), "Interval estimation for a binomial proportion", doi:10.1214/ss/1009213286.

    Examples
    --------
    >>> result = proportion(0, 10)
    >>> result.value, result.low, round(result.high, 4)
    (0.0, 0.0, 0.2775)
    >>> proportion([1, 1, 0, 1]).value
    0.75
    """
    confidence = fraction("confidence", confidence)
    one_of("method", method, METHODS)
    k, n, omitted = _counts(k, n)
    if n == 0:
        reason = "n is 0: there is nothing to count"
        return undefined(Estimate, reason, confidence=confidence, method=_NAMES[method], omitted=omitted)
    if method == "wilson":
        low, high = wilson(k / n, n, confidence)
    else:
        low, high = (clopper_pearson if method == "clopper-pearson" else jeffreys)(k, n, confidence)
    share = k / n
    return Estimate(
        value=share,
        low=low,
        high=high,
        confidence=confidence,
        method=_NAMES[method],
        n=n,
        standard_error=math.sqrt(share * (1 - share) / n),
        omitted=omitted,
    )


class _Counts(NamedTuple):
    """Successes, trials, and what was left out."""

    successes: int
    trials: int
    omitted: Mapping[str, int]


def _counts(k: int | ArrayLike, n: int | None) -> _Counts:
    """Return successes, trials and what was left out; of single answers, where there is no n."""
    if isinstance(k, str | Number | np.generic):
        if n is None:
            raise InputError(f"k of {shown(k)} needs an n; answers of 0 and 1 can do without")
        k, n = count("k", k), count("n", n)
        if k > n:
            raise InputError(f"k must not exceed n, got k={k} of n={n}")
        return _Counts(k, n, {})
    if n is not None:
        raise InputError(
            f"k must be a whole number where n is given, got {shown(k)}; for answers of 0 and 1 leave n out"
        )
    answer = floats("k", k)
    zeros_and_ones("k", answer)
    known = ~np.isnan(answer)
    return _Counts(int(np.nansum(answer)), int(known.sum()), left_out(known))
