"""Scales end at round numbers, hold everything that is drawn and never lie about where they begin."""

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from concord.charts.rows import Axis, share
from concord.charts.scale import scale_around

PLAIN = Axis(name="x")


@pytest.mark.parametrize(
    ("low", "high", "ends"), [(0.0, 0.64, (0.0, 0.8)), (0.41, 0.43, (0.41, 0.43)), (0.98, 1.0, (0.98, 1.0))]
)
def test_ends_are_round_numbers_around_everything(low: float, high: float, ends: tuple[float, float]) -> None:
    scale = scale_around([low, high], share("x"))
    assert (scale.low, scale.high) == pytest.approx(ends)
    assert 3 <= len(scale.ticks) <= 7


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=9), st.integers(2, 9))
def test_everything_lies_on_the_scale_and_ticks_are_few_and_even(values: list[float], most: int) -> None:
    scale = scale_around(values, PLAIN, most=most)
    room = 1e-9 * max(abs(scale.low), abs(scale.high)) + 1e-12
    assert scale.low - room <= min(values)
    assert max(values) <= scale.high + room
    assert 2 <= len(scale.ticks) <= most + 2
    steps = [b - a for a, b in pairwise(scale.ticks)]
    assert max(steps) == pytest.approx(min(steps), rel=1e-3)


def test_a_share_never_shows_less_than_none_or_more_than_all() -> None:
    scale = scale_around([-0.02, 1.003], share("x"))
    assert (scale.low, scale.high) == (0.0, 1.0)
    assert scale.at(1.003, 200.0) == 200.0


def test_ticks_have_the_digits_that_their_step_needs() -> None:
    assert scale_around([0.0, 1.0], share("x")).decimals == 0
    assert scale_around([0.41, 0.43], PLAIN).decimals == 3
    assert scale_around([0.0, 40.0], PLAIN).decimals == 0


def test_a_single_value_and_none_at_all_have_a_scale_too() -> None:
    one = scale_around([3.0], PLAIN)
    assert one.low < one.high
    assert one.low <= 3.0 <= one.high
    none = scale_around([], share("x"))
    assert (none.low, none.high) == (0.0, 1.0)


def test_infinite_ends_do_not_stretch_the_scale_and_a_line_belongs_on_it() -> None:
    scale = scale_around([1.0, math.inf, 2.0], Axis(name="x", line=0.0))
    assert (scale.low, scale.high) == (0.0, 2.0)


def test_bars_begin_at_nought() -> None:
    assert scale_around([0.4, 0.5], share("x"), from_zero=True).low == 0.0
