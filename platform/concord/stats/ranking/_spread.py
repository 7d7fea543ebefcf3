"""How far strengths may be off, and what nothing can say of it: directions that the votes of a single cluster decide.

Where all votes between two groups of systems lie in one cluster, the fit follows that cluster there, its score vanishes, and a
sandwich would call certain what nobody else has seen. Such a direction is one in which a cluster holds nearly all of the
information: an eigenvalue near 1 of the cluster's information in units of the whole. As these add up to the trace, hardly more
clusters than there are parameters come into question. A vote without a cluster is a cluster of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from concord.stats._arrays import BoolArray, FloatArray, IntArray, as_floats

# Of the information in a direction, within one cluster: with more, intervals hold the truth too seldom, .66 to .16 at .98.
NEARLY_ALL = 0.9
_MUCH = 0.1  # of the variance of an estimate, in such directions
AT_ONCE = 16  # parameters, so that a table of them by all votes stays small
_ROUNDED = 1e-11  # of both variances: a difference as small is lost in theirs
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
        model says. Where all scores of a parameter are zero, the inverse information stands in.
        """
        variance, own, rest = np.diag(self.covariance), np.diag(self.bread), np.diag(self.bread - self.alone)
        silent = variance <= 1e-18 * own
        among = np.ix_(silent, silent)
        covariance = self.covariance.copy()
        covariance[among] = self.bread[among]
        if self.alone.any() and not silent.all():
            shown = ~silent & ~self.unknown()
            ratio = variance[shown] / rest[shown]
            covariance += max(1.0, float(ratio.mean()) if len(ratio) else 1.0) * self.alone
        return replace(self, covariance=covariance)

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
        tables = self.covariance, self.bread, self.alone
        variance, whole, alone = (_apart(table[:n_systems, :n_systems]) for table in tables)
        least = _ROUNDED * _together(self.covariance[:n_systems, :n_systems])
        np.fill_diagonal(least, 0.0)
        variance = np.where(variance < least, np.maximum(whole, least), variance)  # nothing but ties, say
        return np.where(alone > _MUCH * whole, np.nan, variance)

    def df_of_systems(self, n_systems: int) -> FloatArray:
        """Return the degrees of freedom of each strength's differences, (S,), nan where all of these are unknown."""
        apart = self.of_differences(n_systems)
        np.fill_diagonal(apart, np.nan)
        return np.where(np.isnan(apart).all(axis=1), np.nan, self.df[:n_systems])

    def fewest_df(self, n_systems: int) -> float:
        """Return the fewest degrees of freedom of a strength's differences; nan where all of these are unknown."""
        df = self.df_of_systems(n_systems)
        return float("nan") if np.isnan(df).all() else float(np.nanmin(df))

    def in_units(self, unit: FloatArray) -> Spread:
        """Return the same for parameters divided by ``unit`` (P,)."""
        table = np.outer(unit, unit)
        return Spread(self.covariance / table, self.df, self.bread / table, self.alone / table)


def _apart(covariance: FloatArray) -> FloatArray:
    return np.maximum(_together(covariance) - (covariance + covariance.T), 0.0)


def _together(covariance: FloatArray) -> FloatArray:
    own = np.diag(covariance)
    return as_floats(own[:, None] + own[None, :])


def root_of(bread: FloatArray) -> FloatArray:
    """Return ``root`` (P, r) with ``bread = root @ root.T``."""
    values, vectors = np.linalg.eigh(bread)
    kept = values > 1e-12 * values[-1]
    return as_floats(vectors[:, kept] * np.sqrt(values[kept]))


def decided_alone(
    bread: FloatArray,
    information: FloatArray,
    trace: FloatArray,
    information_of: Callable[[int], FloatArray],
) -> FloatArray:
    """Return the covariance (P, P) that the model gives to what single clusters decide.

    ``information`` is that of all votes, anchored so that it can be inverted, and ``bread`` the inverse on the parameters'
    space; ``trace`` (G,) is that of ``bread`` times each cluster's information, which ``information_of`` returns, (P, P).
    """
    alone = np.zeros_like(bread)
    for g in np.flatnonzero(trace > NEARLY_ALL).tolist():
        own = information_of(g)
        touched = np.flatnonzero(np.diag(own))
        if 4 * len(touched) > len(own) and _is_positive(NEARLY_ALL * information - own):
            continue
        part = root_of(own[np.ix_(touched, touched)])
        moved = bread[:, touched] @ part
        share, turn = np.linalg.eigh(part.T @ moved[touched])
        most = share > NEARLY_ALL
        held = moved @ turn[:, most] / np.sqrt(share[most])
        alone += held @ held.T
    return alone


