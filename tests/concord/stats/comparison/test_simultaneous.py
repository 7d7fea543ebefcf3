"""One procedure for the verdicts and intervals of a family of contrasts."""

from __future__ import annotations

import json
import time
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from concord.stats import InputError, comparison
from concord.stats.comparison._max_normal import shrinkage

FITS = Path(__file__).parents[5] / "shared/data/mixed_models/fits.json"
PAIRS = list(combinations(range(4), 2))


def all_pairs(k: int) -> np.ndarray:
    """Return (m, k) contrasts of all pairs."""
    return np.array([[(s == b) * 1.0 - (s == a) for s in range(k)] for a, b in combinations(range(k), 2)])


def alike(k: int) -> np.ndarray:
    """Return the correlation of all pairs of k means with the same error."""
    return all_pairs(k) @ all_pairs(k).T / 2


@pytest.fixture
def scores() -> np.ndarray:
    """Four systems on thirty examples, of which some are harder than others."""
    rng = np.random.default_rng(3)
    return rng.normal(size=(30, 1)) + rng.normal(size=(30, 4)) + [0.0, 0.2, 0.5, 1.2]


def of_scores(scores: np.ndarray, **options) -> comparison.Simultaneous:
    gaps = scores @ all_pairs(scores.shape[1]).T
    moved = gaps - gaps.mean(axis=0)
    error = gaps.std(axis=0, ddof=1) / len(gaps) ** 0.5
    return comparison.simultaneous(gaps.mean(axis=0), error, df=len(gaps) - 1, influence=moved, **options)


@pytest.mark.skipif(not FITS.exists(), reason="the reference fits are not there")
def test_pairs_of_a_mixed_model_against_multcomp() -> None:
    """R's multcomp draws its critical value at random too: to .001."""
    fit = json.loads(FITS.read_text())["made_4x30x5"]
    error = fit["pairs_satterthwaite"][0]["SE"]
    rows = fit["pairs_max_normal"]
    assert [row["contrast"] for row in rows] == ["2 - 1", "3 - 1", "4 - 1", "3 - 2", "4 - 2", "4 - 3"]
    found = comparison.simultaneous([row["estimate"] for row in rows], [error] * 6, correlation=alike(4))
    assert found.low == pytest.approx([row["low"] for row in rows], abs=1e-3)
    assert found.high == pytest.approx([row["high"] for row in rows], abs=1e-3)
    assert found.p_adjusted == pytest.approx([row["p_adjusted"] for row in rows], abs=1e-3)
    assert found.differs.tolist() == [False, False, True, False, True, True]


@pytest.mark.parametrize("k", [3, 4, 10, 20])
def test_all_pairs_against_tukeys_studentized_range(k: int) -> None:
    m = k * (k - 1) // 2
    found = comparison.simultaneous(np.zeros(m), np.ones(m), correlation=alike(k))
    for confidence in (0.8, 0.95, 0.99):
        found = comparison.simultaneous(np.zeros(m), np.ones(m), correlation=alike(k), confidence=confidence)
        tukey = stats.studentized_range.ppf(confidence, k, np.inf) / np.sqrt(2)
        assert found.high == pytest.approx(np.full(m, tukey), abs=5e-3)  # three errors of 65,536 draws
    statistic = np.linspace(0.5, 4.0, m)
    found = comparison.simultaneous(statistic, np.ones(m), correlation=alike(k))
    tukey_p = stats.studentized_range.sf(statistic * np.sqrt(2), k, np.inf)
    assert found.p_adjusted == pytest.approx(tukey_p, rel=0.03, abs=1e-3)


def test_many_against_one_against_dunnett() -> None:
    """Large samples, so that the one error which Dunnett's test shares among all contrasts is known."""
    rng = np.random.default_rng(1)
    control, *others = (rng.normal(shift, 1, 2000) for shift in (0.0, 0.03, 0.07, 0.09))
    reference = stats.dunnett(*others, control=control, rng=np.random.default_rng(0))
    pooled = np.sqrt(np.mean([x.var(ddof=1) for x in (control, *others)]) * 2 / 2000)
    gaps = [x.mean() - control.mean() for x in others]
    found = comparison.simultaneous(gaps, [pooled] * 3, df=7996, correlation=0.5 + 0.5 * np.eye(3))
    assert found.p_adjusted == pytest.approx(reference.pvalue, abs=2e-3)
    ends = reference.confidence_interval()
    assert found.low == pytest.approx(ends.low, abs=5e-4)
    assert found.high == pytest.approx(ends.high, abs=5e-4)


def test_each_contrast_has_the_t_margin_of_its_own_degrees_of_freedom() -> None:
    found = comparison.simultaneous([0.0, 0.0], [1.0, 2.0], df=[3.0, np.inf])
    tail = (1 - 0.95**0.5) / 2  # Sidak's, of two that are taken to have nothing in common
    assert found.critical_p == pytest.approx(2 * tail, rel=1e-9)
    assert found.high == pytest.approx([stats.t.isf(tail, 3), 2 * stats.norm.isf(tail)], rel=1e-9)
    assert found.pointwise_confidence == 1 - found.critical_p


