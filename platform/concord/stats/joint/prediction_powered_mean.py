"""The mean that people would give, from few labels by people and many predictions by a machine."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from concord.stats._arrays import FloatArray, InputError, IntArray, codes, compact, floats, fraction
from concord.stats._clustered import mean_variance
from concord.stats._normal import t_quantile, t_two_sided
from concord.stats._results import NAN, TestedEstimate
from concord.stats.comparison.mean import mean_parts
from concord.stats.joint._result import PredictionPowered
from concord.stats.joint._tuning import FEW_LABELS, cross_fitted_weights, tuned_weight


def prediction_powered_mean(
    labels: ArrayLike,
    predictions: ArrayLike,
    unlabelled_predictions: ArrayLike,
    *,
    clusters: ArrayLike | None = None,
    unlabelled_clusters: ArrayLike | None = None,
    propensities: ArrayLike | None = None,
    lam: float | None = None,
    small_sample: bool = True,
    null: float = 0.0,
    confidence: float = 0.95,
) -> PredictionPowered:
    """Return the mean label over all items: the machine's mean, corrected by its error on the items that people labelled.

    Parameters
    ----------
    labels, predictions
        (n,) people's labels and the machine's predictions of the same items; an item with nan in either is dropped.
    unlabelled_predictions
        (N,) the machine's predictions of the items without labels.
    clusters, unlabelled_clusters
        (n,), (N,) integer codes of what items share (prompt, document). The same code on both sides is the same cluster.
    propensities
        (n,) the chance with which each labelled item had been chosen for labelling, out of all n + N items. Default: uniform.
    lam
        The weight of the machine, 0 to 1; None tunes it for the shortest interval (cross-fitted below 200 labels).
    small_sample
        False gives the textbook interval (normal quantile, variances divided by n, no cross-fitting), as in ppi-python.

    Returns
    -------
    PredictionPowered
        Undefined without labels. Without unlabelled predictions the labels alone count, with a note.

    Raises
    ------
    InputError
        Lengths differ, a propensity outside (0, 1], ``lam`` outside [0, 1].

    Notes
    -----
    ``lam * mean(f, unlabelled) + mean(y - lam * f, labelled)``; its variance is the sum of both parts'. With propensities the
    first mean runs over all items, and the second is weighted by their inverse (normalised).

    References
    ----------
    Angelopoulos et al. (2023), doi:10.1126/science.adi6000; Angelopoulos, Duchi & Zrnic (2023), "PPI++", arXiv:2311.01453.

    Examples
    --------
    >>> result = prediction_powered_mean([1, 0, 1, 1], [1, 0, 1, 0], [1, 1, 0, 1, 1, 1, 0, 1], lam=1.0)
    >>> result.value
    1.0
    """
    fraction("confidence", confidence)
    if lam is not None and not 0 <= lam <= 1:
        raise InputError(f"lam must lie between 0 and 1, got {lam!r}")
    y = floats("labels", labels)
    f = floats("predictions", predictions, length=len(y))
    rest, rest_group = _unlabelled(unlabelled_predictions, unlabelled_clusters)
    group = None if clusters is None else codes("clusters", clusters, length=len(y))
    if (group is None) != (rest_group is None) and len(rest) and unlabelled_clusters is not None:
        raise InputError("unlabelled_clusters need clusters")
    weight = _inverse(propensities, len(y))
    known = ~(np.isnan(y) | np.isnan(f))
    omitted = {"items with nan": int((~known).sum())} if not known.all() else {}
    y, f, weight = y[known], f[known], weight[known]
    group = None if group is None else group[known]
    human = TestedEstimate(
        confidence=confidence, n=len(y), null=null, **mean_parts(y, weight, group, None, confidence, null)
    )
    if not len(y):
        return _without_labels(human, rest, confidence, omitted)
    pool = rest if propensities is None else np.concatenate([f, rest])
    if propensities is not None and rest_group is not None and group is not None:
        rest_group = np.concatenate([group, rest_group])
    weights = _weights(y, f, rest, group, lam, small_sample) if len(rest) else np.zeros(len(y))
    share = float((weight * weights).sum() / weight.sum())
    pool_mean = float(pool.mean()) if len(pool) else 0.0
    residual = y - weights * f
    value = share * pool_mean + float((weight * residual).sum() / weight.sum())
    variance, df, notes = _variance(residual, weight, group, share, pool, rest_group, small_sample)
    error = math.sqrt(variance) if variance > 0 else NAN
    half = t_quantile(confidence, df) * error if error > 0 else NAN
    statistic = (value - null) / error if error > 0 else NAN
    if not len(rest):
        notes = (*notes, "there are no unlabelled predictions: people's labels stand alone.")
    return PredictionPowered(
        value=value,
        low=value - half,
        high=value + half,
        confidence=confidence,
        method="prediction-powered"
        + ("" if group is None else ", clustered")
        + _how(lam, len(y), small_sample),
        n=len(y),
        standard_error=error,
        notes=notes,
        omitted=omitted,
        null=null,
        p_value=t_two_sided(statistic, df),
        statistic=statistic,
        df=df,
        lam=share,
        human_only=human,
        machine_only=float((f.sum() + rest.sum()) / (len(f) + len(rest))),
        rectifier=float((weight * (y - f)).sum() / weight.sum()),
        n_labelled=len(y),
        n_unlabelled=len(rest),
        effective_n=len(y) * (human.standard_error / error) ** 2 if error > 0 else NAN,
    )


def _how(lam: float | None, n: int, small_sample: bool) -> str:
    if lam is not None:
        return f", weight {lam:g} given"
    return ", power-tuned with cross-fitting" if small_sample and n < FEW_LABELS else ", power-tuned"


def _unlabelled(predictions: ArrayLike, clusters: ArrayLike | None) -> tuple[FloatArray, IntArray | None]:
    rest = floats("unlabelled_predictions", predictions)
    group = None if clusters is None else codes("unlabelled_clusters", clusters, length=len(rest))
    if len(rest) and np.isnan(rest.sum()):
        known = ~np.isnan(rest)
        rest, group = rest[known], None if group is None else group[known]
    return rest, group


def _inverse(propensities: ArrayLike | None, n: int) -> FloatArray:
    if propensities is None:
        return np.ones(n)
    chance = floats("propensities", propensities, length=n, missing=False)
    if chance.size and (chance.min() <= 0 or chance.max() > 1):
        bad = chance[(chance <= 0) | (chance > 1)][0]
        raise InputError(f"propensities must lie in (0, 1], got {float(bad)}")
    return 1 / chance


def _weights(
    y: FloatArray,
    f: FloatArray,
    rest: FloatArray,
    group: IntArray | None,
    lam: float | None,
    small_sample: bool,
) -> FloatArray:
    if lam is not None:
        return np.full(len(y), float(lam))
    ratio = len(y) / len(rest)
    variance = pooled_variance(f, rest)
    if small_sample and len(y) < FEW_LABELS:
        return cross_fitted_weights(y, f, variance, ratio, None if group is None else compact(group)[0])
    return np.full(len(y), tuned_weight(y, f, variance, ratio))


def pooled_variance(f: FloatArray, rest: FloatArray) -> float:
    """Return the variance of all predictions together, without joining the arrays."""
    n = len(f) + len(rest)
    mean = (f.sum() + rest.sum()) / n
    first, second = f - mean, rest - mean
    return float((first @ first + second @ second) / max(n - 1, 1))


def _variance(
    residual: FloatArray,
    weight: FloatArray,
    group: IntArray | None,
    share: float,
    pool: FloatArray,
    pool_group: IntArray | None,
    small_sample: bool,
) -> tuple[float, float, tuple[str, ...]]:
    """Return variance, degrees of freedom and notes of the corrected mean."""
    n, n_pool = len(residual), len(pool)
    found, notes = mean_variance(residual, weight, group, None)
    own, df = found.value, found.df
    if math.isnan(own):
        return NAN, NAN, (*notes, "one label or one cluster: no interval.")
    if not small_sample:
        own, df = own * (n - 1) / n, math.inf
    if share == 0 or n_pool < 2:
        return own, df, notes
    if pool_group is not None:
        other = mean_variance(pool, np.ones(n_pool), pool_group, None)[0].value
    else:
        deviation = pool - pool.mean()
        other = float(deviation @ deviation) / (n_pool - (1 if small_sample else 0)) / n_pool
    machine = share**2 * other
    total = own + machine
    if math.isinf(df) or total <= 0:
        return total, df, notes
    return total, 1 / ((own / total) ** 2 / df + (machine / total) ** 2 / (n_pool - 1)), notes


def _without_labels(
    human: TestedEstimate, rest: FloatArray, confidence: float, omitted: dict[str, int]
) -> PredictionPowered:
    return PredictionPowered(
        value=NAN,
        confidence=confidence,
        method="none",
        n=0,
        undefined="there are no labels by people to correct the machine with",
        omitted=omitted,
        lam=NAN,
        human_only=human,
        machine_only=float(rest.mean()) if len(rest) else NAN,
        rectifier=NAN,
        n_labelled=0,
        n_unlabelled=len(rest),
        effective_n=NAN,
    )
