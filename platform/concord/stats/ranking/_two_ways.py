"""The covariance of strengths where votes hang together two ways: those of a rater, and those on a prompt."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from concord.stats._arrays import FloatArray, as_floats
from concord.stats._clustered import Variance, cells_of, crossed_df
from concord.stats.ranking._newton import Fit
from concord.stats.ranking._sandwich import sandwich
from concord.stats.ranking._spread import Spread
from concord.stats.ranking._tie_models import TieModel
from concord.stats.ranking._votes import Cells, Votes


def spread_of(data: Votes, cells: Cells, fitted: Fit, model: TieModel) -> Spread | None:
    """Return how far all parameters may be off; None for singular information.

    Two ways: ``V1 + V2 - V12``, with V12 by the clusters that share both codes (Cameron, Gelbach & Miller 2011), and for each
    parameter Satterthwaite's degrees of freedom as for a mean; what one cluster of either way decides alone is unknown. What the
    second way adds to the larger of V1 and V2 is cut at zero in every direction (its eigenvalues): as for a mean, no variance
    falls below a one-way one.
    """
    one = sandwich(data, cells, fitted, model)
    if one is None or data.cluster is None or data.cluster2 is None:
        return one
    both = cells_of(data.cluster, data.cluster2)
    two = sandwich(replace(data, cluster=data.cluster2), cells, fitted, model)
    cell = sandwich(replace(data, cluster=both), cells, fitted, model)
    if two is None or cell is None:
        return None
    both_ways = (one.covariance, two.covariance)
    larger, smaller = sorted(both_ways, key=lambda v: -float(np.trace(v[: fitted.n_systems])))
    covariance = as_floats(larger + _positive(smaller - cell.covariance))
    return Spread(
        covariance=covariance,
        df=_degrees(covariance, one, two),
        bread=one.bread,
        alone=one.alone + two.alone,
    )


def _degrees(covariance: FloatArray, one: Spread, two: Spread) -> FloatArray:
    """Return the degrees of freedom of each parameter's variance."""
    found = np.minimum(one.df, two.df)
    for p in np.flatnonzero(np.isfinite(found) & (found > 0)):
        ways = (Variance(float(way.covariance[p, p]), float(way.df[p]), 0) for way in (one, two))
        found[p] = crossed_df(float(covariance[p, p]), *ways)
    return as_floats(found)


def _positive(matrix: FloatArray) -> FloatArray:
    """Return the symmetric matrix with its negative eigenvalues set to zero."""
    values, vectors = np.linalg.eigh((matrix + matrix.T) / 2)
    return as_floats((vectors * np.maximum(values, 0.0)) @ vectors.T)
