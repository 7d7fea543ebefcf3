"""Least squares with few columns and clusters: CR2 variance of one coefficient with its Bell-McCaffrey degrees of freedom.

CR2 (Bell & McCaffrey 2002) divides a cluster's residuals by the root of ``I - H_g``, H the projection on the design, which
makes the variance exactly unbiased where observations are independent and of equal variance. H_g acts in the small space of
the cluster's columns only, so nothing larger than (p, p) is ever decomposed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from concord.stats._arrays import FloatArray, IntArray, as_floats, tally

_FLAT = 1e-10  # an eigenvalue of I - H_g below this: the cluster alone decides a coefficient


@dataclass(frozen=True)
class Coefficient:
    """A coefficient with variance and degrees of freedom; both nan where some cluster alone decides it."""

    value: float
    variance: float
    df: float


def coefficient(y: FloatArray, design: FloatArray, cluster: IntArray, which: int) -> Coefficient:
    """Return coefficient ``which`` of the least-squares fit of ``y`` (n,) on ``design`` (n, p) of full rank."""
    bread = np.linalg.inv(design.T @ design)
    fitted = bread @ (design.T @ y)
    residual = y - design @ fitted
    n_clusters = int(cluster.max()) + 1
    score = _sums(design * residual[:, None], cluster, n_clusters)  # (G, p)
    p = design.shape[1]
    products = (design[:, :, None] * design[:, None, :]).reshape(len(y), p * p)
    root = _root(_sums(products, cluster, n_clusters).reshape(n_clusters, p, p), 0.5)
    own = np.eye(p) - root @ bread @ root
    values = np.linalg.eigvalsh(own)
    if n_clusters < 2 or values.min() < _FLAT:
        return Coefficient(float(fitted[which]), np.nan, np.nan)
    half = root @ _root(own, -0.5)  # S^(1/2) (I - K)^(-1/2)
    direction = bread[which]
    lead = direction @ half  # (G, p)
    adjusted = np.einsum("gi,gij,gj->g", lead, _root_inverse(root), score)
    spread = as_floats(np.einsum("gij,gj->gi", _root(own, -0.5), root @ direction))
    pulled = as_floats(np.einsum("gij,gj->gi", root, spread))  # X_g' a_g
    df = _freedom(as_floats(np.square(spread).sum(axis=1)), pulled, as_floats(bread))
    return Coefficient(float(fitted[which]), float(adjusted @ adjusted), df)


def _freedom(size: FloatArray, pulled: FloatArray, bread: FloatArray) -> float:
    """Return ``tr(P)**2 / tr(P @ P)`` with ``P = diag(size) - pulled bread pulled'``."""
    cross = np.einsum("gi,ij,gj->g", pulled, bread, pulled)
    inner = bread @ (pulled.T @ pulled)
    trace = float((size - cross).sum())
    square = float((size**2 - 2 * size * cross).sum() + np.trace(inner @ inner))
    return trace**2 / square if square > 0 else float("nan")


def _sums(rows: FloatArray, cluster: IntArray, n_clusters: int) -> FloatArray:
    return np.stack([tally(cluster, n_clusters, column) for column in rows.T], axis=1)


def _root(matrices: FloatArray, power: float) -> FloatArray:
    """Return the symmetric power of each (p, p) matrix; directions without extent stay zero."""
    values, vectors = np.linalg.eigh(matrices)
    largest = np.maximum(values.max(axis=-1, keepdims=True), 1e-300)
    there = values > 1e-13 * largest
    powered = np.where(there, np.where(there, values, 1.0) ** power, 0.0)
    return as_floats((vectors * powered[..., None, :]) @ np.swapaxes(vectors, -1, -2))


def _root_inverse(root: FloatArray) -> FloatArray:
    """Return the inverses of the roots where they exist (a cluster's scores lie in their range)."""
    return _root(root, -1.0)
