"""Fleiss, Gwet, Conger, ICC, Kendall's W, spans and additive counts against published tables and reference packages."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from concord.stats import InputError
from concord.stats.agreement import (
    AlphaCounts,
    alpha_by_slice,
    alpha_difference,
    alpha_without_each_rater,
    cohen_kappa,
    conger_kappa,
    fleiss_kappa,
    gwet_ac,
    icc,
    kendall_w,
    krippendorff_alpha,
    raters_needed,
    reliability_of_means,
    span_agreement,
)
from concord.stats.agreement._icc.squares import two_way
from concord.stats.agreement._ratings import ratings

NAN = np.nan
# Fleiss (1971), table 1: thirty patients, six psychiatrists, five diagnoses.
DIAGNOSES = """0 0 0 6 0 . 0 3 0 0 3 . 0 1 4 0 1 . 0 0 0 0 6 . 0 3 0 3 0 . 2 0 4 0 0 .
0 0 4 0 2 . 2 0 3 1 0 . 2 0 0 4 0 . 0 0 0 0 6 . 1 0 0 5 0 . 1 1 0 4 0 .
0 3 3 0 0 . 1 0 0 5 0 . 0 2 0 3 1 . 0 0 5 0 1 . 3 0 0 1 2 . 5 1 0 0 0 .
0 2 0 4 0 . 1 0 2 0 3 . 0 0 0 0 6 . 0 1 0 5 0 . 0 2 0 1 3 . 2 0 0 4 0 .
1 0 0 4 1 . 0 5 0 1 0 . 4 0 0 0 2 . 0 2 0 4 0 . 1 0 5 0 0 . 0 0 0 0 6"""
# Shrout & Fleiss (1979), table 2: six targets, four judges.
TARGETS = np.array(
    [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]], dtype=float
).T
# Gwet (2008 and handbook): twelve subjects, four raters, missing ratings.
GWET = np.array(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, NAN, NAN, NAN],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, NAN, 3],
        [NAN, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, NAN],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, NAN],
    ]
)


def long_form(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rater, unit = np.indices(matrix.shape)
    return unit.ravel(), rater.ravel(), matrix.ravel()


def from_counts(table: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    unit, category = (np.repeat(index.ravel(), table.ravel()) for index in np.indices(table.shape))
    return unit, np.full(len(unit), -1), category


def random_matrix(rng: np.random.Generator) -> np.ndarray:
    shape = (int(rng.integers(2, 6)), int(rng.integers(4, 20)))
    matrix = rng.integers(0, 4, size=shape).astype(float)
    matrix[rng.random(shape) < 0.2] = NAN
    matrix[:2, :2] = [[0, 1], [1, 3]]
    matrix[0, :4] = [0, 1, 2, 3]
    return matrix


def test_fleiss_published_kappa() -> None:
    table = np.array([[int(x) for x in row.split()] for row in DIAGNOSES.split(".")])
    assert table.sum() == 180
    result = fleiss_kappa(*from_counts(table))
    assert result.value == pytest.approx(0.430, abs=5e-4)
    assert result.observed == pytest.approx(0.5556, abs=5e-5)
    assert result.expected == pytest.approx(0.2199, abs=1e-3)


def test_gwets_twelve_by_four_table() -> None:
    assert gwet_ac(*long_form(GWET)).value == pytest.approx(0.775, abs=5e-4)
    assert fleiss_kappa(*long_form(GWET)).value == pytest.approx(0.761, abs=5e-4)
    assert conger_kappa(*long_form(GWET)).value == pytest.approx(0.762, abs=5e-4)
    assert gwet_ac(*long_form(GWET)).standard_error == pytest.approx(0.143, abs=1e-3)


def test_conger_is_cohen_for_two_raters(rng: np.random.Generator) -> None:
    matrix = rng.integers(0, 3, size=(2, 40)).astype(float)
    for weights in (None, "linear"):
        ours = conger_kappa(*long_form(matrix), weights=weights)
        assert ours.value == pytest.approx(cohen_kappa(*long_form(matrix), weights=weights).value)


def test_kappas_say_when_there_is_no_answer() -> None:
    for function in (fleiss_kappa, gwet_ac, conger_kappa):
        assert function([1, 2], [0, 1], [1, 1]).undefined
        assert function([1, 1, 2, 2], [0, 1, 0, 1], [4, 4, 4, 4]).undefined
        assert function([], [], []).undefined
    assert gwet_ac([1, 1, 2, 2], [0, 1, 0, 1], [4, 4, 4, 4], categories=[4, 5]).value == 1.0
    with pytest.raises(InputError):
        conger_kappa([1, 1], [-1, -1], [1, 2])


@pytest.mark.parametrize(
    ("form", "published"),
    [
        ("ICC(1,1)", 0.17),
        ("ICC(2,1)", 0.29),
        ("ICC(3,1)", 0.71),
        ("ICC(1,k)", 0.44),
        ("ICC(2,k)", 0.62),
        ("ICC(3,k)", 0.91),
    ],
)
def test_icc_against_shrout_and_fleiss(form: str, published: float) -> None:
    assert icc(*long_form(TARGETS), form=form).value == pytest.approx(published, abs=5e-3)


@pytest.mark.parametrize(
    ("form", "low", "high"),
    [
        ("ICC(1,1)", -0.133, 0.723),
        ("ICC(2,1)", 0.019, 0.761),
        ("ICC(3,1)", 0.342, 0.946),
        ("ICC(1,k)", -0.884, 0.912),
        ("ICC(2,k)", 0.071, 0.927),
        ("ICC(3,k)", 0.676, 0.986),
    ],
)
def test_icc_intervals_against_the_psych_package(form: str, low: float, high: float) -> None:
    """R's psych::ICC prints these limits for Shrout and Fleiss' data."""
    result = icc(*long_form(TARGETS), form=form, interval="satterthwaite")
    assert (result.low, result.high) == pytest.approx((low, high), abs=2e-3)


def test_unbalanced_icc_is_unbiased_and_reduces_to_the_balanced_one(rng: np.random.Generator) -> None:
    found = []
    for _ in range(60):
        y = rng.normal(size=80)[None, :] * 1.5 + rng.normal(size=8)[:, None] + rng.normal(size=(8, 80))
        y[rng.random(y.shape) < 0.4] = NAN
        result = icc(*long_form(y), form="ICC(2,1)")
        found.append((result.unit_variance, result.rater_variance, result.residual_variance))
    assert np.mean(found, axis=0) == pytest.approx([2.25, 1.0, 1.0], rel=0.2)


def test_raters_of_unequal_shares_are_worth_fewer_degrees_of_freedom() -> None:
    """One of eight raters gives half of all ratings. A mean square's relative variance is two over its degrees of freedom."""
    rng = np.random.default_rng(4)
    units = np.repeat(np.arange(80), 2)
    raters = np.stack([np.zeros(80, dtype=int), rng.integers(1, 8, 80)], axis=1).ravel()
    drawn = [
        two_way(ratings(units, raters, y), y)
        for y in rng.normal(0, 0.6, (4_000, 8))[:, raters] + rng.normal(0, 0.8, (4_000, 160))
    ]
    squares = np.array([found.raters for found in drawn if found is not None])
    real = 2 * squares.mean() ** 2 / squares.var()
    assert real < 5
    assert np.median([found.df_raters for found in drawn if found is not None]) == pytest.approx(
        real, rel=0.1
    )
    complete = np.repeat(np.arange(10), 4), np.tile(np.arange(4), 10), rng.normal(size=40)
    found = two_way(ratings(*complete), complete[2])
    assert found is not None
    assert found.df_raters == 3


