"""Correlations: SciPy's values, tau-b pair by pair, what each pair moves them by, and clusters that count once."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from concord.stats import InputError
from concord.stats.agreement import correlation
from concord.stats.agreement._concordance import concordance

KINDS = {"pearson": stats.pearsonr, "spearman": stats.spearmanr, "kendall": stats.kendalltau}


def columns(rng: np.random.Generator, n: int, *, graded: bool) -> tuple[np.ndarray, np.ndarray]:
    a = rng.normal(size=n)
    b = 0.6 * a + 0.8 * rng.normal(size=n)
    return (np.round(1.2 * a), np.round(1.2 * b)) if graded else (a, b)


@pytest.mark.parametrize("graded", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_values_against_scipy(kind: str, graded: bool, rng: np.random.Generator) -> None:
    for n in (6, 25, 400):
        a, b = columns(rng, n, graded=graded)
        found = correlation(a, b, coefficient=kind)
        assert found.value == pytest.approx(KINDS[kind](a, b).statistic, abs=1e-12)
        assert found.low < found.value < found.high


@pytest.mark.parametrize("kind", KINDS)
def test_standard_errors_are_about_those_of_the_jackknife(kind: str, rng: np.random.Generator) -> None:
    for graded in (False, True):
        a, b = columns(rng, 300, graded=graded)
        without = [KINDS[kind](np.delete(a, i), np.delete(b, i)).statistic for i in range(300)]
        jackknife = np.sqrt(299 / 300 * np.sum((np.array(without) - np.mean(without)) ** 2))
        assert correlation(a, b, coefficient=kind).standard_error == pytest.approx(jackknife, rel=0.01)


def test_the_interval_of_normal_numbers_is_about_fishers(rng: np.random.Generator) -> None:
    """Fisher's error of atanh(r) is 1 / sqrt(n - 3), whatever the correlation."""
    errors = []
    for _ in range(300):
        found = correlation(*columns(rng, 30, graded=False))
        errors.append(found.standard_error / (1 - found.value**2))
    assert np.mean(np.square(errors)) == pytest.approx(1 / 27, rel=0.08)


def test_the_ends_by_hand() -> None:
    a, b = np.array([1.0, 2, 3, 4, 5, 6, 7, 9]), np.array([2.0, 1, 4, 3, 7, 5, 6, 8])
    x, y = (a - a.mean()) / a.std(), (b - b.mean()) / b.std()
    r = (x * y).mean()
    error = (x * y - r * (x**2 + y**2) / 2).std(ddof=1) / np.sqrt(8) * np.sqrt(8 / 4)
    half = stats.t.ppf(0.95, 6) * error / (1 - r**2)
    found = correlation(a, b, confidence=0.9)
    assert (found.value, found.standard_error, found.df) == pytest.approx((r, error, 6))
    assert (found.low, found.high) == pytest.approx(
        (np.tanh(np.arctanh(r) - half), np.tanh(np.arctanh(r) + half))
    )
    assert (found.n, found.n_clusters) == (8, 8)
    assert found.method == "Pearson's r, t interval of atanh"


def test_tau_b_of_small_tables_by_hand() -> None:
    """Cells 2, 1 / 1, 3: 6 pairs agree, 1 does not; 12 of 21 pairs are not tied, by row and by column."""
    row, column = [0, 0, 0, 1, 1, 1, 1], [0, 0, 1, 0, 1, 1, 1]
    assert correlation(row, column, coefficient="kendall").value == pytest.approx((6 - 1) / 12)
    assert correlation([0, 0, 1, 1, 1], [1, 1, 0, 0, 0], coefficient="kendall").value == pytest.approx(-1)


def test_pairs_in_order_are_counted_as_pair_by_pair(rng: np.random.Generator) -> None:
    for n in (2, 3, 17, 64, 100):
        for top in (2, 5, 1000):
            x, y = rng.integers(0, top, size=(2, n))
            plain = (np.sign(x[:, None] - x) * np.sign(y[:, None] - y)).sum(axis=1)
            assert concordance(x, y).tolist() == plain.tolist()


