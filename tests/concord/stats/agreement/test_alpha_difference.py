"""A difference of alphas: its parts, its level, and what it leaves out."""

from __future__ import annotations

import importlib

import numpy as np
import pytest

from concord.stats import agreement
from concord.stats.agreement import alpha_by_slice, alpha_difference
from tests.concord.stats.agreement.tables import long_form, units_by_raters

pytestmark = pytest.mark.filterwarnings("error")


def test_a_difference_of_alphas_says_what_it_left_out() -> None:
    result = agreement.alpha_difference(
        [1, 1, 2, 2, 3, 3] * 2 + [9],
        [0, 1] * 3 + [2, 3] * 3 + [0],
        [1, 1, 2, 2, 3, None, 1, 2, 2, 2, 3, 1, 1],
        [1] * 6 + [0] * 6 + [1],
        level="nominal",
    )
    assert result.omitted == {"missing values": 1, "units with one rating": 2}


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


def test_a_difference_says_where_one_of_its_groups_has_hardly_a_rare_answer() -> None:
    table = np.zeros((60, 4))
    table[:, :2] = np.arange(60)[:, None] % 2  # raters 0 and 1 use both answers
    table[0, 0], table[5, 2:], table[9, 3] = 1, 1, 1
    units, raters, values = units_by_raters(table)
    found = alpha_difference(
        units, raters, values, raters // 2, level="nominal", n_resamples=200, rng=np.random.default_rng(0)
    )
    assert [note[:14] for note in found.notes] == ["group 1: only "]


def test_a_difference_of_alphas_of_very_many_units_is_that_of_resampling_them(
    rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = importlib.import_module(alpha_difference.__module__)
    units, which = np.repeat(np.arange(11_000), 4), np.tile([0, 0, 1, 1], 11_000)
    values = rng.normal(size=11_000)[units] + rng.normal(size=44_000)
    rows = units, np.tile(np.arange(4), 11_000), values, which
    limit = alpha_difference(*rows, level="ordinal", n_resamples=2000)
    monkeypatch.setattr(module, "_influence", lambda built, parts: None)
    drawn = alpha_difference(*rows, level="ordinal", n_resamples=300)
    assert limit.value == drawn.value
    assert limit.standard_error == pytest.approx(drawn.standard_error, rel=0.15)
