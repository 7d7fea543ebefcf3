"""Choose the cheapest exact form of alpha's terms for a level of measurement and the data at hand."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from concord.stats._arrays import FloatArray, InputError, IntArray, as_floats, compact, one_of, shown
from concord.stats.agreement import _ratio, distances
from concord.stats.agreement._alpha.ordinal import OrdinalPairs, OrdinalRanks
from concord.stats.agreement._alpha.terms import (
    Features,
    FixedDistance,
    LogMoments,
    Moments,
    Terms,
    coincidences,
    sparse_counts,
    unit_moments,
)
from concord.stats.agreement._numbers import centred, exact, scaled, shifted
from concord.stats.agreement._ratings import Ratings, category_codes, counts_table, patterns
from concord.stats.agreement._sums import sums_of
from concord.stats.agreement.distances import Distance

Level = str | Distance | NDArray[np.float64]
FEW = 12  # categories up to which a dense table and its patterns pay off
MANY = 4096  # categories up to which a full distance matrix is affordable


def _is_matrix(level: object) -> bool:
    try:
        return np.ndim(level) == 2  # type: ignore[arg-type]
    except ValueError:  # rows of unequal length
        return False


def check_level(level: Level) -> None:
    """Refuse what is neither the name of a level, nor a distance, nor a matrix."""
    if isinstance(level, str):
        one_of("level", level, distances.LEVELS)
    elif not callable(level) and not _is_matrix(level):
        raise InputError(
            f"level must be one of {', '.join(distances.LEVELS)}, a distance or a matrix, got {shown(level)}"
        )


def build_terms(data: Ratings, level: Level, categories: ArrayLike | None) -> tuple[Terms, NDArray[Any]]:
    """Return the terms and the categories (empty for continuous values, which are never listed)."""
    check_level(level)
    metric = level if isinstance(level, str) and level in ("interval", "ratio") else None
    if metric and categories is None and data.value.dtype.kind == "f" and _looks_continuous(data.value):
        return _continuous(data, metric), np.array([])
    category, names = category_codes(data.value, categories)
    if metric and len(names) > FEW:
        return _continuous(data, metric), names
    if isinstance(level, str) and level == "ordinal":
        return _ordinal(data, category, len(names)), names
    return _fixed(data, category, names, level), names


def _looks_continuous(value: NDArray[Any]) -> bool:
    return len(np.unique(value[:: max(1, len(value) // 256)][:256])) > FEW


def _continuous(data: Ratings, level: str) -> Terms:
    identity = np.arange(data.n_units)
    ones = np.ones(data.n_units, dtype=np.int64)
    if level == "interval":
        return Moments(unit_moments(data, centred(data.value)), ones, identity)
    _ratio.check(data.value)
    value, _ = scaled(exact(data.value))
    if len(distinct := compact(value)[1]) <= 256:
        return _fixed(data, compact(value)[0], distinct, "ratio")
    features, kernel = _ratio.features(data, value)
    return LogMoments(features, ones, identity, kernel)


def _ordinal(data: Ratings, category: IntArray, n_categories: int) -> Terms:
    if n_categories <= FEW:
        return terms_of_rows(*patterns(counts_table(data, category, n_categories)), np.arange(0), "ordinal")
    table = sparse_counts(data, category, n_categories)
    return OrdinalRanks(table, np.ones(data.n_units, dtype=np.int64), np.arange(data.n_units))


def _fixed(data: Ratings, category: IntArray, names: NDArray[Any], level: Level) -> Terms:
    if len(names) <= FEW:
        return terms_of_rows(*patterns(counts_table(data, category, len(names))), names, level)
    distance = _distance_matrix(names, level)
    pattern, multiplicity = np.arange(data.n_units), np.ones(data.n_units, dtype=np.int64)
    features = sparse_features(sparse_counts(data, category, len(names)), distance)
    return FixedDistance(features, multiplicity, pattern, distance)


def sparse_features(counts: sparse.csr_array, distance: FloatArray | None) -> sparse.csr_array:
    """Return the features that ``FixedDistance`` goes by, from a sparse table of counts."""
    inside = sparse.csr_array(inside_rows(counts, distance)[:, None])
    stacked: sparse.csr_array = sparse.hstack([inside, counts], format="csr")
    return stacked


def terms_of_rows(
    rows: IntArray, pattern: IntArray, multiplicity: IntArray, names: NDArray[Any], level: Level
) -> Terms:
    """Return the terms of few categories from the distinct rows of counts (P, K) and the pattern of each unit (U,)."""
    counts = rows.astype(np.float64)
    sums = sums_of(counts, multiplicity)
    if isinstance(level, str) and level == "ordinal":
        return OrdinalPairs(coincidences(rows), multiplicity, pattern, sums)
    distance = _distance_matrix(names, level)
    features = np.column_stack([inside_rows(counts, distance), counts])
    return FixedDistance(features, multiplicity, pattern, distance, sums)


def unit_of_measurement(terms: Terms, data: Ratings | None, names: NDArray[Any]) -> float:
    """Return the power of two by which interval values were divided before anything was squared."""
    values = names if data is None or isinstance(terms, FixedDistance) else data.value
    return scaled(shifted(values))[1]


def inside_rows(counts: Features, distance: FloatArray | None) -> FloatArray:
    """Return the disagreement inside each row of counts, (P,): weighted pairs over the ratings less one."""
    m = np.asarray(counts.sum(axis=1)).ravel()
    if distance is None:
        pairs = m * m - np.asarray((counts * counts).sum(axis=1)).ravel()
    elif isinstance(counts, np.ndarray):
        pairs = ((counts @ distance) * counts).sum(axis=1)
    else:
        pairs = np.concatenate([_block_pairs(counts[i : i + 2048], distance) for i in range(0, len(m), 2048)])
    return as_floats(np.divide(pairs, m - 1, out=np.zeros_like(pairs), where=m > 1))


def _block_pairs(counts: sparse.csr_array, distance: FloatArray) -> FloatArray:
    return np.asarray(counts.multiply(counts @ distance).sum(axis=1)).ravel()


def _distance_matrix(names: NDArray[Any], level: Level) -> FloatArray | None:
    if isinstance(level, str):
        return _named_distance(names, level)
    if len(names) > MANY:
        raise InputError(f"a distance of one's own is limited to {MANY} distinct values, got {len(names)}")
    with np.errstate(all="ignore"):  # what leaves float64 is not finite, and is refused
        given = level(names[:, None], names[None, :]) if callable(level) else level
    try:
        matrix = np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(f"a distance must give a matrix of numbers: {error}") from None
    return _checked_distance(matrix, len(names))


def fixed_distance(names: NDArray[Any], level: Level) -> FloatArray:
    """Return the (K, K) distance between categories of a level whose distance does not depend on the ratings."""
    check_level(level)
    distance = _distance_matrix(names, level)
    return 1.0 - np.eye(len(names)) if distance is None else distance


def _named_distance(names: NDArray[Any], level: str) -> FloatArray | None:
    if level == "nominal":
        return None
    if level == "ratio":
        _ratio.check(names)
        value, _ = scaled(exact(names))
        return distances.ratio(value[:, None], value[None, :])
    value, _ = scaled(shifted(names))
    return distances.interval(value[:, None], value[None, :])


def _checked_distance(matrix: FloatArray, n_categories: int) -> FloatArray:
    """Return the matrix where it is a symmetric, non-negative (K, K) distance with a zero diagonal."""
    if matrix.shape != (n_categories, n_categories):
        raise InputError(
            f"the distance must be a ({n_categories}, {n_categories}) matrix, got shape {matrix.shape}"
        )
    if not np.isfinite(matrix).all() or (matrix < 0).any():
        raise InputError("the distance must be finite and not negative")
    if (
        not np.allclose(matrix, matrix.T, rtol=1e-9, atol=1e-12)
        or np.abs(np.diag(matrix)).max(initial=0) > 1e-12
    ):
        raise InputError("the distance must be symmetric and 0 between a value and itself")
    return matrix
