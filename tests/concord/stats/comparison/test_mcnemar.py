"""McNemar's test: published tables, exact distributions, and discordance."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.contingency_tables import mcnemar as reference_mcnemar

from concord.stats import InputError, comparison
from concord.stats.comparison import mcnemar, proportion
from concord.stats.planning._mcnemar import power_of_counts


def test_mcnemar_against_agrestis_presidential_ratings() -> None:
    """Agresti, table 10.1: 794, 86, 150, 570; z squared = 17.36 for 34.7."""
    result = mcnemar([[570, 86], [150, 794]], method="asymptotic")
    assert result.value == pytest.approx(0.04)
    assert result.statistic == pytest.approx((150 - 86) ** 2 / 236)
    assert (result.low, result.high) == pytest.approx((0.021, 0.059), abs=1.5e-3)


def test_mcnemar_against_scipy_and_fagerland(rng: np.random.Generator) -> None:
    """Fagerland et al. (2013): 1 and 7 discordant, exact p = .0703, mid-p .0391, asymptotic .0339."""
    table = [[59, 6], [16, 80]]
    assert mcnemar([[10, 1], [7, 3]]).p_value == pytest.approx(0.0703, abs=5e-5)
    assert mcnemar([[10, 1], [7, 3]], method="mid-p").p_value == pytest.approx(0.0391, abs=5e-5)
    assert mcnemar([[10, 1], [7, 3]], method="asymptotic").p_value == pytest.approx(0.0339, abs=5e-5)
    assert mcnemar(table).p_value == pytest.approx(stats.binomtest(6, 22).pvalue)
    a, b = rng.integers(0, 2, 60).astype(float), rng.integers(0, 2, 60).astype(float)
    a[0] = np.nan
    result = mcnemar(a, b)
    assert result.value == pytest.approx(np.mean(a[1:] - b[1:]))
    assert result.omitted == {"incomplete pairs": 1}
    assert mcnemar([], []).undefined
    with pytest.raises(InputError):
        mcnemar([0.5], [1])


@pytest.mark.parametrize(
    ("table", "asymptotic", "exact", "mid_p"),
    [([[12, 1], [7, 1]], 0.034, 0.070, 0.039), ([[80, 6], [16, 59]], 0.033, 0.053, 0.035)],
)
def test_mcnemars_tests_against_fagerland(table, asymptotic: float, exact: float, mid_p: float) -> None:
    """Fagerland, Lydersen & Laake (2013): airways of children, and complete response before and after transplantation."""
    wanted = {"asymptotic": asymptotic, "exact": exact, "mid-p": mid_p}
    for method, p_value in wanted.items():
        assert comparison.mcnemar(table, method=method).p_value == pytest.approx(p_value, abs=6e-4)


@pytest.mark.parametrize("fewer", [2**31 - 10**5, 2**32, 10**14])
def test_mcnemar_beyond_32_bits(fewer: int) -> None:
    """Of so many pairs all three tests say what the normal limit does, and the interval says the same."""
    for away, rejected in ((1.5, False), (2.5, True)):
        more = fewer + round(away * (2 * fewer) ** 0.5)
        for method in ("exact", "mid-p", "asymptotic"):
            found = comparison.mcnemar([[0, fewer], [more, 0]], method=method)
            assert found.p_value == pytest.approx(2 * stats.norm.sf(away), rel=1e-3)
            assert (found.low > 0) == rejected


Rng = np.random.Generator
EXACT = {"rel": 1e-9, "abs": 1e-9}
SETS = range(200)


def test_mcnemar_against_statsmodels(rng: Rng) -> None:
    for _ in SETS:
        table = rng.integers(0, int(rng.integers(2, 200)), size=(2, 2))
        table[1, 0] += 1
        exact = reference_mcnemar(table, exact=True)
        asymptotic = reference_mcnemar(table, exact=False, correction=False)
        assert comparison.mcnemar(table).p_value == pytest.approx(exact.pvalue, **EXACT)
        assert comparison.mcnemar(table, method="asymptotic").p_value == pytest.approx(
            asymptotic.pvalue, **EXACT
        )
        b, m = int(table[1, 0]), int(table[1, 0] + table[0, 1])
        middle = exact.pvalue - stats.binom.pmf(b, m, 0.5) if 2 * b != m else 1.0
        assert comparison.mcnemar(table, method="mid-p").p_value == pytest.approx(middle, **EXACT)


def test_mcnemars_interval_leaves_out_0_exactly_where_the_test_rejects(rng: Rng) -> None:
    for _ in SETS:
        table = rng.integers(0, int(rng.integers(2, 40)), size=(2, 2)) + np.array([[1, 0], [0, 0]])
        for method in ("exact", "mid-p", "asymptotic"):
            found = comparison.mcnemar(table, method=method, confidence=0.9)
            assert found.low <= found.value <= found.high
            assert (found.low > 0 or found.high < 0) == (found.p_value < 0.1)
            mirrored = comparison.mcnemar(table.T, method=method, confidence=0.9)
            assert (mirrored.low, mirrored.high) == pytest.approx((-found.high, -found.low), abs=1e-12)


def test_exact_mcnemar_against_gpower_and_every_table() -> None:
    """G*Power's manual, exact McNemar's test: odds ratio .25, discordance .4, n = 50, one-sided .05: power .839343."""
    power = power_of_counts(50, 0.4, 0.24, 0.10, False)
    assert power is not None
    assert power == pytest.approx(
        0.839343, abs=2e-5
    )  # two-sided at .10: next to nothing lies beyond the other end
    for n, s, gap, mid_p in (
        (12, 0.5, 0.4, False),
        (17, 0.9, 0.3, True),
        (9, 1.0, 0.8, False),
        (20, 0.3, 0.3, True),
    ):
        found = 0.0
        for only_a in range(n + 1):
            for only_b in range(n + 1 - only_a):
                table = [[0, only_b], [only_a, n - only_a - only_b]]
                p_value = mcnemar(table, method="mid-p" if mid_p else "exact").p_value
                share = [(s + gap) / 2, (s - gap) / 2, 1 - s]
                found += (p_value <= 0.05) * stats.multinomial.pmf([only_a, only_b, table[1][1]], n, share)
        assert power_of_counts(n, s, gap, 0.05, mid_p) == pytest.approx(found, abs=1e-9)


@pytest.mark.real_data
def test_gsm8k_accuracies_and_mcnemar(shared_data: Path) -> None:
    path = shared_data / "gsm8k" / "example_model_solutions.jsonl.gz"
    if not path.exists():
        pytest.skip(f"GSM8K is not here: {path}")
    with gzip.open(path, "rt") as file:
        rows = [json.loads(line) for line in file]
    models = [name for name in rows[0] if isinstance(rows[0][name], dict)]
    right = {name: np.array([float(row[name]["is_correct"]) for row in rows]) for name in models}
    shares = sorted(round(proportion(int(v.sum()), len(v)).value, 4) for v in right.values())
    assert shares == [0.2168, 0.3472, 0.3904, 0.5625]
    small = next(v for v in right.values() if round(v.mean(), 4) == 0.3904)
    large = next(v for v in right.values() if round(v.mean(), 4) == 0.3472)
    p_values = [mcnemar(small, large, method).p_value for method in ("exact", "mid-p", "asymptotic")]
    assert min(abs(p - 0.0032) for p in p_values) < 3e-4
