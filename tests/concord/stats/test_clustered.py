"""The variance of a mean whose values share what is drawn two ways, and its degrees of freedom."""

from __future__ import annotations

import numpy as np
import pytest

from concord.stats._clustered import Variance, cluster_variance, crossed_df, crossed_variance, mean_variance

Rng = np.random.Generator


def sparse(rng: Rng, n: int, m: int, share: float) -> tuple[np.ndarray, np.ndarray]:
    """Return examples and raters of the cells that were answered, each example by one at least."""
    kept = rng.random((n, m)) < share
    kept[np.arange(n), rng.integers(0, m, n)] = True
    first, second = np.nonzero(kept)
    return first, second


@pytest.mark.parametrize(("share", "weighted"), [(0.25, False), (0.25, True), (0.02, True), (1.0, True)])
def test_the_variance_is_right_on_average_whoever_answered_what(share: float, weighted: bool) -> None:
    rng = np.random.default_rng(1)
    example, rater = sparse(rng, 60, 8, share)
    weight = rng.uniform(0.5, 2, len(example)) if weighted else np.ones(len(example))
    part = weight / weight.sum()
    true = sum(
        s**2 * np.square(np.bincount(code, part)).sum()
        for s, code in ((0.6, example), (0.3, rater), (1.0, np.arange(len(example))))
    )
    found = [
        crossed_variance(
            0.6 * rng.normal(size=60)[example]
            + 0.3 * rng.normal(size=8)[rater]
            + rng.normal(size=len(example)),
            weight,
            example,
            rater,
        )
        for _ in range(2000)
    ]
    assert np.mean(found) == pytest.approx(true, abs=4 * np.std(found) / 2000**0.5)
    assert 4 * np.std(found) / 2000**0.5 < 0.1 * true  # or the line above would say nothing


def test_answers_of_a_cell_are_one() -> None:
    rng = np.random.default_rng(2)
    example, rater = sparse(rng, 20, 5, 0.5)
    y = rng.normal(size=len(example))
    twice = np.repeat(np.arange(len(y)), 2)
    one = crossed_variance(y, np.ones(len(y)), example, rater)
    two = crossed_variance(y[twice], np.ones(2 * len(y)), example[twice], rater[twice])
    assert two == pytest.approx(one, rel=1e-9)


def test_where_each_example_has_one_rater_only_raters_count() -> None:
    rng = np.random.default_rng(3)
    example, rater = np.arange(40), np.arange(40) % 8
    y = rng.normal(size=40) + rng.normal(size=8)[rater]
    found = crossed_variance(y, np.ones(40), example, rater)
    assert found == pytest.approx(cluster_variance(y, np.ones(40), rater).value, rel=1e-9)


def test_it_never_falls_below_a_one_way_variance_and_says_so() -> None:
    examples, raters = (i.ravel() for i in np.indices((6, 4)))
    alternating = np.where((examples + raters) % 2, 1.0, 0.0) + 0.01 * examples
    found, notes = mean_variance(alternating, np.ones(24), examples, raters)
    one, two = (cluster_variance(alternating, np.ones(24), code) for code in (examples, raters))
    assert found.value == max(one.value, two.value)
    assert "one-way" in notes[0]


@pytest.mark.parametrize(
    ("value", "one", "two", "df"),
    [
        (3.0, (1.0, 59.0), (2.0, 4.0), 7 / (1 / 4 + 6 * (1 / 59 + 4 / 4) / 9)),  # Satterthwaite's
        (1.0, (1.0, 59.0), (1.0, 4.0), 4.0),  # never below the fewer of both
        (9.0, (8.0, 59.0), (1.0, 1.0), 1.0),  # two clusters: nothing is known of their variance
        (9.0, (8.0, 60.0), (1.0, 1.5), 2 / (1 / 1.5 + (64 / 60 + 1 / 1.5) / 81)),  # hardly anything
    ],
)
def test_degrees_of_freedom_by_hand(value: float, one: tuple, two: tuple, df: float) -> None:
    assert crossed_df(value, Variance(*one, 60), Variance(*two, 5)) == pytest.approx(df)
    assert crossed_df(value, Variance(*two, 5), Variance(*one, 60)) == pytest.approx(df)


@pytest.mark.parametrize("weighted", [False, True])
def test_the_variance_of_a_clustered_mean_by_its_matrices(weighted: bool) -> None:
    """Bell & McCaffrey's CR2 written out: residuals of each cluster times the inverse root of their own covariance."""
    rng = np.random.default_rng(7)
    cluster = np.array([0, 0, 0, 1, 1, 2, 2, 2, 2, 3, 4, 4])
    values = rng.normal(size=12)
    weight = rng.uniform(0.4, 2, size=12) if weighted else np.ones(12)
    part = weight / weight.sum()
    left = np.eye(12) - np.outer(np.ones(12), part)
    pulled = []
    for g in range(5):
        own = left[cluster == g]
        size, vectors = np.linalg.eigh(own @ own.T)
        adjusted = vectors @ np.diag(size**-0.5) @ vectors.T @ part[cluster == g]
        pulled.append(adjusted @ own)
    w = np.array(pulled)
    found = cluster_variance(values, weight, cluster)
    assert found.value == pytest.approx(((w @ values) ** 2).sum())
    assert found.df == pytest.approx(np.trace(w @ w.T) ** 2 / np.trace(w @ w.T @ w @ w.T))
    assert found.n_clusters == 5


def test_values_on_their_own_have_the_ordinary_variance() -> None:
    values = np.array([1.0, 4.0, 2.0, 7.0])
    found, notes = mean_variance(values, np.full(4, 3.0), None, None)
    assert (found.value, found.df, found.n_clusters, notes) == (pytest.approx(7.0 / 4), 3.0, 4, ())
    apart = cluster_variance(values, np.ones(4), np.arange(4))
    assert (apart.value, apart.df) == pytest.approx((7.0 / 4, 3.0))
    alone, _ = mean_variance(values[:1], np.ones(1), None, None)
    assert np.isnan([alone.value, alone.df]).all()
    one, _ = mean_variance(values, np.ones(4), None, np.array([8, 8, 9, 9]))
    assert one.value == pytest.approx(cluster_variance(values, np.ones(4), np.array([0, 0, 1, 1])).value)
    whole, _ = mean_variance(values, np.ones(4), np.zeros(4, dtype=int), np.arange(4))
    assert np.isnan([whole.value, whole.df]).all()
    assert whole.n_clusters == 1
