"""The covariance of the strengths: the sandwich, which stays right where votes vary more than the model says."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from concord.stats._arrays import FloatArray, IntArray, as_floats, tally
from concord.stats.ranking._few_clusters import adjusted_sandwich, loosened, pulls, worth_adjusting
from concord.stats.ranking._newton import Fit, advantage, anchored, design_product, inverse
from concord.stats.ranking._spread import (
    AT_ONCE,
    NEARLY_ALL,
    Spread,
    by_cluster,
    decided_alone,
    effective_df,
    root_of,
)
from concord.stats.ranking._tie_models import Derivatives, TieModel
from concord.stats.ranking._votes import Cells, Votes

_MUCH_WORK = 2e9  # multiplications to look for what clusters decide, before a bound on it is cheaper


def sandwich(data: Votes, cells: Cells, fitted: Fit, model: TieModel) -> Spread | None:
    """Return how far all parameters may be off; None for singular information.

    Single votes enter with their squares over one less their leverage (HC2 of MacKinnon & White 1985; with two systems
    that is n / (n - 1)), clusters likewise (CR2); where clusters are too many for that, with the factor of their size and the
    degrees of freedom that the clusters behind each parameter are worth. Where the votes (of each cluster together) say
    exactly what the model expects (nothing but ties, as half-wins), all scores are zero, and the inverse information stands in.
    """
    bread = inverse(fitted.information, fitted.n_systems, model)
    if bread is None:
        return None
    at = model.derivatives(advantage(cells, fitted.parameters, fitted.n_systems), cells.outcome, fitted.tie)
    units = _units(data, cells)
    pull = _leverage(cells, at, bread, data.n_systems) + _leverage_of_ties(cells, at, bread, data.n_systems)
    trace = tally(units.code, 0, units.weight * pull[units.cell])
    if data.cluster is None:
        covariance, df = _single(data, cells, at, bread)
    else:
        covariance, df = _clustered(data, cells, at, bread, trace)
    if (trace > NEARLY_ALL).sum() * len(bread) ** 3 > _MUCH_WORK:
        trace = np.minimum(trace, _most_held(cells, at, bread, data.n_systems, units))

    def information_of(g: int) -> FloatArray:
        rows = np.flatnonzero(units.code == g)
        place, weight = units.cell[rows], units.weight[rows]
        return -design_product(cells.some(place), at.some(place), weight, data.n_systems)

    whole = anchored(fitted.information, fitted.n_systems, model)
    return Spread(covariance, df, bread, decided_alone(bread, whole, trace, information_of)).filled()


@dataclass(frozen=True)
class _Units:
    """The cluster of each vote, its cell and its weight; without clusters those of each cell's votes."""

    code: IntArray
    cell: IntArray
    weight: FloatArray


def _units(data: Votes, cells: Cells) -> _Units:
    if data.cluster is not None and cells.of_vote is not None:
        return _Units(data.cluster, cells.of_vote, data.weight)
    # Votes that share a cell hold less than it each, unless one outweighs them.
    every = np.arange(len(cells.left))
    return _Units(every, every, cells.squared_weight / cells.weight)


