"""Mean squares behind the intraclass correlations, for complete and for unbalanced ratings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from concord.stats._arrays import FloatArray, InputError, tally
from concord.stats._results import NAN
from concord.stats.agreement._ratings import Ratings

_MOST_RATERS = 3000


@dataclass(frozen=True)
class Squares:
    """Mean squares with degrees of freedom, and the coefficients of the variance components in them.

    ``between_means`` is the variance of the units' plain means times the harmonic mean of the numbers of ratings,
    ``harmonic`` (one-way only).
    """

    between: float
    raters: float
    residual: float
    df_between: float
    df_raters: float
    df_residual: float
    k: float  # ratings per unit
    n: float  # ratings per rater
    balanced: bool
    between_means: float = NAN
    harmonic: float = NAN


def one_way(data: Ratings, y: FloatArray) -> Squares:
    """Return the mean squares between and within units."""
    u, n = data.n_units, len(y)
    m = tally(data.unit, u)
    mean = tally(data.unit, u, y) / m
    within = float(np.square(y - mean[data.unit]).sum())
    between = float((m * np.square(mean - y.mean())).sum())
    k = (n - float((m * m).sum()) / n) / (u - 1)
    harmonic = u / float((1 / m).sum())
    return Squares(
        between / (u - 1),
        NAN,
        within / (n - u),
        u - 1,
        NAN,
        n - u,
        k,
        NAN,
        bool((m == m[0]).all()),
        harmonic * float(mean.var(ddof=1)),
        harmonic,
    )


def two_way(data: Ratings, y: FloatArray) -> Squares | None:
    """Sums of squares by fitting constants: each effect adjusted for the other (Henderson's method 3).

    None where raters and units do not overlap enough for the effects to be told apart.
    """
    u, r, n = data.n_units, len(data.rater_codes), len(y)
    if r > _MOST_RATERS:
        raise InputError(f"at most {_MOST_RATERS} raters, got {r}; see ICC(1,1)")
    df_residual = n - u - (r - 1)
    m, given = tally(data.unit, u), tally(data.rater, r)
    left_by_units = y - (tally(data.unit, u, y) / m)[data.unit]
    # Normal equations of the raters after the units are swept out; the last rater is the origin.
    seen: Any = sparse.coo_array((np.ones(n), (data.unit, data.rater)), shape=(u, r)).tocsr()
    together = np.asarray((seen.T @ (sparse.diags_array(1 / m) @ seen)).todense())
    if r < 2 or df_residual < 1 or not _connected(together):
        return None
    wanted = tally(data.rater, r, left_by_units)[:-1]
    information = np.diag(given) - together
    effect = np.linalg.solve(information[:-1, :-1], wanted)
    explained = max(float(effect @ wanted), 0.0)
    residual = max(float(np.square(left_by_units).sum()) - explained, 0.0)
    raters_alone = float(np.square(y - (tally(data.rater, r, y) / given)[data.rater]).sum())
    balanced = n == u * r
    raters = explained / (r - 1)
    df_raters = r - 1 if balanced else _worth(information, raters, residual / df_residual)
    return Squares(
        max(raters_alone - residual, 0.0) / (u - 1),
        raters,
        residual / df_residual,
        u - 1,
        df_raters,
        df_residual,
        (n - r) / (u - 1),
        (n - u) / (r - 1),
        balanced,
    )


def _worth(information: FloatArray, square: float, noise: float) -> float:
    """Return the degrees of freedom that the raters' mean square is worth (Satterthwaite).

    Each direction in which raters differ has as much weight as there is information on it; where one rater gave half of all
    ratings, they are worth fewer than there are.
    """
    r, total = len(information), float(np.trace(information))
    variance = max(square - noise, 0.0) * (r - 1) / total
    spread = variance**2 * float(np.square(information).sum())
    whole = variance * total + (r - 1) * noise
    below = spread + 2 * variance * noise * total + (r - 1) * noise**2
    return whole**2 / below if below > 0 else r - 1


def _connected(together: FloatArray) -> bool:
    """Whether every rater can be reached from the first through shared units."""
    reached = np.zeros(len(together))
    reached[:1] = 1.0
    while True:
        further = (together @ reached > 0).astype(np.float64)
        if (further == reached).all():
            return bool(reached.all())
        reached = further
