"""Plackett-Luce strengths from rankings of several systems."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse

from concord.stats._arrays import (
    FloatArray,
    InputError,
    IntArray,
    as_floats,
    codes,
    compact,
    floats,
    fraction,
    tally,
)
from concord.stats._arrays import table as rows
from concord.stats._normal import t_quantile
from concord.stats._results import Record
from concord.stats.ranking._graph import Components, strong_components
from concord.stats.ranking._ranks import rank_ranges
from concord.stats.ranking._votes import system_count


@dataclass(frozen=True, kw_only=True)
class PlackettLuce(Record):
    """Strengths of S systems, as in ``BradleyTerry``: log-strengths sum to zero, strengths to one, ``n`` counts rankings."""

    log_strengths: FloatArray
    low: FloatArray
    high: FloatArray
    standard_error: FloatArray
    covariance: FloatArray = field(repr=False)
    strengths: FloatArray
    rank: FloatArray
    rank_low: FloatArray
    rank_high: FloatArray
    log_likelihood: float
    converged: bool
    iterations: int
    n: int
    n_rankings: IntArray
    undefined: str | None
    components: Components
    confidence: float
    method: str
    notes: tuple[str, ...] = ()
    omitted: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class _Stages:
    """Every choice of the next best: the chosen entry and the entries that were still to be had (a stage-by-entry table)."""

    chosen: IntArray  # (stages,) system
    offered: sparse.csr_array  # (stages, systems) 0/1
    ranking: IntArray  # (stages,) which ranking the stage belongs to
    weight: FloatArray  # (stages,)


def plackett_luce(
    rankings: ArrayLike,
    *,
    n_systems: int,
    weights: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    confidence: float = 0.95,
) -> PlackettLuce:
    """Return maximum-likelihood strengths from (partial) rankings, with sandwich intervals.

    Parameters
    ----------
    rankings
        (n, m) system codes, best first, one ranking a row, padded with -1. A row may rank any subset; what is not in it was not
        shown.
    n_systems
        How many systems there are.
    weights, clusters
        (n,) per ranking, as in ``bradley_terry``.

    Returns
    -------
    PlackettLuce
        Undefined where no finite maximum exists: some group of systems was never ranked above another.

    Raises
    ------
    InputError
        A code out of range, a system twice in a ranking, -1 before a code.

    Notes
    -----
    ``P(ranking) = prod_k exp(s_k) / sum_{j >= k} exp(s_j)``, by Newton's method. With two systems a row this is Bradley-Terry.

    References
    ----------
    Plackett (1975), doi:10.2307/2346567; Hunter (2004), doi:10.1214/aos/1079120141.

    Examples
    --------
    >>> result = plackett_luce([[0, 1, 2], [0, 2, 1], [1, 0, 2], [2, 0, 1]], n_systems=3)
    >>> result.rank.tolist()
    [1.0, 2.0, 2.0]
    """
    fraction("confidence", confidence)
    n_systems = system_count(n_systems)
    table = _table(rankings, n_systems)
    weight = (
        np.ones(len(table))
        if weights is None
        else floats("weights", weights, length=len(table), missing=False)
    )
    if weight.size and weight.min() < 0:
        raise InputError(f"weights must not be negative, got {float(weight.min())}")
    cluster = np.arange(len(table)) if clusters is None else codes("clusters", clusters, length=len(table))
    usable = ((table >= 0).sum(axis=1) >= 2) & (weight > 0)
    omitted = {"rankings of fewer than two systems": int((~usable).sum())} if not usable.all() else {}
    table, weight, cluster = table[usable], weight[usable], compact(cluster[usable])[0]
    unit = 2.0 ** np.round(np.log2(weight.mean())) if len(weight) else 1.0  # a power of two rounds nothing
    weight = weight / unit
    met = np.bincount(table[table >= 0], minlength=n_systems).astype(np.int64)
    present = np.flatnonzero(met)
    stages = _stages(table, weight, n_systems)
    groups = _components(stages, present)
    common: dict[str, Any] = {
        "n": len(table),
        "n_rankings": met,
        "components": groups,
        "confidence": confidence,
        "omitted": omitted,
    }
    if len(groups) != 1:
        reason = "there are no rankings" if not groups else _why(groups)
        return _undefined(n_systems, reason, common)
    found = _newton(stages, present)
    if found is None:
        reason = "the rankings are too lopsided: the maximum is too far out to be computed"
        return _undefined(n_systems, reason, common)
    strengths, information, value, iterations = found
    covariance = _sandwich(stages, present, strengths, information, None if clusters is None else cluster)
    df = np.inf if clusters is None else float(cluster.max())
    if df < 1:
        df, covariance = np.nan, np.full_like(covariance, np.nan)
        common["notes"] = ("one cluster holds all rankings: no interval, and every rank is open.",)
    error = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    half = t_quantile(confidence, df) * error
    rank, best, worst = rank_ranges(strengths, covariance, df, confidence)
    square = np.full((n_systems, n_systems), np.nan)
    square[np.ix_(present, present)] = covariance
    share = np.exp(strengths - strengths.max())

    def spread(values: FloatArray) -> FloatArray:
        result = np.full(n_systems, np.nan)
        result[present] = values
        return result

    return PlackettLuce(
        log_strengths=spread(strengths),
        low=spread(strengths - half),
        high=spread(strengths + half),
        standard_error=spread(error),
        covariance=square,
        strengths=spread(share / share.sum()),
        rank=spread(rank),
        rank_low=spread(best),
        rank_high=spread(worst),
        log_likelihood=value * float(unit),
        converged=True,
        iterations=iterations,
        undefined=None,
        method="sandwich" if clusters is None else "sandwich, clustered",
        **common,
    )


def _table(rankings: ArrayLike, n_systems: int) -> IntArray:
    array = rows("rankings", rankings)
    if array.size == 0:
        return np.empty((0, 0), dtype=np.int64)
    table = codes("rankings", array.ravel()).reshape(array.shape)
    if table.max() >= n_systems or table.min() < -1:
        raise InputError(f"rankings must hold system codes below {n_systems} (or -1 for padding)")
    if ((table[:, 1:] >= 0) & (table[:, :-1] < 0)).any():
        raise InputError("padding (-1) must come last in a ranking")
    ordered = np.sort(table, axis=1)
    if ((ordered[:, 1:] == ordered[:, :-1]) & (ordered[:, 1:] >= 0)).any():
        raise InputError("a ranking names a system twice")
    return table


def _stages(table: IntArray, weight: FloatArray, n_systems: int) -> _Stages:
    chosen, ranking, row, column = [], [], [], []
    first = 0
    for k in range(table.shape[1] - 1):
        active = np.flatnonzero(table[:, k + 1] >= 0)
        stage = first + np.arange(len(active))
        chosen.append(table[active, k])
        ranking.append(active)
        rest = table[active, k:]
        inside = rest >= 0
        row.append(np.broadcast_to(stage[:, None], rest.shape)[inside])
        column.append(rest[inside])
        first += len(active)
    if not first:
        empty = np.empty(0, dtype=np.int64)
        return _Stages(empty, sparse.csr_array((0, n_systems)), empty, np.empty(0))
    rows, columns = np.concatenate(row), np.concatenate(column)
    offered = sparse.coo_array((np.ones(len(rows)), (rows, columns)), shape=(first, n_systems)).tocsr()
    of_ranking = np.concatenate(ranking)
    return _Stages(np.concatenate(chosen), offered, of_ranking, weight[of_ranking])


def _components(stages: _Stages, present: IntArray) -> Components:
    n = stages.offered.shape[1]
    picks = sparse.coo_array(
        (np.ones(len(stages.chosen)), (stages.chosen, np.arange(len(stages.chosen)))),
        shape=(n, len(stages.chosen)),
    ).tocsr()
    above = np.asarray((picks @ stages.offered).todense()) > 0
    np.fill_diagonal(above, False)
    inner = strong_components(above[np.ix_(present, present)])
    return tuple(tuple(int(present[i]) for i in group) for group in inner)


def _why(groups: Components) -> str:
    shown = ", ".join(str(list(group)) for group in groups[:4])
    return f"no finite strengths exist: {len(groups)} groups, of which some were never ranked above another (best first: {shown})"


def _evaluate(
    stages: _Stages, present: IntArray, strengths: FloatArray
) -> tuple[float, FloatArray, FloatArray, sparse.csr_array]:
    """Return log-likelihood, gradient, information and the (stages, systems) chances of being chosen."""
    offered = stages.offered[:, present].tocsr()
    first, stage = offered.indptr[:-1], np.repeat(np.arange(len(stages.chosen)), np.diff(offered.indptr))
    entry = strengths[offered.indices]
    top = np.maximum.reduceat(entry, first)
    size = np.exp(entry - top[stage])
    total = np.add.reduceat(size, first)
    place = np.searchsorted(present, stages.chosen)
    value = float((stages.weight * (strengths[place] - top - np.log(total))).sum())
    chance: Any = sparse.csr_array(
        (size / total[stage], offered.indices, offered.indptr), shape=offered.shape
    )
    won = np.bincount(place, weights=stages.weight, minlength=len(present))
    gradient = as_floats(won - np.asarray(chance.T @ stages.weight))
    weighted: Any = chance.multiply(stages.weight[:, None]).tocsr()
    information = np.diag(np.asarray(weighted.sum(axis=0)).ravel()) - np.asarray(
        (chance.T @ weighted).todense()
    )
    return value, gradient, as_floats(information), chance


def _newton(stages: _Stages, present: IntArray) -> tuple[FloatArray, FloatArray, float, int] | None:
    strengths, last = np.zeros(len(present)), np.inf
    value, gradient, information, _ = _evaluate(stages, present, strengths)
    for iteration in range(1, 101):
        try:
            step = np.linalg.solve(information + np.trace(information) / len(present) ** 2, gradient)
        except np.linalg.LinAlgError:
            return None
        decrement = float(gradient @ step)
        scale = float(stages.weight.sum())
        noise = (
            decrement < 1e-14 * scale and decrement > 0.1 * last
        )  # sums of many choices round: no nearer than this
        if decrement < 1e-24 * scale or noise:
            return strengths, information, value, iteration
        last, length = decrement, 1.0
        while length > 1e-8:
            again = _evaluate(stages, present, strengths + length * step)
            if again[0] >= value - 1e-13 * abs(value):
                break
            length /= 2
        else:
            settled = decrement < 1e-12 * scale
            return (strengths, information, value, iteration) if settled else None
        strengths = strengths + length * step
        value, gradient, information, _ = again
    return None


def _sandwich(
    stages: _Stages,
    present: IntArray,
    strengths: FloatArray,
    information: FloatArray,
    cluster: IntArray | None,
) -> FloatArray:
    """Return the covariance as in Bradley-Terry: HC2 over rankings, or over clusters with the factor G / (G - 1).

    Where every cluster's scores cancel, they say nothing about the error, and the inverse information stands in.
    """
    chance = _evaluate(stages, present, strengths)[3]
    n, s = len(stages.chosen), len(present)
    centre = np.eye(s) - 1 / s
    bread = centre @ np.linalg.pinv(information + np.trace(information) / s**2, hermitian=True) @ centre
    place = np.searchsorted(present, stages.chosen)
    picked = sparse.coo_array((np.ones(n), (np.arange(n), place)), shape=(n, s)).tocsr()
    score = (picked - chance).multiply(stages.weight[:, None]).tocsr()
    member = stages.ranking if cluster is None else cluster[stages.ranking]
    size = int(member.max()) + 1
    gather = sparse.coo_array((np.ones(n), (member, np.arange(n))), shape=(size, n)).tocsr()
    totals = np.asarray((gather @ score).todense())
    if cluster is not None:
        covariance = as_floats(bread @ (totals.T @ totals) @ bread * (size / max(size - 1, 1)))
        return bread if np.diag(covariance).max() <= 1e-18 * np.diag(bread).max() else covariance
    pull = stages.weight * (chance @ np.diag(bread) - np.asarray(chance.multiply(chance @ bread).sum(axis=1)))
    leverage = tally(member, size, pull) / np.maximum(tally(member, size), 1)  # per choice
    scaled = totals / np.sqrt(1 - np.minimum(leverage, 0.9))[:, None]
    return as_floats(bread @ (scaled.T @ scaled) @ bread)


def _undefined(n_systems: int, reason: str, common: dict[str, Any]) -> PlackettLuce:
    nothing = np.full(n_systems, np.nan)
    return PlackettLuce(
        log_strengths=nothing,
        low=nothing,
        high=nothing,
        standard_error=nothing,
        covariance=np.full((n_systems, n_systems), np.nan),
        strengths=nothing,
        rank=nothing,
        rank_low=nothing,
        rank_high=nothing,
        log_likelihood=float("nan"),
        converged=False,
        iterations=0,
        undefined=reason,
        method="none",
        **common,
    )
