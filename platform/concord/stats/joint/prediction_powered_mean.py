"""The mean that people would give, from few labels by people and many predictions by machines."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from concord.stats._arrays import FloatArray, as_floats, flag, fraction
from concord.stats._results import NAN, TestedEstimate
from concord.stats._undefined import undefined
from concord.stats.joint._figure import Scale, estimate_of
from concord.stats.joint._items import Items, read
from concord.stats.joint._result import PredictionPowered
from concord.stats.joint._single import Single, given_weights
from concord.stats.joint._textbook import textbook


def prediction_powered_mean(
    labels: ArrayLike,
    predictions: ArrayLike,
    unlabelled_predictions: ArrayLike,
    *,
    clusters: ArrayLike | None = None,
    unlabelled_clusters: ArrayLike | None = None,
    propensities: ArrayLike | None = None,
    lam: ArrayLike | None = None,
    small_sample: bool = True,
    null: float = 0.0,
    confidence: float = 0.95,
) -> PredictionPowered:
    """Return the mean label over all items: the machine's mean, corrected by its error on the items that people labelled.

    Parameters
    ----------
    labels, predictions
        (n,) people's labels and the machine's predictions of the same items, (n, k) of k judges; an item with nan in either is
        dropped and counted. A column of labels with gaps is split: see the page for one table of all items.
    unlabelled_predictions
        (N,) or (N, k) the machine's predictions of the items without labels.
    clusters, unlabelled_clusters
        (n,), (N,) integer codes of what items share (prompt, document). The same code on both sides is the same cluster.
    propensities
        (n,) the chance with which each labelled item had been chosen for labelling, out of all n + N items. Default: uniform.
    lam
        The weight of the machine, 0 to 1 (of several judges: of all together, or (k,) of each); None tunes it for the shortest
        interval.
    small_sample
        False gives the textbook interval of one judge (normal quantile, variances divided by n), as in ppi-python.
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
    ``mean(y) + sum over judges of w (mean(f, unlabelled) - mean(f, labelled))``; its variance is the sum of both parts', and of
    their covariance where clusters have items of both kinds. With propensities the pool is all items, and labels are weighted by
    their inverse (normalised). Weights are least squares, held back as by one more label that shows no relation (ridge) and not
    below 0; what fitting costs is in the variance and in Satterthwaite's degrees of freedom. Labels of 0 and 1 have an interval
    and a test of a count with the variance and the skewness of the estimate (gamma with its events + 1/2, as Jeffreys), to which
    half an error of the machine each way was added, times the commoner label's share: few labels often hold none by chance.

    References
    ----------
    Angelopoulos et al. (2023), doi:10.1126/science.adi6000; Angelopoulos, Duchi & Zrnic (2023), "PPI++", arXiv:2311.01453.
    Brown, Cai & DasGupta (2001), doi:10.1214/ss/1009213286 (Jeffreys' interval, and that of labels all alike).

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
    lam: ArrayLike | None,
    null: float,
    confidence: float,
    small_sample: bool = True,
    range_: str = "share where binary",
) -> PredictionPowered:
    """Return ``prediction_powered_mean`` of labels in this range: "share" is [0, 1], "gap" [-1, 1], "free" any."""
    confidence = fraction("confidence", confidence)
    small_sample = flag("small_sample", small_sample)
    null = fraction("null", null, low=-math.inf, high=math.inf)
    items, omitted = read(
        labels, predictions, unlabelled_predictions, clusters, unlabelled_clusters, propensities
    )
    weights = given_weights(lam, items.judges)
    if not len(items.y):
        return _without_labels(items, confidence, omitted)
    if range_ == "share where binary":
        range_ = "share" if items.binary else "free"
    if small_sample:
        scale = Scale("gap", 1.0, halves=True) if range_ == "gap" else Scale.of((items.y,), range_)
        single = Single.of(items, scale, weights)
        test, alone, machine = single.test, single.alone, single.found.weights
    else:
        test, alone, machine = textbook(items, weights)
    sizes: dict[str, Any] = {"null": null, "confidence": confidence, "n": len(items.y)}
    human = estimate_of(alone, method=_people(clusters, range_), **sizes)
    notes = items.notes
    if not len(items.rest):
        notes = (*notes, "there are no unlabelled predictions: people's labels stand alone.")
    method = "prediction-powered" + ("" if clusters is None else ", clustered") + _how(lam, machine)
    found = estimate_of(test, method=method, notes=notes, **sizes)
    return _joined(found, human, items, machine, omitted)


def _joined(
    found: TestedEstimate, human: TestedEstimate, items: Items, weights: FloatArray, omitted: dict[str, int]
) -> PredictionPowered:
    known = found.standard_error > 0 and human.standard_error > 0
    return PredictionPowered(
        **{**vars(found), "omitted": omitted},
        lam=float(weights.sum()),
        weights=weights,
        human_only=human,
        machine_only=float((items.f.sum() + items.rest.sum()) / (np.size(items.f) + np.size(items.rest))),
        rectifier=float(items.weight @ (items.y - _average(items.f)) / items.weight.sum()),
        n_labelled=len(items.y),
        n_unlabelled=len(items.rest),
        effective_n=len(items.y) * (human.standard_error / found.standard_error) ** 2 if known else NAN,
    )


def _average(predictions: FloatArray) -> FloatArray:
    return predictions if predictions.ndim == 1 else as_floats(predictions.mean(axis=1))


def _people(clusters: ArrayLike | None, range_: str) -> str:
    if range_ != "free":
        return "labels alone, gamma interval" + ("" if clusters is None else ", clustered")
    return "t interval" if clusters is None else "clustered t interval (CR2)"


def _how(lam: ArrayLike | None, weights: FloatArray) -> str:
    judges = "" if len(weights) == 1 else f", {len(weights)} judges"
    if lam is not None:
        return f"{judges}, weight {float(weights.sum()):g} given"
    return f"{judges}, power-tuned"


def _without_labels(items: Items, confidence: float, omitted: dict[str, int]) -> PredictionPowered:
    nobody = "no observation is left to average"
    return undefined(
        PredictionPowered,
        "there are no labels by people to correct the machine with",
        confidence=confidence,
        omitted=omitted,
        lam=NAN,
        human_only=undefined(TestedEstimate, nobody, confidence=confidence),
        machine_only=float(items.rest.mean()) if len(items.rest) else NAN,
        rectifier=NAN,
        n_labelled=0,
        n_unlabelled=len(items.rest),
        effective_n=NAN,
    )