def test_one_contrast_is_its_t_interval() -> None:
    for options in ({}, {"correlation": [[1.0]]}, {"influence": [[1.0], [-1.0], [2.0]]}):
        found = comparison.simultaneous([0.5], [0.2], df=7, **options)
        half = stats.t.isf(0.025, 7) * 0.2
        assert (found.low[0], found.high[0]) == pytest.approx((0.5 - half, 0.5 + half), rel=1e-12)
        assert found.p_adjusted[0] == found.p_values[0] == pytest.approx(2 * stats.t.sf(2.5, 7), rel=1e-12)
        assert found.method == "t interval"


def test_contrasts_that_say_the_same_count_once() -> None:
    same = comparison.simultaneous([0.4] * 5, [0.2] * 5, correlation=np.ones((5, 5)))
    assert same.critical_p == pytest.approx(0.05, rel=1e-6)
    turned = comparison.simultaneous([0.4, -0.4], [0.2] * 2, correlation=[[1, -1], [-1, 1]])
    assert turned.critical_p == pytest.approx(0.05, rel=1e-6)


numbers = st.floats(-4, 4).map(lambda x: round(x, 3))


contrasts = st.tuples(numbers, st.sampled_from([0.0, 0.5, 1.0, np.nan]), st.sampled_from([2.0, 9.0, np.inf]))


@settings(max_examples=15, deadline=None)
@given(st.lists(contrasts, min_size=1, max_size=7), st.integers(0, 9))
def test_verdict_interval_and_p_value_never_contradict_each_other(rows, seed: int) -> None:
    value, error, df = (np.array(part) for part in zip(*rows, strict=True))
    moved = np.random.default_rng(seed).normal(size=(5, len(value)))
    for options in ({}, {"influence": moved}, {"correlation": np.corrcoef(moved.T).reshape(len(value), -1)}):
        found = comparison.simultaneous(value, error, df=df, **options)
        known = np.isfinite(found.low)
        assert (found.differs == ((found.low > 0) | (found.high < 0))).all()
        assert (found.differs[known] == (found.p_adjusted[known] <= 1 - found.confidence)).all()
        assert not found.differs[~known].any()
        assert found.n == known.sum() == len(value) - sum(found.omitted.values())
        if found.n:
            assert 1 - 0.95 ** (1 / found.n) - 1e-12 <= found.critical_p <= 0.05 + 1e-12
            assert (found.p_adjusted[known] >= found.p_values[known]).all()


def test_an_interval_that_ends_at_zero_does_not_differ() -> None:
    unit = comparison.simultaneous([0.0, 0.0], [1.0, 1.0], correlation=[[1, 0.3], [0.3, 1]])
    limit = unit.high[0]
    for value in (np.nextafter(limit, 0), limit, np.nextafter(limit, 9)):
        found = comparison.simultaneous([value, 0.0], [1.0, 1.0], correlation=[[1, 0.3], [0.3, 1]])
        assert found.differs[0] == (found.low[0] > 0) == (found.p_adjusted[0] <= 1 - found.confidence)


def test_order_and_sides_change_nothing_to_the_last_bit(scores) -> None:
    rng = np.random.default_rng(0)
    gaps = scores @ all_pairs(4).T
    moved, value, error = gaps - gaps.mean(axis=0), gaps.mean(axis=0), gaps.std(axis=0)
    plain = comparison.simultaneous(value, error, df=29, influence=moved)
    for _ in range(5):
        rows, columns, sign = rng.permutation(30), rng.permutation(6), rng.choice([-1.0, 1.0], 6)
        again = comparison.simultaneous(
            (value * sign)[columns], error[columns], df=29, influence=(moved * sign)[rows][:, columns]
        )
        assert again.critical_p == plain.critical_p
        assert again.p_adjusted.tolist() == plain.p_adjusted[columns].tolist()
        turned = plain.low * (sign > 0) - plain.high * (sign < 0)
        assert again.low.tolist() == turned[columns].tolist()


def test_rows_and_their_correlation_say_the_same(scores) -> None:
    gaps = scores @ all_pairs(4).T
    known = of_scores(scores, correlation_df=np.inf)
    error = gaps.std(axis=0, ddof=1) / 30**0.5
    other = comparison.simultaneous(gaps.mean(axis=0), error, df=29, correlation=np.corrcoef(gaps.T))
    assert other.critical_p == pytest.approx(known.critical_p, rel=0.02)
    estimated = comparison.simultaneous(
        gaps.mean(axis=0), error, df=29, correlation=np.corrcoef(gaps.T), correlation_df=29
    )
    assert estimated.critical_p == pytest.approx(of_scores(scores).critical_p, rel=0.02)


