"""From rows to a fitted crossed model: one order, one scale, the fit, and what follows from its weights."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from concord.stats._arrays import FloatArray, IntArray, as_floats, compact, largest, tally
from concord.stats.comparison._contrasts import Fit
from concord.stats.comparison._crossed.terms import TERMS, Answers, Model, model
from concord.stats.comparison._mixed.layout import GROUP, NOISE, OUTER, Fixed
from concord.stats.comparison._mixed.likelihood import inner_solve, inverse, scaled
from concord.stats.comparison._mixed.reml import Reml, fit

_NOTHING = 1e-14  # of the largest value: nothing varies around the fixed effects but by rounding


@dataclass(frozen=True)
class Crossed:
    """The fit of all terms with the systems' weights of every merged row (rows, S)."""

    fit: Fit
    reml: Reml
    model: Model
    weights: FloatArray
    residual: FloatArray
    severity: FloatArray
    severity_error: FloatArray
    spread: float


@dataclass(frozen=True)
class Sorted:
    """The answers in one order whatever order they came in; ``order`` leads from them to the rows given."""

    answers: Answers
    order: IntArray
    systems: IntArray
    raters: IntArray
    origin: float
    scale: float


def in_order(value: FloatArray, system: IntArray, example: IntArray, rater: IntArray) -> Sorted:
    """Return the rows sorted and coded, the values moved and scaled to within 1 of nothing."""
    order = np.lexsort((value, rater, system, example))
    y = value[order]
    origin = float(y.min()) / 2 + float(y.max()) / 2
    y = y - origin
    scale = largest(y) or 1.0
    who, raters = _people(rater[order])
    s, systems = compact(system[order])
    answers = Answers(y / scale, s, compact(example[order])[0], who, len(systems))
    return Sorted(answers, order.astype(np.int64), systems.astype(np.int64), raters, origin, scale)


def _people(rater: IntArray) -> tuple[IntArray, IntArray]:
    """Return codes of raters, every answer of an anonymous one (-1) being by somebody else, last; and who they are."""
    nobody = rater == -1
    named, people = compact(rater[~nobody])
    codes = np.empty(len(rater), dtype=np.int64)
    codes[~nobody] = named
    codes[nobody] = len(people) + np.arange(int(nobody.sum()))
    return codes, people.astype(np.int64)


class FixedEffects(NamedTuple):
    """Columns of the fixed effects, and what makes means and severities of them."""

    columns: Fixed
    means: FloatArray
    severity: FloatArray


def fixed_effects(answers: Answers, *, random_raters: bool) -> FixedEffects:
    """Return the fixed effects' columns, and what makes the systems' means and the raters' severities of them.

    With fixed raters a column is a cell of system and rater; a system's mean gives each rater the same weight, a cell without
    answers standing at what system and rater come to elsewhere (least squares over the cells).
    """
    s, r = answers.n_systems, int(answers.rater.max()) + 1
    if random_raters or r == 1:
        return FixedEffects(Fixed(answers.system, np.eye(s)), np.eye(s), np.zeros((0, s)))
    cell = answers.cells(answers.rater)
    size = int(cell.max()) + 1
    system, rater = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64)
    system[cell], rater[cell] = answers.system, answers.rater
    additive = np.zeros((size, s + r))
    additive[np.arange(size), system] = additive[np.arange(size), s + rater] = 1.0
    solved = np.linalg.pinv(additive)
    filled = np.zeros((s, r, size))
    filled[:] = solved[:s, None] + solved[None, s:]
    filled[system, rater] = np.eye(size)
    means = filled.mean(axis=1)
    return FixedEffects(Fixed(cell, np.eye(size)), means, filled.mean(axis=0) - means.mean(axis=0))


