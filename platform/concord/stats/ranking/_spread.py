"""How far strengths may be off, and what nothing can say of it: directions that the votes of a single cluster decide.

Where all votes between two groups of systems lie in one cluster, the fit follows that cluster there, its score vanishes, and a
sandwich would call certain what nobody else has seen. Such a direction is one in which a cluster holds all of the information:
a share of 1 among the eigenvalues of the cluster's information in units of the whole. As these add up to the trace, at most as
many clusters as there are parameters come into question.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from concord.stats._arrays import BoolArray, FloatArray, IntArray, as_floats

_ALL = 0.99  # of the information in a direction, within one cluster
_MUCH = 0.1  # of the variance of an estimate, in such directions
_AT_ONCE = 16  # parameters, so that a table of them by all votes stays small
_FEW = 5.0  # with the worth of fewer clusters, an interval deserves a warning


@dataclass(frozen=True)
class Spread:
    """The covariance (P, P) of parameters, strengths first, and the degrees of freedom (P,) of each.

    ``alone`` (P, P) is the part of the model's own covariance, ``bread``, that lies in directions which a single cluster decides.
    """

    covariance: FloatArray
    df: FloatArray
    bread: FloatArray
    alone: FloatArray

    def filled(self) -> Spread:
        """Return the covariance with what scores cannot show, as far as it is a small part of an estimate.

        What single clusters decide is taken to scatter as the rest does, compared with the model, and not less than the
        model says. Where all scores are zero, the inverse information stands in.
        """
        variance, own, rest = np.diag(self.covariance), np.diag(self.bread), np.diag(self.bread - self.alone)
        if variance.max() <= 1e-18 * own.max():
            return replace(self, covariance=self.bread)
        if not self.alone.any():
            return self
        excess = max(1.0, float(variance.sum() / rest.sum())) if rest.sum() > 1e-9 * own.sum() else 1.0
        return replace(self, covariance=self.covariance + excess * self.alone)

    def unknown(self) -> BoolArray:
        """Return for which parameters nothing shows how far they may be off, (P,)."""
        return np.asarray(np.diag(self.alone) > _MUCH * np.diag(self.bread), dtype=bool)

    def errors(self) -> FloatArray:
        """Return the standard error of each parameter, (P,), nan where it is unknown."""
        error = np.sqrt(np.maximum(np.diag(self.covariance), 0.0))
        return np.where(self.unknown(), np.nan, error)

    def known(self) -> FloatArray:
        """Return the covariance, (P, P), nan in rows and columns of what is unknown."""
        unknown = self.unknown()
        return np.where(unknown[:, None] | unknown[None, :], np.nan, self.covariance)

    def of_differences(self, n_systems: int) -> FloatArray:
        """Return the variance of the difference of any two strengths, (S, S), nan where it is unknown."""
        variance = _apart(self.covariance[:n_systems, :n_systems])
        if not self.alone.any():
            return variance
        alone, whole = (_apart(part[:n_systems, :n_systems]) for part in (self.alone, self.bread))
        return np.where(alone > _MUCH * whole, np.nan, variance)

    def df_of_systems(self, n_systems: int) -> FloatArray:
        """Return the degrees of freedom of each strength's differences, (S,), nan where all of these are unknown."""
        apart = self.of_differences(n_systems)
        np.fill_diagonal(apart, np.nan)
        return np.where(np.isnan(apart).all(axis=1), np.nan, self.df[:n_systems])

    def fewest_df(self, n_systems: int) -> float:
        """Return the fewest degrees of freedom of a strength that has an interval; nan where none has."""
        known = self.df[:n_systems][~self.unknown()[:n_systems]]
        return float(known.min()) if len(known) else float("nan")

    def in_units(self, unit: FloatArray) -> Spread:
        """Return the same for parameters divided by ``unit`` (P,)."""
        table = np.outer(unit, unit)
        return Spread(self.covariance / table, self.df, self.bread / table, self.alone / table)


def _apart(covariance: FloatArray) -> FloatArray:
    own = np.diag(covariance)
    return np.maximum(own[:, None] + own[None, :] - 2 * covariance, 0.0)


def root_of(bread: FloatArray) -> FloatArray:
    """Return ``root`` (P, r) with ``bread = root @ root.T``."""
    values, vectors = np.linalg.eigh(bread)
    kept = values > 1e-12 * values[-1]
    return as_floats(vectors[:, kept] * np.sqrt(values[kept]))