def test_icc_edges() -> None:
    assert icc([1, 1], [0, 1], [1, 2]).undefined
    assert icc([1, 1, 2, 2], [0, 1, 0, 1], [3, 3, 3, 3]).undefined
    assert icc([1, 1, 2, 2], [0, 1, 2, 3], [1, 2, 3, 4], form="ICC(2,1)").undefined
    assert icc([1, 1, 2, 2], [-1] * 4, [1, 2, 3, 4], form="ICC(1,1)").defined
    with pytest.raises(InputError):
        icc([1, 1, 2, 2], [-1] * 4, [1, 2, 3, 4], form="ICC(2,1)")


def test_kendalls_w_with_ties() -> None:
    """Kendall (1948), Rank correlation methods, chapter 6: three rankings of ten objects with ties, W = .828."""
    ranks = np.array(
        [
            [1, 4.5, 2, 4.5, 3, 7.5, 6, 9, 7.5, 10],
            [2.5, 1, 2.5, 4.5, 4.5, 8, 9, 6.5, 10, 6.5],
            [2, 1, 4.5, 4.5, 4.5, 4.5, 8, 8, 8, 10],
        ]
    )
    result = kendall_w(*long_form(ranks))
    assert result.value == pytest.approx(0.828, abs=5e-4)
    assert result.statistic == pytest.approx(3 * 9 * result.value)


