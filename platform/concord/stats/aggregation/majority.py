"""The majority vote, with ties left open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from concord.stats._arrays import (
    BoolArray,
    FloatArray,
    InputError,
    IntArray,
    as_floats,
    codes,
    floats,
    tally,
    vector,
)
from concord.stats._results import Record
from concord.stats.aggregation._labels import affordable, float_labels
from concord.stats.agreement._ratings import category_codes, ratings


@dataclass(frozen=True, kw_only=True)
class Votes(Record):
    """Votes on U units in K categories.

    ``label`` (U,) is nan on a tie; ``margin`` (U,) is the lead of the first over the second as a share of all votes; ``entropy``
    (U,) is in bits; ``counts`` (U, K) are (weighted) votes.
    """

    unit_codes: IntArray
    label: FloatArray
    tied: BoolArray
    margin: FloatArray
    entropy: FloatArray
    counts: FloatArray
    categories: NDArray[Any]
    n: int
    omitted: Mapping[str, int] = field(default_factory=dict)


def majority_vote(
    units: ArrayLike,
    raters: ArrayLike,
    values: ArrayLike,
    *,
    categories: ArrayLike | None = None,
    weights: ArrayLike | None = None,
) -> Votes:
    """Return the most frequent label of each unit; a tie stays a tie.

    Parameters
    ----------
    units, raters, values
        (n,) long-form ratings; a rater's later rating of a unit supersedes the earlier one.
    categories
        All possible values; default: those observed.
    weights
        (n,) weights of at least 0, for instance the raters' reliability.

    Returns
    -------
    Votes
        Without ratings all arrays are empty.

    Raises
    ------
    InputError
        Malformed input or a negative weight.

    Notes
    -----
    ``margin = (first - second) / total``; ``entropy = -sum p log2 p``.

    Examples
    --------
    >>> result = majority_vote([1, 1, 1, 2, 2], [0, 1, 2, 0, 1], [5, 5, 6, 5, 6])
    >>> result.label.tolist(), result.tied.tolist()
    ([5.0, nan], [False, True])
    """
    weight = _weights(weights, units)
    data = ratings(units, raters, values)
    if weight is not None:
        weight = _kept_weights(units, raters, values, weight)
    category, names = category_codes(data.value, categories)
    k = len(names)
    affordable(data.n_units, k)
    counts = tally(data.unit * k + category, data.n_units * k, weight).reshape(data.n_units, k)
    idle = 0 if weight is None else int((weight == 0).sum())
    omitted = {**data.omitted, "ratings of weight 0": idle} if idle else data.omitted
    return votes_of(data.unit_codes, counts, names, len(data.unit) - idle, omitted)


def votes_of(
    unit_codes: IntArray, counts: FloatArray, names: NDArray[Any], n: int, omitted: Mapping[str, int]
) -> Votes:
    """Return the majorities of a (U, K) table of votes."""
    k = len(names)
    total = counts.sum(axis=1, keepdims=True)
    share = np.divide(counts, total, out=np.zeros_like(counts), where=total > 0)
    ordered = np.sort(share, axis=1)
    first = ordered[:, -1] if k else np.zeros(len(counts))
    second = ordered[:, -2] if k > 1 else np.zeros(len(counts))
    tied = (first - second <= 1e-12) & (k > 1)
    best = float_labels(names)[counts.argmax(axis=1)] if k else np.full(len(counts), np.nan)
    return Votes(
        unit_codes=unit_codes,
        label=np.where(tied | (total[:, 0] <= 0), np.nan, best),
        tied=tied,
        margin=first - second,
        entropy=-(share * np.log2(np.where(share > 0, share, 1.0))).sum(axis=1) + 0.0,
        counts=counts,
        categories=names,
        n=n,
        omitted=omitted,
    )


def _weights(weights: ArrayLike | None, units: ArrayLike) -> FloatArray | None:
    if weights is None:
        return None
    weight = floats("weights", weights, length=len(codes("units", units)), missing=False)
    if weight.size and weight.min() < 0:
        raise InputError(f"weights must not be negative, got {float(weight.min())}")
    return weight


def _kept_weights(units: ArrayLike, raters: ArrayLike, values: ArrayLike, weight: FloatArray) -> FloatArray:
    """Return the weights of the ratings that count: run the same selection over their positions."""
    value = vector("values", values)
    missing = np.isnan(value) if value.dtype.kind == "f" else np.zeros(len(value), dtype=bool)
    position = np.where(missing, np.nan, np.arange(len(value), dtype=np.float64))
    return weight[ratings(units, raters, as_floats(position)).value.astype(np.int64)]
