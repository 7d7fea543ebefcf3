"""What a corrected mean, or a difference of two, is made of: labels and predictions, on their way to sums over clusters."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from concord.stats._arrays import FloatArray, IntArray, as_floats, compact, tally


@dataclass(frozen=True)
class Ratings:
    """The ratings behind the labels: value, position of the item, code of the rater."""

    value: FloatArray
    item: IntArray
    rater: IntArray


@dataclass(frozen=True)
class Side:
    """One system: labelled items with their share of the mean, and the pool that the machine's mean runs over.

    ``f`` (n, k) and ``pool`` (N, k) have a column for each judge. Without ``group`` every item is on its own, and the pool has no
    labelled item in it.
    """

    y: FloatArray
    share: FloatArray
    f: FloatArray
    pool: FloatArray
    group: IntArray | None = None
    pool_group: IntArray | None = None
    sign: float = 1.0
    ratings: Ratings | None = None

    @property
    def label(self) -> float:
        """The labels' own mean, which rounding does not move beyond them."""
        return min(max(float(self.share @ self.y), float(self.y.min())), float(self.y.max()))

    @cached_property
    def pool_mean(self) -> FloatArray:
        """The pool's mean predictions, (k,)."""
        return as_floats(self.pool.mean(axis=0)) if len(self.pool) else np.zeros(self.f.shape[1])

    @cached_property
    def pool_squares(self) -> FloatArray:
        """Sums of squares and products of the pool's predictions about their means, (k, k)."""
        if self.pool.shape[1] == 1:  # the pool may be very large
            away = self.pool[:, 0] - self.pool_mean[0]
            return np.array([[float(away @ away)]])
        centred = self.pool - self.pool_mean
        return as_floats(centred.T @ centred)

    @property
    def gap(self) -> FloatArray:
        """By how much the pool's mean predictions exceed those of the labelled items, (k,)."""
        if not len(self.pool):
            return np.zeros(self.f.shape[1])
        return as_floats(self.pool_mean - self.share @ self.f)


@dataclass(frozen=True)
class Sums:
    """What each cluster adds to the errors: (G,) of the labels, (G, k) of their predictions and of the pool's.

    ``share`` and ``pool_share`` (sides, G) say how much of each mean a cluster is; ``codes`` names the clusters.
    """

    labels: FloatArray  # (sides, G), without sign
    machine: FloatArray  # (sides, G, k)
    pool: FloatArray  # (sides, G, k)
    share: FloatArray
    pool_share: FloatArray
    sign: FloatArray
    codes: IntArray

    @classmethod
    def of(cls, sides: tuple[Side, ...]) -> Sums:
        """Add up; every side needs codes."""
        place, codes = compact(np.concatenate([code for side in sides for code in _codes(side)]))
        ends = np.cumsum([len(code) for side in sides for code in _codes(side)])
        parts = np.split(place, ends[:-1])
        g = len(codes)
        rows = []
        for at, side in enumerate(sides):
            own, rest = parts[2 * at], parts[2 * at + 1]
            n_pool = max(len(rest), 1)
            pool = side.pool - side.pool_mean
            rows.append(
                (
                    tally(own, g, side.share * (side.y - side.label)),
                    _columns(own, g, side.share[:, None] * (side.f - side.share @ side.f)),
                    _columns(rest, g, pool / n_pool),
                    tally(own, g, side.share),
                    tally(rest, g) / n_pool,
                )
            )
        labels, machine, rest_sums, share, pool_share = (
            np.stack(column) for column in zip(*rows, strict=True)
        )
        sign = np.array([side.sign for side in sides])
        return cls(labels, machine, rest_sums, share, pool_share, sign, codes)

    @property
    def n_people(self) -> int:
        """How many clusters have a label."""
        return int((self.share.max(axis=0) > 0).sum())

    @property
    def worth(self) -> float:
        """How many independent items people's clusters are worth, by their shares (Kish), of the side with fewer."""
        return float(1 / np.square(self.share).sum(axis=1).max())

    @property
    def common(self) -> float:
        """The part of people's clusters that lie on both sides."""
        both = (self.share > 0).all(axis=0).sum()
        return float(both / max(self.n_people, 1)) if len(self.share) > 1 else 0.0


def _codes(side: Side) -> tuple[IntArray, IntArray]:
    if side.group is None or side.pool_group is None:
        raise ValueError("a side without codes cannot be added up by cluster")
    return side.group, side.pool_group


def _columns(place: IntArray, size: int, rows: FloatArray) -> FloatArray:
    return np.stack([tally(place, size, column) for column in rows.T], axis=1)