def fitted(
    answers: Answers, fixed: Fixed, means: FloatArray, severity: FloatArray, *, random_raters: bool
) -> Crossed | None:
    """Return the fit, or None where nothing is left to see a spread by."""
    n, size = len(answers.value), fixed.table.shape[1]
    centre = tally(fixed.code, size, answers.value) / tally(fixed.code, size)
    away = answers.value - centre[fixed.code]
    spread = math.sqrt(float(away @ away) / n)
    if n <= size or spread <= _NOTHING:
        return None
    # Around the plain means, and varying by 1: sums of squares then lose nothing to where the values lie.
    found = model(replace(answers, value=away / spread), fixed, random_raters=random_raters)
    data, reml = found.data, fit(found.first, tuple(found.place.values()))
    q = inverse(reml.solved)
    pick = q[:, data.n_outer :] @ means.T
    weight = np.column_stack(
        [inner_solve(data, reml.solved.inner, as_floats(data.turn @ column)[data.base]) for column in pick.T]
    )
    effects = reml.solved.effects * spread
    residual = data.y * spread - as_floats(data.turn[:, data.n_outer :] @ effects[data.n_outer :])[data.base]
    effects[data.n_outer :] += centre
    slopes = _slopes(found, weight, reml.terms)
    result = Fit(
        means=means @ effects[data.n_outer :],
        origin=0.0,
        scale=1.0,
        variances=reml.solved.phi[list(reml.terms)] * spread**2,
        slopes=slopes,
        spread=reml.spread * spread**4,
        sides=tuple(name.removeprefix("system_") for name, at in found.place.items() if at in reml.terms),
        counts={
            side: int(codes.max()) + 1
            for side, codes in (("example", answers.example), ("rater", answers.rater))
            if side in found.place or f"system_{side}" in found.place
        },
    )
    bias, doubt = _severity(found, reml, q, effects, severity, spread)
    return Crossed(result, reml, found, weight, residual, bias, doubt, spread)


def _slopes(found: Model, weight: FloatArray, terms: tuple[int, ...]) -> FloatArray:
    """Return the slope of the means' covariance in each variance: the products of the weights summed by level."""
    data, tables = found.data, []
    for term in terms:
        if term == NOISE:
            tables.append(weight.T @ (weight / data.weight[:, None]))
            continue
        codes = data.codes(term)
        sums = np.column_stack([tally(codes, int(codes.max()) + 1, column) for column in weight.T])
        tables.append(sums.T @ sums)
    return np.array(tables)


def _severity(
    found: Model, reml: Reml, q: FloatArray, effects: FloatArray, fixed: FloatArray, spread: float
) -> tuple[FloatArray, FloatArray]:
    """Return how far each rater lies above the others: predicted where raters are random, else estimated."""
    data, n = found.data, found.data.n_outer
    if len(fixed):
        values, error = fixed @ effects[n:], np.einsum("rc,cd,rd->r", fixed, q[n:, n:], fixed)
        return values, np.sqrt(np.maximum(error, 0.0)) * spread
    place = found.place.get("rater")
    if place is None or place not in reml.terms:
        return np.zeros(0), np.zeros(0)
    if place >= OUTER:
        columns = data.columns[place - OUTER]
        return effects[columns], np.sqrt(np.maximum(np.diag(q)[columns], 0.0)) * spread
    return _predicted_group(reml, q, spread)


def _predicted_group(reml: Reml, q: FloatArray, spread: float) -> tuple[FloatArray, FloatArray]:
    """Return the predictions of the eliminated groups' effects with their standard errors: ``d - d^2 P`` of each."""
    data, inner = reml.solved.data, reml.solved.inner
    phi = float(reml.solved.phi[GROUP])
    e = data.y - as_floats(data.turn @ reml.solved.effects)[data.base]
    values = phi * tally(data.group, data.gather.shape[0], inner_solve(data, inner, e))
    left = 1 - inner.d * inner.total
    rows: Any = data.gather @ scaled(data.seen, inner.shrunk)
    in_q = as_floats(rows @ (data.turn @ (data.turn @ q).T))
    both = (rows * in_q).sum(axis=1) if isinstance(rows, np.ndarray) else rows.multiply(in_q).sum(axis=1)
    held = inner.total * left - left**2 * as_floats(both).ravel()
    return values * spread, np.sqrt(np.maximum(phi - phi**2 * held, 0.0)) * spread


def term_variances(crossed: Crossed, scale: float) -> dict[str, float]:
    """Return the variance of each term, nan where the model has it not."""
    place, zero, unit = crossed.model.place, crossed.reml.zero, crossed.spread * scale
    found = dict.fromkeys(TERMS, float("nan"))
    for name, at in place.items():
        found[name] = 0.0 if at in zero else float(crossed.reml.solved.phi[at]) * unit * unit
    return found
