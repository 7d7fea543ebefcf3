"""Alpha by slice and without each rater equals alpha computed anew."""

from __future__ import annotations

import numpy as np
import pytest

from concord.stats.agreement import alpha_without_each_rater, krippendorff_alpha
from concord.stats.agreement._alpha.removal import own_raters
from concord.stats.agreement._ratings import ratings
from tests.concord.stats.agreement.tables import TWELVE, long_form, random_matrix

NAN = np.nan


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


def test_leaving_out_the_third_observer_helps_most() -> None:
    """Krippendorff's third observer is the odd one out."""
    result = alpha_without_each_rater(*long_form(TWELVE), level="nominal")
    assert int(np.argmax(result.change)) == 2
    again = krippendorff_alpha(*long_form(np.delete(TWELVE, 2, axis=0)), level="nominal").value
    assert result.alpha[2] == pytest.approx(again, abs=1e-12)


def test_alpha_without_the_only_rater_who_differs_is_undefined() -> None:
    for level in ("nominal", "ordinal", "ratio"):
        values = np.stack([np.ones(400), np.ones(400), np.linspace(1, 3, 400)], axis=1).ravel()
        units, raters = np.repeat(np.arange(400), 3), np.tile(np.arange(3), 400)
        result = alpha_without_each_rater(units, raters, values, level=level)
        assert np.isnan(result.alpha).tolist() == [False, False, True]


def test_anonymous_ratings_are_numbered_after_the_known_raters() -> None:
    given = ratings([1, 1, 2, 2, 2], [7, -1, 9, -1, -1], [1.0, 2.0, 1.0, 2.0, 2.0])
    codes, n = own_raters(given)
    assert codes.tolist() == [0, 2, 1, 3, 4]
    assert n == 5
