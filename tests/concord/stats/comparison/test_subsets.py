"""Sums over random subsets: the same distribution as drawing them one number at a time."""

from __future__ import annotations

import numpy as np
import pytest

from concord.stats.comparison import permutation_test
from concord.stats.comparison._subsets import _members, _some, half_sums, subset_sums

SLIGHT = np.linspace(0.0, 1e-4, 2000)  # tells numbers apart, so that they are drawn one by one


@pytest.mark.parametrize("apart", [True, False])
@pytest.mark.parametrize(
    ("n", "m"), [(90, 30), (1003, 300), (1003, 502), (1003, 900), (1000, 4), (1004, 996)]
)
def test_subsets_have_just_as_many_members_and_the_moments_of_sampling_without_replacement(
    n: int, m: int, apart: bool, rng: np.random.Generator
) -> None:
    assert set(np.floor(subset_sums(1 + SLIGHT[:n] * apart, m, 300, rng))) == {float(m)}
    values = rng.exponential(size=n) if apart else rng.poisson(1.0, size=n).astype(float)
    sums = subset_sums(values, m, 4000, rng)
    spread = np.sqrt(m * (1 - m / n) * values.var(ddof=1))
    assert sums.mean() == pytest.approx(m * values.mean(), abs=4 * spread / np.sqrt(4000))
    assert sums.std() == pytest.approx(spread, rel=0.05)


@pytest.mark.parametrize("apart", [True, False])
def test_every_pair_of_numbers_is_as_often_together(apart: bool, rng: np.random.Generator) -> None:
    n, m, rounds = 603, 200, 20_000
    together = np.zeros(4)
    for first, second in ((0, 1), (0, 602), (301, 602)):
        values = SLIGHT[:n] * apart
        values[first] += 1.0
        values[second] += 2.0
        found = np.bincount(subset_sums(values, m, rounds, rng).astype(int), minlength=4) / rounds
        together += found / 3
    expected = [403 / 603 * 402 / 602, 200 / 603 * 403 / 602, 200 / 603 * 403 / 602, 200 / 603 * 199 / 602]
    assert together == pytest.approx(np.array(expected), abs=0.008)


def test_halves_take_every_number_with_chance_one_half(rng: np.random.Generator) -> None:
    values = np.power(4.0, np.arange(13), dtype=np.float64)  # the sum says which are in it
    sums = half_sums(values, 20_000, rng).astype(np.int64)
    members = sums[:, None] >> (2 * np.arange(13)) & 1
    assert (sums == (members * values).sum(axis=1)).all()
    assert np.cov(members.T) == pytest.approx(np.eye(13) / 4, abs=0.01)
    assert members.mean(axis=0) == pytest.approx(np.full(13, 0.5), abs=0.02)


def test_halves_of_few_values_hold_half_of_each_independently(rng: np.random.Generator) -> None:
    sums = half_sums(np.repeat([0.0, 1.0, 1000.0], [500, 400, 300]), 20_000, rng)
    each = np.stack(np.divmod(sums, 1000.0))
    assert each.mean(axis=1) == pytest.approx(np.array([150, 200]), abs=0.4)
    assert np.cov(each) == pytest.approx(np.array([[75, 0], [0, 100]]), abs=4)


@pytest.mark.parametrize("paired", [True, False])
def test_p_values_of_many_are_those_of_the_normal_limit(paired: bool, rng: np.random.Generator) -> None:
    from scipy import special

    a, b = rng.exponential(size=3001), rng.exponential(size=3001 if paired else 1777) + 0.04
    result = permutation_test(a, b, paired=paired, rng=rng)
    pooled = np.concatenate([a, b])
    variance = np.square(a - b[: len(a)]).mean() / 3001 if paired else pooled.var() * (1 / 3001 + 1 / 1777)
    assert result.p_value == pytest.approx(2 * special.ndtr(-abs(result.value) / np.sqrt(variance)), abs=0.02)


@pytest.mark.parametrize("rows", [1, 30, 31, 32, 70])
def test_members_of_many_bytes_are_counted_bit_by_bit(rows: int) -> None:
    packed = np.random.default_rng(rows).integers(0, 256, size=(rows, 5), dtype=np.uint8)
    packed[:, 0] = 255
    assert _members(packed).tolist() == np.unpackbits(packed, axis=0).sum(axis=0).tolist()
    assert _members(packed)[0] == 8 * rows


@pytest.mark.parametrize("members", [True, False])
def test_random_members_are_those_whose_bit_is_set(members: bool, rng: np.random.Generator) -> None:
    """All that fit are asked for, so that each comes once: places count from the highest bit of the first byte."""
    bits = rng.integers(0, 2, size=40)
    places = np.flatnonzero(bits == members)
    found = _some(np.packbits(bits), members, len(places), 40, rng)
    assert sorted(found.tolist()) == places.tolist()
