"""The sandwich where votes come in few or uneven clusters: adjusted scores, and degrees of freedom for each strength.

A cluster that holds many of a system's votes pulls the fit towards itself, and its score then looks smaller than it is. With H
the information, M_g that of cluster g and s_g its score, ``(I - M_g / H)^(-1/2) s_g`` takes the pull back: the CR2 of Bell and
McCaffrey (2002), which for residuals weighted by the model's variance can be said in the parameters alone. Satterthwaite's
degrees of freedom follow from the model's own covariance of these scores (Pustejovsky & Tipton 2018,
doi:10.1080/07350015.2016.1247004).
"""

from __future__ import annotations

import numpy as np

from concord.stats._arrays import FloatArray, as_floats
from concord.stats.ranking._spread import root_of
from concord.stats.ranking._tie_models import Derivatives
from concord.stats.ranking._votes import Cells, Votes

_MOST_WORK = (
    2e8  # so many multiplications of roots; beyond, clusters are many for each system, and hardly any pulls
)
_MOST_PULL = 0.9  # as for single votes: what holds nearly all that is known says little about its own error


def worth_adjusting(n_votes: int, n_clusters: int, size: int) -> bool:
    """Whether the roots of all clusters can be had in a moment."""
    return n_clusters * size**3 <= _MOST_WORK and n_votes * size**2 <= 5 * _MOST_WORK


def adjusted_sandwich(
    data: Votes, cells: Cells, at: Derivatives, bread: FloatArray, scores: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return the covariance of all parameters, (P, P), and the degrees of freedom of each, (P,).

    ``scores`` (G, P) are the clusters' totals and ``bread`` the inverse information.
    """
    root = root_of(bread)
    pull = _pulls(data, cells, at, root, len(scores))
    share, turn = np.linalg.eigh(pull)  # of each cluster
    loose = 1 / np.sqrt(1 - np.clip(share, 0.0, _MOST_PULL))
    freed = (turn * loose[:, None, :]) @ turn.transpose(0, 2, 1)  # (G, r, r)
    errors = np.einsum("gij,gj->gi", freed, scores @ root) @ root.T  # (G, P)
    return errors.T @ errors, _degrees(root, pull, freed)


def _pulls(data: Votes, cells: Cells, at: Derivatives, root: FloatArray, n_clusters: int) -> FloatArray:
    """Return each cluster's information in units of the whole, (G, r, r): its eigenvalues lie between 0 and 1."""
    if data.cluster is None or cells.of_vote is None or cells.sign is None:
        raise AssertionError("clusters need cells that know their votes")
    cell, tie, n_systems = cells.of_vote, root[-1], data.n_systems
    result = np.empty((n_clusters, root.shape[1], root.shape[1]))
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
