"""The interval of alpha where units belong together, say the outputs of one example: a jackknife over what they belong to."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from concord.stats._arrays import FloatArray, InputError, IntArray, codes, compact, tally
from concord.stats._normal import t_quantile
from concord.stats._results import NAN
from concord.stats.agreement._alpha.result import Alpha
from concord.stats.agreement._alpha.terms import Terms, alpha_of, totals_of

_GROUPS = 200  # clusters are left out in so many groups at most: more groups hardly tell more about the error
_BLOCK = 4_000_000  # weights or totals at a time, so that memory stays flat


def cluster_of_units(units: ArrayLike, clusters: ArrayLike, unit_codes: IntArray) -> IntArray:
    """Return the cluster of each of these units, numbered from 0. Refuses a unit that lies in two."""
    unit = codes("units", units)
    cluster = codes("clusters", clusters, length=len(unit))
    known, first, place = np.unique(unit, return_index=True, return_inverse=True)
    torn = np.flatnonzero(cluster[first][place] != cluster)
    if len(torn):
        row = int(torn[0])
        pair = f"{int(cluster[first][place[row]])} and {int(cluster[row])}"
        raise InputError(f"clusters must hold whole units; unit {int(unit[row])} lies in {pair}")
    return compact(cluster[first][np.searchsorted(known, unit_codes)])[0]


def belong_together(cluster: IntArray) -> bool:
    """Whether any cluster has several units; where none has, units are their own clusters."""
    return bool(len(cluster)) and int(cluster.max()) + 1 < len(cluster)


def over_clusters(found: Alpha, terms: Terms, cluster: IntArray) -> Alpha:
    """Return alpha with the t interval of the jackknife over clusters, in groups of clusters where these are many."""
    if not found.defined:
        return found
    n_clusters = int(cluster.max()) + 1
    n = min(n_clusters, _GROUPS)
    method = f"jackknife of {n} {'' if n == n_clusters else 'groups of '}clusters, t interval"
    if n < 2:
        return _without(found, "no interval", "all units lie in one cluster: no interval.")
    left = _without_each(terms, cluster % n, n)
    if not np.isfinite(left).all():
        return _without(found, method, "without one cluster only one value is left: no interval.")
    error = math.sqrt((n - 1) * float(left.var()))
    if not error > 1e-12:
        return _without(found, method, "all clusters disagree alike: no interval.")
    half = t_quantile(found.confidence, n - 1) * error
    return replace(
        found,
        low=found.value - half,
        high=min(found.value + half, 1.0),
        standard_error=error,
        method=method,
    )


def _without(found: Alpha, method: str, note: str) -> Alpha:
    return replace(found, low=NAN, high=NAN, standard_error=NAN, method=method, notes=(*found.notes, note))


def _without_each(terms: Terms, group: IntArray, n: int) -> FloatArray:
    """Return alpha without each group, (n,): units with the same counts are one pattern, so only their numbers matter."""
    n_patterns = len(terms.multiplicity)
    size = max(1, _BLOCK // max(terms.features.shape))
    blocks = []
    for start in range(0, n, size):
        stop = min(start + size, n)
        mine = (group >= start) & (group < stop)
        gone = tally((group[mine] - start) * n_patterns + terms.pattern[mine], (stop - start) * n_patterns)
        weights = terms.multiplicity - gone.reshape(stop - start, n_patterns)
        blocks.append(alpha_of(*terms.disagreement(totals_of(terms.features, weights), weights)))
    return np.concatenate(blocks)
