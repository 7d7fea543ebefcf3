"""The labelled items and the unlabelled predictions behind a prediction-powered mean: read, checked and weighted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from concord.stats._arrays import FloatArray, InputError, IntArray, as_floats, codes, compact, floats

ONE_SIDED = (
    "the labelled items have clusters and the unlabelled have none: these count as independent, which makes the interval too "
    "narrow if they are not; give unlabelled_clusters."
)
_TWICE = (
    "labels hold nan and the unlabelled predictions are all predictions again, so labelled items count on both sides; where "
    "missing = numpy.isnan(labels), give predictions[missing] as the unlabelled ones."
)


@dataclass(frozen=True)
class Items:
    """Labelled items with their inverse chances, and the unlabelled predictions; ``drawn``: by known chances.

    Predictions have a column for each of several judges, and none for a lone one.
    """

    y: FloatArray
    f: FloatArray
    weight: FloatArray
    group: IntArray | None
    rest: FloatArray
    rest_group: IntArray | None
    drawn: bool
    notes: tuple[str, ...] = ()

    @property
    def pool(self) -> FloatArray:
        """The predictions that the machine's mean runs over."""
        return np.concatenate([self.f, self.rest]) if self.drawn else self.rest

    @property
    def judges(self) -> int:
        """How many judges there are."""
        return self.f.shape[1] if self.f.ndim == 2 else 1

    @property
    def binary(self) -> bool:
        """Whether labels are 0 and 1, and predictions in between."""
        return bool(np.isin(self.y, (0, 1)).all()) and _shares(self.f) and _shares(self.rest)


def read(
    labels: ArrayLike,
    predictions: ArrayLike,
    unlabelled_predictions: ArrayLike,
    clusters: ArrayLike | None,
    unlabelled_clusters: ArrayLike | None,
    propensities: ArrayLike | None,
) -> tuple[Items, dict[str, int]]:
    """Return what can be used, and how many items were left out."""
    y = floats("labels", labels)
    f = verdicts("predictions", predictions, length=len(y))
    rest, rest_group = _unlabelled(unlabelled_predictions, unlabelled_clusters)
    group = None if clusters is None else codes("clusters", clusters, length=len(y))
    if group is None and rest_group is not None and len(rest):
        raise InputError("unlabelled_clusters need clusters")
    weight = inverse_chances(propensities, len(y))
    notes = (ONE_SIDED,) if group is not None and rest_group is None and len(rest) else ()
    if rest.shape[1:] != f.shape[1:] and not (f.ndim == 2 and not rest.size):
        raise InputError(
            f"unlabelled_predictions must have the judges that predictions have, got {rest.shape} beside {f.shape}"
        )
    known = ~(np.isnan(y) | gaps(f))
    gone = {
        "items with nan": int((~known).sum()),
        "unlabelled items with nan": len(np.asarray(unlabelled_predictions)) - len(rest),
    }
    omitted = {what: count for what, count in gone.items() if count}
    if len(rest) and np.isnan(y).any() and np.array_equal(f[~gaps(f)], rest):
        notes = (*notes, _TWICE)
    group = None if group is None else group[known]
    drawn = propensities is not None
    return Items(y[known], f[known], weight[known], group, rest, rest_group, drawn, notes), omitted


def _unlabelled(predictions: ArrayLike, clusters: ArrayLike | None) -> tuple[FloatArray, IntArray | None]:
    rest = verdicts("unlabelled_predictions", predictions)
    group = None if clusters is None else codes("unlabelled_clusters", clusters, length=len(rest))
    if len(rest) and np.isnan(rest.sum()):
        known = ~gaps(rest)
        rest, group = rest[known], None if group is None else group[known]
    return rest, group


def verdicts(name: str, data: ArrayLike, *, length: int | None = None) -> FloatArray:
    """Return predictions: (n,) of one judge, or (n, k) of several."""
    try:
        given = data if isinstance(data, np.ma.MaskedArray) else np.asarray(data)
    except (ValueError, OverflowError):
        return floats(name, data, length=length)  # which says what is wrong
    if given.ndim != 2 or not given.shape[1]:
        return floats(name, data, length=length)
    return as_floats(np.stack([floats(name, column, length=length) for column in given.T], axis=1))


def gaps(predictions: FloatArray) -> np.ndarray:
    """Return for which items some judge said nothing, (n,)."""
    missing = np.isnan(predictions)
    return np.asarray(missing if missing.ndim == 1 else missing.any(axis=1))


def inverse_chances(propensities: ArrayLike | None, n: int) -> FloatArray:
    """Return what each label weighs: one over the chance with which its item was chosen."""
    if propensities is None:
        return np.ones(n)
    chance = floats("propensities", propensities, length=n, missing=False)
    if chance.size and (chance.min() <= 0 or chance.max() > 1):
        bad = chance[(chance <= 0) | (chance > 1)][0]
        raise InputError(f"propensities must lie in (0, 1], got {float(bad)}")
    return 1 / chance


def _shares(values: FloatArray) -> bool:
    """Whether all numbers lie between 0 and 1."""
    return not values.size or bool(values.min() >= 0 and values.max() <= 1)


def in_both(
    group: IntArray | None, rest_group: IntArray | None, n: int, n_pool: int
) -> tuple[IntArray, IntArray]:
    """Return cluster codes of the labelled items and of all items, labelled first; without codes an item is its own cluster."""
    if group is None:
        return np.arange(n), np.arange(n_pool)
    if rest_group is None:
        own = compact(group)[0]
        return own, np.concatenate([own, own.max(initial=-1) + 1 + np.arange(n_pool - n)])
    every = compact(np.concatenate([group, rest_group]))[0]
    return every[:n], every
