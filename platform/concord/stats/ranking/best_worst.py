"""Best-worst scaling: which of the shown is best, which is worst."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from concord.stats._arrays import FloatArray, InputError, IntArray, codes, fraction
from concord.stats._arrays import table as rows
from concord.stats._results import Record
from concord.stats.ranking._rates import rate
from concord.stats.ranking._votes import system_count


@dataclass(frozen=True, kw_only=True)
class BestWorst(Record):
    """``value`` (S,): how much more often best than worst, per showing, from -1 to 1; nan for a system never shown."""

    value: FloatArray
    low: FloatArray
    high: FloatArray
    standard_error: FloatArray
    n_shown: IntArray
    n_best: IntArray
    n_worst: IntArray
    n: int
    confidence: float
    method: str
    undefined: tuple[str | None, ...]


def best_worst(
    items: ArrayLike,
    best: ArrayLike,
    worst: ArrayLike,
    *,
    n_systems: int,
    clusters: ArrayLike | None = None,
    confidence: float = 0.95,
) -> BestWorst:
    """Return best-worst scores: the share of showings as best less the share as worst.

    Parameters
    ----------
    items
        (n, m) system codes shown together, padded with -1.
    best, worst
        (n,) the codes chosen.
    n_systems
        How many systems there are: codes go from 0 to ``n_systems - 1``.
    clusters
        (n,) codes of rater or prompt, for intervals clustered by them.

    Returns
    -------
    BestWorst
        Intervals are Wilson's of ``(score + 1) / 2`` at the effective number of showings that the (clustered) variance implies.

    Raises
    ------
    InputError
        A choice that was not shown, best and worst the same, an item shown twice at once, codes out of range.

    Notes
    -----
    ``(best - worst) / shown``. Louviere, Flynn & Marley (2015), "Best-worst scaling"; Kiritchenko & Mohammad (2017),
    ACL P17-2074.

    Examples
    --------
    >>> best_worst([[0, 1, 2], [0, 1, 3]], [0, 0], [2, 1], n_systems=4).value.tolist()
    [1.0, -0.5, -1.0, 0.0]
    """
    confidence = fraction("confidence", confidence)
    n_systems = system_count(n_systems)
    shown = _shown(items, n_systems)
    first = codes("best", best, length=len(shown))
    last = codes("worst", worst, length=len(shown))
    group = None if clusters is None else codes("clusters", clusters, length=len(shown))
    if not all(_among(shown, choice) for choice in (first, last)):
        raise InputError("best and worst must be among the items shown")
    if (first == last).any():
        raise InputError("best and worst must differ")
    value, low, high, error = (np.full(n_systems, np.nan) for _ in range(4))
    for system in np.unique(shown[shown >= 0]):
        rows = (shown == system).any(axis=1)
        score = ((first[rows] == system).astype(float) - (last[rows] == system) + 1) / 2
        found = rate(score, np.ones(len(score)), None if group is None else group[rows], confidence)
        value[system], error[system] = 2 * found.value - 1, 2 * found.error
        low[system], high[system] = 2 * found.low - 1, 2 * found.high - 1
    times = np.bincount(shown[shown >= 0], minlength=n_systems).astype(np.int64)
    return BestWorst(
        value=value,
        low=low,
        high=high,
        standard_error=error,
        n_shown=times,
        n_best=np.bincount(first, minlength=n_systems).astype(np.int64),
        n_worst=np.bincount(last, minlength=n_systems).astype(np.int64),
        n=len(shown),
        confidence=confidence,
        method=f"best less worst, Wilson interval{'' if group is None else ' on clustered variance'}",
        undefined=tuple(None if number else "the system was never shown" for number in times),
    )


def _shown(items: ArrayLike, n_systems: int) -> IntArray:
    array = rows("items", items)
    if array.size == 0:
        return np.empty((0, 0), dtype=np.int64)
    table = codes("items", array.ravel()).reshape(array.shape)
    if table.max() >= n_systems or table.min() < -1:
        raise InputError(f"items must hold system codes below {n_systems} (or -1 for padding)")
    ordered = np.sort(table, axis=1)
    if ((ordered[:, 1:] == ordered[:, :-1]) & (ordered[:, 1:] >= 0)).any():
        raise InputError("a row of items shows a system twice")
    return table


def _among(shown: IntArray, choice: IntArray) -> bool:
    """Whether each choice is a system of its row (and not the padding)."""
    return bool(((shown == choice[:, None]).any(axis=1) & (choice >= 0)).all())
