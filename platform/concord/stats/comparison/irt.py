"""Item response theory with two parameters: how hard each example is, and how well it tells systems apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from concord.stats._arrays import (
    FloatArray,
    InputError,
    IntArray,
    codes,
    compact,
    count,
    floats,
    fraction,
    left_out,
    tally,
)
from concord.stats._normal import z_quantile
from concord.stats._results import Record
from concord.stats.comparison._irt.fit import FURTHEST, Responses, covariance, fieller, fit, nodes, posterior
from concord.stats.comparison._irt.identified import told_apart

_MOST_NODES = 10_000


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
    difficulty_low: FloatArray
    difficulty_high: FloatArray
    intercept: FloatArray
    intercept_error: FloatArray
    ability: FloatArray = field(repr=False)
    ability_error: FloatArray = field(repr=False)
    ability_low: FloatArray = field(repr=False)
    ability_high: FloatArray = field(repr=False)
    log_likelihood: float
    converged: bool
    n: int
    confidence: float
    method: str
    undefined: str | None = None
    notes: tuple[str, ...] = ()
    omitted: Mapping[str, int] = field(default_factory=dict)


def irt_2pl(
    persons: ArrayLike,
    items: ArrayLike,
    correct: ArrayLike,
    *,
    n_nodes: int | None = None,
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
        How many abilities stand for the normal distribution; by default as many as the most items of a person need.

    Returns
    -------
    Irt
        An item that all (or none) got right has no finite difficulty: nan, with a note; one whose discrimination is not
        told from 0 has a difficulty without an interval. Two items share one association, which does not tell their two
        discriminations apart: items are nan, with a note, unless somebody answered three that hang together with them (or
        pairs of items close a ring of odd length). Undefined with fewer than two persons, or where no such items are left.

    Raises
    ------
    InputError
        ``correct`` other than 0 and 1.

    Notes
    -----
    Standard errors from the outer products of the persons' scores; the interval of a difficulty is Fieller's, that of an
    ability is of its posterior (it holds on average over persons, not for a given one). With few persons the
    parameters are very uncertain: the model wants hundreds. The same (person, item) twice counts twice.
    Bock & Aitkin (1981), doi:10.1007/BF02293801.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> chance = 1 / (1 + np.exp(-(rng.normal(size=(500, 1)) - [-1.0, 0.0, 1.0, 0.5])))
    >>> persons, items = np.indices(chance.shape)
    >>> result = irt_2pl(persons.ravel(), items.ravel(), (rng.random(chance.shape) < chance).ravel())
    >>> np.argsort(result.difficulty).tolist()
    [0, 1, 3, 2]
    """
    confidence = fraction("confidence", confidence)
    if n_nodes is not None and (n_nodes := count("n_nodes", n_nodes, at_least=5)) > _MOST_NODES:
        raise InputError(f"n_nodes must be at most {_MOST_NODES:,}, got {n_nodes}")
    who, what = codes("persons", persons), codes("items", items)
    right = floats("correct", correct, length=len(who))
    if len(what) != len(who):
        raise InputError(f"items must have {len(who)} entries like their companions, got {len(what)}")
    if not np.isin(right[~np.isnan(right)], (0, 1)).all():
        raise InputError("correct must be 0 or 1")
    known = ~np.isnan(right)
    omitted = left_out(known, "missing answers")
    person, person_codes = compact(who[known])
    item, item_codes = compact(what[known])
    right = right[known]
    solved, asked = tally(item, len(item_codes), right), tally(item, len(item_codes))
    mixed = (solved > 0) & (solved < asked)
    usable = mixed & told_apart(person[mixed[item]], item[mixed[item]], len(item_codes))
    notes = _left_out(int((~mixed).sum()), int((mixed & ~usable).sum()))
    shape = (item_codes, person_codes)
    if len(person_codes) < 2 or not usable.any():
        reason = "two persons and three items that some but not all got right, answered together, are needed"
        return _result(shape, None, usable, confidence, omitted, len(right), reason, notes)
    place = np.cumsum(usable) - 1
    kept = usable[item]
    x, log_weight = nodes(n_nodes, int(tally(person[kept], len(person_codes)).max()))
    data = Responses(
        person[kept], place[item[kept]], right[kept], len(person_codes), int(usable.sum()), x, log_weight
    )
    return _result(shape, data, usable, confidence, omitted, len(right), None, notes)


def _result(
    shape: tuple[IntArray, IntArray],
    data: Responses | None,
    usable: np.ndarray,
    confidence: float,
    omitted: dict[str, int],
    n: int,
    reason: str | None,
    notes: tuple[str, ...],
) -> Irt:
    items, persons = shape
    names = ("slope", "slope_error", "intercept", "intercept_error", "low", "high")
    fields = {name: np.full(len(items), np.nan) for name in names}
    ability, ability_error = np.full(len(persons), np.nan), np.full(len(persons), np.nan)
    value, converged, z = float("nan"), False, z_quantile(confidence)
    if data is not None:
        found = fit(data)
        converged = bool(found.success) and bool(np.abs(found.x).max() < FURTHEST)
        for name, numbers in _parameters(data, found.x, z).items():
            fields[name][usable] = numbers
        weight, total, _ = posterior(data, found.x)
        value, ability = float(total.sum()), weight @ data.node
        ability_error = np.sqrt(np.maximum(weight @ data.node**2 - ability**2, 0.0))
        if not converged:
            notes += ("the likelihood has no maximum within reach: the parameters are not to be trusted.",)
    slope = fields["slope"]
    difficulty = np.divide(
        -fields["intercept"], slope, out=np.full(len(items), np.nan), where=np.abs(slope) > 1e-8
    )
    return Irt(
        item_codes=items.astype(np.int64),
        person_codes=persons.astype(np.int64),
        discrimination=slope,
        discrimination_low=slope - z * fields["slope_error"],
        discrimination_high=slope + z * fields["slope_error"],
        difficulty=difficulty,
        difficulty_low=fields["low"],
        difficulty_high=fields["high"],
        intercept=fields["intercept"],
        intercept_error=fields["intercept_error"],
        ability=ability,
        ability_error=ability_error,
        ability_low=ability - z * ability_error,
        ability_high=ability + z * ability_error,
        log_likelihood=value,
        converged=converged,
        n=n,
        confidence=confidence,
        method="marginal maximum likelihood (2PL)" if reason is None else "none",
        undefined=reason,
        notes=notes,
        omitted=omitted,
    )


def _parameters(data: Responses, found: FloatArray, z: float) -> dict[str, FloatArray]:
    i = data.n_items
    cov = covariance(data, found)
    error = np.sqrt(np.diag(cov))
    low, high = fieller(found[:i], found[i:], cov, z)
    return {
        "slope": found[:i],
        "slope_error": error[:i],
        "intercept": found[i:],
        "intercept_error": error[i:],
        "low": low,
        "high": high,
    }


def _left_out(unsolvable: int, alone: int) -> tuple[str, ...]:
    notes: tuple[str, ...] = ()
    if unsolvable:
        notes = (f"{unsolvable} items were solved by all or by none: they have no finite difficulty.",)
    if alone:
        notes += (
            f"{alone} items were not answered together with enough others to tell their parameters apart.",
        )
    return notes
