"""Two systems compared by few labels of people and many verdicts of a machine."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from concord.stats._arrays import FloatArray, InputError, floats, within
from concord.stats.joint._items import verdicts
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
    lam: ArrayLike | None = None,
    confidence: float = 0.95,
) -> PredictionPowered:
    """Return the difference of two systems' mean labels, ``a - b``, over the same items.

    Parameters
    ----------
    labels_a, labels_b, predictions_a, predictions_b
        (n,) people's labels and the machine's predictions of both systems' outputs on the labelled items; predictions (n, k) of
        k judges.
    unlabelled_a, unlabelled_b
        (N,) or (N, k) the machine's predictions on the items without labels.
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
    a = floats("labels_a", labels_a)
    b = floats("labels_b", labels_b, length=len(a))
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
        range_="gap" if binary else "free",
    )


def _pair(name: str, a: ArrayLike, b: ArrayLike, length: int | None) -> tuple[FloatArray, FloatArray]:
    first = verdicts(f"{name}_a", a, length=length)
    second = verdicts(f"{name}_b", b, length=len(first))
    if first.shape != second.shape:
        raise InputError(
            f"{name}_a and {name}_b must have the same judges, got {first.shape} and {second.shape}"
        )
    return first, second


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
    lam: ArrayLike | None = None,
    confidence: float = 0.95,
) -> PredictionPowered:
    """Return the rate at which people would prefer one system, from few of their votes and many of a judge.

    Parameters
    ----------
    outcomes, judged
        (n,) people's and the judge's outcome of the same comparisons: 1 won, 0 lost, 0.5 tie (a judge's probability will do).
    unlabelled_judged
        (N,) the judge's outcomes of the comparisons without people's votes. ``judged`` and these are (n, k), (N, k) of k judges.
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
        within(name, np.ravel(verdicts(name, data)), 0, 1)
    return powered_mean(
        outcomes,
        judged,
        unlabelled_judged,
        clusters=clusters,
        unlabelled_clusters=unlabelled_clusters,
        propensities=propensities,
        lam=lam,
        null=0.5,
        confidence=confidence,
        range_="share",
    )
