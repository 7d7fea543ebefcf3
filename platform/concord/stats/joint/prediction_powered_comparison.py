"""Two systems compared by few labels of people and many verdicts of a machine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from concord.stats._arrays import FloatArray, InputError, codes, compact, floats, fraction, shown, tally
from concord.stats._normal import t_quantile, t_two_sided
from concord.stats._results import NAN, TestedEstimate
from concord.stats._undefined import undefined
from concord.stats.joint._result import PredictionPowered
from concord.stats.joint.prediction_powered_mean import powered_mean


def prediction_powered_difference(
    labels_a: ArrayLike,
    labels_b: ArrayLike,
    predictions_a: ArrayLike,
    predictions_b: ArrayLike,
    unlabelled_a: ArrayLike,
    unlabelled_b: ArrayLike,
    *,
    clusters: ArrayLike | None = None,
    unlabelled_clusters: ArrayLike | None = None,
    propensities: ArrayLike | None = None,
    lam: float | None = None,
    confidence: float = 0.95,
) -> PredictionPowered:
    """Return the difference of two systems' mean labels, ``a - b``, over the same items.

    Parameters
    ----------
    labels_a, labels_b, predictions_a, predictions_b
        (n,) people's labels and the machine's predictions of both systems' outputs on the labelled items.
    unlabelled_a, unlabelled_b
        (N,) the machine's predictions on the items without labels.
    clusters, unlabelled_clusters, propensities, lam
        As in ``prediction_powered_mean``.

    Returns
    -------
    PredictionPowered
        Of the differences: pairing keeps what both systems share out of the interval.

    Raises
    ------
    InputError
        As ``prediction_powered_mean``.

    References
    ----------
    Angelopoulos, Duchi & Zrnic (2023), "PPI++", arXiv:2311.01453; Boyeau et al. (2024), "AutoEval done right", arXiv:2403.07008.

    Examples
    --------
    >>> result = prediction_powered_difference([1, 1, 0], [0, 1, 0], [1, 1, 0], [0, 1, 1], [1, 0, 1], [0, 0, 1], lam=0.0)
    >>> round(result.value, 4)
    0.3333
    """
    a, b = _pair("labels", labels_a, labels_b, None)
    f_a, f_b = _pair("predictions", predictions_a, predictions_b, len(a))
    rest_a, rest_b = _pair("unlabelled", unlabelled_a, unlabelled_b, None)
    verdicts = np.concatenate([f_a, f_b, rest_a, rest_b])
    binary = all(np.isin(x[~np.isnan(x)], (0, 1)).all() for x in (a, b)) and _inside(verdicts)
    return powered_mean(
        a - b,
        f_a - f_b,
        rest_a - rest_b,
        clusters=clusters,
        unlabelled_clusters=unlabelled_clusters,
        propensities=propensities,
        lam=lam,
        null=0.0,
        confidence=confidence,
        bounded="difference" if binary else "no",
    )


def _pair(name: str, a: ArrayLike, b: ArrayLike, length: int | None) -> tuple[FloatArray, FloatArray]:
    first = floats(f"{name}_a", a, length=length)
    return first, floats(f"{name}_b", b, length=len(first))


def _inside(values: FloatArray) -> bool:
    """Whether all numbers lie between 0 and 1; nan is passed over."""
    return not ((values < 0) | (values > 1)).any()


def prediction_powered_win_rate(
    outcomes: ArrayLike,
    judged: ArrayLike,
    unlabelled_judged: ArrayLike,
    *,
    clusters: ArrayLike | None = None,
    unlabelled_clusters: ArrayLike | None = None,
    propensities: ArrayLike | None = None,
    lam: float | None = None,
    confidence: float = 0.95,
) -> PredictionPowered:
    """Return the rate at which people would prefer one system, from few of their votes and many of a judge.

    Parameters
    ----------
    outcomes, judged
        (n,) people's and the judge's outcome of the same comparisons: 1 won, 0 lost, 0.5 tie (a judge's probability will do).
    unlabelled_judged
        (N,) the judge's outcomes of the comparisons without people's votes.
    clusters, unlabelled_clusters, propensities, lam
        As in ``prediction_powered_mean``.

    Returns
    -------
    PredictionPowered
        Cut to [0, 1], tested against one half.

    Raises
    ------
    InputError
        An outcome outside [0, 1], or as ``prediction_powered_mean``.

    References
    ----------
    Chatzi et al. (2024), "Prediction-powered ranking of large language models", arXiv:2402.17826.

    Examples
    --------
    >>> prediction_powered_win_rate([1, 0, 1, 1], [1, 0, 0, 1], [1, 1, 0, 1, 0, 1], lam=0.0).value
    0.75
    """
    for name, data in (("outcomes", outcomes), ("judged", judged), ("unlabelled_judged", unlabelled_judged)):
        if not _inside(floats(name, data)):
            raise InputError(f"{name} must lie between 0 and 1")
    found = powered_mean(
        outcomes,
        judged,
        unlabelled_judged,
        clusters=clusters,
        unlabelled_clusters=unlabelled_clusters,
        propensities=propensities,
        lam=lam,
        null=0.5,
        confidence=confidence,
        bounded="labels",
    )
    value, low, high = np.clip([found.value, found.low, found.high], 0.0, 1.0).tolist()
    return replace(found, value=value, low=low, high=high)


def prediction_powered_stratified(
    labels: ArrayLike,
    predictions: ArrayLike,
    strata: ArrayLike,
    unlabelled_predictions: ArrayLike,
    unlabelled_strata: ArrayLike,
    *,
    shares: Mapping[int, float] | None = None,
    lam: float | None = None,
    confidence: float = 0.95,
) -> TestedEstimate:
    """Return the mean label over strata (language, hazard ...), each corrected by its own labels.

    Parameters
    ----------
    labels, predictions, strata
        (n,) as in ``prediction_powered_mean``, with the stratum of each item.
    unlabelled_predictions, unlabelled_strata
        (N,) the same without labels.
    shares
        The population's share of each stratum; default: its share of all items given.
    lam
        The weight of the machine in every stratum, 0 to 1; None tunes it in each.

    Returns
    -------
    TestedEstimate
        Undefined where a stratum has no label. With strata of few labels the interval rests on few degrees of freedom; one
        with a single label, or labels all alike, borrows the variance of the others, and a note says so.

    Raises
    ------
    InputError
        A stratum without a share, or as ``prediction_powered_mean``.

    Notes
    -----
    ``sum share_h mean_h``; variances add with squared shares, and where the shares are those of the items given, the variance
    of ``mean_h`` between strata over their number is added. Fisch et al. (2024), "Stratified prediction-powered inference",
    arXiv:2406.04291.

    Examples
    --------
    >>> prediction_powered_stratified([1, 0, 1, 1], [1, 0, 1, 1], [0, 0, 1, 1], [1, 0], [0, 1], lam=0.0).value
    0.75
    """
    confidence = fraction("confidence", confidence)
    y = floats("labels", labels)
    f, h = floats("predictions", predictions, length=len(y)), codes("strata", strata, length=len(y))
    rest = floats("unlabelled_predictions", unlabelled_predictions)
    g = codes("unlabelled_strata", unlabelled_strata, length=len(rest))
    share = _shares(np.concatenate([h, g]), shares)
    parts = {code: _stratum(y[h == code], f[h == code], rest[g == code], lam, confidence) for code in share}
    n = sum(part.n for part in parts.values())
    empty = [code for code, part in parts.items() if not part.defined]
    if empty or not share:
        reason = f"strata without labels: {empty}" if share else "there are no items"
        return undefined(TestedEstimate, reason, confidence=confidence, n=n)
    value = sum(share[code] * part.value for code, part in parts.items())
    variance, df, notes = _strata_variance(parts, share)
    if shares is None:  # the shares are estimated too, from all items
        between = sum(share[code] * (part.value - value) ** 2 for code, part in parts.items())
        variance += between / (len(y) + len(rest))
    if not variance > 0:
        note = ("the strata have too few labels, or labels too alike, for an interval.",)
        return TestedEstimate(value=value, confidence=confidence, method="stratified", n=n, notes=note)
    error = float(np.sqrt(variance))
    half = t_quantile(confidence, df) * error
    return TestedEstimate(
        value=value,
        low=value - half,
        high=value + half,
        confidence=confidence,
        method=f"prediction-powered, {len(share)} strata",
        n=n,
        standard_error=error,
        notes=notes,
        statistic=value / error,
        df=df,
        p_value=t_two_sided(value / error, df),
    )


def _stratum(
    labels: FloatArray, predictions: FloatArray, rest: FloatArray, lam: float | None, confidence: float
) -> PredictionPowered:
    return powered_mean(
        labels,
        predictions,
        rest,
        clusters=None,
        unlabelled_clusters=None,
        propensities=None,
        lam=lam,
        null=0.0,
        confidence=confidence,
        bounded="no",
    )


def _strata_variance(
    parts: Mapping[int, PredictionPowered], share: Mapping[int, float]
) -> tuple[float, float, tuple[str, ...]]:
    """Return variance and Satterthwaite's degrees of freedom; a stratum without variation borrows that of the others."""
    known = [part for part in parts.values() if part.standard_error > 0]
    if not known:
        return 0.0, NAN, ()
    freedom = sum(part.n - 1 for part in known)
    common = sum((part.n - 1) * part.n * part.standard_error**2 for part in known) / freedom
    owned, borrowed = [], 0.0
    for code, part in parts.items():
        own = part.standard_error > 0
        piece = share[code] ** 2 * (part.standard_error**2 if own else common / part.n)
        owned += [(piece, part.df)] if own else []
        borrowed += 0.0 if own else piece
    variance = borrowed + sum(piece for piece, _ in owned)
    below = [*owned, (borrowed, freedom)]  # as shares of the whole: squares of variances might leave float64
    df = 1 / sum((piece / variance) ** 2 / own_df for piece, own_df in below)
    lent = len(parts) - len(known)
    note = f"{lent} strata have one label or labels all alike, and were given the variance of the others."
    return variance, df, (note,) if lent else ()


def _shares(code: np.ndarray, given: Mapping[int, float] | None) -> dict[int, float]:
    position, distinct = compact(code)
    if given is None:
        observed: FloatArray = tally(position, len(distinct)) / max(len(code), 1)
        return {int(c): float(s) for c, s in zip(distinct, observed, strict=True)}
    if not isinstance(given, Mapping):
        raise InputError(f"shares must map strata to numbers, got {shown(given)}")
    missing = [int(c) for c in distinct if int(c) not in given]
    if missing:
        raise InputError(f"strata without a share: {missing}")
    numbers = floats("shares", list(given.values()), missing=False)
    total = float(numbers.sum())
    if not total > 0 or numbers.min() < 0:
        raise InputError("shares must not be negative and sum to more than zero")
    return {int(c): s / total for c, s in given.items() if s > 0}
