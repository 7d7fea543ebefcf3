"""With what chance was each item chosen to be rated? From what the choice went by."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from concord.stats._arrays import FloatArray, InputError, as_floats, floats, zeros_and_ones
from concord.stats._results import Record
from concord.stats.joint._items import verdicts

_STEPS = 100
_HELD = 1.0  # the ridge on standardised features: as a normal prior of variance 1


@dataclass(frozen=True, kw_only=True)
class ChoicePropensities(Record):
    """``chance`` (m,) of every item, chosen or not; ``coefficients`` (1 + p,) of the logistic regression, the intercept first.

    ``worth`` is how many items chosen at random the chosen ones are worth (Kish): few, where some had hardly a chance.
    """

    chance: FloatArray
    coefficients: FloatArray
    worth: float
    n: int
    n_chosen: int
    converged: bool


def choice_propensities(features: ArrayLike, chosen: ArrayLike) -> ChoicePropensities:
    """Return the chance with which each item was chosen to be rated, estimated from what the choice went by.

    Parameters
    ----------
    features
        (m,) or (m, p) what the choice may have gone by, of every item: the machine's score, its square, a language as 0 and 1.
    chosen
        (m,) 1 where people rated the item, else 0.

    Returns
    -------
    ChoicePropensities
        Hand ``chance`` to ``Judged(propensities=...)``, or ``chance[chosen == 1]`` to ``prediction_powered_mean``.

    Raises
    ------
    InputError
        A feature that is missing, ``chosen`` other than 0 and 1, nobody or everybody chosen.

    Notes
    -----
    Logistic regression, held back by a ridge of one on standardised features. Labels weighted by the inverse of these chances,
    with the machine's mean over all items, make the augmented estimate (AIPW): it holds where either this model or the machine's
    linear relation to labels does. Intervals take the chances as known, which with estimated ones is on the safe side.

    References
    ----------
    Robins, Rotnitzky & Zhao (1994), doi:10.1080/01621459.1994.10476818; Lunceford & Davidian (2004), doi:10.1002/sim.1903.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> score = rng.normal(size=2000)
    >>> chosen = rng.random(2000) < 1 / (1 + np.exp(2 - score))
    >>> found = choice_propensities(score, chosen)
    >>> found.coefficients.round(1).tolist(), found.n_chosen
    ([-1.8, 0.9], 335)
    """
    x = verdicts("features", features)
    x = as_floats(x[:, None] if x.ndim == 1 else x)
    if np.isnan(x).any():
        raise InputError(f"features hold nan at item {int(np.flatnonzero(np.isnan(x).any(axis=1))[0])}")
    y = floats("chosen", chosen, length=len(x), missing=False)
    zeros_and_ones("chosen", y)
    if not 0 < y.sum() < len(y):
        raise InputError(f"some items must be chosen and some not, got {int(y.sum())} of {len(y)}")
    middle, spread = x.mean(axis=0), x.std(axis=0)
    spread = np.where(spread > 1e-12 * np.abs(x).max(axis=0), spread, 1.0)
    design = np.column_stack([np.ones(len(x)), (x - middle) / spread])
    fitted, converged = _logistic(design, y)
    chance = as_floats(special.expit(design @ fitted))
    slopes = fitted[1:] / spread
    weight = 1 / chance[y == 1]
    return ChoicePropensities(
        chance=chance,
        coefficients=np.concatenate([[fitted[0] - float(slopes @ middle)], slopes]),
        worth=float(weight.sum() ** 2 / (weight @ weight)),
        n=len(y),
        n_chosen=int(y.sum()),
        converged=converged,
    )


def _logistic(design: FloatArray, y: FloatArray) -> tuple[FloatArray, bool]:
    """Return the penalised maximum of the likelihood (Newton, steps halved where they overshoot)."""
    held = np.full(design.shape[1], _HELD)
    held[0] = 1e-9

    def loss(beta: FloatArray) -> float:
        lead = design @ beta
        return float(np.logaddexp(0, lead).sum() - y @ lead + held @ (beta * beta) / 2)

    beta = np.zeros(design.shape[1])
    beta[0] = special.logit(y.mean())
    for _ in range(_STEPS):
        p = special.expit(design @ beta)
        gradient = design.T @ (y - p) - held * beta
        step = np.linalg.solve((design * (p * (1 - p))[:, None]).T @ design + np.diag(held), gradient)
        before = loss(beta)
        while loss(beta + step) > before + 1e-12 * abs(before) and np.abs(step).max() > 1e-12:
            step = step / 2
        beta = beta + step
        if np.abs(step).max() < 1e-10:
            return as_floats(beta), True
    return as_floats(beta), False
