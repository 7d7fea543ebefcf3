"""Plackett-Luce by Newton's method, and the covariance of its strengths."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from concord.stats._arrays import FloatArray, IntArray, as_floats, tally
from concord.stats.ranking._rankings import Stages


@dataclass(frozen=True)
class PlFit:
    """Strengths (P,) that sum to zero, their information (P, P), the log-likelihood and the steps taken."""

    strengths: FloatArray
    information: FloatArray
    log_likelihood: float
    iterations: int


def newton(stages: Stages, present: IntArray) -> PlFit | None:
    """Return the maximum for the systems present; None where it is too far out."""
    strengths, last = np.zeros(len(present)), np.inf
    value, gradient, information, _ = _evaluate(stages, present, strengths)
    for iteration in range(1, 101):
        try:
            step = np.linalg.solve(information + np.trace(information) / len(present) ** 2, gradient)
        except np.linalg.LinAlgError:
            return None
        decrement = float(gradient @ step)
        scale = float(stages.weight.sum())
        noise = (
            decrement < 1e-14 * scale and decrement > 0.1 * last
        )  # sums of many choices round: no nearer than this
        if decrement < 1e-24 * scale or noise:
            return PlFit(strengths, information, value, iteration)
        last, length = decrement, 1.0
        while length > 1e-8:
            again = _evaluate(stages, present, strengths + length * step)
            if again[0] >= value - 1e-13 * abs(value):
                break
            length /= 2
        else:
            settled = decrement < 1e-12 * scale
            return PlFit(strengths, information, value, iteration) if settled else None
        strengths = strengths + length * step
        value, gradient, information, _ = again
    return None


def _evaluate(
    stages: Stages, present: IntArray, strengths: FloatArray
) -> tuple[float, FloatArray, FloatArray, sparse.csr_array]:
    """Return log-likelihood, gradient, information and the (stages, systems) chances of being chosen."""
    offered = stages.offered[:, present].tocsr()
    first, stage = offered.indptr[:-1], np.repeat(np.arange(len(stages.chosen)), np.diff(offered.indptr))
    entry = strengths[offered.indices]
    top = np.maximum.reduceat(entry, first)
    size = np.exp(entry - top[stage])
    total = np.add.reduceat(size, first)
    place = np.searchsorted(present, stages.chosen)
    value = float((stages.weight * (strengths[place] - top - np.log(total))).sum())
    chance: Any = sparse.csr_array(
        (size / total[stage], offered.indices, offered.indptr), shape=offered.shape
    )
    won = np.bincount(place, weights=stages.weight, minlength=len(present))
    gradient = as_floats(won - np.asarray(chance.T @ stages.weight))
    weighted: Any = chance.multiply(stages.weight[:, None]).tocsr()
    information = np.diag(np.asarray(weighted.sum(axis=0)).ravel()) - np.asarray(
        (chance.T @ weighted).todense()
    )
    return value, gradient, as_floats(information), chance


def sandwich(
    stages: Stages,
    present: IntArray,
    strengths: FloatArray,
    information: FloatArray,
    cluster: IntArray | None,
) -> FloatArray:
    """Return the covariance as in Bradley-Terry: HC2 over rankings, or over clusters with the factor G / (G - 1).

    Where every cluster's scores cancel, they say nothing about the error, and the inverse information stands in.
    """
    chance = _evaluate(stages, present, strengths)[3]
    n, s = len(stages.chosen), len(present)
    centre = np.eye(s) - 1 / s
    bread = centre @ np.linalg.pinv(information + np.trace(information) / s**2, hermitian=True) @ centre
    place = np.searchsorted(present, stages.chosen)
    picked = sparse.coo_array((np.ones(n), (np.arange(n), place)), shape=(n, s)).tocsr()
    score = (picked - chance).multiply(stages.weight[:, None]).tocsr()
    member = stages.ranking if cluster is None else cluster[stages.ranking]
    size = int(member.max()) + 1
    gather = sparse.coo_array((np.ones(n), (member, np.arange(n))), shape=(size, n)).tocsr()
    totals = np.asarray((gather @ score).todense())
    if cluster is not None:
        covariance = as_floats(bread @ (totals.T @ totals) @ bread * (size / max(size - 1, 1)))
        return bread if np.diag(covariance).max() <= 1e-18 * np.diag(bread).max() else covariance
    pull = stages.weight * (chance @ np.diag(bread) - np.asarray(chance.multiply(chance @ bread).sum(axis=1)))
    leverage = tally(member, size, pull) / np.maximum(tally(member, size), 1)  # per choice
    scaled = totals / np.sqrt(1 - np.minimum(leverage, 0.9))[:, None]
    return as_floats(bread @ (scaled.T @ scaled) @ bread)
