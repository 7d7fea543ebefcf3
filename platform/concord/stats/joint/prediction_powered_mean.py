"""The mean that people would give, from few labels by people and many predictions by a machine."""

from __future__ import annotations

import math
from dataclasses import replace

from numpy.typing import ArrayLike

from concord.stats._arrays import (
    FloatArray,
    flag,
    fraction,
)
from concord.stats._normal import t_quantile, t_two_sided
from concord.stats._results import NAN, TestedEstimate
from concord.stats._undefined import undefined
from concord.stats.comparison.mean import mean_parts
from concord.stats.joint._corrected import corrected, mean_weight, residuals
from concord.stats.joint._items import read, weights_of
from concord.stats.joint._result import PredictionPowered
from concord.stats.joint._tuning import FEW_LABELS, given_weight


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
        (n,) people's labels and the machine's predictions of the same items; an item with nan in either is dropped
        and counted. A column of labels with gaps is split: see the page for one table of all items.
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
    null
        The value that ``p_value`` tests against, two-sided.

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
    ``lam * mean(f, unlabelled) + mean(y - lam * f, labelled)``; its variance is the sum of both parts', and of their
    covariance where clusters have items of both kinds. With propensities the first mean runs over all items, and the
    second is weighted by their inverse (normalised). Below 200 labels each label is corrected with a weight tuned on all
    others, and the interval has Student's t with Satterthwaite's degrees of freedom. Labels of 0 and 1 get an interval
    to which one pseudo-error of the machine each way was added: few labels often hold no error by chance.

    References
    ----------
    Angelopoulos et al. (2023), doi:10.1126/science.adi6000; Angelopoulos, Duchi & Zrnic (2023), "PPI++", arXiv:2311.01453.

    Examples
    --------
    >>> result = prediction_powered_mean([1, 0, 1, 1], [1, 0, 1, 0], [1, 1, 0, 1, 1, 1, 0, 1], lam=1.0)
    >>> result.value
    1.0
    """
    return powered_mean(
        labels,
        predictions,
        unlabelled_predictions,
        clusters=clusters,
        unlabelled_clusters=unlabelled_clusters,
        propensities=propensities,
        lam=lam,
        small_sample=small_sample,
        null=null,
        confidence=confidence,
    )


def powered_mean(
    labels: ArrayLike,
    predictions: ArrayLike,
    unlabelled_predictions: ArrayLike,
    *,
    clusters: ArrayLike | None,
    unlabelled_clusters: ArrayLike | None,
    propensities: ArrayLike | None,
    lam: float | None,
    null: float,
    confidence: float,
    small_sample: bool = True,
    bounded: str = "where binary",
) -> PredictionPowered:
    """Return ``prediction_powered_mean``; two pseudo-labels are added to the interval of labels that are ``bounded``.

    They are one error of the machine each way, as in Agresti & Caffo (2000, doi:10.1080/00031305.2000.10474560): without
    them a few labels that happen to hold no error would give an interval of no width. "labels" lie in [0, 1],
    a "difference" in [-1, 1]; "no" adds none.
    """
    confidence = fraction("confidence", confidence)
    lam, small_sample = given_weight(lam), flag("small_sample", small_sample)
    null = fraction("null", null, low=-math.inf, high=math.inf)
    items, omitted = read(
        labels, predictions, unlabelled_predictions, clusters, unlabelled_clusters, propensities
    )
    y, weight, rest = items.y, items.weight, items.rest
    human = TestedEstimate(
        confidence=confidence,
        n=len(y),
        null=null,
        **mean_parts(y, weight, items.group, None, confidence, null),
    )
    if not len(y):
        return _without_labels(human, rest, confidence, omitted)
    weights = weights_of(items, lam, small_sample)
    residual, share = residuals(items, weights), mean_weight(items, weights)
    if bounded == "where binary":
        bounded = "labels" if items.binary else "no"
    found = corrected(items, residual, share, small_sample)
    offset = share * items.pool_mean
    pseudo = {"labels": (1 + offset, offset - share), "difference": (1 + offset, offset - 1)}.get(bounded)
    added = pseudo if small_sample and found.error >= 0 else None
    wide = found if added is None else corrected(items, residual, share, small_sample, added)
    half = t_quantile(confidence, wide.df) * wide.error if wide.error > 0 else NAN
    statistic = (wide.value - null) / wide.error if wide.error > 0 else NAN
    notes = (*items.notes, *wide.notes)
    lowest, highest = {"labels": (0.0, 1.0), "difference": (-1.0, 1.0)}.get(bounded, (-math.inf, math.inf))
    if not math.isnan(human.low):
        human = replace(human, low=max(human.low, lowest), high=min(human.high, highest))
    if not len(rest):
        notes = (*notes, "there are no unlabelled predictions: people's labels stand alone.")
    return PredictionPowered(
        value=found.value,
        low=min(max(wide.value - half, lowest), found.value) if half > 0 else NAN,
        high=max(min(wide.value + half, highest), found.value) if half > 0 else NAN,
        confidence=confidence,
        method="prediction-powered"
        + ("" if clusters is None else ", clustered")
        + _how(lam, len(y), small_sample)
        + ("" if added is None else ", one pseudo-error each way"),
        n=len(y),
        standard_error=found.error,
        notes=notes,
        omitted=omitted,
        null=null,
        p_value=t_two_sided(statistic, wide.df),
        statistic=statistic,
        df=wide.df,
        lam=share,
        human_only=human,
        machine_only=float((items.f.sum() + rest.sum()) / (len(y) + len(rest))),
        rectifier=float((weight * (y - items.f)).sum() / weight.sum()),
        n_labelled=len(y),
        n_unlabelled=len(rest),
        effective_n=len(y) * (human.standard_error / found.error) ** 2
        if found.error > 0 and human.standard_error > 0
        else NAN,
    )


def _how(lam: float | None, n: int, small_sample: bool) -> str:
    if lam is not None:
        return f", weight {lam:g} given"
    return ", power-tuned with cross-fitting" if small_sample and n < FEW_LABELS else ", power-tuned"


def _without_labels(
    human: TestedEstimate, rest: FloatArray, confidence: float, omitted: dict[str, int]
) -> PredictionPowered:
    return undefined(
        PredictionPowered,
        "there are no labels by people to correct the machine with",
        confidence=confidence,
        omitted=omitted,
        lam=NAN,
        human_only=human,
        machine_only=float(rest.mean()) if len(rest) else NAN,
        rectifier=NAN,
        n_labelled=0,
        n_unlabelled=len(rest),
        effective_n=NAN,
    )
