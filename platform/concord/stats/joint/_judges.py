"""The weight of each judge: least squares on what labels and predictions add to the error, held back where labels are few."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from concord.stats._arrays import FloatArray, as_floats

_HELD = 1.0  # so many labels more, in which a judge says nothing about people (ridge)


@dataclass(frozen=True)
class Moments:
    """Sums of squares and products of what enters the error of a mean: (k, k) of people's items and in all, (k,) with the labels.

    ``gap`` (k,) is how far the pool's mean predictions lie from those of the labelled items, ``n`` how many independent labels
    there are.
    """

    own: FloatArray
    whole: FloatArray
    product: FloatArray
    gap: FloatArray
    n: float
    size: FloatArray


@dataclass(frozen=True)
class Weights:
    """The judges' weights (k,), what fitting them takes from the degrees of freedom, and what it adds to people's variance."""

    value: FloatArray
    spent: float
    wider: float  # the factor on the variance of people's part
    shaken: float = 0.0  # the part of it that is the error of the weights
    inverse: FloatArray | None = None  # (k, k) of what was inverted to find them, 0 for judges without weight

    def leverage(self, machine: FloatArray) -> FloatArray:
        """Return how far each row (G, k) of what the predictions add draws the fit to itself."""
        if self.inverse is None:
            return np.zeros(len(machine))
        return as_floats(np.minimum(np.einsum("gi,ij,gj->g", machine, self.inverse, machine), 0.9))

    @classmethod
    def given(cls, value: FloatArray) -> Weights:
        """Return weights that these labels did not choose."""
        return cls(value, 0.0, 1.0)


def tuned(moments: Moments) -> Weights:
    """Return the weights, none below 0, that make the error least: a lone judge's at most 1 (PPI++).

    Ridge: a judge of few labels is taken back as if one label more had shown no relation. What the fit costs is least squares'
    own: ``trace`` degrees of freedom, and the error of the weights times the gap that they are multiplied with.
    """
    k = len(moments.product)
    scale = np.diag(moments.whole)
    usable = scale * moments.n > np.square(1e-12 * moments.size)
    if not usable.any() or moments.n < 2:
        return Weights.given(np.zeros(k))
    held = moments.whole + np.diag(_HELD / moments.n * scale + np.where(usable, 0.0, 1.0))
    value = np.where(usable, _least(held, moments.product), 0.0)
    if k == 1:
        value = np.clip(value, 0.0, 1.0)
    active = value > 0
    if not active.any():
        return Weights.given(np.zeros(k))
    inverse = np.linalg.inv(held[np.ix_(active, active)])
    own = moments.own[np.ix_(active, active)]
    spent = min(float(np.trace(inverse @ own)), (moments.n - 1) / 2)
    turned = inverse @ moments.gap[active]
    shaken = float(turned @ own @ turned) / moments.n
    wider = (moments.n - 1) / (moments.n - 1 - spent) * (1 + shaken) if moments.n > 2 else 1.0
    whole = np.zeros((k, k))
    whole[np.ix_(active, active)] = inverse
    return Weights(value, spent, wider, shaken, whole)


def _least(matrix: FloatArray, product: FloatArray) -> FloatArray:
    """Return the minimum of ``w' M w - 2 product' w`` over weights that are not negative."""
    if len(product) == 1:
        return as_floats(np.maximum(product / matrix[0], 0.0))
    from scipy.optimize import nnls  # slow to import, and needed for several judges only

    size = np.sqrt(np.diag(matrix))
    root = np.linalg.cholesky(matrix / np.outer(size, size))
    return as_floats(nnls(root.T, np.linalg.solve(root, product / size))[0] / size)
