"""Resampling votes or clusters: one multinomial over cells, and a refit that starts from the full fit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from scipy import sparse

from concord.stats._arrays import FloatArray, as_floats, compact, tally
from concord.stats.ranking._graph import is_strong, scored_against
from concord.stats.ranking._newton import FURTHEST, Fit, advantage, fit
from concord.stats.ranking._tie_models import TieModel
from concord.stats.ranking._votes import Cells, Votes


def resampled_parameters(
    data: Votes, cells: Cells, fitted: Fit, model: TieModel, n_resamples: int, rng: np.random.Generator
) -> FloatArray:
    """Return (n_resamples, S + p + 1) parameters; a row is nan where that resample has no finite maximum."""
    result = np.full((n_resamples, len(fitted.parameters)), np.nan)
    merge = _merger(cells, model, fitted.n_systems)
    for row, weight in enumerate(_weights(data, cells, n_resamples, rng)):
        part = merge(weight)
        table = scored_against(part.left, part.right, part.outcome, part.weight, fitted.n_systems)
        if not is_strong(table) or (model.has_parameter and not (part.outcome == 0.5).any()):
            continue
        again = fit(part, part.weight, fitted.n_systems, model, fitted.parameters)
        furthest = np.abs(advantage(part, again.parameters, fitted.n_systems)).max(initial=0.0)
        if again.converged and furthest <= FURTHEST:
            result[row] = again.parameters
    return result


def _merger(cells: Cells, model: TieModel, n_systems: int) -> Callable[[FloatArray], Cells]:
    """Return what turns resampled weights into cells. With half-wins the outcomes of a pair may be averaged: fewer cells."""
    if model.has_parameter or cells.covariates.shape[1]:
        return lambda weight: _subset(cells, weight)
    pair, distinct = compact(cells.left * n_systems + cells.right)
    left, right = np.divmod(distinct, n_systems)
    merged = Cells(
        left, right, np.zeros(len(left)), np.empty((len(left), 0)), np.zeros(0), np.zeros(0), None, None
    )

    def merge(weight: FloatArray) -> Cells:
        total = tally(pair, len(left), weight)
        won = tally(pair, len(left), weight * cells.outcome)
        outcome = np.divide(won, total, out=np.zeros_like(won), where=total > 0)
        return _subset(replace(merged, outcome=np.minimum(outcome, 1.0)), total)

    return merge


def _subset(cells: Cells, weight: FloatArray) -> Cells:
    kept = weight > 0
    return Cells(
        cells.left[kept],
        cells.right[kept],
        cells.outcome[kept],
        cells.covariates[kept],
        weight[kept],
        weight[kept],
        None,
        None,
    )


def _weights(data: Votes, cells: Cells, n_resamples: int, rng: np.random.Generator) -> FloatArray:
    """Return (n_resamples, cells) total weights of resampled votes or clusters."""
    if data.cluster is None and (data.weight == data.weight[0]).all():
        share = cells.weight / cells.weight.sum()
        return as_floats(rng.multinomial(data.n, share, size=n_resamples) * data.weight[0])
    unit = np.arange(data.n) if data.cluster is None else data.cluster
    n_units = int(unit.max()) + 1
    of_vote = cells.of_vote
    if of_vote is None:
        raise AssertionError("cells must be mapped for weighted or clustered resampling")
    table = sparse.coo_array((data.weight, (unit, of_vote)), shape=(n_units, len(cells.weight))).tocsr()
    drawn = np.empty((n_resamples, len(cells.weight)))
    for row in range(n_resamples):
        times = np.bincount(rng.integers(n_units, size=n_units), minlength=n_units)
        drawn[row] = times @ table
    return drawn
