"""Adjusted p-values against statsmodels, and those that are missing."""

from __future__ import annotations

import numpy as np
import pytest
from statsmodels.stats.multitest import multipletests

from concord.stats import InputError, comparison
from concord.stats.comparison import benjamini_hochberg, benjamini_yekutieli, holm

# Benjamini & Hochberg (1995), section 2: fifteen p-values of the thrombolysis trial.
THROMBOLYSIS = [
    0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0,
]  # fmt: skip


def test_benjamini_hochberg_against_the_paper() -> None:
    """Section 2: Bonferroni and Hochberg reject three, the new procedure rejects four."""
    assert benjamini_hochberg(THROMBOLYSIS).rejected.sum() == 4
    assert holm(THROMBOLYSIS).rejected.sum() == 3


@pytest.mark.parametrize(
    ("ours", "theirs"), [(holm, "holm"), (benjamini_hochberg, "fdr_bh"), (benjamini_yekutieli, "fdr_by")]
)
def test_adjusted_p_values_against_statsmodels(ours, theirs: str, rng: np.random.Generator) -> None:
    multitest = pytest.importorskip("statsmodels.stats.multitest")
    for _ in range(50):
        p = rng.random(int(rng.integers(1, 40))) ** 3
        expected = multitest.multipletests(p, alpha=0.1, method=theirs)
        result = ours(p, alpha=0.1)
        assert result.p_values == pytest.approx(expected[1], abs=1e-12)
        assert (result.rejected == expected[0]).all()


def test_missing_p_values_stay_missing_and_are_not_counted() -> None:
    result = holm([0.01, np.nan, 0.04])
    assert np.isnan(result.p_values[1])
    assert result.p_values[[0, 2]].tolist() == [0.02, 0.04]
    assert result.n == 2
    assert not len(holm([]).p_values)
    with pytest.raises(InputError):
        holm([1.2])


def test_holm_and_yekutieli_of_the_thrombolysis_trial() -> None:
    """R: p.adjust(p, "holm") and p.adjust(p, "BY"); Benjamini & Hochberg's own procedure rejects a fourth."""
    holm, by, bh = (
        f(THROMBOLYSIS)
        for f in (comparison.holm, comparison.benjamini_yekutieli, comparison.benjamini_hochberg)
    )
    assert [found.rejected.sum() for found in (holm, by, bh)] == [3, 3, 4]
    some = [0, 3, 4, 8]
    assert holm.p_values[some] == pytest.approx([0.0015, 0.1140, 0.2211, 0.3213], abs=1e-12)
    assert by.p_values[some] == pytest.approx(
        [0.00497734348984, 0.11821190788378, 0.20008920829171, 0.25384451798202], abs=1e-13
    )


Rng = np.random.Generator
EXACT = {"rel": 1e-9, "abs": 1e-9}
SETS = range(200)


def test_adjusted_p_values_with_gaps_against_statsmodels(rng: Rng, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "gc.collect", lambda: 0
    )  # statsmodels collects garbage in each call, which takes 0.1 s
    ours = (
        (comparison.holm, "holm"),
        (comparison.benjamini_hochberg, "fdr_bh"),
        (comparison.benjamini_yekutieli, "fdr_by"),
    )
    for _ in SETS:
        p = np.round(rng.random(int(rng.integers(1, 60))) ** 3, int(rng.integers(2, 12)))
        p[rng.random(len(p)) < 0.1] = np.nan
        known = ~np.isnan(p)
        for function, method in ours:
            found = function(p, alpha=0.1)
            assert np.isnan(found.p_values[~known]).all()
            if known.any():
                rejected, adjusted = multipletests(p[known], alpha=0.1, method=method)[:2]
                assert found.p_values[known] == pytest.approx(adjusted, **EXACT)
                assert found.rejected[known].tolist() == rejected.tolist()


def test_the_first_value_that_is_no_p_value_is_named() -> None:
    for wrong, named in (([0.2, 1.5, -0.1], "1.5"), ([0.2, np.nan, -0.25, 7.0], "-0.25")):
        with pytest.raises(InputError, match=f"p-values must lie between 0 and 1, got {named}$"):
            holm(wrong)
    assert holm([0.0, 1.0]).p_values.tolist() == [0.0, 1.0]