def decided_alone(
    bread: FloatArray, trace: FloatArray, information_of: Callable[[int], FloatArray]
) -> FloatArray:
    """Return the covariance (P, P) that the model gives to what single clusters decide.

    ``trace`` (G,) is that of ``bread`` times each cluster's information, which ``information_of`` returns, (P, P).
    """
    alone = np.zeros_like(bread)
    candidates = np.flatnonzero(trace > _ALL)
    if not len(candidates):
        return alone
    root = root_of(bread)
    for g in candidates:
        share, turn = np.linalg.eigh(root.T @ information_of(int(g)) @ root)
        held = root @ turn[:, share > _ALL]
        alone += held @ held.T
    return alone


def effective_df(
    held: sparse.csr_array, gaps: Callable[[slice], FloatArray], n_parameters: int
) -> FloatArray:
    """Return for each parameter one less than the worth of the clusters it rests on, ``sum(m)**2 / sum(m**2)``; (P,).

    ``held`` (G, C) is the information that each cluster holds of each cell, a comparison of two systems, and ``gaps`` the
    difference between both sides' rows of the inverse information, (C, p) for p of the parameters: m is what the cluster adds to
    the variance of the parameter.
    """
    found = np.empty(n_parameters)
    for start in range(0, n_parameters, _AT_ONCE):
        block = slice(start, start + _AT_ONCE)
        added = as_floats(held @ gaps(block) ** 2)
        total, squares = added.sum(axis=0), (added**2).sum(axis=0)
        found[block] = np.maximum(total**2 / np.maximum(squares, 1e-300) - 1, 1.0)
    return found


def by_cluster(
    cluster: list[IntArray], column: list[IntArray], entry: list[FloatArray], size: int
) -> sparse.csr_array:
    """Return the sums of the entries by cluster and column, (G, size)."""
    rows = np.concatenate(cluster)
    places = rows, np.concatenate(column)
    return sparse.coo_array((np.concatenate(entry), places), shape=(int(rows.max()) + 1, size)).tocsr()


def cluster_notes(spread: Spread, present: IntArray, n_clusters: int, what: str = "votes") -> tuple[str, ...]:
    """Return what a reader of clustered strengths must know: who is tied to the rest by one cluster, and who by few."""
    if n_clusters == 1:
        return (f"one cluster holds all {what}: no interval, and every rank is open.",)
    s = len(present)
    return (*_lone(spread, present), *_few(spread.df[:s], spread.unknown()[:s], present, n_clusters, what))


def known_groups(variance: FloatArray) -> list[IntArray]:
    """Return the groups of systems within which the variance of differences, (S, S), is known."""
    known = sparse.csr_array(~np.isnan(variance))
    n_groups, label = csgraph.connected_components(known, directed=False)
    return [np.flatnonzero(label == group) for group in range(n_groups)]


def _lone(spread: Spread, present: IntArray) -> tuple[str, ...]:
    s, unknown = len(present), spread.unknown()
    groups = known_groups(spread.of_differences(s))
    notes: tuple[str, ...] = ()
    if len(groups) > 1:
        named = "; ".join(_named(present[group]) for group in groups[:4]) + (
            "; ..." if len(groups) > 4 else ""
        )
        notes += (
            f"groups of systems are tied together by one cluster only: {named}. What lies between them has no interval, nor has "
            "a strength that rests on it.",
        )
    elif unknown[:s].any():
        notes += (
            f"one cluster alone decides where the systems {_named(present[unknown[:s]])} stand: no interval.",
        )
    if unknown[s:].any():
        notes += ("one cluster alone decides a coefficient: no interval.",)
    return notes


def _few(
    df: FloatArray, unknown: BoolArray, present: IntArray, n_clusters: int, what: str
) -> tuple[str, ...]:
    if n_clusters < _FEW:
        return (
            f"the {what} lie in {n_clusters} clusters only: intervals are wide for it, and may still be too narrow.",
        )
    few = np.flatnonzero((df + 1 < min(_FEW, n_clusters / 2)) & ~unknown)
    if not len(few):
        return ()
    worst = few[np.argsort(df[few], kind="stable")]
    named = ", ".join(f"{int(present[i])} (as if {df[i] + 1:.1f})" for i in worst[:5])
    more = f" and {len(few) - 5} more" if len(few) > 5 else ""
    return (
        f"the {what} of some systems lie mostly in few of {n_clusters} clusters: {named}{more}. Their intervals are wide for it, "
        "and may still be too narrow.",
    )


def _named(systems: IntArray) -> str:
    return str(systems.tolist()) if len(systems) <= 5 else f"{len(systems)} systems"
