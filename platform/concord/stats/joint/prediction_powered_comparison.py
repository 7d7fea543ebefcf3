"""Two systems compared by few labels of people and many verdicts of a machine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from concord.stats._arrays import FloatArray, InputError, codes, compact, floats, fraction, tally
from concord.stats._normal import t_quantile, t_two_sided
from concord.stats._results import NAN, TestedEstimate
from concord.stats.joint._result import PredictionPowered
from concord.stats.joint.prediction_powered_mean import prediction_powered_mean


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
    y = floats("labels_a", labels_a)
    y = y - floats("labels_b", labels_b, length=len(y))
    f = floats("predictions_a", predictions_a, length=len(y)) - floats(
        "predictions_b", predictions_b, length=len(y)
    )
    rest = floats("unlabelled_a", unlabelled_a)
    rest = rest - floats("unlabelled_b", unlabelled_b, length=len(rest))
    return prediction_powered_mean(
        y,
        f,
        rest,
        clusters=clusters,
        unlabelled_clusters=unlabelled_clusters,
        propensities=propensities,
        lam=lam,
        confidence=confidence,
    )


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
        x = floats(name, data)
        if x.size and (np.nanmin(x, initial=0.0) < 0 or np.nanmax(x, initial=0.0) > 1):
            raise InputError(f"{name} must lie between 0 and 1")
    found = prediction_powered_mean(
        outcomes,
        judged,
        unlabelled_judged,
        clusters=clusters,
        unlabelled_clusters=unlabelled_clusters,
        propensities=propensities,
        lam=lam,
        null=0.5,
        confidence=confidence,
    )
    ends = [min(max(x, 0.0), 1.0) if not np.isnan(x) else x for x in (found.value, found.low, found.high)]
    return replace(found, value=ends[0], low=ends[1], high=ends[2])


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

    Returns
    -------
    TestedEstimate
        Undefined where a stratum has no label. With strata of few labels the interval rests on few degrees of freedom.

    Raises
    ------
    InputError
        A stratum without a share, or as ``prediction_powered_mean``.

    Notes
    -----
    ``sum share_h mean_h``; variances add with squared shares. Fisch et al. (2024), "Stratified prediction-powered inference",
    arXiv:2406.04291.

    Examples
    --------
    >>> prediction_powered_stratified([1, 0, 1, 1], [1, 0, 1, 1], [0, 0, 1, 1], [1, 0], [0, 1], lam=0.0).value
    0.75
    """
    fraction("confidence", confidence)
    y = floats("labels", labels)
    f, h = floats("predictions", predictions, length=len(y)), codes("strata", strata, length=len(y))
    rest = floats("unlabelled_predictions", unlabelled_predictions)
    g = codes("unlabelled_strata", unlabelled_strata, length=len(rest))
    share = _shares(np.concatenate([h, g]), shares)
    parts = {
        code: prediction_powered_mean(
            y[h == code], f[h == code], rest[g == code], lam=lam, confidence=confidence
        )
        for code in share
    }
    n = sum(part.n for part in parts.values())
    empty = [code for code, part in parts.items() if not part.defined]
    if empty or not share:
        reason = f"strata without labels: {empty}" if share else "there are no items"
        return TestedEstimate(value=NAN, confidence=confidence, method="none", n=n, undefined=reason)
    value = sum(share[code] * part.value for code, part in parts.items())
    pieces = {code: (share[code] * part.standard_error) ** 2 for code, part in parts.items()}
    variance = sum(pieces.values())
    if not variance > 0:
        note = ("a stratum has too few labels for an interval.",)
        return TestedEstimate(value=value, confidence=confidence, method="stratified", n=n, notes=note)
    df = 1 / sum((piece / variance) ** 2 / parts[code].df for code, piece in pieces.items())
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
        statistic=value / error,
        df=df,
        p_value=t_two_sided(value / error, df),
    )


def _shares(code: np.ndarray, given: Mapping[int, float] | None) -> dict[int, float]:
    position, distinct = compact(code)
    if given is None:
        observed: FloatArray = tally(position, len(distinct)) / max(len(code), 1)
        return {int(c): float(s) for c, s in zip(distinct, observed, strict=True)}
    missing = [int(c) for c in distinct if int(c) not in given]
    if missing:
        raise InputError(f"strata without a share: {missing}")
    total = sum(given.values())
    if not total > 0 or min(given.values()) < 0:
        raise InputError("shares must not be negative and sum to more than zero")
    return {int(c): s / total for c, s in given.items() if s > 0}