def test_kendalls_w_is_the_mean_spearman_and_friedman(rng: np.random.Generator) -> None:
    scores = rng.integers(0, 6, size=(5, 12)).astype(float)
    result = kendall_w(*long_form(scores))
    assert result.statistic == pytest.approx(stats.friedmanchisquare(*scores.T).statistic)
    untied = rng.permuted(np.tile(np.arange(12.0), (4, 1)), axis=1)
    pairs = [stats.spearmanr(untied[i], untied[j]).statistic for i in range(4) for j in range(i)]
    assert kendall_w(*long_form(untied)).mean_spearman == pytest.approx(np.mean(pairs))
    untied[0, 0] = NAN
    assert kendall_w(*long_form(untied)).omitted == {"missing values": 1, "units not rated by all": 1}
    assert kendall_w([1, 2], [0, 0], [1, 2]).undefined


def test_spearman_brown() -> None:
    assert reliability_of_means(0.17, raters=4) == pytest.approx(0.45, abs=5e-3)
    assert raters_needed(0.29, target=0.8) == 10
    assert raters_needed(0.0, target=0.8) is None
    assert raters_needed(1.0, target=0.8) == 1
    with pytest.raises(InputError):
        reliability_of_means(1.5, raters=2)


def test_spans_by_hand() -> None:
    units, raters = [1, 1, 1, 1, 2, 2], [0, 0, 1, 1, 0, 1]
    starts, ends = [0, 10, 0, 12, NAN, NAN], [5, 20, 5, 22, NAN, NAN]
    assert span_agreement(units, raters, starts, ends).value == pytest.approx(2 * 1 / 4)
    assert span_agreement(units, raters, starts, ends, mode="overlap").value == 1.0
    assert span_agreement(units, raters, starts, ends, mode="character").value == pytest.approx(2 * 13 / 30)
    labelled = span_agreement(units, raters, starts, ends, [1, 1, 1, 2, 0, 0], mode="overlap")
    assert labelled.value == pytest.approx(2 * 1 / 4)
    assert np.isnan(labelled.per_unit[1])
    assert span_agreement([1, 1], [0, 1], [NAN, NAN], [NAN, NAN]).undefined
    assert span_agreement([1], [0], [1], [2]).undefined
    with pytest.raises(InputError):
        span_agreement([1], [0], [3], [3])


def test_overlap_matches_as_many_as_possible() -> None:
    """A long span overlaps two; taking the wrong one first would leave the second rater's other span unmatched."""
    result = span_agreement([1] * 4, [0, 0, 1, 1], [0, 8, 0, 9], [10, 20, 9, 12], mode="overlap")
    assert result.value == 1.0


@pytest.mark.parametrize("level", ["nominal", "ordinal", "interval", "ratio"])
def test_leaving_out_raters_equals_recomputation(level: str, rng: np.random.Generator) -> None:
    for fractional in (0.0, 1.0):
        matrix = random_matrix(rng) + fractional * rng.random((1, 1))
        if fractional and level != "nominal":
            matrix = matrix + rng.random(matrix.shape) * 0.01
        unit, rater, value = long_form(matrix)
        result = alpha_without_each_rater(unit, rater, value, level=level)
        for code, alpha in zip(result.raters, result.alpha, strict=True):
            keep = rater != code
            again = krippendorff_alpha(unit[keep], rater[keep], value[keep], level=level, n_resamples=0)
            assert alpha == pytest.approx(again.value, abs=1e-10, nan_ok=True)


@pytest.mark.parametrize("level", ["nominal", "ordinal", "interval", "ratio"])
@pytest.mark.parametrize("n_raters", [7, 8, 12])
def test_leaving_out_one_of_many_raters_equals_recomputation(level: str, n_raters: int) -> None:
    """Sevenths and elevenths add up to whole numbers but for rounding: none of them may be cut off."""
    rng = np.random.default_rng(n_raters)
    table = np.clip(rng.integers(1, 5, (20, 1)) + rng.integers(-1, 2, (20, n_raters)), 1, 4).astype(float)
    table[rng.random(table.shape) < 0.15] = np.nan
    unit, rater, value = long_form(table.T)
    result = alpha_without_each_rater(unit, rater, value, level=level)
    for code, alpha in zip(result.raters, result.alpha, strict=True):
        keep = rater != code
        again = krippendorff_alpha(unit[keep], rater[keep], value[keep], level=level, n_resamples=0)
        assert alpha == pytest.approx(again.value, abs=1e-12)


