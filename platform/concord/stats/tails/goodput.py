"""Goodput: requests per second that kept every promise."""

from __future__ import annotations

import math
from typing import cast

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from concord.stats._arrays import FloatArray, InputError, floats, fraction, number, shown, table
from concord.stats._results import Estimate
from concord.stats._undefined import undefined

_SHORTEST = 1e-100


def goodput(
    latencies: ArrayLike, *, limit: float | ArrayLike, duration: float, confidence: float = 0.95
) -> Estimate:
    """Return how many requests a second were answered within the limit.

    Parameters
    ----------
    latencies
        (n,) latencies, or (n, m) of m kinds (first token, per token, end to end), in the unit of ``limit``. nan is a request that
        failed: it counts as sent and not as good.
    limit
        One limit, or m of them; a request is good where it keeps all.
    duration
        The length of the measurement in seconds.

    Returns
    -------
    Estimate
        Requests per second; ``n`` counts all requests. Undefined where there are none.

    Raises
    ------
    InputError
        Shapes that do not fit, a limit or duration that is not positive, a negative latency (clocks that disagree).

    Notes
    -----
    The interval is Garwood's exact one for the Poisson mean of the good requests. It treats arrivals as independent, so it is
    too narrow where requests came in bursts. Garwood (1936), doi:10.2307/2333958.

    Examples
    --------
    >>> result = goodput([0.2, 0.4, 1.5, 0.3], limit=1.0, duration=2.0)
    >>> result.value, result.n
    (1.5, 4)
    """
    confidence = fraction("confidence", confidence)
    seconds = number("duration", duration)
    if not seconds >= _SHORTEST:
        raise InputError(f"duration must be positive, got {duration!r}")
    measured, limits = _table(latencies), _limits(limit)
    if len(limits) != measured.shape[1] or not len(limits) or limits.min() <= 0:
        raise InputError(
            f"limit must hold {measured.shape[1]} positive numbers, got {shown(limits.tolist())}"
        )
    n = len(measured)
    if n == 0:
        return undefined(Estimate, "there are no requests", confidence=confidence)
    failed = np.asarray(np.isnan(measured).any(axis=1))
    good = int((np.where(failed[:, None], np.inf, measured) <= limits).all(axis=1).sum())
    tail = (1 - confidence) / 2
    low = 0.0 if good == 0 else float(special.gammaincinv(good, tail))
    high = float(special.gammainccinv(good + 1, tail))
    return Estimate(
        value=good / seconds,
        low=low / seconds,
        high=high / seconds,
        confidence=confidence,
        method="Poisson (Garwood)",
        n=n,
        standard_error=math.sqrt(good) / seconds,
        omitted={"failed requests, counted as not good": int(failed.sum())} if failed.any() else {},
    )


def _limits(limit: float | ArrayLike) -> FloatArray:
    single = np.isscalar(limit) or (isinstance(limit, np.ndarray) and limit.ndim == 0)
    return floats("limit", cast(ArrayLike, [limit] if single else limit), missing=False)


def _table(latencies: ArrayLike) -> FloatArray:
    array = table("latencies", latencies)
    columns = [floats("latencies", column) for column in array.T]
    measured = np.stack(columns, axis=1) if columns else np.empty((len(array), 0))
    if (measured < 0).any():
        raise InputError(f"latencies must not be negative, got {float(measured[measured < 0][0])}")
    return measured
