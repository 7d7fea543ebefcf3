"""The variance of a mean over strata: of each, of what strata share through clusters, and of estimated shares."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from concord.stats._arrays import FloatArray, IntArray, compact, largest, tally
from concord.stats._clustered import mean_variance
from concord.stats._results import NAN
from concord.stats.joint._contrast import Contrast, contrast
from concord.stats.joint._figure import Scale, unseen
from concord.stats.joint._items import Items, in_both
from concord.stats.joint._sides import Side
from concord.stats.joint._single import side_of


@dataclass(frozen=True)
class Stratum:
    """One stratum's items with their corrected mean."""

    items: Items
    side: Side
    found: Contrast

    @classmethod
    def of(cls, items: Items, lam: float | None) -> Stratum:
        """Return the corrected mean of a stratum that has labels."""
        side = side_of(items)
        return cls(items, side, _mean(side, lam))

    @property
    def error(self) -> float:
        """The standard error; 0 where nothing varies, nan where it cannot be had."""
        size = largest(self.side.y) + self.lam * largest(self.side.f.ravel())
        error = math.sqrt(self.found.variance)
        return 0.0 if error <= 1e-14 * size else error

    @property
    def lam(self) -> float:
        """The machine's weight."""
        return float(self.found.weights.sum())

    def error_at(self, lam: float) -> float:
        """Return the error that the mean of this stratum would have at another weight of the machine."""
        if lam == self.lam or not len(self.items.rest):
            return self.error
        error = math.sqrt(_mean(self.side, lam).variance)
        return error if error > 0 else self.error

    @property
    def n_units(self) -> int:
        """How many clusters of labelled items there are, or labelled items."""
        return len(self.items.y) if self.items.group is None else len(np.unique(self.items.group))

    @property
    def varies(self) -> bool:
        """Whether the stratum has a variance of its own."""
        return self.error > 0


def _mean(side: Side, lam: float | None) -> Contrast:
    return contrast((side,), None if lam is None else np.array([lam]), influence=side.group is not None)


class StrataVariance(NamedTuple):
    """A variance, its degrees of freedom, and notes."""

    variance: float
    df: float
    notes: tuple[str, ...]


def strata_variance(strata: Mapping[int, Stratum], share: Mapping[int, float]) -> StrataVariance:
    """Return variance and Satterthwaite's degrees of freedom; a stratum without variation borrows that of the others."""
    known = {code: stratum for code, stratum in strata.items() if stratum.varies}
    if not known:
        return StrataVariance(0.0, NAN, ())
    pieces = list(_pieces(list(known.values()), np.array([share[code] for code in known])))
    borrowed, freedom = _borrowed(strata, share)
    variance = borrowed + sum(piece for piece, _ in pieces)
    if not variance > 0:
        return StrataVariance(0.0, NAN, ())
    below = [*pieces, (borrowed, freedom)]  # as shares of the whole: squares of variances might leave float64
    df = 1 / sum((piece / variance) ** 2 / own for piece, own in below)
    lent = len(strata) - len(known)
    have = f"{counted(lent)} {'has' if lent == 1 else 'have'}"
    note = f"{have} one label or cluster, or labels all alike: given the variance of the others."
    return StrataVariance(variance, df, (note,) if lent else ())


def counted(n: int) -> str:
    """Return how many strata, in words."""
    return f"{n} {'stratum' if n == 1 else 'strata'}"


def strata_third(strata: Mapping[int, Stratum], share: Mapping[int, float]) -> float:
    """Return the third central moment of the mean."""
    return sum(share[code] ** 3 * stratum.found.third for code, stratum in strata.items() if stratum.varies)


def strata_unseen(strata: Mapping[int, Stratum], share: Mapping[int, float]) -> float:
    """Return the variance that errors of the machine not yet seen would add to labels of 0 and 1."""
    return sum(
        share[code] ** 2 * unseen(stratum.found, (stratum.side,), Scale.of((stratum.side.y,), "share"))
        for code, stratum in strata.items()
    )


