"""Traces of the projected covariances: the slopes of the likelihood and its expected information."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from concord.stats._arrays import FloatArray, as_floats, tally
from concord.stats.comparison._mixed.layout import CELL, GROUP, NOISE, OUTER
from concord.stats.comparison._mixed.likelihood import Solved, gram, inverse, scaled, turned

_ROWS = 512  # groups at once: their products with Q are dense


@dataclass(frozen=True)
class _Sums:
    """Sums by group and cell that all traces share."""

    cells: Any  # B, a row a cell
    sums: Any  # S, a row a group
    left: FloatArray  # 1 - d M
    power: tuple[FloatArray, FloatArray, FloatArray]  # sums over a group's cells of m, m^2, m^3


def _sums(found: Solved) -> _Sums:
    data, inner = found.data, found.inner
    cells = scaled(data.seen, inner.shrunk)
    n = data.gather.shape[0]
    power = (inner.total, tally(data.home, n, inner.m**2), tally(data.home, n, inner.m**3))
    return _Sums(cells, data.gather @ cells, 1 - inner.d * inner.total, power)


def _inner_forms(found: Solved, s: _Sums, terms: tuple[int, ...]) -> dict[int, FloatArray]:
    """Return ``Y' A^-1 V_k A^-1 Y`` in base columns, for the groups and the cells."""
    inner, forms = found.inner, {}
    if GROUP in terms:
        forms[GROUP] = gram(s.sums, s.left**2, s.sums)
    if CELL in terms:
        crossed = gram(found.data.gather @ scaled(s.cells, inner.m), inner.d, s.sums)
        own = gram(s.cells, np.ones(len(inner.m)), s.cells)
        forms[CELL] = own - crossed - crossed.T + gram(s.sums, inner.d**2 * s.power[1], s.sums)
    return forms


def first_traces(found: Solved, terms: tuple[int, ...]) -> FloatArray:
    """Return ``tr(P V_k)`` of these terms, the noise being what the others leave of the degrees of freedom."""
    return _first(found, inverse(found), _sums(found), terms)


def _first(found: Solved, q: FloatArray, s: _Sums, terms: tuple[int, ...]) -> FloatArray:
    data, inner, phi = found.data, found.inner, found.phi
    traces = np.zeros(len(terms))
    if GROUP in terms or CELL in terms:
        in_base = as_floats(data.turn @ (data.turn @ q).T)
        square, crossed = _quadratics(found, s, in_base)
    for at, term in enumerate(terms):
        if term == GROUP:
            traces[at] = float((inner.total * s.left - s.left**2 * square).sum())
        elif term == CELL:
            plain = float(inner.m.sum() - (inner.d * s.power[1]).sum())
            own = float((in_base * gram(s.cells, np.ones(len(inner.m)), s.cells)).sum())
            traces[at] = plain - own + float((2 * inner.d * crossed - inner.d**2 * s.power[1] * square).sum())
        elif term != NOISE:
            columns = data.columns[term - OUTER]
            held = float(np.diag(q)[columns].sum())
            traces[at] = (columns.stop - columns.start - held / phi[term]) / phi[term]
    if NOISE in terms:
        left = data.n - data.n_fixed - sum(t * phi[term] for t, term in zip(traces, terms, strict=True))
        traces[terms.index(NOISE)] = left / inner.noise
    return traces


def _quadratics(found: Solved, s: _Sums, in_base: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return ``S_i Q S_i'`` and ``(sum over its cells of m B) Q S_i'`` of every group."""
    weighted = found.data.gather @ scaled(s.cells, found.inner.m)
    n = weighted.shape[0]
    square, crossed = np.zeros(n), np.zeros(n)
    for start in range(0, n, _ROWS):
        part = slice(start, start + _ROWS)
        rows = s.sums[part]
        after = as_floats(rows @ in_base)
        square[part], crossed[part] = _row_products(rows, after), _row_products(weighted[part], after)
    return square, crossed


def _row_products(rows: Any, other: FloatArray) -> FloatArray:
    """Return the sum of products along each row."""
    if isinstance(rows, np.ndarray):
        return as_floats(np.einsum("ij,ij->i", rows, other))
    return as_floats(rows.multiply(other).sum(axis=1)).ravel()


def second_traces(found: Solved, terms: tuple[int, ...]) -> FloatArray:
    """Return ``tr(P V_k P V_l)`` of these terms, all with a variance above zero; twice the expected information."""
    data, phi = found.data, found.phi
    q, s = inverse(found), _sums(found)
    forms = _inner_forms(found, s, terms)
    first = _first(found, q, s, terms)
    in_base = as_floats(data.turn @ (data.turn @ q).T)
    products = {term: q @ turned(data, form) for term, form in forms.items()}
    table = np.zeros((len(terms), len(terms)))
    for i, k in enumerate(terms):
        for j, other in enumerate(terms[: i + 1]):
            if NOISE not in (k, other):
                table[i, j] = table[j, i] = _pair(
                    found, q, in_base, s, products, max(k, other), min(k, other)
                )
    if NOISE in terms:
        at, rest = terms.index(NOISE), [i for i, term in enumerate(terms) if term != NOISE]
        variances = phi[[terms[i] for i in rest]]
        for i in rest:
            table[at, i] = table[i, at] = (first[i] - float(variances @ table[rest, i])) / phi[NOISE]
        table[at, at] = (first[at] - float(variances @ table[rest, at])) / phi[NOISE]
    return table


def _pair(
    found: Solved,
    q: FloatArray,
    in_base: FloatArray,
    s: _Sums,
    products: dict[int, FloatArray],
    k: int,
    other: int,
) -> float:
    """Return the trace of two terms that are not the noise, ``k >= other``."""
    data, phi = found.data, found.phi
    if other >= OUTER:
        one, two = data.columns[k - OUTER], data.columns[other - OUTER]
        block = -q[one, two] / (phi[k] * phi[other])
        if k == other:
            block[np.diag_indices_from(block)] += 1 / phi[k]
        return float(np.square(block).sum())
    if k >= OUTER:
        rows = data.columns[k - OUTER]
        return float((products[other][rows] * q[rows]).sum() / phi[k] ** 2)
    plain, form = _inner_pair(found, s, k, other)
    return plain - 2 * float((in_base * form).sum()) + float((products[k] * products[other].T).sum())


def _inner_pair(found: Solved, s: _Sums, k: int, other: int) -> tuple[float, FloatArray]:
    """Return ``tr(A^-1 V_k A^-1 V_l)`` and ``Y' A^-1 V_k A^-1 V_l A^-1 Y`` of groups and cells."""
    inner, data = found.inner, found.data
    d, m, (one, two, three) = inner.d, inner.m, s.power
    if k == GROUP:
        return float(np.square(one * s.left).sum()), gram(s.sums, one * s.left**3, s.sums)
    weighted = data.gather @ scaled(s.cells, m) - scaled(s.sums, d * two)
    if other == GROUP:
        form = gram(s.sums, s.left**2, weighted)
        return float((s.left**2 * two).sum()), (form + form.T) / 2
    squares = gram(data.gather @ scaled(s.cells, m**2), d, s.sums)
    form = gram(s.cells, m, s.cells) - squares - squares.T + gram(s.sums, d**2 * three, s.sums)
    form -= gram(weighted, d, weighted)
    plain = float(two.sum() - 2 * (d * three).sum() + np.square(d * two).sum())
    return plain, form
