"""Permutation tests: Fisher's count, exact rank tests, and published rearrangements."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from concord.stats import comparison
from concord.stats.comparison import paired_difference, permutation_test

# Darwin's maize (Fisher 1935, section 17): differences of crossed and self-fertilised plants in eighths of an inch.
MAIZE = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48]


def test_fishers_count_for_darwins_maize() -> None:
    zero = np.zeros(15)
    result = permutation_test(MAIZE, zero, alternative="greater")
    assert (result.as_extreme, result.n_rearrangements) == (863, 32768)
    assert permutation_test(MAIZE, zero).as_extreme == 1726
    assert permutation_test(MAIZE, zero, alternative="less").p_value == pytest.approx(
        1 - 863 / 32768, abs=1e-3
    )
    assert paired_difference(MAIZE, zero).statistic == pytest.approx(2.148, abs=1e-3)


def test_permutation_of_labels_is_exact_on_small_samples(rng: np.random.Generator) -> None:
    a, b = rng.normal(size=6), rng.normal(size=5)
    ours = permutation_test(a, b, paired=False, alternative="greater")
    theirs = stats.permutation_test(
        (a, b), lambda x, y: np.mean(x) - np.mean(y), n_resamples=np.inf, alternative="greater"
    )
    assert ours.exact
    assert ours.p_value == pytest.approx(float(theirs.pvalue), abs=1e-12)
    many = permutation_test(rng.normal(size=40), rng.normal(size=40), n_resamples=500, rng=rng)
    assert not many.exact
    assert many.p_value >= 1 / 501
    clustered = permutation_test([1, 1, 1, 1.0], [0, 0, 0, 0], clusters=[0, 0, 1, 1])
    assert clustered.p_value == 0.5
    assert permutation_test([], []).undefined


def test_too_few_rearrangements_say_what_they_can_show() -> None:
    five = permutation_test([9.0] * 20, [1.0] * 20, clusters=np.repeat(np.arange(5), 4))
    assert five.p_value == 2 / 32
    assert "no p-value can lie below 0.0625" in five.notes[1]
    assert len(permutation_test([9.0] * 6, [1.0] * 6).notes) == 1  # 2 of 64
    three = permutation_test([7, 8, 9], [1, 2, 3], paired=False, alternative="greater")
    assert (three.p_value, len(three.notes)) == (1 / 20, 1)
    assert "below 0.1." in permutation_test([7, 8, 9], [1, 2, 3], paired=False).notes[1]


# Efron & Tibshirani (1993), table 2.1: survival of mice in days.
TREATED, CONTROL = [94, 197, 16, 38, 99, 141, 23], [52, 104, 146, 10, 51, 30, 40, 27, 46]
# Box, Hunter & Hunter (1978), chapters 3 and 4: wear of boys' shoes of two materials; yields of tomatoes of two fertilizers.
SHOES_A = [13.2, 8.2, 10.9, 14.3, 10.7, 6.6, 9.5, 10.8, 8.8, 13.3]
SHOES_B = [14.0, 8.8, 11.2, 14.2, 11.8, 6.4, 9.8, 11.3, 9.3, 13.6]


TOMATOES_A, TOMATOES_B = [29.9, 11.4, 25.3, 16.5, 21.1], [26.6, 23.7, 28.5, 14.2, 17.9, 24.3]


def test_permutations_against_exact_rank_tests_and_the_mouse_data() -> None:
    """R: exactRankTests::perm.test on made-up numbers; Efron & Tibshirani (1993), section 15.2: p = .132 of 1,000 shuffles."""
    found = comparison.permutation_test([5, 7, 7, 9, 12, 3], [2, 4, 7, 1, 3, 5, 6], paired=False)
    assert found.p_value == pytest.approx(0.060023310023, abs=1e-12)
    mice = comparison.permutation_test(TREATED, CONTROL, paired=False, alternative="greater")
    assert mice.value == pytest.approx(30.63, abs=5e-3)
    assert (mice.n_rearrangements, mice.exact) == (11440, True)
    assert mice.p_value == pytest.approx(0.132, abs=0.02)
    treated = comparison.bootstrap(TREATED, n_resamples=2000)
    assert treated.value == pytest.approx(86.86, abs=5e-3)
    assert treated.standard_error == pytest.approx(23.36, rel=0.05)  # table 2.2: the limit of many resamples


def test_rearranged_shoes_and_tomatoes_of_box_hunter_and_hunter() -> None:
    """Four ties and three sums beyond .41 of 1,024; 154 of 462 orders of the tomatoes; R: perm.test, wilcox.exact."""
    shoes = comparison.permutation_test(SHOES_B, SHOES_A, alternative="greater")
    assert (shoes.as_extreme, shoes.n_rearrangements, round(shoes.value, 9)) == (7, 1024, 0.41)
    assert comparison.paired_difference(SHOES_B, SHOES_A).statistic == pytest.approx(3.4, abs=0.06)
    assert comparison.wilcoxon(SHOES_B, SHOES_A).p_value == 0.0078125
    tomatoes = comparison.permutation_test(TOMATOES_B, TOMATOES_A, paired=False, alternative="greater")
    assert (tomatoes.as_extreme, tomatoes.n_rearrangements) == (154, 462)
    assert tomatoes.value == pytest.approx(1.69, abs=5e-3)


Rng = np.random.Generator
EXACT = {"rel": 1e-9, "abs": 1e-9}


def test_permutations_against_scipy(rng: Rng) -> None:
    for i in range(200):
        paired = i % 2 == 0
        n = int(rng.integers(2, 9 if paired else 6))
        a = np.round(rng.normal(size=n), 1) * 10.0 ** rng.integers(-30, 30)
        b = np.round(rng.normal(size=n if paired else 4), 1) * np.abs(a).max()
        side = ("greater", "less", "two-sided")[i % 3] if paired else ("greater", "less")[i // 2 % 2]
        theirs = stats.permutation_test(
            (a, b),
            lambda x, y, axis: np.mean(x, axis=axis) - np.mean(y, axis=axis),
            permutation_type="samples" if paired else "independent",
            alternative=side,
            n_resamples=np.inf,
            vectorized=True,
        )
        found = comparison.permutation_test(
            np.append(a, np.nan), np.append(b, np.nan), paired=paired, alternative=side
        )
        assert found.exact
        assert found.p_value == pytest.approx(theirs.pvalue, **EXACT)


@pytest.mark.parametrize("alternative", ["two-sided", "greater", "less"])
@pytest.mark.parametrize("paired", [True, False])
def test_what_never_differs_is_as_extreme_as_any_rearrangement(paired: bool, alternative: str) -> None:
    """All rearrangements tie with what was seen: that is no evidence at all."""
    found = permutation_test([2.0, 2.0, 2.0], [2.0, 2.0, 2.0], paired=paired, alternative=alternative)
    assert (found.value, found.p_value, found.as_extreme) == (0.0, 1.0, found.n_rearrangements)
