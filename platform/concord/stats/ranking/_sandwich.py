"""The covariance of the strengths: the sandwich, which stays right where votes vary more than the model says."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from concord.stats._arrays import FloatArray, as_floats
from concord.stats.ranking._newton import Fit, advantage, design_product, inverse
from concord.stats.ranking._tie_models import Derivatives, TieModel
from concord.stats.ranking._votes import Cells, Votes

_MOST = 0.9  # a vote that nearly decides a strength alone says little about its own error


def sandwich(data: Votes, cells: Cells, fitted: Fit, model: TieModel) -> tuple[FloatArray, float] | None:
    """Return ``(covariance, degrees of freedom)`` of all parameters, or None where the information is singular.

    Single votes enter with their squares over one less their leverage (HC2 of MacKinnon & White 1985; with two systems
    that is n / (n - 1)), clusters with the factor G / (G - 1). Both are nan where one cluster holds every vote. Where the
    votes say exactly what the model expects (nothing but ties, as half-wins), their scores are all zero, and the inverse
    information stands in.
    """
    bread = inverse(fitted.information, fitted.n_systems, model)
    if bread is None:
        return None
    at = model.derivatives(advantage(cells, fitted.parameters, fitted.n_systems), cells.outcome, fitted.tie)
    if data.cluster is None:
        squares = Derivatives(at.value, at.a, at.a**2, at.t, at.a * at.t, at.t**2)
        kept = 1 - np.minimum(_leverage(cells, at, bread, fitted.n_systems), _MOST)
        meat = design_product(cells, squares, cells.squared_weight / kept, fitted.n_systems)
        df, factor = np.inf, 1.0
    else:
        n_clusters = int(data.cluster.max()) + 1
        if n_clusters < 2:
            return np.full_like(bread, np.nan), np.nan
        meat = _clustered_meat(data, cells, at, fitted.n_systems)
        df, factor = max(n_clusters - 1.0, 1.0), n_clusters / max(n_clusters - 1, 1)
    covariance: FloatArray = bread @ meat @ bread * factor
    if np.diag(covariance).max() <= 1e-18 * np.diag(bread).max():
        return bread, float(df)
    return covariance, float(df)


def _leverage(cells: Cells, at: Derivatives, bread: FloatArray, n_systems: int) -> FloatArray:
    """Return how far one vote of each cell pulls the fit towards itself: its information times the variance of its gap."""
    left, right = cells.left, cells.right
    variance = bread[left, left] + bread[right, right] - 2 * bread[left, right]
    if cells.covariates.shape[1]:
        x, own = cells.covariates, bread[n_systems:-1]
        variance = variance + 2 * (x * (own[:, left] - own[:, right]).T).sum(axis=1)
        variance = variance + ((x @ own[:, n_systems:-1]) * x).sum(axis=1)
    return as_floats(-at.aa * np.maximum(variance, 0.0) * cells.squared_weight / cells.weight)


def _clustered_meat(data: Votes, cells: Cells, at: Derivatives, n_systems: int) -> FloatArray:
    """Return the sum over clusters of the outer product of the cluster's total score."""
    if data.cluster is None or cells.of_vote is None or cells.sign is None:
        raise AssertionError("clusters need cells that know their votes")
    score = data.weight * at.a[cells.of_vote] * cells.sign
    size = n_systems + data.covariates.shape[1] + 1
    columns = [data.left, data.right, np.full(data.n, size - 1)]
    entries = [score, -score, data.weight * at.t[cells.of_vote]]
    for column in range(data.covariates.shape[1]):
        columns.append(np.full(data.n, n_systems + column))
        entries.append(score * data.covariates[:, column])
    shape = (int(data.cluster.max()) + 1, size)
    rows = np.tile(data.cluster, len(columns))
    totals = sparse.coo_array((np.concatenate(entries), (rows, np.concatenate(columns))), shape=shape).tocsr()
    return np.asarray((totals.T @ totals).todense())
