"""Are the items that people rated like those they did not? The machine scored both."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from concord.stats._arrays import FloatArray, InputError, IntArray, codes, fraction
from concord.stats._normal import t_two_sided
from concord.stats._results import NAN, Record
from concord.stats.comparison.difference import difference
from concord.stats.joint._items import gaps, in_both, inverse_chances, verdicts
from concord.stats.joint._sides import Side, Sums

RATED_UNLIKE_REST = "rated_unlike_rest"
NO_REST = "no_rest"
FEW = "too_few_to_check"


@dataclass(frozen=True, kw_only=True)
class RatedLikeRest(Record):
    """``holds`` where no difference was found: ``p_value`` is above ``false_alarm``; ``code`` says why not, or why it is open.

    ``rated`` and ``rest`` (k,) are each judge's mean of both; ``p_values`` (k, 2) those of means and of distances from the mean.
    """

    holds: bool
    p_value: float
    false_alarm: float
    code: str | None
    text: str | None
    rated: FloatArray
    rest: FloatArray
    p_values: FloatArray
    n_rated: int
    n_rest: int
    method: str = "Welch's t of means and of distances from the median, Holm"


def rated_like_rest(
    predictions: ArrayLike,
    unlabelled_predictions: ArrayLike,
    *,
    clusters: ArrayLike | None = None,
    unlabelled_clusters: ArrayLike | None = None,
    propensities: ArrayLike | None = None,
    false_alarm: float = 0.01,
) -> RatedLikeRest:
    """Test whether the items that people rated are like the others, by what the machine says of both.

    Parameters
    ----------
    predictions, unlabelled_predictions
        (n,) and (N,), or (n, k) and (N, k) of k judges: what the machine says of the items that people rated, and of the rest.
    clusters, unlabelled_clusters
        (n,), (N,) codes of what items share; the same code on both sides is the same cluster.
    propensities
        (n,) the chances with which the rated items had been chosen: their weighted scores are then compared with all items'.
    false_alarm
        How often items that were drawn at random are to be taken for unlike the rest.

    Returns
    -------
    RatedLikeRest
        It holds as well where there is nothing to compare; ``code`` then says so.

    Raises
    ------
    InputError
        Malformed input, ``false_alarm`` outside (0, 1).

    Notes
    -----
    For each judge two tests: are the means alike, and are the distances from the median (items chosen at both ends)? Welch's t,
    with clusters that of CR2, with propensities that of the weighted mean less the mean of all; the smallest of the 2 k p-values
    times 2 k is compared with ``false_alarm``. Scores of two values without clusters have one test, the score test of Miettinen &
    Nurminen: one side may lack the rarer value by chance. Passing does not prove that the choice was random: it may hang on what
    the machine does not see.

    References
    ----------
    Brown & Forsythe (1974), doi:10.1080/01621459.1974.10482955; Welch (1947), doi:10.1093/biomet/34.1-2.28; Miettinen & Nurminen
    (1985), doi:10.1002/sim.4780040211.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> score = rng.random(400)
    >>> rated_like_rest(score[:80], score[80:]).holds
    True
    >>> low = np.argsort(score)
    >>> rated_like_rest(score[low[:80]], score[low[80:]]).code
    'rated_unlike_rest'
    """
    false_alarm = fraction("false_alarm", false_alarm)
    rated, rest = (
        verdicts("predictions", predictions),
        verdicts("unlabelled_predictions", unlabelled_predictions),
    )
    if rated.ndim != rest.ndim or rated.shape[1:] != rest.shape[1:]:
        raise InputError(f"both must have the same judges, got {rated.shape} and {rest.shape}")
    first = None if clusters is None else codes("clusters", clusters, length=len(rated))
    second = (
        None
        if unlabelled_clusters is None
        else codes("unlabelled_clusters", unlabelled_clusters, length=len(rest))
    )
    weight = None if propensities is None else inverse_chances(propensities, len(rated))
    known, there = ~gaps(rated), ~gaps(rest)
    weight = None if weight is None else weight[known]
    judges = rated.shape[1] if rated.ndim == 2 else 1
    rated, rest = rated[known].reshape(-1, judges), rest[there].reshape(-1, judges)
    first, second = None if first is None else first[known], None if second is None else second[there]
    p_values = np.full((rated.shape[1], 2), NAN)
    if len(rated) and len(rest):
        for judge in range(rated.shape[1]):
            p_values[judge] = _unlike((rated[:, judge], rest[:, judge]), (first, second), weight)
    tested = p_values[~np.isnan(p_values)]
    p_value = min(1.0, float(tested.min()) * len(tested)) if len(tested) else NAN
    code, text = _said(p_value, false_alarm, len(rated), len(rest))
    return RatedLikeRest(
        holds=code != RATED_UNLIKE_REST,
        p_value=p_value,
        false_alarm=false_alarm,
        code=code,
        text=text,
        rated=_means(rated),
        rest=_means(rest),
        p_values=p_values,
        n_rated=len(rated),
        n_rest=len(rest),
    )


def _means(values: FloatArray) -> FloatArray:
    return values.mean(axis=0) if len(values) else np.full(values.shape[1], NAN)


def _unlike(
    values: tuple[FloatArray, FloatArray],
    groups: tuple[IntArray | None, IntArray | None],
    weight: FloatArray | None,
) -> tuple[float, float]:
    """Return the p-values of both tests; a judge who says the same of all of both differs in nothing."""
    said = np.unique(np.concatenate(values))
    if len(said) == 2 and weight is None and min(map(len, values)) > 1 and not _repeated(groups):
        one, two = (each == said[1] for each in values)
        return difference(one, two, method="score").p_value, NAN
    middle = float(np.median(np.concatenate(values)))
    found = []
    for one, two in (values, tuple(np.abs(each - middle) for each in values)):
        if weight is not None:
            found.append(_weighted(one, two, groups, weight))
            continue
        test = difference(one, two, clusters_a=groups[0], clusters_b=groups[1], method="t")
        apart = test.standard_error == 0 and test.value != 0
        found.append(0.0 if apart else test.p_value)
    if np.ptp(np.concatenate(values)) == 0:
        return NAN, NAN
    return found[0], found[1]


def _repeated(groups: tuple[IntArray | None, IntArray | None]) -> bool:
    """Whether any cluster has two items, on whichever side."""
    known = [group for group in groups if group is not None]
    return bool(known) and len(np.unique(np.concatenate(known))) < sum(len(group) for group in known)


def _weighted(
    one: FloatArray, two: FloatArray, groups: tuple[IntArray | None, IntArray | None], weight: FloatArray
) -> float:
    """Return the p-value of the weighted mean of the rated items against the mean of all."""
    group, every = in_both(*groups, len(one), len(one) + len(two))
    side = Side(
        np.zeros(len(one)), weight / weight.sum(), one[:, None], np.append(one, two)[:, None], group, every
    )
    sums = Sums.of((side,))
    added = (sums.machine - sums.pool)[0, :, 0]
    error = float(np.sqrt(added @ added * sums.worth / max(sums.worth - 1, 1e-12)))
    return t_two_sided(float(side.gap[0]) / error, sums.worth - 1) if error > 0 and sums.worth > 1 else NAN


def _said(p_value: float, false_alarm: float, n: int, n_rest: int) -> tuple[str | None, str | None]:
    if not n_rest:
        return NO_REST, "people rated every item that the machine scored: there is no rest to compare with."
    if math.isnan(p_value):
        return FEW, "too few rated items, or scores all alike, to compare them with the rest."
    if p_value < false_alarm:
        return (
            RATED_UNLIKE_REST,
            f"the machine scores the rated items unlike the rest (p = {p_value:.2g}): they were hardly drawn at random.",
        )
    return None, None
