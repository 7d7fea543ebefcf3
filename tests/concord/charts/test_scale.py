"""Scales end at round numbers, hold everything that is drawn and never lie about where they begin."""

import math
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from concord.charts.rows import Axis, share
from concord.charts.scale import overhang, scale_around
from concord.charts.text import width_of

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


def test_a_value_lies_as_far_along_as_it_is_between_the_ends() -> None:
    scale = scale_around([0.0, 40.0], PLAIN)
    assert [scale.at(value, 200.0) for value in (0.0, 10.0, 40.0)] == [0.0, 50.0, 200.0]
    assert (scale.at(-5.0, 200.0), scale.at(99.0, 200.0)) == (0.0, 200.0)
    assert (scale.within(-5.0), scale.within(12.5), scale.within(99.0)) == (0.0, 12.5, 40.0)


@pytest.mark.parametrize(
    ("values", "most", "ticks"),
    [
        ((0.0, 10.0), 5, (0, 2, 4, 6, 8, 10)),
        ((0.0, 10.0), 10, (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10)),
        ((0.0, 10.0), 2, (0, 5, 10)),
        ((0.0, 10.0), 1, (0, 10)),
        ((0.0, 10.1), 2, (0, 10, 20)),
        ((-3.0, 3.0), 3, (-4, -2, 0, 2, 4)),
        ((0.0, 0.0007), 4, (0, 0.0002, 0.0004, 0.0006, 0.0008)),
        ((990.0, 1010.0), 4, (990, 995, 1000, 1005, 1010)),
    ],
)
def test_steps_are_one_two_or_five_times_a_power_of_ten(
    values: tuple[float, float], most: int, ticks: tuple[float, ...]
) -> None:
    assert scale_around(values, PLAIN, most=most).ticks == pytest.approx(ticks)


@given(
    st.lists(st.floats(-1e4, 1e4), min_size=1, max_size=5),
    st.integers(1, 9),
    st.sampled_from([0.001, 1.0, 100.0]),
)
def test_ticks_are_round_in_the_unit_that_is_shown_and_no_two_read_alike(
    values: list[float], most: int, factor: float
) -> None:
    scale = scale_around(values, Axis(name="x", factor=factor), most=most)
    step = (scale.ticks[1] - scale.ticks[0]) * factor
    leading = step / 10 ** math.floor(math.log10(step) + 1e-9)
    assert min(abs(leading - round_) for round_ in (1, 2, 5)) < 0.02
    shown = [scale.shown(tick) for tick in scale.ticks]
    assert len(set(shown)) == len(shown)
    # What a tick says is what it stands at, to a hundredth of a step.
    assert all(
        abs(float(text.replace(",", "")) - tick * factor) <= 0.01 * step
        for text, tick in zip(shown, scale.ticks, strict=True)
    )


@pytest.mark.parametrize(
    ("axis", "values", "ends"),
    [
        (share("x"), [1.003], (0.0, 1.0)),
        (share("x"), [-0.2, -0.1], (0.0, 1.0)),
        (Axis(name="x", low=0.0), [-7.0], (0.0, 1.0)),
        (Axis(name="x", high=5.0), [9.0], (4.0, 5.0)),
        (Axis(name="x", low=1.0, high=5.0), [5.0], (1.0, 5.0)),
    ],
)
def test_values_that_all_lie_beyond_an_end_have_a_scale_inside_it(
    axis: Axis, values: list[float], ends: tuple[float, float]
) -> None:
    scale = scale_around(values, axis)
    assert ends[0] - 1e-9 <= scale.low < scale.high <= ends[1] + 1e-6
    assert scale.low <= scale.within(values[0]) <= scale.high


@pytest.mark.parametrize(
    ("axis", "ends"),
    [
        (PLAIN, (0.0, 1.0)),
        (Axis(name="x", low=3.0), (3.0, 4.0)),
        (Axis(name="x", high=3.0), (0.0, 3.0)),
        (Axis(name="x", high=-3.0), (-4.0, -3.0)),
        (Axis(name="x", high=0.0), (-1.0, 0.0)),
        (Axis(name="x", low=2.0, high=4.0), (2.0, 4.0)),
    ],
)
@pytest.mark.parametrize("values", [[], [math.inf, -math.inf]])
def test_without_a_value_an_axis_shows_its_own_range(axis: Axis, ends: Any, values: list[float]) -> None:
    scale = scale_around(values, axis)
    assert (scale.low, scale.high) == pytest.approx(ends)


def test_a_line_beyond_the_values_is_on_the_scale_and_none_moves_nothing() -> None:
    assert scale_around([0.6, 0.7], share("x", line=0.5)).low == 0.5
    assert scale_around([0.6, 0.7], share("x")).low == 0.6
    assert scale_around([-3.0, -1.0], PLAIN, from_zero=True).high == 0.0


def test_equal_values_lie_in_the_middle_of_a_scale_of_their_own_size() -> None:
    scale = scale_around([1000.0, 1000.0], PLAIN)
    assert (scale.low, scale.high) == pytest.approx((999.9994, 1000.0006), abs=1.1e-4)
    assert scale.high - 1000.0 == pytest.approx(1000.0 - scale.low)
    assert scale.high - scale.low < 0.0014
    assert scale_around([0.0], PLAIN).high <= 1e-8


def test_a_tick_is_written_with_factor_separators_decimals_and_unit() -> None:
    assert scale_around([0.0, 1.0], share("x")).shown(0.2) == "20\u00a0%"
    assert scale_around([0.0, 4000.0], Axis(name="x", unit=" ms")).shown(4000.0) == "4,000 ms"
    assert scale_around([0.41, 0.43], PLAIN).shown(0.415) == "0.415"


def test_half_the_widest_outermost_text_stands_out_beyond_the_plot() -> None:
    left, right = overhang(iter([0.0, 2000.0]), Axis(name="x", unit=" ms"))
    assert left == pytest.approx(width_of("0 ms") / 2)
    assert right == pytest.approx(width_of("2,000 ms") / 2)
