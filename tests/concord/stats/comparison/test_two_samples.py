"""Two samples and the clusters on either side: which are the same, and what their skewness leaves of a difference."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from concord.stats.comparison._two_samples import TwoSamples

A, B = np.array([1.0, 2.0, 4.0, 9.0]), np.array([3.0, 3.5, 7.0])


def test_clusters_that_are_not_shared_are_apart_whatever_their_codes() -> None:
    one, two = np.array([5, 5, 6, 7]), np.array([5, 6, 6])
    apart = TwoSamples.of((A, B), (one, two), shared=False)
    assert [code.tolist() for code in apart.clusters] == [[0, 0, 1, 2], [3, 4, 4]]
    assert (apart.n_clusters, apart.n_shared) == (5, 0)
    together = TwoSamples.of((A, B), (one, two), shared=True)
    assert [code.tolist() for code in together.clusters] == [[0, 0, 1, 2], [0, 1, 1]]
    assert (together.n_clusters, together.n_shared) == (3, 2)
    half = TwoSamples.of((A, B), (one, None), shared=True)
    assert [code.tolist() for code in half.clusters] == [[0, 0, 1, 2], [3, 4, 5]]
    assert (half.n_clusters, half.n_shared) == (6, 0)


def test_without_clusters_the_variance_is_welchs() -> None:
    found = TwoSamples.of((A, B), (None, None), shared=False).variance()
    assert found.value == pytest.approx(A.var(ddof=1) / 4 + B.var(ddof=1) / 3)
    assert found.df == pytest.approx(stats.ttest_ind(A, B, equal_var=False).df)
    alone = TwoSamples.of((A[:1], B), (None, None), shared=False).variance()
    assert math.isnan(alone.value)


def test_tails_of_like_size_cancel() -> None:
    def moments(x: np.ndarray) -> tuple[float, float]:
        return float(((x - x.mean()) ** 3).mean()), float(x.var())

    (third, square), (other, rest) = moments(A), moments(B)
    lean, most = TwoSamples.of((A, B), (None, None), shared=False).lean()
    assert lean == pytest.approx(abs(third / 16 - other / 9) / (square / 4 + rest / 3) ** 1.5)
    assert most == pytest.approx(max(abs(stats.skew(A)), abs(stats.skew(B))))
    assert TwoSamples.of((A, A), (None, None), shared=False).lean() == (0.0, pytest.approx(stats.skew(A)))
    flat = np.ones(3)
    assert TwoSamples.of((flat, flat), (None, None), shared=False).lean() == (0.0, 0.0)
