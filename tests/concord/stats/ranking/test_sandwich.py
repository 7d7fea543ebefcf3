"""How far a vote pulls the fit to itself, and few clusters' degrees of freedom, by their matrices."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from concord.stats.ranking._few_clusters import _degrees, adjusted_sandwich, loosened
from concord.stats.ranking._sandwich import _leverage, _leverage_of_ties

Rng = np.random.Generator
SYSTEMS, COVARIATES = 4, 2
SIZE = SYSTEMS + COVARIATES + 1  # and the tie parameter


def votes(rng: Rng) -> tuple[Any, Any, np.ndarray]:
    """Return ten cells, the second derivatives of their likelihoods, and an inverse information."""
    left = rng.integers(0, SYSTEMS, 10)
    right = (left + rng.integers(1, SYSTEMS, 10)) % SYSTEMS
    cells = SimpleNamespace(left=left, right=right, covariates=rng.normal(size=(10, COVARIATES)))
    at = SimpleNamespace(
        aa=-rng.uniform(0.1, 0.3, 10), at=rng.uniform(-0.1, 0.1, 10), tt=-rng.uniform(0.1, 0.2, 10)
    )
    root = rng.normal(size=(SIZE, SIZE))
    return cells, at, root @ root.T


def test_the_leverage_of_a_vote_is_the_trace_of_its_information_times_the_inverse(rng: Rng) -> None:
    cells, at, bread = votes(rng)
    found = _leverage(cells, at, bread, SYSTEMS) + _leverage_of_ties(cells, at, bread, SYSTEMS)
    for i in range(10):
        x, tie = np.zeros(SIZE), np.zeros(SIZE)
        x[cells.left[i]] += 1
        x[cells.right[i]] -= 1
        x[SYSTEMS:-1] = cells.covariates[i]
        tie[-1] = 1
        second = at.aa[i] * np.outer(x, x) + at.at[i] * (np.outer(x, tie) + np.outer(tie, x))
        second += at.tt[i] * np.outer(tie, tie)
        assert found[i] == pytest.approx(-np.trace(bread @ second))


def clusters(rng: Rng, g: int, r: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return a root of the inverse information, each cluster's information in its units (they sum to one), and scores."""
    parts = [m @ m.T for m in rng.normal(size=(g, r, r + 1))]
    values, vectors = np.linalg.eigh(sum(parts))
    turn = vectors @ np.diag(values**-0.5) @ vectors.T
    return (
        rng.normal(size=(r + 1, r)),
        np.array([turn @ part @ turn for part in parts]),
        rng.normal(size=(g, r + 1)),
    )


@pytest.mark.parametrize(("g", "r"), [(6, 3), (3, 4)])
def test_few_clusters_errors_and_degrees_of_freedom_by_their_matrices(g: int, r: int, rng: Rng) -> None:
    """CR2: scores over the root of one less the cluster's own pull; a fitted score of one pulls at all others."""
    root, pull, scores = clusters(rng, g, r)
    freed = []
    for own in pull:
        share, turn = np.linalg.eigh(own)
        freed.append(turn @ np.diag((1 - share) ** -0.5) @ turn.T)
    errors = np.array([root @ f @ root.T @ s for f, s in zip(freed, scores, strict=True)])
    covariance, df = adjusted_sandwich(root, pull, scores)
    assert covariance == pytest.approx(errors.T @ errors)
    for place, line in enumerate(root):
        o = np.zeros((g, g))
        for a in range(g):
            for b in range(g):
                between = pull[a] * (a == b) - pull[a] @ pull[b]
                o[a, b] = line @ freed[a] @ between @ freed[b] @ line
        assert df[place] == pytest.approx(max(np.trace(o) ** 2 / np.trace(o @ o), 1.0))
    assert df == pytest.approx(_degrees(root, pull, np.array(freed)))


def test_clusters_of_one_size_are_loosened_by_their_number_less_one(rng: Rng) -> None:
    from scipy import sparse

    scores = sparse.csr_array(rng.normal(size=(5, 3)))
    found = loosened(scores, np.full(5, 2.0)).toarray()
    assert found**2 == pytest.approx(scores.toarray() ** 2 * 5 / 4)
    uneven = loosened(scores, np.array([3.0, 1, 1, 1, 2])).toarray()
    assert uneven[0] ** 2 == pytest.approx(scores.toarray()[0] ** 2 / (1 - 3 / 8))
