"""The sandwich where votes come in few or uneven clusters: adjusted scores, and degrees of freedom for each strength.

A cluster that holds many of a system's votes pulls the fit towards itself, and its score then looks smaller than it is. With H
the information, M_g that of cluster g and s_g its score, ``(I - M_g / H)^(-1/2) s_g`` takes the pull back: the CR2 of Bell and
McCaffrey (2002), which for residuals weighted by the model's variance can be said in the parameters alone. Satterthwaite's
degrees of freedom follow from the model's own covariance of these scores (Pustejovsky & Tipton 2018,
doi:10.1080/07350015.2016.1247004).
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from concord.stats._arrays import FloatArray, as_floats, tally
from concord.stats.ranking._spread import NEARLY_ALL
from concord.stats.ranking._tie_models import Derivatives
from concord.stats.ranking._votes import Cells, Votes

# Multiplications to have the roots of all clusters; beyond, clusters are many for each system, and hardly any pulls.
_MOST_WORK = 2e8
_SMALL = 1e4  # multiplications of a cluster's votes, which take less time than going to it
_MOST_HELD = 1e7  # numbers


def worth_adjusting(n_votes: int, n_clusters: int, size: int) -> bool:
    """Whether the roots of all clusters can be had in a moment."""
    work, held = n_clusters * size**3, n_clusters * size**2
    return work <= _MOST_WORK and held <= _MOST_HELD and n_votes * size**2 <= 5 * _MOST_WORK


def loosened(scores: sparse.csr_array, trace: FloatArray) -> sparse.csr_array:
    """Return the scores of clusters that pull all parameters alike: as adjusted, where clusters differ in size only.

    ``trace`` (G,) is that of each cluster's information in units of the whole. Clusters of one size get G / (G - 1) for their
    squares.
    """
    share = np.minimum(trace / trace.sum(), NEARLY_ALL)
    return sparse.csr_array(sparse.diags_array(1 / np.sqrt(1 - share)) @ scores)


def adjusted_sandwich(
    root: FloatArray, pull: FloatArray, scores: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return the covariance of all parameters, (P, P), and the degrees of freedom of each, (P,).

    ``scores`` (G, P) are the clusters' totals, ``root`` (P, r) is that of the inverse information, and ``pull`` (G, r, r) each
    cluster's information in units of the whole.
    """
    share, turn = np.linalg.eigh(pull)  # of each cluster
    loose = 1 / np.sqrt(1 - np.clip(share, 0.0, NEARLY_ALL))
    freed = (turn * loose[:, None, :]) @ turn.transpose(0, 2, 1)  # (G, r, r)
    errors = np.einsum("gij,gj->gi", freed, scores @ root) @ root.T  # (G, P)
    return errors.T @ errors, _degrees(root, pull, freed)


def pulls(data: Votes, cells: Cells, at: Derivatives, root: FloatArray, n_clusters: int) -> FloatArray:
    """Return each cluster's information in units of the whole, (G, r, r): its eigenvalues lie between 0 and 1."""
    if data.cluster is None or cells.of_vote is None or cells.sign is None:
        raise AssertionError("clusters need cells that know their votes")
    cell, tie, n_systems = cells.of_vote, root[-1], data.n_systems
    size = root.shape[1]
    if len(data.left) * size**2 < _SMALL * n_clusters:
        return _pulls_by_entry(data, cells, at, root, n_clusters)
    result = np.empty((n_clusters, size, size))
    order = np.argsort(data.cluster, kind="stable")
    ends = np.cumsum(np.bincount(data.cluster, minlength=n_clusters))
    for g, rows in enumerate(np.split(order, ends[:-1])):
        line = root[data.left[rows]] - root[data.right[rows]]
        line += data.covariates[rows] @ root[n_systems:-1]
        weight, of = data.weight[rows], cell[rows]
        mixed = np.outer(line.T @ (weight * at.at[of] * cells.sign[rows]), tie)
        own = float(weight @ at.tt[of]) * np.outer(tie, tie)
        result[g] = -((line.T * (weight * at.aa[of])) @ line + mixed + mixed.T + own)
    return result


def _pulls_by_entry(
    data: Votes, cells: Cells, at: Derivatives, root: FloatArray, n_clusters: int
) -> FloatArray:
    """Return the same, one entry of all clusters after the other: sooner where clusters are many and small."""
    if data.cluster is None or cells.of_vote is None or cells.sign is None:
        raise AssertionError("clusters need cells that know their votes")
    cell, tie = cells.of_vote, root[-1]
    line = (root[data.left] - root[data.right] + data.covariates @ root[data.n_systems : -1]).T
    aa, mixed, tt = (
        data.weight * at.aa[cell],
        data.weight * at.at[cell] * cells.sign,
        data.weight * at.tt[cell],
    )
    result = np.empty((n_clusters, len(line), len(line)))
    for i in range(len(line)):
        first, second = aa * line[i] + mixed * tie[i], mixed * line[i] + tt * tie[i]
        for j in range(i + 1):
            entry = tally(data.cluster, n_clusters, first * line[j] + second * tie[j])
            result[:, i, j] = result[:, j, i] = -entry
    return result


def _degrees(root: FloatArray, pull: FloatArray, freed: FloatArray) -> FloatArray:
    """Return ``trace(O)**2 / trace(O @ O)`` for each parameter; O (G, G) is the model's covariance of the clusters' errors."""
    result = np.full(len(root), np.nan)
    for place, line in enumerate(root):
        moved = freed @ line  # (G, r)
        pulled = np.einsum("gij,gj->gi", pull, moved)
        own, shared = (moved * pulled).sum(axis=1), (pulled**2).sum(axis=1)
        both = pulled.T @ pulled if pulled.shape[0] > pulled.shape[1] else pulled @ pulled.T
        trace = float(own.sum() - shared.sum())
        squares = float((own**2).sum() - 2 * (own @ shared) + (both**2).sum())
        if trace > 0 and squares > 0:
            result[place] = trace**2 / squares
    return as_floats(np.where(np.isnan(result), 1.0, np.maximum(result, 1.0)))
