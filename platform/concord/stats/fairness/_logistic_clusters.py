"""Tests of logistic coefficients where answers hang together in clusters: CR2 with Hotelling's T.

Bell & McCaffrey (2002) and Pustejovsky & Tipton (2018), with independent answers of the fitted variance as the working model and
symmetric inverse roots of the covariance of Pearson's residuals (R's clubSandwich takes other roots of the same: standard errors
differ in the third digit). The roots are as large as the clusters, but move only what the k predictors span, so that k x k
matrices are enough.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import special

from concord.stats._arrays import FloatArray, IntArray, tally

_WHOLE = 1 - 1e-9  # of a direction within one cluster, from where nothing is left to go by
_BIASED = 1e-6  # how far the expectation of a covariance may be from what it should be, by rounding


@dataclass(frozen=True)
class CoefficientTest:
    """A test that some coefficients are 0: the p-value, and for one of them its standard error."""

    p_value: float
    df: float
    error: float


@dataclass(frozen=True)
class Sandwich:
    """Per cluster the information (G, k, k), what it adds to the coefficients (G, k), and the turn (G, k, k) that corrects it."""

    bread: FloatArray
    information: FloatArray
    added: FloatArray
    turn: FloatArray

    @classmethod
    def of(cls, design: FloatArray, y: FloatArray, beta: FloatArray, cluster: IntArray) -> Sandwich:
        """Take the fit apart by clusters."""
        k, g = design.shape[1], int(cluster.max()) + 1
        p = special.expit(design @ beta)
        score = np.stack([tally(cluster, g, design[:, i] * (y - p)) for i in range(k)], axis=1)
        information = np.empty((g, k, k))
        for i in range(k):
            for j in range(i + 1):
                information[:, i, j] = tally(cluster, g, design[:, i] * design[:, j] * p * (1 - p))
                information[:, j, i] = information[:, i, j]
        bread = np.linalg.inv(information.sum(axis=0))
        turn = bread @ (np.eye(k) + information @ _correction(information, np.linalg.cholesky(bread)))
        return cls(bread, information, np.einsum("gij,gj->gi", turn, score), turn)

    def test(self, beta: FloatArray, which: list[int]) -> CoefficientTest:
        """Test that the coefficients ``which`` are all 0."""
        q = len(which)
        covariance = (self.added.T @ self.added)[np.ix_(which, which)]
        root = np.linalg.inv(np.linalg.cholesky(self.bread[np.ix_(which, which)]))
        eta = self._degrees(root, which)
        if not eta > q - 1 or not np.linalg.cond(covariance) < 1e12:
            return CoefficientTest(math.nan, math.nan, math.nan)
        square = float(beta[which] @ np.linalg.solve(covariance, beta[which]))
        left = eta - q + 1
        p_value = float(special.fdtrc(q, left, square * left / (eta * q)))
        return CoefficientTest(p_value, left, math.sqrt(covariance[0, 0]) if q == 1 else math.nan)

    def _degrees(self, root: FloatArray, which: list[int]) -> float:
        """Return ``q (q + 1) / sum of the variances`` of the covariance's elements, its expectation made the unit matrix.

        nan where the expectation is another, as what moves a coefficient lies within one cluster: no correction mends that.
        """
        rows = np.einsum("qi,gij->gqj", root, self.turn[:, which, :])  # contrasts in terms of the predictors
        half = np.einsum("gqj,gji->gqi", rows, self.information)
        diagonal = np.einsum("gqi,gri->gqr", half, rows)
        mean = half @ np.linalg.cholesky(self.bread)
        spread, q = 0.0, len(which)
        expected = diagonal.sum(axis=0) - np.einsum("gqi,gri->qr", mean, mean)
        if np.abs(expected - np.eye(q)).max() > _BIASED:
            return math.nan
        for s in range(q):
            for t in range(q):
                one = _product(diagonal[:, s, s], diagonal[:, t, t], mean[:, [s, s]], mean[:, [t, t]])
                two = _product(diagonal[:, s, t], diagonal[:, t, s], mean[:, [s, t]], mean[:, [t, s]])
                spread += one + two
        return q * (q + 1) / spread if spread > 0 else math.nan


def _correction(information: FloatArray, root: FloatArray) -> FloatArray:
    """Return K (G, k, k) with ``(I - Z M Z')**(-1/2) = I + Z K Z'``, for rows Z of each cluster and the bread M."""
    share, turn = np.linalg.eigh(root.T @ information @ root)
    share = np.clip(share, 0.0, 1.0)
    lost = share > _WHOLE  # as a generalised inverse: not seen, and tests that need it are left out
    inverse = np.where(lost, 0.0, 1 / np.sqrt(np.where(lost, 1.0, 1 - share)))
    factor = np.where(share > 1e-8, (inverse - 1) / np.where(share > 1e-8, share, 1.0), 0.5)
    turned = root @ turn
    found: FloatArray = (turned * factor[:, None, :]) @ np.swapaxes(turned, 1, 2)
    return found


def _product(a: FloatArray, c: FloatArray, one: FloatArray, two: FloatArray) -> float:
    """Return the sum of products, element by element, of ``diag(a) - u v'`` and ``diag(c) - p q'``, with u and v in ``one``."""
    u, v, p, q = one[:, 0], one[:, 1], two[:, 0], two[:, 1]
    crossed = float(((u.T @ p) * (v.T @ q)).sum())
    return float((a * c).sum() - (a * (p * q).sum(axis=1)).sum() - (c * (u * v).sum(axis=1)).sum()) + crossed