@pytest.mark.parametrize("kind", KINDS)
def test_pairs_asked_four_times_tell_no_more_than_once(kind: str, rng: np.random.Generator) -> None:
    a, b = columns(rng, 60, graded=True)
    if kind == "pearson":
        once = correlation(a, b)
        again = correlation(np.tile(a, 4), np.tile(b, 4), clusters=np.tile(np.arange(60), 4))
        assert (again.value, again.low, again.high) == pytest.approx((once.value, once.low, once.high))
    naive, own = (
        correlation(np.tile(a, 4), np.tile(b, 4), coefficient=kind, clusters=clusters)
        for clusters in (None, np.tile(np.arange(60) * 7 - 3, 4))
    )
    assert own.n_clusters == 60
    assert own.n == 240
    assert own.standard_error == pytest.approx(2 * naive.standard_error, rel=0.05)
    assert "clustered" in own.method


@pytest.mark.parametrize("kind", KINDS)
def test_what_changes_nothing(kind: str, rng: np.random.Generator) -> None:
    a, b = columns(rng, 50, graded=False)
    found, order = correlation(a, b, coefficient=kind), rng.permutation(50)
    for other in (
        correlation(b, a, coefficient=kind),
        correlation(a[order], b[order], coefficient=kind),
        correlation(1e100 * a, 5 + 0.001 * b, coefficient=kind),
        correlation([*a, np.nan, 1.0], [*b, 2.0, np.nan], coefficient=kind),
    ):
        assert (other.value, other.low, other.high) == pytest.approx((found.value, found.low, found.high))
    turned = correlation(a, -b, coefficient=kind)
    assert (turned.value, turned.low, turned.high) == pytest.approx((-found.value, -found.high, -found.low))
    if kind != "pearson":
        bent = correlation(np.exp(a), b**3, coefficient=kind)
        assert (bent.value, bent.low) == pytest.approx((found.value, found.low))
    assert correlation([*a, np.nan], [*b, 2.0], coefficient=kind).omitted == {"incomplete pairs": 1}


def test_where_there_is_no_answer_it_says_why() -> None:
    assert correlation([1, 2], [2, 1]).undefined == "2 complete pairs: at least three are needed"
    assert correlation([1, 1, 1], [2, 1, 3]).undefined == (
        "a is the same throughout: there is nothing to go together"
    )
    assert "b is the same" in str(correlation([2, 1, 3], [0.1, 0.1, 0.1]).undefined)
    line = correlation(np.arange(9), 2 * np.arange(9) + 1)
    assert line.value == pytest.approx(1.0)
    assert np.isnan(line.low)
    assert line.notes == ("all pairs lie on one line: no interval.",)
    order = correlation(np.arange(9), -np.exp(np.arange(9)), coefficient="kendall")
    assert order.value == -1.0
    assert order.notes == ("all pairs lie in one order: no interval.",)
    few = correlation([1, 2, 3, 4, 5, 5], [1, 3, 2, 4, 4, 6], clusters=[0, 0, 1, 1, 2, 2])
    assert np.isnan([few.low, few.high, few.standard_error]).all()
    assert few.notes == ("too few pairs or clusters for an interval: about six are needed.",)
    with pytest.raises(InputError, match="coefficient"):
        correlation([1, 2, 3], [1, 2, 3], coefficient="tau")
    with pytest.raises(InputError, match="3 entries"):
        correlation([1, 2, 3], [1, 2])


def test_one_pair_far_out_is_said(rng: np.random.Generator) -> None:
    a, b = rng.normal(size=(2, 40))
    far = correlation([*a, 30.0], [*b, 2.0])
    assert far.notes[0].startswith("one pair makes up")
    assert correlation([*a, 30.0], [*b, 2.0], coefficient="spearman").notes == ()
