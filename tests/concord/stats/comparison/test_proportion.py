"""Proportions: published intervals and reference packages."""

from __future__ import annotations

import numpy as np
import pytest
from statsmodels.stats.proportion import proportion_confint

from concord.stats import InputError, comparison
from concord.stats.comparison import proportion


@pytest.mark.parametrize(
    ("k", "n", "method", "low", "high"),
    [
        (81, 263, "wilson", 0.2553, 0.3662),  # Newcombe (1998), table I
        (81, 263, "clopper-pearson", 0.2527, 0.3676),
        (15, 148, "wilson", 0.0624, 0.1605),
        (15, 148, "clopper-pearson", 0.0578, 0.1617),
        (0, 20, "wilson", 0.0, 0.1611),
        (0, 20, "clopper-pearson", 0.0, 0.1684),
        (1, 29, "wilson", 0.0061, 0.1718),
        (1, 29, "clopper-pearson", 0.0009, 0.1776),
    ],
)
def test_proportion_against_newcombes_table(k: int, n: int, method: str, low: float, high: float) -> None:
    result = proportion(k, n, method)
    assert (result.low, result.high) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(
    ("ours", "theirs"), [("wilson", "wilson"), ("clopper-pearson", "beta"), ("jeffreys", "jeffreys")]
)
def test_proportion_against_statsmodels(ours: str, theirs: str, rng: np.random.Generator) -> None:
    sm = pytest.importorskip("statsmodels.stats.proportion")
    for _ in range(100):
        n = int(rng.integers(1, 500))
        k = int(rng.integers(1, n)) if n > 1 else 0
        result = proportion(k, n, ours, confidence=0.9)
        expected = sm.proportion_confint(k, n, alpha=0.1, method=theirs)
        if 0 < k < n:
            assert (result.low, result.high) == pytest.approx(expected, abs=1e-9)


def test_proportion_edges() -> None:
    assert proportion(0, 0).undefined
    assert proportion(5, 5).high == 1.0
    for k, n in ((3, 2), (-1, 2), (1.5, 2)):
        with pytest.raises(InputError):
            proportion(k, n)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("x", "low", "high"),
    [(0, 0, 0.217), (1, 0.011, 0.381), (2, 0.044, 0.503), (3, 0.093, 0.606), (4, 0.153, 0.696), (5, 0.224, 0.776)],
)  # fmt: skip
def test_jeffreys_limits_against_brown_cai_and_dasgupta(x: int, low: float, high: float) -> None:
    """Table 5 of Brown, Cai & DasGupta (2001), n = 10."""
    found = comparison.proportion(x, 10, "jeffreys")
    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-4)


Rng = np.random.Generator
EXACT = {"rel": 1e-9, "abs": 1e-9}
SETS = range(200)


def test_proportions_against_statsmodels(rng: Rng) -> None:
    names = {"wilson": "wilson", "clopper-pearson": "beta", "jeffreys": "jeffreys"}
    for _ in SETS:
        n = int(10 ** rng.uniform(0, 5))
        k, confidence = int(rng.integers(0, n + 1)), rng.uniform(0.5, 0.999)
        for ours, theirs in names.items():
            low, high = proportion_confint(k, n, alpha=1 - confidence, method=theirs)
            found = comparison.proportion(k, n, ours, confidence=confidence)
            if k > 0 or ours != "jeffreys":  # at the ends ours is closed, as Brown, Cai & DasGupta advise
                assert found.low == pytest.approx(low, **EXACT)
            if k < n or ours != "jeffreys":
                assert found.high == pytest.approx(high, **EXACT)
