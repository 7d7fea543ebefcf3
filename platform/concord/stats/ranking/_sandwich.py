"""The covariance of the strengths: the sandwich, which stays right where votes vary more than the model says."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from concord.stats._arrays import FloatArray, as_floats, tally
from concord.stats.ranking._few_clusters import adjusted_sandwich, worth_adjusting
from concord.stats.ranking._newton import Fit, advantage, anchored, design_product, inverse
from concord.stats.ranking._spread import NEARLY_ALL, Spread, by_cluster, decided_alone, effective_df
from concord.stats.ranking._tie_models import Derivatives, TieModel
from concord.stats.ranking._votes import Cells, Votes


def sandwich(data: Votes, cells: Cells, fitted: Fit, model: TieModel) -> Spread | None:
    """Return how far all parameters may be off; None for singular information.

    Single votes enter with their squares over one less their leverage (HC2 of MacKinnon & White 1985; with two systems
    that is n / (n - 1)), clusters likewise (CR2); where clusters are too many for that, with the factor G / (G - 1) and the
    degrees of freedom that the clusters behind each parameter are worth. Where the votes (of each cluster together) say
    exactly what the model expects (nothing but ties, as half-wins), all scores are zero, and the inverse information stands in.
    """
    bread = inverse(fitted.information, fitted.n_systems, model)
    if bread is None:
        return None
    at = model.derivatives(advantage(cells, fitted.parameters, fitted.n_systems), cells.outcome, fitted.tie)
    of = _single if data.cluster is None else _clustered
    covariance, df = of(data, cells, at, bread)
    alone = _decided_alone(data, cells, at, bread, anchored(fitted.information, fitted.n_systems, model))
    return Spread(covariance, df, bread, alone).filled()


def _single(data: Votes, cells: Cells, at: Derivatives, bread: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return covariance and degrees of freedom where votes count for themselves."""
    squares = Derivatives(at.value, at.a, at.a**2, at.t, at.a * at.t, at.t**2)
    pull = _leverage(cells, at, bread, data.n_systems) * cells.squared_weight / cells.weight
    kept = 1 - np.minimum(
        pull, NEARLY_ALL
    )  # a vote that nearly decides a strength says little of its own error
    meat = design_product(cells, squares, cells.squared_weight / kept, data.n_systems)
    return as_floats(bread @ meat @ bread), np.full(len(bread), np.inf)


def _clustered(
    data: Votes, cells: Cells, at: Derivatives, bread: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return covariance and degrees of freedom by clusters."""
    scores = _cluster_scores(data, cells, at, len(bread))
    n = scores.shape[0]
    if worth_adjusting(data.n, n, len(bread)):
        return adjusted_sandwich(data, cells, at, bread, scores.toarray())
    meat = np.asarray((scores.T @ scores).todense())
    return as_floats(bread @ meat @ bread * (n / max(n - 1, 1))), _effective_df(data, cells, at, bread)


def _effective_df(data: Votes, cells: Cells, at: Derivatives, bread: FloatArray) -> FloatArray:
    """Return the degrees of freedom of each parameter."""
    if data.cluster is None or cells.of_vote is None:
        raise AssertionError("clusters need cells that know their votes")
    held = by_cluster([data.cluster], [cells.of_vote], [-data.weight * at.aa[cells.of_vote]], len(cells.left))

    def added_by(block: slice) -> FloatArray:
        moved = bread[cells.left, block] - bread[cells.right, block]
        moved = moved + cells.covariates @ bread[data.n_systems : -1, block]
        return as_floats(held @ moved**2)

    return effective_df(added_by, len(bread))


def _decided_alone(
    data: Votes, cells: Cells, at: Derivatives, bread: FloatArray, information: FloatArray
) -> FloatArray:
    """Return the covariance of what one cluster, or one vote, decides."""
    pull = _leverage(cells, at, bread, data.n_systems) + _leverage_of_ties(cells, at, bread, data.n_systems)
    cluster, cell, weight = data.cluster, cells.of_vote, data.weight
    if (
        cluster is None or cell is None
    ):  # votes that share a cell hold less than this each, unless one outweighs them
        cluster = cell = np.arange(len(pull))
        weight = cells.squared_weight / cells.weight

    def information_of(g: int) -> FloatArray:
        rows = np.flatnonzero(cluster == g)
        return -design_product(cells.some(cell[rows]), at.some(cell[rows]), weight[rows], data.n_systems)

    return decided_alone(bread, information, tally(cluster, 0, weight * pull[cell]), information_of)


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
