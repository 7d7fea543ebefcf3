"""What every estimator accepts, to the very end of it, and what it says of the first entry that it does not."""

from __future__ import annotations

import numpy as np
import pytest

from concord.stats import InputError
from concord.stats._arrays import (
    codes,
    compact,
    count,
    distinct,
    floats,
    fraction,
    largest,
    left_out,
    number,
    real,
    repeats,
    shown,
    table,
    tally,
    vector,
    within,
    zeros_and_ones,
)


def test_codes_reach_to_the_last_integer_that_a_float_tells_from_its_neighbours() -> None:
    last = 2**53 - 1
    assert codes("units", [float(last), -float(last)]).tolist() == [last, -last]
    assert codes("units", np.array([last, None], dtype=object)[:1]).tolist() == [last]
    for beyond in ([2.0**53], [-(2.0**53)], [0.5], [np.nan]):
        with pytest.raises(InputError, match="units must hold integer codes, got"):
            codes("units", beyond)
    with pytest.raises(InputError, match="holds an integer that does not fit: -9007199254740992"):
        codes("units", np.array([None, 3, -(2**53)], dtype=object))
    assert codes("units", np.array([2**63 - 1], dtype=np.uint64)).tolist() == [2**63 - 1]
    with pytest.raises(InputError, match=r"does not fit in 64 bits: 9223372036854775808"):
        codes("units", np.array([1, 2**63], dtype=np.uint64))
    assert codes("units", np.array([], dtype=np.uint64)).tolist() == []


def test_numbers_reach_to_what_can_be_squared() -> None:
    assert floats("scores", [1e140, -1e140]).tolist() == [1e140, -1e140]
    assert number("sd", 1e140) == 1e140
    for beyond in (1.1e140, -1.1e140):
        with pytest.raises(InputError, match=r"scores holds -?1\.1e"):
            floats("scores", [0.0, beyond, np.nan])
        with pytest.raises(InputError, match="at most 1e"):
            number("sd", beyond)
    with pytest.raises(InputError, match="infinite value at position 2"):
        floats("scores", [1.0, np.nan, -np.inf, np.inf])
    with pytest.raises(InputError, match="nan at position 1"):
        floats("scores", [1.0, np.nan, np.nan], missing=False)
    assert np.isnan(floats("scores", [1.0, np.nan])[1])


def test_the_largest_magnitude_passes_over_what_is_missing() -> None:
    assert largest(np.array([np.nan, -3.0, 2.0])) == 3.0
    assert largest(np.array([1.0, 4.0, np.nan])) == 4.0
    assert largest(np.array([np.nan])) == 0.0
    assert largest(np.array([])) == 0.0


def test_vectors_and_tables_have_their_shapes() -> None:
    assert table("ratings", [1.0, 2.0]).shape == (2, 1)
    assert table("ratings", [[1.0, 2.0]]).shape == (1, 2)
    with pytest.raises(InputError, match=r"one row for each entry, got shape \(1, 1, 2\)"):
        table("ratings", [[[1.0, 2.0]]])
    with pytest.raises(InputError, match=r"one-dimensional, got shape \(1, 2\)"):
        vector("ratings", [[1.0, 2.0]])
    with pytest.raises(InputError, match="must have 3 entries like its companions, got 2"):
        vector("ratings", [1.0, 2.0], length=3)
    assert vector("passed", [True, False]).dtype == np.int64
    hidden = np.ma.MaskedArray([1.0, 7.0], mask=[False, True])
    assert np.isnan(floats("scores", hidden)[1])


@pytest.mark.parametrize(
    ("array", "positions", "kept"),
    [
        (np.array([5, 3, 5]), [1, 0, 1], [3, 5]),
        (np.array([4, 3, 5]), [1, 0, 2], [3, 4, 5]),  # none missing in between
        (np.array([-7, -9, 2]), [1, 0, 2], [-9, -7, 2]),
        (np.array([10**12, 0, 10**12]), [1, 0, 1], [0, 10**12]),  # too far apart for a table
        (np.array([127, -128, 127], dtype=np.int8), [1, 0, 1], [-128, 127]),  # whose difference leaves int8
        (np.array([2.0**40, -1.0]), [1, 0], [-1.0, 2.0**40]),
        (np.array([0.5, -0.5, 0.5]), [1, 0, 1], [-0.5, 0.5]),
        (np.array([2.0, 0.0]), [1, 0], [0.0, 2.0]),
        (np.array([], dtype=np.int64), [], []),
        (np.array([2**63 + 1, 2**63], dtype=np.uint64), [1, 0], [2**63, 2**63 + 1]),
    ],
)
def test_codes_are_packed_in_their_order(array: np.ndarray, positions: list[int], kept: list[float]) -> None:
    found, distinct_ones = compact(array)
    assert found.tolist() == positions
    assert distinct_ones.tolist() == kept
    assert found.dtype == np.int64
    assert (distinct_ones[found] == array).all()