def strata_worth(strata: Mapping[int, Stratum], share: Mapping[int, float]) -> float:
    """Return how many independent labels there are where nothing varies: few of a large stratum count for little."""
    return 1 / sum(share[code] ** 2 / stratum.found.n for code, stratum in strata.items())


def _borrowed(strata: Mapping[int, Stratum], share: Mapping[int, float]) -> tuple[float, float]:
    """Return the variance of strata without their own, as the others' labels (or clusters) would give it, and its freedom.

    At the weight that the stratum gives the machine: few labels are often taken as they are, which the others' are not.
    """
    known = [stratum for stratum in strata.values() if stratum.varies]
    units = [stratum.n_units for stratum in known]
    freedom = sum(units) - len(units)
    common: dict[float, float] = {}
    variance = 0.0
    for code, stratum in strata.items():
        if stratum.varies:
            continue
        if stratum.lam not in common:
            errors = (one.error_at(stratum.lam) for one in known)
            pieces = ((n - 1) * n * error**2 for n, error in zip(units, errors, strict=True))
            common[stratum.lam] = sum(pieces) / freedom
        variance += share[code] ** 2 * common[stratum.lam] / stratum.n_units
    return variance, float(freedom)


def _pieces(strata: list[Stratum], share: FloatArray) -> Iterator[tuple[float, float]]:
    """Yield variance and degrees of freedom of each set of strata that clusters hang together.

    A stratum of its own keeps its degrees of freedom; several have as many as people's clusters less strata, as in surveys.
    """
    covariance, linked = _covariances(strata, share)
    _, label = csgraph.connected_components(linked, directed=False)
    for one in range(int(label.max()) + 1):
        members = np.flatnonzero(label == one)
        if len(members) == 1:
            found = strata[members[0]]
            yield (share[members[0]] * found.error) ** 2, found.found.df
            continue
        df = _freedom([strata[i] for i in members], share[members])
        yield max(float(covariance[np.ix_(members, members)].sum()), 0.0), df


def _freedom(strata: list[Stratum], share: FloatArray) -> float:
    """Return people's clusters less strata, or fewer where few clusters hold most of the mean."""
    groups = [stratum.items.group for stratum in strata if stratum.items.group is not None]
    parts = [
        part * stratum.items.weight / stratum.items.weight.sum()
        for part, stratum in zip(share, strata, strict=True)
    ]
    group, distinct = compact(np.concatenate(groups))
    held = tally(group, len(distinct), np.concatenate(parts))
    worth = float(held.sum() ** 2 / (held @ held))
    return max(min(len(distinct) - len(strata), worth - 1), 1.0)


def _covariances(strata: list[Stratum], share: FloatArray) -> tuple[FloatArray, Any]:
    """Return the (H, H) covariances of the strata's parts of the mean, and a sparse table of which share clusters."""
    h = len(strata)
    variance = np.array([(part * stratum.error) ** 2 for stratum, part in zip(strata, share, strict=True)])
    if any(stratum.items.group is None for stratum in strata):
        return np.diag(variance), sparse.csr_array((h, h))
    rows = np.repeat(np.arange(h), [len(stratum.found.codes) for stratum in strata])
    columns = np.concatenate([stratum.found.codes for stratum in strata])
    entries = np.concatenate(
        [part * stratum.found.influence for stratum, part in zip(strata, share, strict=True)]
    )
    total: Any = sparse.coo_array((entries, (rows, columns))).tocsr()
    present: Any = sparse.coo_array((np.ones(len(rows)), (rows, columns))).tocsr()
    covariance = (total @ total.T).toarray()
    np.fill_diagonal(covariance, variance)
    return covariance, present @ present.T


def share_variance(means: FloatArray, group: IntArray | None, rest_group: IntArray | None, n: int) -> float:
    """Return the variance of the mean over strata that comes from their shares being those of the items given.

    ``means`` (n + N,) are the means of each item's stratum, labelled items first.
    """
    if group is None:
        return float(np.square(means - means.mean()).mean()) / len(means)
    every = in_both(group, rest_group, n, len(means))[1]
    variance = mean_variance(means, np.ones(len(means)), every, None)[0].value
    return 0.0 if np.isnan(variance) else variance
