"""The mean that people would give, each stratum corrected by labels of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from concord.stats._arrays import (
    FloatArray,
    InputError,
    IntArray,
    codes,
    compact,
    floats,
    fraction,
    shown,
    tally,
)
from concord.stats._results import TestedEstimate
from concord.stats._undefined import undefined
from concord.stats.joint._figure import Test, estimate_of
from concord.stats.joint._items import Items, in_both, read
from concord.stats.joint._strata import (
    Stratum,
    counted,
    share_variance,
    strata_third,
    strata_unseen,
    strata_variance,
    strata_worth,
)
from concord.stats.joint._tilted import Alike, Opened, Tilted
from concord.stats.joint._tuning import given_weight


def prediction_powered_stratified(
    labels: ArrayLike,
    predictions: ArrayLike,
    strata: ArrayLike,
    unlabelled_predictions: ArrayLike,
    unlabelled_strata: ArrayLike,
    *,
    clusters: ArrayLike | None = None,
    unlabelled_clusters: ArrayLike | None = None,
    propensities: ArrayLike | None = None,
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
    clusters, unlabelled_clusters
        (n,), (N,) codes of what items share (prompt, document, rater), within a stratum or across strata. The same code on both
        sides is the same cluster.
    propensities
        (n,) the chance with which each labelled item had been chosen for labelling. Default: uniform within each stratum.
    shares
        The population's share of each stratum; default: its share of all items given. Labels of a stratum with share 0 are
        counted in ``omitted``.
    lam
        The weight of the machine in every stratum, 0 to 1; None tunes it in each.

    Returns
    -------
    TestedEstimate
        Undefined where a stratum has no label. With strata of few labels the interval rests on few degrees of freedom; one
        with a single label or cluster, or labels all alike, borrows the variance of the others, and a note says so; where no
        stratum varies, labels of 0 and 1 have the interval of labels all alike.

    Raises
    ------
    InputError
        A stratum without a share, or as ``prediction_powered_mean``.

    Notes
    -----
    ``sum share_h mean_h``; variances add with squared shares, covariances through clusters that lie in several strata (these
    then have as many degrees of freedom as people's clusters less strata, fewer where few hold most of the mean), and where the
    shares are those of the items given, the variance of ``mean_h`` between strata over their number (or that of clusters) is
    added. Student's t is opened towards the longer tail by Hall's transformation, as ``comparison.mean(method="skewed")`` does;
    eight skewed labels in each of three strata are covered .93 (t alone .91). Labels of 0 and 1 have the interval of
    ``prediction_powered_mean``, within [0, 1].

    References
    ----------
    Fisch et al. (2024), "Stratified prediction-powered inference", arXiv:2406.04291. Hall (1992), "On the removal of skewness by
    transformation", Journal of the Royal Statistical Society B 54, 221-228.

    Examples
    --------
    >>> prediction_powered_stratified([1, 0, 1, 1], [1, 0, 1, 1], [0, 0, 1, 1], [1, 0], [0, 1], lam=0.0).value
    0.75
    """
    confidence, lam = fraction("confidence", confidence), given_weight(lam)
    items, omitted = read(
        labels, predictions, unlabelled_predictions, clusters, unlabelled_clusters, propensities
    )
    if items.judges > 1:
        raise InputError(f"strata go with one judge, got {items.judges}: give the mean of their predictions")
    own, rest, given = _strata(labels, predictions, strata, unlabelled_predictions, unlabelled_strata)
    share = _shares(given, shares)
    used = np.isin(own, list(share))
    if not used.all():
        omitted["labels of strata with share 0"] = int((~used).sum())
    empty = [code for code in share if not (own == code).any()]
    if empty or not share:
        reason = f"strata without labels: {empty}" if share else "there are no items"
        return undefined(TestedEstimate, reason, confidence=confidence, n=int(used.sum()), omitted=omitted)
    items = _numbered(items)
    parts = {code: Stratum.of(_part(items, own == code, rest == code), lam) for code in share}
    n = sum(len(part.items.y) for part in parts.values())
    value = sum(share[code] * part.found.value for code, part in parts.items())
    variance, df, notes = strata_variance(parts, share)
    if shares is None:  # the shares are estimated too, from all items
        variance += _of_shares(parts, items, own, rest)
    binary = items.binary and {0.0, 1.0}.issuperset(items.y.tolist())
    test = _test(value, variance, df, parts, share, binary=binary)
    if test is None:
        note = "the strata have too few labels, or labels too alike, for an interval."
        return TestedEstimate(
            value=value,
            confidence=confidence,
            method="stratified",
            n=n,
            notes=(*items.notes, note),
            omitted=omitted,
        )
    method = f"prediction-powered, {counted(len(share))}" + ("" if clusters is None else ", clustered")
    found = estimate_of(
        test, null=0.0, confidence=confidence, n=n, method=method, notes=(*items.notes, *notes)
    )
    return replace(found, omitted=omitted)


