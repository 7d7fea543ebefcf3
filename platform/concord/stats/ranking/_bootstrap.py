"""Resampling votes or clusters: one multinomial over cells, and a refit that starts from the full fit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
from scipy import sparse

from concord.stats._arrays import FloatArray, as_floats, compact, tally
from concord.stats.ranking._graph import is_strong, scored_against, ties_fill_every_gap
from concord.stats.ranking._newton import Fit, at_infinity, fit, fit_near, inverse
from concord.stats.ranking._tie_models import MODELS, TieModel
from concord.stats.ranking._votes import Cells, Votes

_MANY = 10_000


def needs_votes(data: Votes) -> bool:
    """Whether resampling must know the cell of each vote: clusters, or weights that differ."""
    return data.cluster is not None or not data.equally_weighted


def resampled_parameters(
    data: Votes, cells: Cells, fitted: Fit, model: TieModel, n_resamples: int, rng: np.random.Generator
) -> FloatArray:
    """Return (n_resamples, S + p + 1) parameters; a row is nan where that resample has no finite maximum."""
    result = np.full((n_resamples, len(fitted.parameters)), np.nan)
    merge = _merger(cells, model, fitted.n_systems)
    refit = _refit(cells, fitted, model)
    for row, weight in enumerate(_weights(data, cells, n_resamples, rng)):
        result[row] = refit(merge(weight))
    return result


def _refit(cells: Cells, fitted: Fit, model: TieModel) -> Callable[[Cells], FloatArray]:
    """Return what fits one resample; without a tie parameter it first steps with the inverse information of the full fit."""
    nothing = np.full(len(fitted.parameters), np.nan)
    bread = None if model.has_parameter else inverse(fitted.information, fitted.n_systems, model)

    def refit(part: Cells) -> FloatArray:
        table = scored_against(part.left, part.right, part.outcome, part.weight, fitted.n_systems)
        if not is_strong(table):
            return nothing
        if bread is not None:
            near = fit_near(part, part.weight, fitted.n_systems, fitted.parameters, bread)
            if not np.isnan(near[0]):
                return nothing if _is_far(part, near, fitted.n_systems) else near
        return _again(part, fitted, model)

    return refit


def _is_far(part: Cells, parameters: FloatArray, n_systems: int) -> bool:
    return bool(part.covariates.shape[1]) and at_infinity(part, parameters, n_systems)


def _again(part: Cells, fitted: Fit, model: TieModel) -> FloatArray:
    """Fit a resample in full; without a tie in it the tie parameter is at its edge and the plain model stands."""
    used = model
    if model.has_parameter and not (part.outcome == 0.5).any():
        used = MODELS["half"]
    elif model.has_parameter and ties_fill_every_gap(part.left, part.right, part.outcome, fitted.n_systems):
        return np.full(len(fitted.parameters), np.nan)
    again = fit(part, part.weight, fitted.n_systems, used, fitted.parameters)
    far = _is_far(part, again.parameters, fitted.n_systems)
    return again.parameters if again.converged and not far else np.full(len(again.parameters), np.nan)


def _merger(cells: Cells, model: TieModel, n_systems: int) -> Callable[[FloatArray], Cells]:
    """Return what turns resampled weights into cells. With half-wins the outcomes of a pair may be averaged: fewer cells."""
    if model.has_parameter or cells.covariates.shape[1]:
        return lambda weight: _subset(cells, weight)
    pair, distinct = compact(cells.left * n_systems + cells.right)
    left, right = np.divmod(distinct, n_systems)
    none = np.empty((len(left), 0))
    merged = Cells(left, right, np.zeros(len(left)), none, np.zeros(0), np.zeros(0), None, None)

    def merge(weight: FloatArray) -> Cells:
        total = tally(pair, len(left), weight)
        won = tally(pair, len(left), weight * cells.outcome)
        outcome = np.divide(won, total, out=np.zeros_like(won), where=total > 0)
        return _subset(replace(merged, outcome=np.minimum(outcome, 1.0)), total)

    return merge


def _subset(cells: Cells, weight: FloatArray) -> Cells:
    kept = np.flatnonzero(weight > 0)
    if len(kept) == len(weight):
        return replace(cells, weight=weight, squared_weight=weight, of_vote=None, sign=None)
    sides = cells.left[kept], cells.right[kept], cells.outcome[kept]
    return Cells(*sides, cells.covariates.take(kept, axis=0), weight[kept], weight[kept], None, None)


def _weights(data: Votes, cells: Cells, n_resamples: int, rng: np.random.Generator) -> Iterator[FloatArray]:
    """Yield, for every resample, the total weights of cells by resampled votes or clusters."""
    if not needs_votes(data):
        share, each = cells.weight / cells.weight.sum(), cells.weight.sum() / data.n
        alone = data.n == len(share)  # every vote is a cell: single draws are cheaper
        for _ in range(n_resamples):
            drawn = (
                tally(rng.integers(data.n, size=data.n), data.n)
                if alone
                else _multinomial(data.n, share, rng)
            )
            yield drawn * each
        return
    unit = np.arange(data.n) if data.cluster is None else data.cluster
    n_units = int(unit.max()) + 1
    if cells.of_vote is None:
        raise AssertionError("cells must be mapped for weighted or clustered resampling")
    table = sparse.coo_array((data.weight, (unit, cells.of_vote)), shape=(n_units, len(cells.weight))).tocsr()
    for _ in range(n_resamples):
        yield np.bincount(rng.integers(n_units, size=n_units), minlength=n_units) @ table


def _multinomial(n: int, share: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Return one multinomial draw; a large one as independent Poisson counts of a little less, filled up one by one.

    Given their total, independent Poisson counts are multinomial, and so is their sum with a multinomial of what is missing.
    """
    most = n - 5 * np.sqrt(n)
    if n >= _MANY:
        drawn = rng.poisson(most * share)
        missing = n - int(drawn.sum())
        if missing >= 0:
            ends = np.cumsum(share)
            place = np.searchsorted(ends, np.sort(rng.random(missing)) * ends[-1], side="right")
            return as_floats(drawn + np.bincount(place, minlength=len(share)))
    return as_floats(rng.multinomial(n, share))