@pytest.mark.parametrize("gap", [1023 + 8, 1024 + 8, 1025 + 8, 5000])
def test_packing_is_the_same_by_table_and_by_sort(gap: int) -> None:
    """The table is as long as four times the entries and 1,024 more; from there on a sort does it."""
    array = np.array([gap, 0])
    assert [part.tolist() for part in compact(array)] == [[1, 0], [0, gap]]


def test_a_tally_has_as_many_places_as_asked_for() -> None:
    assert tally(np.array([0, 2, 2]), 5).tolist() == [1, 0, 2, 0, 0]
    assert tally(np.array([0, 2, 2]), 2, np.array([1.0, 0.5, 2.0])).tolist() == [1, 0, 2.5]


def test_fractions_lie_strictly_between_their_bounds() -> None:
    assert fraction("confidence", 0.001) == 0.001
    for out in (0.0, 1.0, -0.1, 1.1, np.nan, True, "0.5"):
        with pytest.raises(InputError, match="confidence must lie between 0 and 1"):
            fraction("confidence", out)
    with pytest.raises(InputError, match=r"half_width must lie between 0 and 0.5"):
        fraction("half_width", 0.5, high=0.5)


def test_counts_are_whole_and_large_enough() -> None:
    assert count("n", 0) == 0
    assert count("n", 2.0, at_least=2) == 2
    assert count("n", np.int32(3), at_least=2) == 3
    assert count("n", 2**63 - 1) == 2**63 - 1
    for odd in (2.5, np.nan, np.inf, True, "3", 2**63, 2.0**63, -(2**63), None):
        with pytest.raises(InputError, match="n must be a whole number"):
            count("n", odd)
    with pytest.raises(InputError, match="n must be at least 2, got 1"):
        count("n", 1, at_least=2)
    with pytest.raises(InputError, match="n must be at least 0, got -1"):
        count("n", -1)
    assert repeats("n_resamples", 10_000_000) == 10_000_000
    with pytest.raises(InputError, match="at most 10,000,000, got 10000001"):
        repeats("n_resamples", 10_000_001)
    with pytest.raises(InputError, match="at least 0, got -1"):
        repeats("n_resamples", -1)


def test_real_numbers_are_told_from_the_rest() -> None:
    assert real(3) == 3.0
    assert real(10**400) == np.inf
    assert np.isnan(real(True))
    assert np.isnan(real("3"))


def test_what_is_quoted_stays_in_one_line_of_eighty_characters() -> None:
    assert shown("a" * 78) == repr("a" * 78)
    assert shown("a" * 79) == repr("a" * 79)[:80] + "..."
    assert shown("x\ty") == r"'x\ty'"
    assert shown(np.array([[1, 2], [3, 4]])) == "array([[1, 2], [3, 4]])"
    assert "too long to write" in shown(10**5000)


def test_the_first_bad_entry_is_named_with_its_place() -> None:
    zeros_and_ones("passed", np.array([0.0, 1.0, np.nan]))
    with pytest.raises(InputError, match=r"passed must be 0 or 1, got 0.5 at position 1"):
        zeros_and_ones("passed", np.array([1.0, 0.5, 2.0]))
    zeros_and_ones("passed", np.array([1.0, 0.5]), where=np.array([True, False]))
    with pytest.raises(InputError, match=r"got 2.0 at position 2"):
        zeros_and_ones("passed", np.array([1.0, 0.5, 2.0]), where=np.array([True, False, True]))
    within("shares", np.array([0.0, 1.0, np.nan]), 0.0, 1.0)
    with pytest.raises(InputError, match=r"between 0 and 1, got 1.5 at position 1"):
        within("shares", np.array([0.5, 1.5, -1.0]), 0.0, 1.0)
    with pytest.raises(InputError, match=r"between 0 and 1, got -1.0 at position 0"):
        within("shares", np.array([-1.0, 1.5]), 0.0, 1.0)
    distinct("systems", np.array([3, 1, 2]))
    with pytest.raises(InputError, match="systems must be distinct, got 1 at position 3"):
        distinct("systems", np.array([3, 1, 2, 1, 3]))


def test_only_what_was_lost_is_told() -> None:
    assert left_out(np.array([True, False, True, False])) == {"missing values": 2}
    assert left_out(np.array([True, True])) == {}