def _test(
    value: float,
    variance: float,
    df: float,
    parts: Mapping[int, Stratum],
    share: Mapping[int, float],
    *,
    binary: bool,
) -> Test | None:
    """Return the test of labels of 0 and 1, which keeps to [0, 1], or of others; None where neither can be had."""
    if variance > 0 and not np.isnan(df):
        third = strata_third(parts, share)
        if binary:
            return Tilted(value, variance + strata_unseen(parts, share), third, df, 0.0, 1.0)
        return Opened(value, variance, third, df)
    if binary and all(part.found.variance == 0 or part.found.n == 1 for part in parts.values()):
        return Alike(min(max(value, 0.0), 1.0), strata_worth(parts, share))
    return None


class _Strata(NamedTuple):
    """Strata of the labelled items in use, of the unlabelled ones, and of all items given."""

    labelled: IntArray
    unlabelled: IntArray
    given: IntArray


def _strata(
    labels: ArrayLike,
    predictions: ArrayLike,
    strata: ArrayLike,
    unlabelled_predictions: ArrayLike,
    unlabelled_strata: ArrayLike,
) -> _Strata:
    """Return the strata of the labelled items that are used, of the unlabelled ones, and of all items given."""
    y, f, g = (
        floats("labels", labels),
        floats("predictions", predictions),
        floats("rest", unlabelled_predictions),
    )
    own = codes("strata", strata, length=len(y))
    rest = codes("unlabelled_strata", unlabelled_strata, length=len(g))
    return _Strata(own[~(np.isnan(y) | np.isnan(f))], rest[~np.isnan(g)], np.concatenate([own, rest]))


def _numbered(items: Items) -> Items:
    """Return the items with clusters coded from 0 alike on both sides; unlabelled items without codes are alone."""
    if items.group is None:
        return items
    n = len(items.y)
    group, every = in_both(items.group, items.rest_group, n, n + len(items.rest))
    return replace(items, group=group, rest_group=every[n:])


def _part(items: Items, own: np.ndarray, rest: np.ndarray) -> Items:
    """Return the items of a stratum."""
    return replace(
        items,
        y=items.y[own],
        f=items.f[own],
        weight=items.weight[own],
        group=None if items.group is None else items.group[own],
        rest=items.rest[rest],
        rest_group=None if items.rest_group is None else items.rest_group[rest],
    )


def _of_shares(parts: Mapping[int, Stratum], items: Items, own: IntArray, rest: IntArray) -> float:
    """Return the variance that comes from shares which are those of the items given."""
    position, distinct = compact(np.concatenate([own, rest]))
    means = np.array([parts[int(code)].found.value for code in distinct])[position]
    return share_variance(means, items.group, items.rest_group, len(own))


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
    keys = codes("strata of shares", list(given))
    total = float(numbers.sum())
    if not total > 0 or numbers.min() < 0:
        raise InputError("shares must not be negative and sum to more than zero")
    return {int(c): float(s) / total for c, s in zip(keys, numbers, strict=True) if s > 0}