def test_the_fewer_rows_tell_of_the_correlation_the_less_it_is_believed() -> None:
    """Forty-five pairs seen by three raters: three rows look as if there were but two things to compare."""
    rng = np.random.default_rng(2)
    seen = rng.normal(size=(3, 10))
    moved = (seen - seen.mean(axis=0)) @ all_pairs(10).T
    found, believed = (
        comparison.simultaneous(np.zeros(45), np.ones(45), df=2, influence=moved, correlation_df=df)
        for df in (None, np.inf)
    )
    assert believed.critical_p > 0.01  # as of five independent ones
    assert found.critical_p < 0.05 / 25


def test_a_matrix_that_is_no_correlation_is_projected() -> None:
    """Three that would each go against the other two: the nearest are at an angle of 120 degrees."""
    wrong = np.full((3, 3), -0.9) + 1.9 * np.eye(3)
    right = np.full((3, 3), -0.5) + 1.5 * np.eye(3)
    one, two = (comparison.simultaneous([0, 0, 0], [1, 1, 1], correlation=r) for r in (wrong, right))
    assert one.critical_p == pytest.approx(two.critical_p, rel=1e-9)


def test_what_has_no_error_is_left_out_and_counted() -> None:
    some = comparison.simultaneous([1.0, 2.0, np.nan, 0.3], [0.2, 0.0, 0.2, 0.2], df=9, names=list("abcd"))
    two = comparison.simultaneous([1.0, 0.3], [0.2, 0.2], df=9)
    assert some.critical_p == two.critical_p
    assert some.omitted == {"contrasts without a standard error": 2}
    assert np.isnan(some.low).tolist() == [False, True, True, False]
    assert some.n == 2
    nothing = comparison.simultaneous([1.0], [0.0])
    assert (nothing.n, np.isnan(nothing.critical_p), nothing.differs.tolist()) == (0, True, [False])


def test_a_part_keeps_the_critical_value_of_the_whole(scores) -> None:
    whole = of_scores(scores, names=[f"{b} - {a}" for a, b in PAIRS])
    part = whole.part([5, 0])
    assert (part.critical_p, part.names, part.n) == (whole.critical_p, ("3 - 2", "1 - 0"), whole.n)
    assert part.low.tolist() == whole.low[[5, 0]].tolist()
    with pytest.raises(InputError, match="positions"):
        whole.part([6])


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"standard_errors": [1.0, -1.0]}, "negative"),
        ({"standard_errors": [1.0]}, "2 entries"),
        ({"df": 0.0}, "positive"),
        ({"df": [1.0, 2.0, 3.0]}, "2 entries"),
        ({"correlation": np.eye(3)}, "2 x 2"),
        ({"influence": np.eye(3)}, "2 columns"),
        ({"correlation": np.eye(2), "influence": np.eye(2)}, "not both"),
        ({"correlation": [[1.0, np.nan], [np.nan, 1.0]]}, "finite"),
        ({"names": "ab"}, "2 names"),
        ({"confidence": 1.0}, "confidence"),
    ],
)
def test_what_is_refused(options: dict, said: str) -> None:
    given = {"estimates": [0.0, 1.0], "standard_errors": [1.0, 1.0], **options}
    with pytest.raises(InputError, match=said):
        comparison.simultaneous(given.pop("estimates"), given.pop("standard_errors"), **given)


@pytest.mark.slow
def test_a_family_of_twenty_systems_on_twelve_dimensions_takes_seconds() -> None:
    rng = np.random.default_rng(0)
    moved = np.hstack([rng.normal(size=(300, 20)) @ all_pairs(20).T for _ in range(12)])
    start = time.process_time()
    found = comparison.simultaneous(np.zeros(2280), np.ones(2280), df=200, influence=moved)
    assert found.n == 2280
    assert time.process_time() - start < 60


@pytest.mark.parametrize(
    ("r", "df", "own"),
    [(0.6, 10.0, 1 - (0.36 - 0.1) / 0.9 / 0.36), (0.6, np.inf, 0.0), (0.3, 10.0, 1.0), (0.9, 1.0, 1.0)],
)
def test_the_part_of_a_correlation_that_is_noise_by_hand(r: float, df: float, own: float) -> None:
    factor = np.linalg.cholesky(np.array([[1, r], [r, 1]])).T
    assert shrinkage(factor, df) == pytest.approx(own)


def test_what_is_kept_of_estimated_correlations_is_their_true_size_on_average() -> None:
    """Six pairs of four systems, .5 or 0: of samples of nine rows no more is believed than there is."""
    rng, believed = np.random.default_rng(4), []
    for _ in range(400):
        rows = rng.normal(size=(9, 4)) @ all_pairs(4).T
        rows = rows - rows.mean(axis=0)
        factor = rows / np.sqrt((rows**2).sum(axis=0))
        squares = np.square(factor.T @ factor).sum() - 6
        believed.append((1 - shrinkage(factor, 8.0)) * squares)
    assert 24 * 0.25 * 0.75 < np.mean(believed) < 24 * 0.25 * 1.05
