"""Item response theory with two parameters: how hard each example is, and how well it tells systems apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from concord.stats._arrays import (
    FloatArray,
    InputError,
    IntArray,
    codes,
    compact,
    count,
    floats,
    fraction,
    tally,
)
from concord.stats._normal import z_quantile
from concord.stats._results import Record

if TYPE_CHECKING:
    from scipy import optimize

_FURTHEST = 15.0


@dataclass(frozen=True, kw_only=True)
class Irt(Record):
    """``discrimination`` and ``difficulty`` (I,) of the items with intervals, ``ability`` (P,) of the persons (posterior mean).

    ``P(right) = 1 / (1 + exp(-discrimination * (ability - difficulty)))``, abilities standard normal.
    """

    item_codes: IntArray = field(repr=False)
    person_codes: IntArray = field(repr=False)
    discrimination: FloatArray
    discrimination_low: FloatArray
    discrimination_high: FloatArray
    difficulty: FloatArray
    intercept: FloatArray
    intercept_error: FloatArray
    ability: FloatArray = field(repr=False)
    ability_error: FloatArray = field(repr=False)
    log_likelihood: float
    converged: bool
    n: int
    confidence: float
    method: str
    undefined: str | None = None
    notes: tuple[str, ...] = ()
    omitted: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class _Responses:
    person: IntArray
    item: IntArray
    right: FloatArray
    n_persons: int
    n_items: int
    node: FloatArray
    log_weight: FloatArray


def irt_2pl(
    persons: ArrayLike,
    items: ArrayLike,
    correct: ArrayLike,
    *,
    n_nodes: int = 41,
    confidence: float = 0.95,
) -> Irt:
    """Return the two-parameter logistic model by marginal maximum likelihood.

    Parameters
    ----------
    persons, items
        (n,) codes: persons are who answered (systems, or systems' runs), items the examples.
    correct
        (n,) 1 or 0; nan is dropped. Not everyone need answer everything.
    n_nodes
        Points of Gauss and Hermite's rule for the normal abilities.

    Returns
    -------
    Irt
        An item that all (or none) got right has no finite difficulty: nan, with a note. Undefined with fewer than
        two persons or items.

    Raises
    ------
    InputError
        ``correct`` other than 0 and 1.

    Notes
    -----
    Standard errors from the outer products of the persons' scores. With few persons the parameters are very
    uncertain: the model wants hundreds. Bock & Aitkin (1981), doi:10.1007/BF02293801.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> chance = 1 / (1 + np.exp(-(rng.normal(size=(500, 1)) - [-1.0, 0.0, 1.0, 0.5])))
    >>> persons, items = np.indices(chance.shape)
    >>> result = irt_2pl(persons.ravel(), items.ravel(), (rng.random(chance.shape) < chance).ravel())
    >>> np.argsort(result.difficulty).tolist()
    [0, 1, 3, 2]
    """
    fraction("confidence", confidence)
    count("n_nodes", n_nodes, at_least=5)
    who, what = codes("persons", persons), codes("items", items)
    right = floats("correct", correct, length=len(who))
    if len(what) != len(who):
        raise InputError(f"items must have {len(who)} entries like their companions, got {len(what)}")
    if not np.isin(right[~np.isnan(right)], (0, 1)).all():
        raise InputError("correct must be 0 or 1")
    known = ~np.isnan(right)
    omitted = {"missing answers": int((~known).sum())} if not known.all() else {}
    person, person_codes = compact(who[known])
    item, item_codes = compact(what[known])
    right = right[known]
    solved, asked = tally(item, len(item_codes), right), tally(item, len(item_codes))
    usable = (solved > 0) & (solved < asked)
    shape = (item_codes, person_codes)
    if len(person_codes) < 2 or usable.sum() < 2:
        reason = "at least two persons and two items that some but not all got right are needed"
        return _result(shape, None, usable, confidence, omitted, len(right), reason)
    place = np.cumsum(usable) - 1
    kept = usable[item]
    x, w = np.polynomial.hermite_e.hermegauss(n_nodes)
    data = _Responses(
        person[kept],
        place[item[kept]],
        right[kept],
        len(person_codes),
        int(usable.sum()),
        x,
        np.log(w / w.sum()),
    )
    return _result(shape, data, usable, confidence, omitted, len(right), None)


def _posterior(data: _Responses, parameters: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the posterior over nodes (P, Q), each person's log-likelihood (P,), and the chances (I, Q)."""
    slope, intercept = parameters[: data.n_items], parameters[data.n_items :]
    x = slope[:, None] * data.node[None, :] + intercept[:, None]
    sign = np.where(data.right == 1, 1.0, -1.0)
    gain = special.log_expit(sign[:, None] * x[data.item])
    score = (
        np.stack([tally(data.person, data.n_persons, column) for column in gain.T], axis=1) + data.log_weight
    )
    total = special.logsumexp(score, axis=1)
    return np.exp(score - total[:, None]), total, special.expit(x)


def _scores(data: _Responses, parameters: FloatArray) -> tuple[float, FloatArray, FloatArray]:
    """Return the log-likelihood, its gradient, and the gradient person by person (P, 2 I)."""
    posterior, total, chance = _posterior(data, parameters)
    residual = data.right[:, None] - chance[data.item]
    share = posterior[data.person] * residual
    by_slope, by_intercept = share @ data.node, share.sum(axis=1)
    n, i = data.n_persons, data.n_items
    key = data.person * i + data.item
    each = np.concatenate(
        [tally(key, n * i, by_slope).reshape(n, i), tally(key, n * i, by_intercept).reshape(n, i)], axis=1
    )
    return float(total.sum()), each.sum(axis=0), each


def _result(
    shape: tuple[IntArray, IntArray],
    data: _Responses | None,
    usable: np.ndarray,
    confidence: float,
    omitted: dict[str, int],
    n: int,
    reason: str | None,
) -> Irt:
    items, persons = shape
    blank = np.full(len(items), np.nan)
    fields = {name: blank.copy() for name in ("slope", "slope_error", "intercept", "intercept_error")}
    ability, ability_error = np.full(len(persons), np.nan), np.full(len(persons), np.nan)
    notes: tuple[str, ...] = ()
    value, converged = float("nan"), False
    if data is not None:
        found = _fit(data)
        converged = bool(found.success) and bool(np.abs(found.x).max() < _FURTHEST)
        value, _, each = _scores(data, found.x)
        error = _errors(each)
        i = data.n_items
        fields["slope"][usable], fields["intercept"][usable] = found.x[:i], found.x[i:]
        fields["slope_error"][usable], fields["intercept_error"][usable] = error[:i], error[i:]
        posterior, _, _ = _posterior(data, found.x)
        ability = posterior @ data.node
        ability_error = np.sqrt(np.maximum(posterior @ data.node**2 - ability**2, 0.0))
        if not usable.all():
            notes = (
                f"{int((~usable).sum())} items were solved by all or by none: they have no finite difficulty.",
            )
        if not converged:
            notes = (
                *notes,
                "the likelihood has no maximum within reach: the parameters are not to be trusted.",
            )
    slope, z = fields["slope"], z_quantile(confidence)
    difficulty = np.divide(-fields["intercept"], slope, out=blank.copy(), where=np.abs(slope) > 1e-8)
    return Irt(
        item_codes=items.astype(np.int64),
        person_codes=persons.astype(np.int64),
        discrimination=slope,
        discrimination_low=slope - z * fields["slope_error"],
        discrimination_high=slope + z * fields["slope_error"],
        difficulty=difficulty,
        intercept=fields["intercept"],
        intercept_error=fields["intercept_error"],
        ability=ability,
        ability_error=ability_error,
        log_likelihood=value,
        converged=converged,
        n=n,
        confidence=confidence,
        method="marginal maximum likelihood (2PL)" if reason is None else "none",
        undefined=reason,
        notes=notes,
        omitted=omitted,
    )


def _fit(data: _Responses) -> optimize.OptimizeResult:
    # Here, because web processes import this package, and the optimizers would add 24 MB to each.
    from scipy import optimize

    share = tally(data.item, data.n_items, data.right) / tally(data.item, data.n_items)
    start = np.concatenate([np.ones(data.n_items), special.logit(np.clip(share, 0.02, 0.98))])

    def objective(parameters: FloatArray) -> tuple[float, FloatArray]:
        value, gradient, _ = _scores(data, parameters)
        return -value, -gradient

    bounds = [(-_FURTHEST, _FURTHEST)] * len(start)
    return optimize.minimize(
        objective,
        start,
        jac=True,
        method="L-BFGS-B",
        bounds=bounds,
        options={"maxiter": 2000, "ftol": 1e-13, "gtol": 1e-6},
    )


def _errors(each: FloatArray) -> FloatArray:
    information = each.T @ each
    scale = np.sqrt(np.maximum(np.diag(information), 1e-300))
    values = np.linalg.eigvalsh(information / np.outer(scale, scale))
    if values[0] < 1e-10:
        return np.full(len(information), np.nan)
    errors: FloatArray = np.sqrt(np.diag(np.linalg.inv(information)))
    return errors