def _is_positive(matrix: FloatArray) -> bool:
    """Whether all eigenvalues are positive, at a tenth of the time that these would take."""
    try:
        np.linalg.cholesky(matrix)
    except np.linalg.LinAlgError:
        return False
    return True


def effective_df(added_by: Callable[[slice], FloatArray], n_parameters: int) -> FloatArray:
    """Return for each parameter one less than the worth of the clusters it rests on, ``sum(m)**2 / sum(m**2)``; (P,).

    ``added_by`` returns m, what each cluster adds to the variance of some of the parameters, (G, p): with M_g its information,
    the diagonal of ``bread @ M_g @ bread``.
    """
    found = np.empty(n_parameters)
    for start in range(0, n_parameters, AT_ONCE):
        block = slice(start, start + AT_ONCE)
        added = added_by(block)
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


def spread_notes(
    spread: Spread, present: IntArray, *, n_clusters: int | None, what: str = "vote", n_coefficients: int = 0
) -> tuple[str, ...]:
    """Return what a reader must know: whom one cluster, or a single vote, ties to the rest, and who lies in few clusters.

    ``n_clusters`` is None where votes count for themselves, and the fewer of both ways where they hang together two ways.
    """
    if n_clusters == 1:
        return (f"one cluster holds all {what}s: no interval, and every rank is open.",)
    notes = _lone(spread, present, what if n_clusters is None else "cluster", n_coefficients)
    if n_clusters is not None:
        notes += _few(spread.df_of_systems(len(present)), present, n_clusters, what)
    return notes


def known_groups(variance: FloatArray) -> list[IntArray]:
    """Return the groups of systems within which the variance of differences, (S, S), is known."""
    known = sparse.csr_array(~np.isnan(variance))
    n_groups, label = csgraph.connected_components(known, directed=False)
    return [np.flatnonzero(label == group) for group in range(n_groups)]


def _lone(spread: Spread, present: IntArray, unit: str, n_coefficients: int) -> tuple[str, ...]:
    s, unknown = len(present), spread.unknown()
    groups = known_groups(spread.of_differences(s))
    notes: tuple[str, ...] = ()
    if len(groups) > 1:
        named = "; ".join(_named(present[group]) for group in groups[:4]) + (
            "; ..." if len(groups) > 4 else ""
        )
        notes += (
            f"groups of systems are tied together by one {unit}, or nearly so: {named}. What lies between them has no interval, "
            "nor has a strength that rests on it.",
        )
    elif unknown[:s].any():
        notes += (
            f"one {unit} decides, or nearly so, where the systems {_named(present[unknown[:s]])} stand: no interval.",
        )
    if unknown[s : s + n_coefficients].any():
        notes += (f"one {unit} decides a coefficient, or nearly so: no interval.",)
    return notes


def _few(df: FloatArray, present: IntArray, n_clusters: int, what: str) -> tuple[str, ...]:
    if n_clusters < _FEW:
        return (
            f"the {what}s lie in {n_clusters} clusters only: intervals are wide for it, and may still be too narrow.",
        )
    few = np.flatnonzero(df + 1 < min(_FEW, n_clusters / 2))
    if not len(few):
        return ()
    worst = few[np.argsort(df[few], kind="stable")]
    named = ", ".join(f"{int(present[i])} (as if {df[i] + 1:.1f})" for i in worst[:5])
    more = f" and {len(few) - 5} more" if len(few) > 5 else ""
    return (
        f"the {what}s of some systems lie mostly in few clusters: {named}{more}. Their intervals are wide for it, and may still "
        "be too narrow.",
    )


def _named(systems: IntArray) -> str:
    return str(systems.tolist()) if len(systems) <= 5 else f"{len(systems)} systems"
