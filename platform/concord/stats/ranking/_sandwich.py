"""The covariance of the strengths: the sandwich, which stays right where votes vary more than the model says."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from concord.stats._arrays import FloatArray, as_floats
from concord.stats.ranking._few_clusters import adjusted_sandwich, worth_adjusting
from concord.stats.ranking._newton import Fit, advantage, design_product, inverse
from concord.stats.ranking._tie_models import Derivatives, TieModel
from concord.stats.ranking._votes import Cells, Votes

_MOST = 0.9  # a vote that nearly decides a strength alone says little about its own error


def sandwich(data: Votes, cells: Cells, fitted: Fit, model: TieModel) -> tuple[FloatArray, FloatArray] | None:
    """Return the covariance (P, P) of all parameters and the degrees of freedom (P,) of each; None for singular information.

    Single votes enter with their squares over one less their leverage (HC2 of MacKinnon & White 1985; with two systems
    that is n / (n - 1)), clusters likewise (CR2); where clusters are too many for that, with the factor G / (G - 1) and G - 1
    degrees of freedom. All are nan where one cluster holds every vote. Where the votes say exactly what the model expects
    (nothing but ties, as half-wins), their scores are all zero, and the inverse information stands in.
    """
    bread = inverse(fitted.information, fitted.n_systems, model)
    if bread is None:
        return None
    at = model.derivatives(advantage(cells, fitted.parameters, fitted.n_systems), cells.outcome, fitted.tie)
    if data.cluster is None:
        squares = Derivatives(at.value, at.a, at.a**2, at.t, at.a * at.t, at.t**2)
        kept = 1 - np.minimum(_leverage(cells, at, bread, fitted.n_systems), _MOST)
        meat = design_product(cells, squares, cells.squared_weight / kept, fitted.n_systems)
        covariance, df = as_floats(bread @ meat @ bread), np.full(len(bread), np.inf)
    else:
        covariance, df = _clustered(data, cells, at, bread)
    return (bread if np.diag(covariance).max() <= 1e-18 * np.diag(bread).max() else covariance), df


def _clustered(
    data: Votes, cells: Cells, at: Derivatives, bread: FloatArray
) -> tuple[FloatArray, FloatArray]:
    scores = _cluster_scores(data, cells, at, len(bread))
    n = scores.shape[0]
    if n < 2:
        return np.full_like(bread, np.nan), np.full(len(bread), np.nan)
    if worth_adjusting(data.n, n, len(bread)):
        return adjusted_sandwich(data, cells, at, bread, scores.toarray())
    meat = np.asarray((scores.T @ scores).todense())
    return as_floats(bread @ meat @ bread * (n / (n - 1))), np.full(len(bread), n - 1.0)


def _leverage(cells: Cells, at: Derivatives, bread: FloatArray, n_systems: int) -> FloatArray:
    """Return how far one vote of each cell pulls the fit towards itself: its information times the variance of its gap."""
    left, right = cells.left, cells.right
    variance = bread[left, left] + bread[right, right] - 2 * bread[left, right]
    if cells.covariates.shape[1]:
        x, own = cells.covariates, bread[n_systems:-1]
        variance = variance + 2 * (x * (own[:, left] - own[:, right]).T).sum(axis=1)
        variance = variance + ((x @ own[:, n_systems:-1]) * x).sum(axis=1)
    return as_floats(-at.aa * np.maximum(variance, 0.0) * cells.squared_weight / cells.weight)


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
    shape = (int(data.cluster.max()) + 1, size)
    rows = np.tile(data.cluster, len(columns))
    return sparse.coo_array((np.concatenate(entries), (rows, np.concatenate(columns))), shape=shape).tocsr()
