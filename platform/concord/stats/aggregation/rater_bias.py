"""Raters of a continuous or ordinal scale: who is lenient, and who is noisy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse, special

from concord.stats._arrays import (
    FloatArray,
    InputError,
    IntArray,
    as_floats,
    count,
    fraction,
    squarable,
    tally,
)
from concord.stats._results import Record
from concord.stats.aggregation._labels import non_negative
from concord.stats.aggregation._rater_levels import Levels, Linked, levels
from concord.stats.agreement._numbers import shifted
from concord.stats.agreement._ratings import ANONYMOUS, Ratings, pairable, ratings

_MOST_RATERS = 3000  # up to which their levels' information matrix is inverted


@dataclass(frozen=True, kw_only=True)
class RaterBias(Record):
    """``truth`` (U,) is the level of each unit, cleaned of bias, shrunk to the mean by noise; ``truth_error`` its standard error.

    ``bias`` (R,) is how much a rater lies above the others on average (they sum to zero), ``noise`` (R,) the
    standard deviation of a rater's ratings around truth plus bias. All in units of the scale.

    ``groups`` are the codes of raters who share no unit with raters of another group, directly or through others: biases are
    within each, and the truths of units of different groups lie apart by the raters' unknown difference as well.
    """

    unit_codes: IntArray = field(repr=False)
    rater_codes: IntArray = field(repr=False)
    truth: FloatArray = field(repr=False)
    truth_error: FloatArray = field(repr=False)
    bias: FloatArray
    bias_low: FloatArray
    bias_high: FloatArray
    noise: FloatArray
    groups: tuple[tuple[int, ...], ...]
    n_ratings: IntArray
    mean: float
    spread: float
    log_likelihood: FloatArray = field(repr=False)
    converged: bool
    iterations: int
    confidence: float
    method: str
    n: int
    undefined: str | None = None
    notes: tuple[str, ...] = ()
    omitted: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class _State:
    bias: FloatArray
    variance: FloatArray
    mean: FloatArray  # of the truths of each group
    spread: float  # variance of the truths around these


def rater_bias(
    units: ArrayLike,
    raters: ArrayLike,
    values: ArrayLike,
    *,
    confidence: float = 0.95,
    max_iterations: int = 5000,
    tolerance: float = 1e-7,
) -> RaterBias:
    """Return every rater's bias and noise, and the units' levels weighted accordingly.

    Parameters
    ----------
    units, raters, values
        (n,) long-form ratings of known raters on an interval scale (ordinal codes are taken as numbers). Units with
        one rating are left out.
    max_iterations, tolerance
        Stop when no bias and no variance moves by more than ``tolerance``, in units of the standard deviation of the ratings.

    Returns
    -------
    RaterBias
        Undefined with fewer than two raters or two units, or without variation. Intervals of bias follow
        the information left when each unit's level is taken out, with t quantiles of the rater's ratings less one. There are
        none, and a note says so, where levels of raters and units fit the ratings without error, or are as many as these.

    Raises
    ------
    InputError
        Malformed input or an anonymous rater.

    Notes
    -----
    ``y_ur = t_u + b_r + e``, ``t_u ~ N(m, s**2)``, ``e ~ N(0, v_r)``, by EM; every v_r has a weak prior (one
    rating's worth of the noise that levels of units and raters leave) without which a rater could be declared exact; the
    log-likelihood with it never falls. Raykar et al. (2010),
    "Learning from crowds", JMLR 11, section 5.

    Examples
    --------
    >>> units, raters = [1, 2, 3, 4, 1, 2, 3, 4], [0] * 4 + [1] * 4
    >>> result = rater_bias(units, raters, [1.0, 2.1, 2.9, 4.0, 2.0, 3.0, 4.1, 4.9])
    >>> result.bias.round(2).tolist()
    [-0.5, 0.5]
    """
    confidence = fraction("confidence", confidence)
    max_iterations = count("max_iterations", max_iterations, at_least=1)
    data = pairable(ratings(units, raters, values))
    if (data.rater == ANONYMOUS).any():
        raise InputError("rater_bias needs to know the raters, got an anonymous one (-1)")
    y = squarable("values", shifted(data.value))
    origin = float(as_floats(data.value)[0] - y[0]) if len(y) else 0.0
    largest = float(np.abs(y).max(initial=0.0)) or 1.0
    y = y / largest
    scale = float(y.std()) if len(y) else 0.0
    reason = None
    if data.n_units < 2 or len(data.rater_codes) < 2:
        reason = "at least two raters and two units with two ratings are needed"
    elif not np.ptp(y):
        reason = "the ratings do not vary"
    if reason:
        return _undefined(data, confidence, reason)
    centre = float(y.mean())
    tolerance = non_negative("tolerance", tolerance)
    standard = (y - centre) / scale
    return _fit(
        data, standard, origin + centre * largest, scale * largest, confidence, max_iterations, tolerance
    )


def _fit(
    data: Ratings,
    y: FloatArray,
    centre: float,
    scale: float,
    confidence: float,
    max_iterations: int,
    tolerance: float,
) -> RaterBias:
    r = len(data.rater_codes)
    given = tally(data.rater, r)
    linked = Linked.of(data)
    exact = levels(data, y, linked)
    if not exact.noise > 0:
        return _exactly(data, exact, linked, centre, scale, confidence)
    state = _State(np.zeros(r), np.full(r, 0.5), np.zeros(linked.n), 0.5)
    trace: list[float] = []
    converged = False
    for _ in range(max_iterations):
        again, value = _step(data, y, given, state, linked, exact.noise)
        trace.append(value)
        moved = max(np.abs(again.bias - state.bias).max(), np.abs(again.variance - state.variance).max())
        state = again
        if moved <= tolerance:
            converged = True
            break
    truth, variance = _posterior(data, y, state, linked)
    error, df = _bias_errors(data, given, state, linked)
    half = special.stdtrit(df, (1 + confidence) / 2) * error * scale
    notes = _notes(linked)
    if not converged:
        notes += (f"the iterations had not settled after {len(trace)} steps.",)
    return RaterBias(
        unit_codes=data.unit_codes,
        rater_codes=data.rater_codes,
        truth=centre + scale * truth,
        truth_error=scale * np.sqrt(variance),
        bias=scale * state.bias,
        bias_low=scale * state.bias - half,
        bias_high=scale * state.bias + half,
        noise=scale * np.sqrt(state.variance),
        groups=_coded(linked, data),
        n_ratings=given.astype(np.int64),
        mean=centre + scale * float(state.mean @ tally(linked.of_unit, linked.n)) / data.n_units,
        spread=scale * float(np.sqrt(state.spread)),
        log_likelihood=np.array(trace),
        converged=converged,
        iterations=len(trace),
        confidence=confidence,
        method="normal rater model, EM",
        n=len(y),
        notes=notes,
        omitted=data.omitted,
    )


def _bias_errors(
    data: Ratings, given: FloatArray, state: _State, linked: Linked
) -> tuple[FloatArray, FloatArray]:
    """Return the standard error of each bias, (R,), and its degrees of freedom.

    The information on the raters' levels is what is left of their ratings after each unit's truth is taken out; the biases
    are those levels less their mean. The noise itself is estimated, which costs degrees of freedom.
    """
    u, r = data.n_units, len(given)
    df = np.maximum(given - 1, 1.0)
    variance = (
        state.variance * given / np.maximum(given - 1, 1.0)
    )  # maximum likelihood forgets what the levels cost
    if r > _MOST_RATERS:
        return as_floats(np.sqrt(variance / given)), as_floats(df)
    table: Any = sparse.coo_array((1 / variance[data.rater], (data.unit, data.rater)), shape=(u, r)).tocsr()
    total = np.asarray(table.sum(axis=1)).ravel() + 1 / state.spread
    shared = np.asarray((table.T @ (sparse.diags_array(1 / total) @ table)).todense())
    covariance = np.linalg.pinv(np.diag(given / variance) - shared, hermitian=True)
    return as_floats(np.sqrt(np.maximum(np.diag(linked.centred(covariance)), 0.0))), as_floats(df)


def _posterior(data: Ratings, y: FloatArray, state: _State, linked: Linked) -> tuple[FloatArray, FloatArray]:
    weight = 1 / state.variance[data.rater]
    precision = 1 / state.spread + tally(data.unit, data.n_units, weight)
    pulled = state.mean[linked.of_unit] / state.spread + tally(
        data.unit, data.n_units, weight * (y - state.bias[data.rater])
    )
    return pulled / precision, 1 / precision


def _coded(linked: Linked, data: Ratings) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(data.rater_codes[linked.of_rater == g].tolist()) for g in range(linked.n))


def _notes(linked: Linked) -> tuple[str, ...]:
    if linked.n == 1:
        return ()
    return (
        f"{linked.n} groups of raters share no unit, directly or through others: biases are within each group, and nothing tells "
        "the groups' levels apart.",
    )


def _exactly(
    data: Ratings, found: Levels, linked: Linked, centre: float, scale: float, confidence: float
) -> RaterBias:
    """Return levels that leave nothing of the ratings, or could not: nothing shows how far these scatter."""
    r, u = len(data.rater_codes), data.n_units
    fits = found.noise == 0
    why = (
        "levels of raters and units fit the ratings without error"
        if fits
        else "levels of raters and units are as many as ratings"
    )
    return RaterBias(
        unit_codes=data.unit_codes,
        rater_codes=data.rater_codes,
        truth=centre + scale * found.unit,
        truth_error=np.full(u, np.nan),
        bias=scale * found.bias,
        bias_low=np.full(r, np.nan),
        bias_high=np.full(r, np.nan),
        noise=np.full(r, 0.0 if fits else np.nan),
        groups=_coded(linked, data),
        n_ratings=np.bincount(data.rater, minlength=r).astype(np.int64),
        mean=centre + scale * float(found.unit.mean()),
        spread=scale * float((found.unit - linked.mean_of_units(found.unit)[linked.of_unit]).std()),
        log_likelihood=np.empty(0),
        converged=True,
        iterations=0,
        confidence=confidence,
        method="levels of raters and units, least squares",
        n=len(data.unit),
        notes=(*_notes(linked), f"{why}: nothing shows how far ratings scatter, and no interval exists."),
        omitted=data.omitted,
    )


def _step(
    data: Ratings, y: FloatArray, given: FloatArray, state: _State, linked: Linked, pooled: float
) -> tuple[_State, float]:
    value = _log_likelihood(data, y, state, linked) - 0.5 * float(
        (np.log(state.variance) + pooled / state.variance).sum()
    )
    truth, variance = _posterior(data, y, state, linked)
    r = len(given)
    bias = tally(data.rater, r, y - truth[data.unit]) / given
    level = linked.mean_of_raters(bias)
    left = np.square(y - truth[data.unit] - bias[data.rater]) + variance[data.unit]
    total = tally(data.rater, r, left)
    noise = (total + pooled) / (given + 1)
    mean = linked.mean_of_units(truth)
    spread = max(float((np.square(truth - mean[linked.of_unit]) + variance).mean()), 1e-10)
    return _State(bias - level[linked.of_rater], np.maximum(noise, 1e-10), mean + level, spread), value


def _log_likelihood(data: Ratings, y: FloatArray, state: _State, linked: Linked) -> float:
    """The observed log-likelihood, with each unit's truth integrated out."""
    residual = y - state.bias[data.rater] - state.mean[linked.of_unit][data.unit]
    weight = 1 / state.variance[data.rater]
    precision = tally(data.unit, data.n_units, weight)
    pulled = tally(data.unit, data.n_units, weight * residual)
    shrink = state.spread / (1 + state.spread * precision)
    square = float((weight * residual**2).sum()) - float((shrink * pulled**2).sum())
    spread = float(np.log1p(state.spread * precision).sum()) - float(np.log(weight).sum())
    return -0.5 * (square + spread + len(y) * float(np.log(2 * np.pi)))


def _undefined(data: Ratings, confidence: float, reason: str) -> RaterBias:
    by_unit, by_rater = np.full(data.n_units, np.nan), np.full(len(data.rater_codes), np.nan)
    return RaterBias(
        unit_codes=data.unit_codes,
        rater_codes=data.rater_codes,
        truth=by_unit,
        truth_error=by_unit,
        bias=by_rater,
        bias_low=by_rater,
        bias_high=by_rater,
        noise=by_rater,
        groups=_coded(Linked.of(data), data),
        n_ratings=np.bincount(data.rater, minlength=len(data.rater_codes)).astype(np.int64),
        mean=float("nan"),
        spread=float("nan"),
        log_likelihood=np.empty(0),
        converged=False,
        iterations=0,
        confidence=confidence,
        method="none",
        n=len(data.unit),
        undefined=reason,
        omitted=data.omitted,
    )
