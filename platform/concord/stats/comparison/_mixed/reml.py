"""Variances by restricted maximum likelihood, none below zero: average-information steps that never lose likelihood."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass

import numpy as np

from concord.stats._arrays import FloatArray, IntArray, as_floats, tally
from concord.stats.comparison._mixed.layout import GROUP, NOISE, OUTER, Layout
from concord.stats.comparison._mixed.likelihood import Solved, average_information, rescaled, solve
from concord.stats.comparison._mixed.traces import first_traces, second_traces

_FLOOR = 1e-9  # a variance below it counts as zero, where the values vary by about 1
_NOISE_FLOOR = 1e-7  # the noise is divided by
_MOST_STEPS = 100
_GAIN = 1e-9  # in deviance: a step that promises less is not taken
_SETTLED = 1e-5  # what a step may still promise where rounding hides whether it helps
_MOST_GROWTH = 10.0  # of the sum of all variances, in one step of one of them
_LEAST_START = 0.02
_SMALL = 400  # columns up to which the expected information costs little: it needs fewer steps than the average one
_LARGE = 3000  # columns from which on the average information is taken for both: so many levels make all three alike


@dataclass(frozen=True)
class Reml:
    """The fit: ``terms`` are those above zero, ``spread`` the covariance of their variances' estimates."""

    solved: Solved
    terms: tuple[int, ...]
    zero: tuple[int, ...]
    spread: FloatArray
    converged: bool
    iterations: int


def start(data: Layout, terms: tuple[int, ...]) -> Solved:
    """Return a first fit, by what pairs of answers with a level in common have in common."""
    phi = np.zeros(data.n_terms)
    shared = {term: _products(data, term) for term in terms if term != NOISE}
    for term, (products, pairs) in shared.items():
        parent = shared.get(term - 1) if _is_nested(data, term) else None
        above = _ratio(parent[0] - products, parent[1] - pairs) if parent else 0.0
        phi[term] = max(_ratio(products, pairs) - above, _LEAST_START)
    phi[NOISE] = max(1.0 - float(phi.sum()), 0.1)
    return solve(data, phi)


def _products(data: Layout, term: int) -> tuple[float, float]:
    """Return the sum of products of two answers with a level in common, and how many such pairs there are."""
    codes, squares = data.codes(term), float(data.weight @ np.square(data.y)) + data.within
    size = int(codes.max()) + 1
    sums, counts = tally(codes, size, data.weight * data.y), tally(codes, size, data.weight)
    return float(sums @ sums) - squares, float(counts @ counts) - data.n


def _ratio(products: float, pairs: float) -> float:
    return products / pairs if pairs > 0 else 0.0


def _is_nested(data: Layout, term: int) -> bool:
    """Whether each level of a term lies in one of the term before it."""
    if term in (GROUP, OUTER):
        return False
    own, before = data.codes(term), data.codes(term - 1)
    return len(np.unique(own * np.int64(int(before.max()) + 1) + before)) == int(own.max()) + 1


def fit(first: Solved, terms: tuple[int, ...]) -> Reml:
    """Return the likeliest variances of these terms, from a first fit of values that vary by about 1."""
    found, gain, steps = _likelier(first), np.inf, 0
    while steps < _MOST_STEPS:
        better, gain = _improved(found, terms)
        if better is None:
            break
        found, steps = better, steps + 1
    at = np.array(terms)
    low = found.phi[at] <= 2 * _floors(terms)
    found = _without(found, at[low & (at != NOISE)])
    kept, zero = tuple(at[~low].tolist()), tuple(at[low].tolist())
    return Reml(found, kept, zero, _spread(found, kept), gain < _SETTLED, steps)


def _floors(terms: tuple[int, ...]) -> FloatArray:
    """Return the least variance of each term."""
    return np.where(np.array(terms) == NOISE, _NOISE_FLOOR, _FLOOR)


def _best(data: Layout, phi: FloatArray) -> Solved:
    """Return the fit at the likeliest multiple of these variances, but for a noise that would vanish."""
    return _likelier(solve(data, phi))


def _likelier(found: Solved) -> Solved:
    better = rescaled(found)
    return better if better.phi[NOISE] >= _NOISE_FLOOR else found


def _without(found: Solved, zero: IntArray) -> Solved:
    """Return the fit with these variances at zero."""
    if not len(zero):
        return found
    phi = found.phi.copy()
    phi[zero] = 0.0
    return _best(found.data, phi)


def _improved(found: Solved, terms: tuple[int, ...]) -> tuple[Solved | None, float]:
    """Return a likelier fit, None where there is none, and what the step had promised."""
    phi, at, low = found.phi, list(terms), _floors(terms)
    squares, information = average_information(found, terms)
    slope = first_traces(found, terms) - squares
    if found.data.turn.shape[1] <= _SMALL:
        information = second_traces(found, terms)
    free = (phi[at] > 2 * low) | (slope < 0)
    step = np.zeros(len(terms))
    inside = information[np.ix_(free, free)]
    step[free] = -np.linalg.lstsq(inside + 1e-12 * np.diag(np.diag(inside)), slope[free], rcond=None)[0]
    gain = -float(step @ slope) / 2
    most = _MOST_GROWTH * float(phi.sum())
    for halvings in range(30 if gain > _GAIN else 0):
        tried = phi.copy()
        tried[at] = np.clip(_moved(phi[at], step, halvings), low, most)
        with contextlib.suppress(np.linalg.LinAlgError):
            better = _best(found.data, tried)
            if better.deviance < found.deviance:
                return better, gain
    return None, gain


def _moved(phi: FloatArray, step: FloatArray, halvings: int) -> FloatArray:
    """Return variances after a step: the whole one first, which may end at zero, then one that shrinks by a factor."""
    if not halvings:
        return phi + step
    shorter = step / 2 ** (halvings - 1)
    return as_floats(np.where(shorter < 0, phi * np.exp(np.minimum(shorter / phi, 0.0)), phi + shorter))


def _spread(found: Solved, terms: tuple[int, ...]) -> FloatArray:
    """Return the covariance of the variances from the observed information, where it is not positive from the expected one."""
    _, average = average_information(found, terms)
    expected = second_traces(found, terms) if found.data.turn.shape[1] <= _LARGE else average
    for information in (2 * average - expected, expected):
        size = np.sqrt(np.maximum(np.diag(information), 1e-300))
        values, vectors = np.linalg.eigh(information / size / size[:, None])
        if values.min() > 1e-8:
            return as_floats(2 * (vectors / values) @ vectors.T / size / size[:, None])
    return as_floats(2 * np.linalg.pinv(expected, hermitian=True))