def _single(data: Votes, cells: Cells, at: Derivatives, bread: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return covariance and degrees of freedom where votes count for themselves."""
    squares = Derivatives(at.value, at.a, at.a**2, at.t, at.a * at.t, at.t**2)
    pull = _leverage(cells, at, bread, data.n_systems) * cells.squared_weight / cells.weight
    kept = 1 - np.minimum(pull, NEARLY_ALL)
    meat = design_product(cells, squares, cells.squared_weight / kept, data.n_systems)
    return as_floats(bread @ meat @ bread), np.full(len(bread), np.inf)


def _clustered(
    data: Votes, cells: Cells, at: Derivatives, bread: FloatArray, trace: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return covariance and degrees of freedom by clusters."""
    scores = _cluster_scores(data, cells, at, len(bread))
    if worth_adjusting(data.n, len(trace), len(bread)):
        root = root_of(bread)
        return adjusted_sandwich(root, pulls(data, cells, at, root, len(trace)), scores.toarray())
    scores = loosened(scores, trace)
    meat = np.asarray((scores.T @ scores).todense())
    return as_floats(bread @ meat @ bread), _effective_df(data, cells, at, bread)


def _effective_df(data: Votes, cells: Cells, at: Derivatives, bread: FloatArray) -> FloatArray:
    """Return the degrees of freedom of each parameter."""
    if data.cluster is None or cells.of_vote is None:
        raise AssertionError("clusters need cells that know their votes")
    held = by_cluster([data.cluster], [cells.of_vote], [-data.weight * at.aa[cells.of_vote]], len(cells.left))

    return effective_df(
        lambda block: as_floats(held @ _moved(cells, bread[:, block], data.n_systems) ** 2), len(bread)
    )


def _moved(cells: Cells, columns: FloatArray, n_systems: int) -> FloatArray:
    """Return the design of each cell times these columns of the inverse information, (C, p)."""
    columns = np.ascontiguousarray(columns)  # few enough to stay near
    result = np.take(columns, cells.left, axis=0)
    result -= np.take(columns, cells.right, axis=0)
    if cells.covariates.shape[1]:
        result += cells.covariates @ columns[n_systems:-1]
    return as_floats(result)


def _most_held(cells: Cells, at: Derivatives, bread: FloatArray, n_systems: int, units: _Units) -> FloatArray:
    """Return what no eigenvalue of a cluster's information in units of the whole exceeds, (G,): the largest sum of a row.

    The information of cluster g times ``bread`` has in each row the votes of that system, each with its information times the
    difference between both sides' rows of ``bread``; that of a coefficient, or of the tie parameter, likewise.
    """
    size, tie = np.zeros(len(cells.left)), float(np.abs(bread[-1]).sum())
    for start in range(0, len(bread), AT_ONCE):
        moved = _moved(cells, bread[:, start : start + AT_ONCE], n_systems)
        size += np.abs(moved, out=moved) @ np.ones(moved.shape[1])
    by_gap = np.abs(at.aa) * size + np.abs(at.at) * tie
    by_tie = np.abs(at.at) * size + np.abs(at.tt) * tie
    cell = units.cell
    columns = [cells.left[cell], cells.right[cell], np.full(len(cell), len(bread) - 1)]
    entries = [units.weight * by_gap[cell]] * 2 + [units.weight * by_tie[cell]]
    for column, covariate in enumerate(cells.covariates.T):
        columns.append(np.full(len(cell), n_systems + column))
        entries.append(entries[0] * np.abs(covariate[cell]))
    rows = by_cluster([units.code] * len(columns), columns, entries, len(bread))
    return as_floats(rows.max(axis=1).todense()).ravel()


def _leverage(cells: Cells, at: Derivatives, bread: FloatArray, n_systems: int) -> FloatArray:
    """Return how far one vote of each cell, of weight 1, pulls the fit to itself: its information times its gap's variance."""
    left, right = cells.left, cells.right
    variance = bread[left, left] + bread[right, right] - 2 * bread[left, right]
    if cells.covariates.shape[1]:
        x, own = cells.covariates, bread[n_systems:-1]
        variance = variance + 2 * (x * (own[:, left] - own[:, right]).T).sum(axis=1)
        variance = variance + ((x @ own[:, n_systems:-1]) * x).sum(axis=1)
    return as_floats(-at.aa * np.maximum(variance, 0.0))


def _leverage_of_ties(cells: Cells, at: Derivatives, bread: FloatArray, n_systems: int) -> FloatArray:
    """Return what the tie parameter adds to that."""
    shared = bread[-1, cells.left] - bread[-1, cells.right] + cells.covariates @ bread[-1, n_systems:-1]
    return as_floats(-2 * at.at * shared - at.tt * bread[-1, -1])


def _cluster_scores(data: Votes, cells: Cells, at: Derivatives, size: int) -> sparse.csr_array:
    """Return the total score of each cluster, (G, P)."""
    if data.cluster is None or cells.of_vote is None or cells.sign is None:
        raise AssertionError("clusters need cells that know their votes")
    score = data.weight * at.a[cells.of_vote] * cells.sign
    columns = [data.left, data.right, np.full(data.n, size - 1)]
    entries = [score, -score, data.weight * at.t[cells.of_vote]]
    for column in range(data.covariates.shape[1]):
        columns.append(np.full(data.n, data.n_systems + column))
        entries.append(score * data.covariates[:, column])
    return by_cluster([data.cluster] * len(columns), columns, entries, size)