@pytest.mark.parametrize("extreme", [1e8, 1e12])
def test_without_the_rater_who_slipped_the_others_still_differ(extreme: float) -> None:
    """One slip of the keyboard makes up all of the disagreement: the rest must not be lost in its rounding."""
    table = np.array([[1, 2, 1], [2, 2, 3], [3, 1, extreme], [1, 1, 1], [3, 3, 2]]).T
    unit, rater, value = long_form(table)
    result = alpha_without_each_rater(unit, rater, value, level="interval")
    rest = krippendorff_alpha(*long_form(table[:2]), level="interval", n_resamples=0)
    assert result.alpha[2] == pytest.approx(rest.value, abs=1e-12)


def test_slices_and_difference_equal_separate_computation(rng: np.random.Generator) -> None:
    matrix = rng.integers(0, 3, size=(6, 40)).astype(float)
    unit, rater, value = long_form(matrix)
    which = (rater >= 3).astype(int)
    parts = alpha_by_slice(unit, rater, value, which, level="ordinal")
    gap = alpha_difference(unit, rater, value, which, level="ordinal")
    assert gap.value == pytest.approx(parts[1].value - parts[0].value, abs=1e-12)
    assert gap.low < gap.value < gap.high
    assert 0 < gap.p_value <= 1
    assert alpha_difference([1, 1], [0, 1], [1, 1], [0, 0], level="nominal").undefined


def test_the_difference_test_keeps_its_level(rng: np.random.Generator) -> None:
    """Two groups of raters alike: about one in twenty tests rejects. Treating the groups' units as different would be wrong."""
    rejections = 0
    for _ in range(200):
        truth = rng.integers(0, 3, size=60)
        matrix = np.where(rng.random((4, 60)) < 0.6, truth, rng.integers(0, 3, size=(4, 60))).astype(float)
        unit, rater, value = long_form(matrix)
        rejections += (
            alpha_difference(unit, rater, value, rater >= 2, level="nominal", n_resamples=200).p_value < 0.05
        )
    assert 2 <= rejections <= 20


@pytest.mark.parametrize("level", ["nominal", "ordinal", "interval", "ratio"])
def test_additive_counts_equal_recomputation(level: str, rng: np.random.Generator) -> None:
    unit, rater, value = long_form(random_matrix(rng))
    known = ~np.isnan(value)
    full = krippendorff_alpha(unit, rater, value, level=level, n_resamples=0)
    counts, first, second = (AlphaCounts([0, 1, 2, 3]) for _ in range(3))
    counts.update(unit[known].tolist(), value[known].tolist())
    half = rng.random(len(unit)) < 0.5
    first.update(unit[known & half].tolist(), value[known & half].tolist())
    second.update(unit[known & ~half].tolist(), value[known & ~half].tolist())
    first.merge(second)
    assert counts.alpha(level) == pytest.approx(full.value, abs=1e-12)
    assert first.alpha(level) == counts.alpha(level)  # exactly: all counts are whole numbers
    counts.add(99, 3)
    counts.add(99, 0)
    counts.remove(99, 3)
    counts.remove(99, 0)
    assert first.alpha(level) == counts.alpha(level)
    assert counts.n_units == full.n
    with pytest.raises(InputError):
        counts.remove(99, 0)
    with pytest.raises(InputError):
        counts.add(1, 17)


@pytest.mark.parametrize("level", ["nominal", "ordinal", "interval", "ratio"])
def test_without_one_of_two_raters_nothing_is_left(level: str) -> None:
    result = alpha_without_each_rater([1, 1, 2, 2, 3, 3], [0, 1] * 3, [1, 2, 2, 2, 3, 1], level=level)
    assert np.isnan(result.alpha).all()
    assert result.raters.tolist() == [0, 1]


@pytest.mark.parametrize("level", ["nominal", "ordinal"])
def test_alpha_without_each_of_many_raters_takes_less_memory_and_says_the_same(
    level: str, rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    from concord.stats.agreement._alpha import removal

    units, raters = np.repeat(np.arange(30), 3), rng.permuted(np.tile(np.arange(25), (30, 1)), axis=1)[:, :3]
    ratings = units, raters.ravel(), rng.integers(0, 4, size=90)
    at_once = alpha_without_each_rater(*ratings, level=level)
    monkeypatch.setattr(removal, "_ROWS", -1_000)
    column_by_column = alpha_without_each_rater(*ratings, level=level)
    assert column_by_column.alpha == pytest.approx(at_once.alpha, rel=1e-12)
